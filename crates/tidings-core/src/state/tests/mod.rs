//! What a state machine promises, as facts.

mod drawing;
mod fixture;
mod machine;
mod model;
mod protocol;
mod racing;
mod table;
