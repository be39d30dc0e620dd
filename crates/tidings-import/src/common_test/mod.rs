//! `common-test`: events of Erlang's Common Test, one Erlang term after the other, as an event
//! handler prints them with `io:format("~p.~n", [Event])` or `~w`, `~tp`, `~tw`.
//!
//! An event is `{event,Name,Node,Data}`; `Node` is the node of what is said. Cases are what
//! `tc_done`, `tc_auto_skip` and `tc_user_skip` end; the functions around them (`init_per_suite`,
//! `end_per_group`…) and those of `ct_framework` are none, and their failures are error items.
//! The numbers of `test_stats` are not believed: they count a case as failed that only returned
//! `{fail, Reason}` (its `tc_done` says `ok`), and differ between versions.
//!
//! A suite is all that happens from its `init_per_suite` to its `end_per_suite`, or to the next
//! suite. A case is in the group that its `tc_logfile` names. Only the innermost group is named
//! there; around it are the groups whose `init_per_group` came before and whose
//! `end_per_group` did not. In a group that runs in parallel the events of cases with one name
//! cannot be told apart: they are taken in their order.
//!
//! Times are local times without a zone (`test_start`, `test_done`), so that only the time
//! between them is used.

mod assembler;
mod event;
mod importer;
mod local_time;
mod node;
mod outcome;
mod reason;
mod scanner;
mod stage;
mod term;

pub(crate) use importer::CommonTest;
