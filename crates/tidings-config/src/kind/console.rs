//! The kind `console`.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidings_console::{AnnotationsChoice, ColourChoice, Console, ConsoleBuilder, Mode};
use tidings_core::{Interest, Prefix};

use super::{ObserverKind, OpenContext, OpenError, Opened, make_parent};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConsoleKeys {
    path: Option<PathBuf>,
    mode: Option<ModeKey>,
    colour: Option<ChoiceKey>,
    annotations: Option<ChoiceKey>,
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
enum ChoiceKey {
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
        if let Some(colour) = self.colour {
            builder = builder.colour(match colour {
                ChoiceKey::Auto => ColourChoice::Auto,
                ChoiceKey::Always => ColourChoice::Always,
                ChoiceKey::Never => ColourChoice::Never,
            });
        }
        if let Some(annotations) = self.annotations {
            builder = builder.annotations(match annotations {
                ChoiceKey::Auto => AnnotationsChoice::Auto,
                ChoiceKey::Always => AnnotationsChoice::Always,
                ChoiceKey::Never => AnnotationsChoice::Never,
            });
        }
        builder
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
