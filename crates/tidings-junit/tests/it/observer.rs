//! The observer: when it writes, what it leaves behind, and what it says when it cannot.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tidings_core::wire;
use tidings_junit::{Junit, JunitSettings, to_xml};
use tidings_registry::{Bus, Observer as _};
use tidings_testrun::{CaseFinished, CaseStarted, Failure, RunEmitter, Status};

use crate::support::{Element, Scene, case};

const SOON: Duration = Duration::from_secs(20);

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a report")
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_barrier_writes_what_is_known_and_the_end_writes_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/down/junit.xml");
    let scene = Scene::new();
    scene.bus.subscribe(Junit::to(&path)).detach();
    scene.say(&case("s/a"), CaseFinished::new(Status::Success));
    scene.say(&case("s/b"), CaseStarted::new());
    assert!(!path.exists(), "nothing is written before it is asked for");

    assert!(scene.bus.barrier(SOON).is_ok());
    assert_eq!(read(&path), scene.xml());
    assert_eq!(Element::parse(&read(&path)).get("tests"), "1");

    scene.bus.close(SOON).expect("everything is written");
    let document = Element::parse(&read(&path));
    assert_eq!((document.get("tests"), document.get("errors")), ("2", "1"));
    assert_eq!(document.case("b").only("error").get("type"), "aborted (synthetic)");
    assert_eq!(names_in(path.parent().expect("a folder")), ["junit.xml"]);
}

#[test]
fn what_is_replayed_gives_the_bytes_of_what_was_live() {
    let folder = tempfile::tempdir().expect("a folder");
    let (live, replayed) = (folder.path().join("live.xml"), folder.path().join("replayed.xml"));
    let scene = Scene::new();
    scene.bus.subscribe(Junit::to(&live)).detach();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let suite = run.suite("s");
    suite.case("a").retry(Failure::assertion("once")).success();
    suite.case("b").failure(Failure::assertion("x").with_details("y"));
    suite.success();
    drop(run);
    let lines = scene.lines();
    scene.bus.close(SOON).expect("everything is written");

    let bus = Bus::new();
    bus.subscribe(Junit::to(&replayed)).detach();
    for line in lines {
        bus.republish(wire::read_event(&line).expect("an event").envelope);
    }
    bus.close(SOON).expect("everything is written");
    assert_eq!(read(&live), read(&replayed));
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_and_leaves_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("file");
    fs::write(&inside, "no folder").expect("a disk");
    let path = inside.join("junit.xml");
    let junit = Junit::to(&path);
    let fault = junit.write().expect_err("a file is no folder");
    assert_eq!(
        fault.to_string(),
        format!("failed to make the folder of the report `{}`", path.display())
    );
    let told = junit.last_error().expect("told");
    assert!(told.starts_with(&fault.to_string()) && told.len() > fault.to_string().len(), "{told}");

    let bus = Bus::new();
    bus.subscribe(junit).detach();
    let report = bus.close(SOON).expect("the first close");
    let told = report.observers[0].last_error.clone().expect("told");
    assert!(!report.complete);
    assert!(told.starts_with(&format!("failed to close: {fault}: ")), "{told}");
    assert_eq!(read(&inside), "no folder");
}

#[test]
fn a_path_that_is_no_file_stays_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let fault = Junit::to(folder.path()).write().expect_err("a folder is no file");
    assert!(fault.to_string().ends_with("is no file: name another"), "{fault}");
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn a_later_report_takes_the_place_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("junit.xml");
    fs::write(&path, "an old report that is longer".repeat(1000)).expect("a disk");
    let junit = Junit::builder(&path).settings(JunitSettings::new().name("arm")).build();
    junit.write().expect("written");
    let expected = to_xml(&Scene::new().summary(), &JunitSettings::new().name("arm"));
    assert_eq!(read(&path), expected);
    assert_eq!(junit.last_error(), None);
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_permissions_too() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().expect("a folder");
    let (real, link) = (folder.path().join("real.xml"), folder.path().join("link.xml"));
    fs::write(&real, "").expect("a disk");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("own file");
    symlink(&real, &link).expect("a link");
    Junit::to(&link).write().expect("written");
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert!(read(&real).starts_with("<?xml"));
    let mode = fs::metadata(&real).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn an_event_after_the_end_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("junit.xml");
    let junit = std::sync::Arc::new(Junit::to(&path));
    let bus = Bus::new();
    let subscription = bus.subscribe(std::sync::Arc::clone(&junit));
    drop(subscription);
    let other = Bus::new();
    other.subscribe(junit).detach();
    other.emitter_for(case("s/a")).emit(tidings_testrun::TestRun::from(CaseStarted::new()));
    let report = other.report();
    let error = report.observers[0].last_error.clone().expect("told");
    assert!(error.contains("is finished: subscribe another `Junit`"), "{error}");
}
