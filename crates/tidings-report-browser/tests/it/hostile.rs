//! Hostile text in a real browser: it stays text, and nothing of it runs.

use tidings_core::Entity;
use tidings_testrun::{
    Attachment, CaseFinished, CaseStarted, Failure, LogFile, Output, RunPlanned, Selector,
    SuiteStarted,
};

use super::driver::Browser;
use super::recording::Recording;

const HOSTILE: [&str; 6] = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror=\"window.hacked = 1\">",
    "<svg onload=\"window.hacked = 1\"></svg>",
    "javascript:window.hacked=1",
    "data:text/html,<script>opener.hacked=1</script>",
    "\u{202e}\u{2028}\0\u{1b}[31m<b>",
];

fn hostile() -> Recording {
    let mut run = Recording::new();
    for text in HOSTILE {
        let suite = Entity::new("run", text).child("suite", text);
        let case = suite.child("case", text);
        run.say(&suite, SuiteStarted::new().with_property(text, text));
        run.say(&case, CaseStarted::new());
        run.say(&case, Output::stdout(text));
        run.say(&case, Attachment::path(text, text));
        let inline = |kind: &str| {
            Attachment::inline(text, text.as_bytes()).expect("small").with_media_type(kind)
        };
        for kind in ["text/html", "image/svg+xml", "image/png", "text/plain", "text/vnd.mermaid"] {
            run.say(&case, inline(kind));
        }
        let diagram = format!("stateDiagram-v2\nstate \"{text}\" as s0\n[*] --> s0\ns0 --> s0\n");
        let diagram = Attachment::inline("drawn", diagram.as_bytes()).expect("small");
        run.say(&case, diagram.with_media_type("text/vnd.mermaid"));
        run.say(&case, LogFile::new(text));
        let failure = Failure::assertion(text).with_class(text).with_details(text);
        let failure = failure.with_expected(text).with_actual("else").at_line(text, 1);
        run.say(&case, CaseFinished::failed(failure));
        run.say(&Entity::new("run", text), RunPlanned::selectors([Selector::test("no", text)]));
    }
    run
}

#[test]
fn hostile_text_runs_nothing_and_stays_text() {
    let browser = Browser::start();
    let page = hostile().page();
    for view in ["tests", "failures", "slowest", "never", "nodes", "diagrams"] {
        for case in 0..HOSTILE.len() {
            browser.open_at(&page, &format!("#view={view}&case=c{case}"));
            let extra = "document.querySelectorAll('#main script, #main [onerror], #main [onload], #main b').length";
            assert_eq!(browser.count(extra), 0, "{view} {case}");
            let links = "[...document.querySelectorAll('a[href]')].filter((it) =>
                !it.getAttribute('href').startsWith('#view') && !it.getAttribute('href').startsWith('./')).length";
            assert_eq!(browser.count(links), 0, "{view} {case}");
        }
        assert_eq!(browser.value("window.hacked ?? null"), serde_json::Value::Null);
    }
    let title = browser.text("document.getElementById('detail-title').innerText");
    assert!(title.contains("\\u202e") && title.contains('\u{2400}'), "{title:?}");
    browser.open_at(&page, "#case=c1");
    let title = browser.text("document.getElementById('detail-title').innerText");
    assert_eq!(title, HOSTILE[1]);
    let violations: Vec<String> = browser.console();
    assert_eq!(violations, [""; 0]);
}
