//! The whole page: loads in silence, shows outcome, counts, details and all lists.

use tidings_core::Entity;
use tidings_core::state::Table;
use tidings_testrun::{Attachment, CaseFinished, CaseStarted, Status};

use super::driver::Browser;
use super::recording::Recording;
use super::runs;

/// The texts of what a selector finds.
pub(super) fn texts(selector: &str) -> String {
    format!(
        "[...document.querySelectorAll({selector:?})].map((it) => (it.innerText ?? it.textContent).trim())"
    )
}

#[test]
fn a_page_with_failures_loads_without_a_word_in_the_console() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    assert_eq!(browser.text("document.title"), "✗ Failed · nightly");
    assert_eq!(browser.text("document.getElementById('outcome').innerText"), "✗ Failed");
    let facts = browser.text("document.getElementById('facts').innerText");
    for fact in ["12 results", "1 error outside of tests", "1.45 s", "1 node lost", "1 never ran"] {
        assert!(facts.contains(fact), "`{fact}` is not in {facts}");
    }
    for view in ["failures", "slowest", "flaky", "never", "nodes", "diagrams", "tests"] {
        browser.click(&format!("#tab-{view}"));
        browser.until(&format!("document.getElementById('tab-{view}').ariaSelected === 'true'"));
    }
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn the_console_of_the_browser_is_heard_here() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    browser.value("void setTimeout(() => { throw new Error('on purpose'); }, 0)");
    browser.value("void document.body.setAttribute('style', 'color: red')");
    browser.settle();
    let console = browser.console().join("\n");
    assert!(console.contains("on purpose"), "{console}");
    assert!(console.contains("Content Security Policy"), "{console}");
}

#[test]
fn the_toggles_count_what_the_summary_counts() {
    let run = runs::small();
    let browser = Browser::start();
    browser.open(&run.page());
    let counts = run.summary().counts();
    for (status, number) in counts.by_status().filter(|(_, number)| *number > 0) {
        let found = browser
            .text(&format!("document.querySelector('[data-status={status}] .number').textContent"));
        assert_eq!(found, number.to_string(), "{status}");
    }
    let flaky = browser.text("document.querySelector('[data-status=flaky] .number').textContent");
    assert_eq!(flaky, counts.flaky.to_string());
}

#[test]
fn the_details_of_a_failed_case_show_what_was_expected_beside_what_came() {
    let browser = Browser::start();
    browser.open_at(&runs::small().page(), "#case=c4");
    let detail = browser.text("document.getElementById('detail').innerText");
    for text in [
        "refuses a wrong password",
        "AssertionError",
        "the answers differ",
        "tests/login.rs:17",
        "the server let it in",
        "at harness.rs:99",
        "200 OK",
        "warning: weak cipher",
        "login.zip",
        "logs/login.log",
    ] {
        assert!(detail.contains(text), "`{text}` is not in {detail}");
    }
    assert!(!detail.contains('\u{1b}') && !detail.contains("[32m"));
    let rows = "[...document.querySelectorAll('.diff tbody tr')].map((row) =>
        [...row.cells].map((cell) => (cell.className || 'same') + ':' + [...cell.querySelectorAll('mark')].map((it) => it.innerText)).join('|'))";
    let rows = browser.value(rows);
    let rows: Vec<&str> =
        rows.as_array().expect("rows").iter().filter_map(|it| it.as_str()).collect();
    let wanted = [
        "was:403|got:200",
        "same:|same:",
        "was:rong password|got:elcome",
        "same:|same:",
        "none:|got:  extra: yes",
        "same:|same:",
    ];
    assert_eq!(rows, wanted);
    assert_eq!(browser.text("document.querySelector('.shot').naturalWidth"), "1");
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn skips_attempts_steps_and_errors_are_told() {
    let browser = Browser::start();
    for (key, wanted) in [
        ("c9", "Skipped by choice: ticket 17"),
        ("c10", "Skipped automatically: adds the tax failed"),
        ("c8", "not locked yet"),
        ("c3", "opens the page"),
    ] {
        browser.open_at(&runs::small().page(), &format!("#case={key}"));
        let detail = browser.text("document.getElementById('detail').innerText");
        assert!(detail.contains(wanted), "`{wanted}` is not in {detail}");
    }
    browser.click("#tab-failures");
    browser.click("#panel .items:last-of-type .item");
    let detail = browser.text("document.getElementById('detail').innerText");
    assert!(detail.contains("the socket is busy"), "{detail}");
}

#[test]
fn the_lists_name_what_belongs_there() {
    let browser = Browser::start();
    let page = runs::small().page();
    let list = |view: &str, selector: &str| {
        browser.open_at(&page, &format!("#view={view}"));
        browser.value(&texts(selector)).to_string()
    };
    assert_eq!(
        list("failures", ".item .name"),
        r#"["refuses a wrong password","adds the tax","empties","sends a mail","teardown"]"#
    );
    assert!(list("slowest", ".item .name").starts_with(r#"["sends a mail","refuses a wrong"#));
    assert_eq!(list("flaky", ".item .name"), r#"["locks after three"]"#);
    assert_eq!(list("never", "#panel li"), r#"["search/finds umlauts"]"#);
    let nodes = list("nodes", "#panel tbody tr");
    assert!(nodes.contains("lab-2") && nodes.contains("Lost") && nodes.contains("no heartbeat"));
    let diagrams = list("diagrams", "#panel .diagram text");
    assert!(diagrams.contains("test.case.started"), "{diagrams}");
    let table = browser.text("document.querySelector('#panel .lifecycle table').textContent");
    assert!(table.contains("test.case.startedtest.case.finished10"), "{table}");
}

#[test]
fn an_attached_state_diagram_is_drawn() {
    let table = Table::builder("lamp").initial("off").edge("off", "on <1>").edge("on <1>", "off");
    let text = table.build().expect("a table").diagram().highlight("off").mermaid();
    let diagram = Attachment::inline("lamp", text.as_bytes()).expect("small");
    let case = Entity::new("suite", "house").child("case", "switches");
    let mut run = Recording::new();
    run.say(&case, CaseStarted::new());
    run.say(&case, diagram.with_media_type("text/vnd.mermaid"));
    run.say(&case, CaseFinished::new(Status::Success));
    let browser = Browser::start();
    for (fragment, place) in [("#case=c0", "#detail"), ("#view=diagrams", ".lifecycle:last-child")]
    {
        browser.open_at(&run.page(), fragment);
        let names = browser.value(&texts(&format!("{place} .diagram .state text"))).to_string();
        assert_eq!(names, r#"["off","on <1>"]"#);
        let edges = format!("document.querySelectorAll('{place} .diagram .edge').length");
        assert_eq!(browser.count(&edges), 2);
        let current = format!("{place} .diagram .is-current text");
        assert_eq!(browser.value(&texts(&current)).to_string(), r#"["off"]"#);
    }
    assert_eq!(browser.console(), [""; 0]);
}
