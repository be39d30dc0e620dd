//! The soak as a program: small, so that it runs with all other tests.

#[path = "support/example.rs"]
mod example;

use std::path::Path;
use std::process::Output;

use example::example;

fn run(options: &[&str]) -> Output {
    example("soak").args(options).output().expect("the example starts")
}

#[test]
fn a_small_soak_holds_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().to_string_lossy();
    let output = run(&["--events", "20001", "--threads", "8", "--folder", &name]);
    let (said, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{stderr}");
    assert!(said.contains("20001 of") && said.ends_with(": it held\n"), "{said}");
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 0, "journal and spool are removed");
}

#[test]
fn memory_beyond_the_bound_fails_the_soak() {
    let output = run(&["--events", "2000", "--threads", "2", "--memory-mib", "0"]);
    if cfg!(target_os = "linux") {
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.ends_with(": IT DID NOT HOLD\n"), "{said}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_a_fault_before_the_begin() {
    let output = run(&["--folder", "/dev/null/none"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("soak: "));
}

#[test]
fn the_example_stays_below_250_lines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/soak.rs");
    assert!(std::fs::read_to_string(path).expect("UTF-8").lines().count() < 250);
}
