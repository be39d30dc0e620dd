//! The kind `console`.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidings_console::{ColourChoice, Console, ConsoleBuilder, Mode};
use tidings_core::{Interest, Prefix};

use super::{ObserverKind, OpenContext, OpenError, Opened, make_parent};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConsoleKeys {
    path: Option<PathBuf>,
    mode: Option<ModeKey>,
    colour: Option<ColourKey>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeKey {
    Auto,
    Tree,
    Lines,
    Json,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ColourKey {
    Auto,
    Always,
    Never,
}

#[typetag::deserialize(name = "console")]
impl ObserverKind for ConsoleKeys {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        let path = self.path.as_ref().map(|path| context.resolve(path));
        Ok(Opened::observer(move |_| {
            let builder = match &path {
                Some(path) => Console::to(create(path)?),
                None => Console::stdout(),
            };
            Ok(self.apply(builder).build())
        })
        .hearing(everything_and_diagnostics()))
    }
}

impl ConsoleKeys {
    fn apply(&self, mut builder: ConsoleBuilder) -> ConsoleBuilder {
        if let Some(mode) = self.mode {
            builder = builder.mode(match mode {
                ModeKey::Auto => Mode::Auto,
                ModeKey::Tree => Mode::Tree,
                ModeKey::Lines => Mode::Lines,
                ModeKey::Json => Mode::Json,
            });
        }
        match self.colour {
            None => builder,
            Some(ColourKey::Auto) => builder.colour(ColourChoice::Auto),
            Some(ColourKey::Always) => builder.colour(ColourChoice::Always),
            Some(ColourKey::Never) => builder.colour(ColourChoice::Never),
        }
    }
}

/// People who watch a run are to see that a delivery needs them.
fn everything_and_diagnostics() -> Interest {
    Interest::everything().with(Prefix::parse("tidings").expect("a segment is a prefix"))
}

fn create(path: &Path) -> Result<File, OpenError> {
    make_parent(path).and_then(|()| File::create(path)).map_err(|fault| {
        OpenError::at_key("path", format!("failed to create `{}`: {fault}", path.display()))
    })
}
