//! Tests over all readers at once: damage to their sources, and what each of them must have.

mod audit;
mod fuzz;
