//! Report logs of pytest: recordings with the totals that pytest printed, the quirks of the
//! format, and streams that are cut, mixed up or none.

mod failures;
mod quirks;
mod recordings;
mod robust;
