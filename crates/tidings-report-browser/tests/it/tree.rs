//! The tree by keyboard alone.

use super::driver::Browser;
use super::runs;

fn focused(browser: &Browser) -> String {
    browser.text(
        "document.activeElement.querySelector('.name')?.innerText ?? document.activeElement.id",
    )
}

#[test]
fn the_tree_is_walked_by_keyboard() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    browser.keys(&["/", "Down"]);
    browser.keys(&["Home"]);
    assert_eq!(focused(&browser), "billing");
    for (key, wanted) in [
        ("Down", "adds the tax"),
        ("Up", "billing"),
        ("Left", "billing"),
        ("Down", "cart"),
        ("Up", "billing"),
        ("Right", "billing"),
        ("Right", "adds the tax"),
        ("Left", "billing"),
        ("End", "speaks French"),
        ("Up", "locks after three"),
    ] {
        browser.keys(&[key]);
        assert_eq!(focused(&browser), wanted, "after {key}");
    }
    browser.keys(&["Enter"]);
    assert_eq!(
        browser.text("document.getElementById('detail-title').innerText"),
        "locks after three"
    );
    assert_eq!(focused(&browser), "locks after three");
    assert_eq!(browser.count("document.querySelectorAll('#tree [tabindex=\"0\"]').length"), 1);
}

#[test]
fn every_row_says_its_place() {
    let browser = Browser::start();
    browser.open(&runs::small().page());
    let rows = "[...document.querySelectorAll('[role=treeitem]')].slice(0, 3).map((row) =>
        ['level', 'setsize', 'posinset', 'expanded'].map((name) => row.getAttribute('aria-' + name)).join('/'))";
    assert_eq!(browser.value(rows).to_string(), r#"["1/3/1/true","2/3/1/","2/3/2/"]"#);
}
