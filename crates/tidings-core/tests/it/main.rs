//! What the core promises, seen from outside: derived events, their ids, their form on
//! the wire, and emitters on a bus that only writes down what it is asked.

mod emitting;
mod evolving;
mod identity;
mod nasty;
mod python_script;
mod scopes;
mod shared;
mod support;
mod transitions;
mod wire;
