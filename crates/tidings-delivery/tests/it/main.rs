//! Deliveries and spools from outside, on real files.

mod contract;
mod delivering;
mod extremes;
mod fixture;
mod letting_go;
mod spool_folder;
mod spool_killing;
mod spool_reading;
mod spooling;
