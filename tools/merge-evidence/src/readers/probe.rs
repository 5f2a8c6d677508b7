//! What monitoring writes: a server's own status page, the output of a plugin, the metrics of OpenTelemetry.

pub mod nagios;
pub mod otel;
pub mod stub_status;
