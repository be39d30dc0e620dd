//! The model and the page as text; what a browser makes of it is checked in
//! `tidings-report-browser`.

mod hostile;
mod lifecycles;
mod model;
mod page;
mod support;
