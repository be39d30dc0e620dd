//! The kind `junit`.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidings_junit::Junit;

use super::{ObserverKind, OpenContext, OpenError, Opened, make_parent};

#[derive(Debug, Deserialize)]
struct JunitKeys {
    path: PathBuf,
}

#[typetag::deserialize(name = "junit")]
impl ObserverKind for JunitKeys {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        if self.path.as_os_str().is_empty() {
            return Err(OpenError::at_key("path", "`path` is empty: name a file"));
        }
        let path = context.resolve(&self.path);
        Ok(Opened::observer(move |_| {
            // The report comes at the end: whoever starts is to hear now that it cannot.
            make_parent(&path).map_err(|fault| unwritable(&path, &fault))?;
            if path.is_dir() {
                return Err(OpenError::at_key(
                    "path",
                    format!("`{}` is a folder: name a file", path.display()),
                ));
            }
            Ok(Junit::to(path))
        }))
    }
}

fn unwritable(path: &Path, fault: &io::Error) -> OpenError {
    OpenError::at_key("path", format!("failed to make the folder of `{}`: {fault}", path.display()))
}
