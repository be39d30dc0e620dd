//! The examples as programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// An example by its name, of one file or of a folder. `cargo test` and `cargo nextest run`
/// build it, unless they are narrowed to one test; an old one must not be taken for the new
/// one.
pub(crate) fn example(name: &str) -> Command {
    let own = std::env::current_exe().expect("a test knows its own path");
    let profile = own.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    let path = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let written = sources(name).iter().filter_map(|source| changed(source)).max();
    assert!(written.is_some(), "there is no example `{name}`");
    assert!(
        changed(&path) >= written,
        "{} is missing or old: run `cargo build -p tidings-workspace --example {name}` \
         (with the profile of the tests)",
        path.display(),
    );
    Command::new(path)
}

/// `examples/<name>.rs`, or whatever of Rust is in `examples/<name>`.
fn sources(name: &str) -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let folder = fs::read_dir(examples.join(name)).into_iter().flatten().flatten();
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let modules = folder.map(|entry| entry.path()).filter(is_rust);
    modules.chain([examples.join(format!("{name}.rs"))]).collect()
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}
