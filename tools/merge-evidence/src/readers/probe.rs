//! What monitoring writes: a server's own status page, the output of a plugin, the metrics of OpenTelemetry.

pub mod curl;
pub mod nagios;
pub mod otel;
pub mod pods;
pub mod stub_status;
