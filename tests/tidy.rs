//! The rules of the house that no other tool checks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines a file may have before its tests.
const PRODUCTION_LINES_MAX: usize = 500;

/// Which crates of the workspace a crate may depend on, outside of its own tests.
const ARROWS: &str = "
tidings-derive:
tidings-assert-macros:
tidings-core:
tidings-registry: tidings-core tidings-derive
tidings-delivery: tidings-core tidings-derive tidings-registry
tidings-assert: tidings-assert-macros tidings-core tidings-delivery tidings-registry
tidings-testrun: tidings-core tidings-derive tidings-registry
tidings-import: tidings-core tidings-testrun
tidings-junit: tidings-core tidings-registry tidings-testrun
tidings-report: tidings-core tidings-registry tidings-testrun
tidings-report-browser:
tidings-console: tidings-core tidings-registry tidings-testrun
tidings-journal: tidings-core tidings-registry
tidings-http-client: tidings-core tidings-delivery
tidings-http: tidings-core tidings-delivery tidings-http-client
tidings-splunk: tidings-core tidings-delivery tidings-http-client
tidings-nats: tidings-core tidings-delivery tidings-derive tidings-registry tidings-testrun
tidings-fault-server: tidings-assert
tidings-config: tidings-console tidings-core tidings-delivery tidings-http tidings-journal tidings-junit tidings-nats tidings-registry tidings-report tidings-splunk
tidings-cli: tidings-config tidings-console tidings-core tidings-delivery tidings-import tidings-journal tidings-nats tidings-registry tidings-report tidings-testrun
tidings: tidings-assert tidings-config tidings-console tidings-core tidings-delivery tidings-derive tidings-http tidings-import tidings-journal tidings-junit tidings-nats tidings-registry tidings-report tidings-splunk tidings-testrun
";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).expect("a file of the workspace can be read")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the workspace can be read");
    entries.flatten().map(|entry| entry.path()).collect()
}

/// The names of what lies in a folder of the workspace, without their endings.
fn names_in(folder: &str) -> BTreeSet<String> {
    let paths = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let stem = |path: &PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    paths.iter().filter_map(stem).collect()
}

/// All Rust files below `folder`, but for those of UI tests, whose text is their output, and
/// what a build has made.
fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() && !path.ends_with("tests/ui") && !path.ends_with("target") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Whether a line begins something that a `mod.rs`, the table of contents, must not hold.
fn is_code(line: &str) -> bool {
    let line = line.strip_prefix("pub").unwrap_or(line).trim_start_matches("(crate)").trim();
    ["fn ", "impl", "struct ", "enum ", "trait ", "const ", "static "]
        .iter()
        .any(|word| line.starts_with(word))
}

#[test]
fn every_file_says_what_it_is_and_none_is_too_long() {
    let mut files = Vec::new();
    for folder in ["crates", "examples", "tests", "benches"] {
        rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    let mut faults = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).expect("a file of the workspace can be read");
        let production = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        let is_test = path.iter().any(|part| part == "tests" || part == "tests.rs");
        if !text.starts_with("//!") {
            faults.push(format!("{}: no `//!` header", path.display()));
        }
        if path.ends_with("mod.rs") && !is_test && text.lines().any(is_code) {
            faults.push(format!("{}: code belongs in a file with a name", path.display()));
        }
        if production > PRODUCTION_LINES_MAX && !is_test {
            faults.push(format!("{}: {production} production lines", path.display()));
        }
        for mark in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[", "ignore")] {
            if text.contains(mark) {
                faults.push(format!("{}: leftover {mark}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn crates_depend_only_on_those_below_them() {
    let arrows = ARROWS.lines().filter_map(|line| line.split_once(':'));
    let arrows: BTreeMap<&str, &str> = arrows.collect();
    let known: BTreeSet<String> = arrows.keys().map(ToString::to_string).collect();
    assert_eq!(names_in("crates"), known, "every crate has its arrows written down");
    for (name, allowed) in &arrows {
        let manifest = read(&format!("crates/{name}/Cargo.toml"));
        let own = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        let words = own.lines().filter_map(|line| line.split(['.', ' ']).next());
        for used in words.filter(|word| known.contains(*word)) {
            let is_allowed = allowed.split_whitespace().any(|below| below == used);
            assert!(is_allowed, "{name} must not depend on {used}");
        }
    }
}

#[test]
fn the_readme_names_every_crate_and_example_and_tests_that_are_there() {
    let readme = read("README.md");
    for name in names_in("crates").iter().chain(&names_in("examples")) {
        assert!(readme.contains(&format!("`{name}`")), "README.md does not name `{name}`");
    }
    for page in [&readme, &read("SECURITY.md")] {
        let links = page.split("[`").filter_map(|link| link.split_once("`]("));
        for (name, rest) in links.filter(|(_, rest)| rest.contains(".rs)")) {
            let path = rest.split(')').next().unwrap_or_default();
            assert!(read(path).contains(&format!("fn {name}(")), "{path} has no test `{name}`");
        }
    }
}

/// The crates that a manifest names, under the names that sources use.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut is_inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_inside = line.ends_with("dependencies]") && line != "[workspace.dependencies]";
        } else if is_inside && line.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            names.insert(name.replace('-', "_"));
        }
    }
    names
}

/// Whether a word stands somewhere in a text, and not only as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[test]
fn no_manifest_names_a_crate_that_no_source_uses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut packages = vec![(root.to_path_buf(), vec!["tests", "examples", "benches"])];
    packages.extend(entries(&root.join("crates")).into_iter().map(|path| (path, vec!["."])));
    let mut faults = Vec::new();
    for (path, folders) in packages {
        let manifest = fs::read_to_string(path.join("Cargo.toml")).expect("a manifest");
        let mut files = Vec::new();
        for folder in folders {
            rust_files(&path.join(folder), &mut files);
        }
        // The facade runs the code of README.md.
        let mut code =
            if path.ends_with("crates/tidings") { read("README.md") } else { String::new() };
        for file in files {
            let text = fs::read_to_string(&file).expect("a file of the workspace can be read");
            // A word in prose is no use of a crate; an example in the docs is.
            let prose = |line: &&str| {
                let line = line.trim_start();
                line.starts_with("//") && !line.contains("::")
            };
            text.lines().filter(|line| !prose(line)).for_each(|line| {
                code.push_str(line);
                code.push('\n');
            });
        }
        let named = dependencies(&manifest);
        let unused = named.iter().filter(|name| !has_word(&code, name));
        faults.extend(unused.map(|name| format!("{}: {name} is not used", path.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_manifest_is_read_for_all_that_it_depends_on() {
    let manifest = "[workspace.dependencies]\ng = 1\n[dependencies]\na-b.workspace = true\n# c = 1\n\
        [features]\nd = []\n[target.'cfg(unix)'.dev-dependencies]\ne = { path = \"f\" }\n";
    assert_eq!(dependencies(manifest), BTreeSet::from(["a_b".to_owned(), "e".to_owned()]));
    assert!(has_word("use a_b::c;", "a_b") && !has_word("use a_bc::c;", "a_b"));
}

#[test]
fn the_benches_obey_the_same_lints() {
    let lints = |manifest: &str| {
        let text = read(manifest);
        let sections = text.split("\n[").filter(|section| section.starts_with("workspace.lints"));
        let lines = sections.flat_map(str::lines).filter(|line| !line.starts_with('#'));
        lines.map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lints("benches/Cargo.toml"), lints("Cargo.toml"));
}
