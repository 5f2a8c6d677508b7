//! Prometheus: a scrape of an exporter, and answers of the HTTP API.

pub mod api;
mod families;
pub mod scrape;
