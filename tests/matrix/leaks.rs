//! Leaks: nobody shows the token, wherever one looks.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::fixture::holds_text;

/// Looks for a token, and keeps where it was found: an observer that fails fails no test.
#[derive(Debug, Clone)]
pub(crate) struct Leaks {
    token: String,
    found: Arc<Mutex<Vec<String>>>,
}

impl Leaks {
    pub(crate) fn new(token: &str) -> Self {
        Self { token: token.to_owned(), found: Arc::default() }
    }

    pub(crate) fn look_at(&self, place: &str, text: &str) {
        if text.contains(&self.token) {
            self.note(format!("{place}: {text}"));
        }
    }

    /// Looks into a file, or all files of a folder.
    pub(crate) fn look_into(&self, place: &str, path: &Path) {
        if holds_text(path, &self.token) {
            self.note(place.to_owned());
        }
    }

    fn note(&self, leak: String) {
        self.found.lock().expect("nobody panics with it").push(leak);
    }

    #[track_caller]
    pub(crate) fn assert_none(&self) {
        let found = self.found.lock().expect("nobody panics with it");
        assert!(found.is_empty(), "the token was found: {found:#?}");
    }
}

#[test]
fn a_token_is_found_where_it_is() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let leaks = Leaks::new("s3cret");
    leaks.look_at("a text", "nothing to see");
    leaks.look_into("a folder", folder.path());
    leaks.assert_none();
    std::fs::write(folder.path().join("file"), b"\xff s3cret").expect("it can be written");
    leaks.look_at("a text", "my s3cret");
    leaks.look_into("a folder", folder.path());
    assert_eq!(leaks.found.lock().expect("nobody panicked").len(), 2);
}
