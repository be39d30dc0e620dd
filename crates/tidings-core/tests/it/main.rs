//! What the core promises, seen from outside: derived events, their ids, their form on
//! the wire, and emitters on a bus that only writes down what it is asked.

mod canonical;
mod emitting;
mod evolving;
mod identity;
mod lines;
mod nasty;
mod plain;
mod python_script;
mod scopes;
mod shared;
mod states;
mod support;
mod transitions;
mod wire;
