//! What a record holds: the values that paths name, what the record says of itself, and the counts beside its figures.
//!
//! Owns paths and their wildcards, and the shapes by which records that look alike are read. Refuses to judge.

pub(crate) mod bare; // the type of a bare value
pub(crate) mod claims; // what is declared, what is unknown
pub(crate) mod path;
pub(crate) mod placement; // writing where a path means
pub(crate) mod runs; // baselines, other runs, the nights before
pub(crate) mod samples; // the counts that a statistic rests on
pub(crate) mod stencil; // records of one shape, judged without being read
pub(crate) mod survey; // found out once for a large record
pub(crate) mod wildcard;
pub(crate) mod without; // what holds nothing where others hold what a wildcard asks for
