//! The model as JSON.

use expect_test::expect;
use tidings_core::Entity;
use tidings_report::{Changes, NEVER_RAN_NAMES_MAX};
use tidings_testrun::{
    ATTACHMENT_INLINE_BYTES_MAX, ATTACHMENTS_KEPT_MAX, Attachment, CaseFinished, CaseSkipped,
    CaseStarted, ErrorItem, Failure, NodeLost, RunFinished, RunPlanned, RunStarted, Selector,
    Status,
};

use super::support::{Scene, reduced};

fn scene() -> Scene {
    let scene = Scene::new();
    let run = Entity::new("run", "nightly");
    let suite = run.child("suite", "login");
    scene.say(&run, RunStarted::new());
    scene.say(&run, RunPlanned::selectors([Selector::suite("login"), Selector::suite("cart")]));
    scene.say(&suite.child("case", "opens"), CaseStarted::new());
    scene.say(&suite.child("case", "opens"), CaseFinished::new(Status::Success));
    scene.say(&suite.child("case", "shuts"), CaseStarted::new());
    let failure = Failure::assertion("open").with_expected("0").with_actual("1");
    scene.say(&suite.child("case", "shuts"), CaseFinished::failed(failure));
    scene.say(&suite.child("case", "flies"), CaseSkipped::by_user("no wings"));
    scene.say(&suite, ErrorItem::named("teardown", Failure::default()));
    scene
}

#[test]
fn a_model_says_what_the_summary_says() {
    let mut json = scene().json();
    json["lifecycles"].take();
    let lines: Vec<String> = json
        .as_object()
        .expect("an object")
        .iter()
        .flat_map(|(name, value)| match value.as_array() {
            Some(entries) => entries.iter().map(|entry| format!("{name}: {entry}")).collect(),
            None => vec![format!("{name}: {value}")],
        })
        .collect();
    expect![[r#"
        cases: {"attempts":[{"ended":1795230002000.0,"number":1,"reason":"no wings","skipped_by":"user","status":"skipped"}],"ended":1795230002000.0,"lane":0,"name":"flies","node":"a5c6f7124aea","number":2,"started":1795230002000.0,"status":"skipped","suite":"29265ab9d527"}
        cases: {"ended":1795230002000.0,"lane":0,"name":"opens","node":"a5c6f7124aea","number":0,"started":1795230002000.0,"status":"success","suite":"29265ab9d527"}
        cases: {"attempts":[{"ended":1795230002000.0,"failure":{"actual":"1","expected":"0","kind":"assertion","message":"open"},"number":1,"started":1795230002000.0,"status":"failure"}],"ended":1795230002000.0,"lane":0,"name":"shuts","node":"a5c6f7124aea","number":1,"started":1795230002000.0,"status":"failure","suite":"29265ab9d527"}
        counts: {"by_status":{"error":1,"failure":1,"skipped":1,"success":1},"error_items":1,"failed":2,"passed":1,"skipped":1,"total":4}
        errors: {"at":1795230002000.0,"entity":[["run","nightly"],["suite","login"]],"failure":{"kind":"error","message":""},"name":"teardown","node":"a5c6f7124aea","suite":"29265ab9d527"}
        lifecycles: null
        never_ran: {"count":1,"names":["cart"]}
        nodes: {"counts":{"by_status":{"error":1,"failure":1,"skipped":1,"success":1},"error_items":1,"failed":2,"passed":1,"skipped":1,"total":4},"key":"a5c6f7124aea","name":"lab","run":"r"}
        run: {"expected":4,"is_over":false,"names":["nightly"],"started":1795230002000.0}
        suites: {"cases_s":0.0,"counts":{"by_status":{"error":1,"failure":1,"skipped":1,"success":1},"error_items":1,"failed":2,"passed":1,"skipped":1,"total":4},"key":"29265ab9d527","path":[["suite","login"]]}"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn changes_hold_only_the_cases_that_changed() {
    let scene = scene();
    let (summary, lifecycles) = reduced(&scene.heard());
    let changes = Changes::of(&summary, &lifecycles, |entity| entity.id() == "shuts");
    let json = serde_json::to_value(&changes).expect("changes are JSON");
    assert_eq!(json["cases"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&json["cases"][0]["number"], &json["cases"][0]["name"]),
        (&1.into(), &"shuts".into())
    );
    assert_eq!(json["counts"]["total"], 4);
}

#[test]
fn a_case_that_nobody_can_end_any_more_is_told_as_aborted() {
    let scene = Scene::new();
    let run = Entity::new("run", "nightly");
    scene.say(&run, RunStarted::new());
    scene.say(&run.child("case", "hangs"), CaseStarted::new());
    assert_eq!(scene.json()["cases"][0].get("status"), None);
    scene.say(&run.child("node", "lab"), NodeLost::new("silent"));
    let json = scene.json();
    assert_eq!(
        (&json["cases"][0]["status"], &json["nodes"][0]["is_lost"]),
        (&"aborted".into(), &true.into())
    );
    assert_eq!(json["run"]["is_over"], false);
    scene.say(&run, RunFinished::new(Status::Aborted));
    assert_eq!(scene.json()["run"]["is_over"], true);
}

#[test]
fn of_what_never_ran_the_number_is_whole_and_the_names_are_bounded() {
    let scene = Scene::new();
    let run = Entity::new("run", "nightly");
    let planned =
        (0..NEVER_RAN_NAMES_MAX + 7).map(|number| Selector::test("s", number.to_string()));
    scene.say(&run, RunPlanned::selectors(planned));
    let json = scene.json();
    assert_eq!(json["never_ran"]["count"], NEVER_RAN_NAMES_MAX + 7);
    assert_eq!(json["never_ran"]["names"].as_array().map(Vec::len), Some(NEVER_RAN_NAMES_MAX));
}

#[test]
fn of_too_much_that_was_written_the_page_keeps_that_of_the_failed() {
    let scene = Scene::new();
    let note =
        Attachment::inline("core", &vec![7; ATTACHMENT_INLINE_BYTES_MAX]).expect("just fits");
    for number in 0..11 {
        let case = Entity::new("case", &format!("{number:02}"));
        scene.say(&case, CaseStarted::new());
        for _ in 0..ATTACHMENTS_KEPT_MAX {
            scene.say(&case, note.clone());
        }
        let status = if number == 10 { Status::Failure } else { Status::Success };
        scene.say(&case, CaseFinished::new(status));
    }
    let json = scene.json();
    let is_short = |number: usize| json["cases"][number]["notes"]["left_out"] == true;
    let has_content =
        |number: usize| json["cases"][number]["notes"]["attachments"][0].get("base64").is_some();
    for number in 0..11 {
        assert_ne!(is_short(number), has_content(number), "case {number}");
    }
    assert!(has_content(0) && is_short(9) && has_content(10));
}
