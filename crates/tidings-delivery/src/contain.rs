//! Containing what users wrote.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls what a user wrote; its panic becomes text.
pub(crate) fn contained<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    // Whatever it left half done is its own, or thrown away by the caller.
    catch_unwind(AssertUnwindSafe(call)).map_err(text_of)
}

fn text_of(panic: Box<dyn Any + Send>) -> String {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => "the panic carried no text".to_owned(),
    };
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // What panics when it is dropped is never dropped.
        std::mem::forget(second);
    }
    text
}
