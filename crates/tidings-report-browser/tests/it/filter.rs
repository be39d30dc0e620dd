//! Filters: by status and by text, exactly what matches.

use super::driver::Browser;
use super::page::texts;
use super::runs;

const NAMES: &str = "[role=treeitem]:not([aria-expanded]) .name";

fn shown(browser: &Browser) -> String {
    browser.value(&texts(NAMES)).to_string()
}

#[test]
fn statuses_add_up_and_come_off_again() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    browser.click("[data-status=timed_out]");
    assert_eq!(shown(&browser), r#"["sends a mail"]"#);
    browser.click("[data-status=flaky]");
    assert_eq!(shown(&browser), r#"["sends a mail","locks after three"]"#);
    assert_eq!(browser.text("location.hash"), "#status=timed_out%2Cflaky&case=c4");
    assert_eq!(browser.text("document.getElementById('shown').innerText"), "2 of 12 shown");
    browser.click("[data-status=timed_out]");
    browser.click("[data-status=flaky]");
    assert_eq!(browser.count("document.querySelectorAll('[role=treeitem]').length"), 15);
    assert_eq!(browser.text("document.getElementById('shown').innerText"), "");
}

#[test]
fn a_text_is_found_in_names_suites_and_messages() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    for (query, wanted) in [
        ("PASSWORD", r#"["accepts the right password","refuses a wrong password"]"#),
        ("billing mail", r#"["sends a mail"]"#),
        ("rounded", r#"["adds the tax"]"#),
        ("socket is", r#"["teardown"]"#),
        ("nothing of that", "[]"),
    ] {
        browser.click("#query");
        browser.keys(&["Escape", query]);
        browser.until("document.getElementById('shown').innerText !== ''");
        browser.settle();
        assert_eq!(shown(&browser), wanted, "{query}");
    }
    let empty = browser.text("document.querySelector('#panel .note').innerText");
    assert_eq!(empty, "Nothing matches the filter.");
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn the_fragment_of_the_address_says_the_same() {
    let browser = Browser::start();
    browser.open_at(&runs::small().page(), "#status=failure&q=cart&case=c6");
    assert_eq!(shown(&browser), r#"["empties"]"#);
    assert_eq!(browser.text("document.getElementById('query').value"), "cart");
    assert_eq!(browser.text("document.querySelector('[data-status=failure]').ariaPressed"), "true");
    assert_eq!(browser.text("document.getElementById('detail-title').innerText"), "empties");
    browser.value("void (location.hash = '#q=tax')");
    browser.settle();
    assert_eq!(shown(&browser), r#"["adds the tax","pays back"]"#);
}
