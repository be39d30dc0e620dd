//! The kind `journal`.

use std::path::PathBuf;

use serde::Deserialize;
use tidings_journal::Journal;

use super::{ObserverKind, OpenContext, OpenError, Opened, make_parent};
use crate::error::chain;

#[derive(Debug, Deserialize)]
struct JournalKeys {
    path: PathBuf,
}

#[typetag::deserialize(name = "journal")]
impl ObserverKind for JournalKeys {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        if self.path.as_os_str().is_empty() {
            return Err(OpenError::at_key("path", "`path` is empty: name a file"));
        }
        let path = context.resolve(&self.path);
        let interest = context.interest().cloned();
        Ok(Opened::observer(move |bus| {
            let failed = |fault: &dyn std::error::Error| OpenError::at_key("path", chain(fault));
            make_parent(&path).map_err(|fault| failed(&fault))?;
            let mut builder = Journal::builder().bus(bus);
            // The header says what is heard, and a verification goes by it.
            if let Some(interest) = interest {
                builder = builder.interest(interest);
            }
            builder.append(&path).map_err(|fault| failed(&fault))
        })
        .lasting())
    }
}
