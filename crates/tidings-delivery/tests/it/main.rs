//! Deliveries and spools from outside, on real files.

mod delivering;
mod extremes;
mod fixture;
mod spool_folder;
mod spool_killing;
mod spooling;
