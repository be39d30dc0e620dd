//! A delivery's parts against the plainest thing that could stand in their place.

mod list;
mod model;
