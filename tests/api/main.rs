//! The public API of every crate, as a list in `api/` that only changes on purpose.
//!
//! `UPDATE_API=1 cargo test --test api` writes the lists anew; their difference is what a review
//! sees of an API. They are made from the sources alone, in about a second, with a stable compiler.
//!
//! What they show: every item that a user of a crate can name, with its signature as it is
//! written, fields, variants, methods, traits implemented by hand or derived, matchers of macros,
//! re-exports, and the `cfg` that all that stands under. `macro_rules` of the same crate are
//! expanded; a call that cannot be expanded is listed as such.
//!
//! What they do not: what a derive macro writes beside its trait, auto traits (tests assert
//! `Send` and `Sync`), the meaning of a name whose import changes, and what is hidden from the docs.

mod expand;
mod scope;
mod sight;
mod source;
mod surface;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::source::Sources;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder of the workspace can be read");
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The API of a crate, one line an item, by the path of its sources.
fn listing(name: &str, sources: &Path) -> String {
    let sources = Sources::read(sources).expect("the sources of a crate can be read");
    let mut text = surface::lines(&name.replace('-', "_"), &sources).join("\n");
    text.push('\n');
    text
}

/// The lines that only one of the two has, marked.
fn difference(old: &str, new: &str) -> Vec<String> {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) =
        (old.lines().collect(), new.lines().collect());
    let gone = before.difference(&after).map(|line| format!("- {line}"));
    gone.chain(after.difference(&before).map(|line| format!("+ {line}"))).collect()
}

#[test]
fn the_public_api_of_every_crate_is_the_one_in_its_list() {
    let update = env::var_os("UPDATE_API").is_some();
    let (mut faults, mut listed) = (Vec::new(), BTreeSet::new());
    for name in names_in(&root().join("crates")) {
        let sources = root().join("crates").join(&name).join("src/lib.rs");
        if !sources.exists() {
            continue;
        }
        let file = root().join("api").join(format!("{name}.txt"));
        let new = listing(&name, &sources);
        listed.insert(format!("{name}.txt"));
        if update {
            fs::write(&file, &new).expect("the list can be written");
        }
        let old = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
        if old != new {
            faults.push(format!("api/{name}.txt:\n{}", difference(&old, &new).join("\n")));
        }
    }
    assert!(
        faults.is_empty(),
        "the public API changed; if on purpose, `UPDATE_API=1 cargo test --test api` and commit\n{}",
        faults.join("\n")
    );
    assert_eq!(names_in(&root().join("api")), listed, "every list has its crate");
}

/// A crate of two files: all that can be seen in it, and nothing else.
#[test]
fn a_list_has_what_a_user_can_name_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("lib.rs"), include_str!("fixture/lib.rs.txt")).expect("a file");
    fs::write(folder.path().join("inner.rs"), include_str!("fixture/inner.rs.txt"))
        .expect("a file");
    let found = listing("fixture", &folder.path().join("lib.rs"));
    let wanted = include_str!("fixture/expected.txt");
    assert_eq!(difference(wanted, &found), [] as [&str; 0], "\n{found}");
}

#[test]
fn a_difference_shows_what_is_gone_and_what_is_new() {
    assert_eq!(difference("a\nb\n", "b\nc\n"), ["- a", "+ c"]);
}
