//! What percentile does besides one summary of everything: windows of time, Prometheus histograms, states that merge.

pub mod histogram; // Prometheus buckets
pub mod merge; // states coming together
pub mod state; // what merges, as text
pub mod thin; // rows without their lists
pub mod why; // what changed a share
pub mod window; // spans of time
