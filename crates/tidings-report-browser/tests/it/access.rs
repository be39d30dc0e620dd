//! For everybody: names and roles as the browser tells them to a screen reader, the keyboard,
//! contrast, and a narrow window.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::driver::Browser;
use super::runs;

const INTERACTIVE: [&str; 9] = [
    "button",
    "link",
    "searchbox",
    "textbox",
    "tab",
    "treeitem",
    "tree",
    "application",
    "DisclosureTriangle",
];

#[test]
fn everything_that_can_be_used_has_a_name() {
    let browser = Browser::start();
    for view in ["tests", "failures", "slowest", "never", "nodes", "diagrams"] {
        browser.open_at(&runs::small().page(), &format!("#view={view}&case=c4"));
        browser.cdp("Accessibility.enable", &json!({}));
        let tree = browser.cdp("Accessibility.getFullAXTree", &json!({}));
        let nodes = tree["nodes"].as_array().expect("a tree is a list of nodes");
        let mut roles = BTreeSet::new();
        for node in nodes.iter().filter(|node| node["ignored"] == false) {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            let name = node["name"]["value"].as_str().unwrap_or_default();
            let properties = node["properties"].as_array().cloned().unwrap_or_default();
            let is_focusable = properties
                .iter()
                .any(|it| it["name"] == "focusable" && it["value"]["value"] == true);
            roles.insert(role.to_owned());
            let needs_name = INTERACTIVE.contains(&role) || (is_focusable && role != "RootWebArea");
            assert!(!needs_name || !name.trim().is_empty(), "{view}: a {role} has no name: {node}");
        }
        for landmark in ["banner", "main", "tablist", "heading", "searchbox"] {
            assert!(roles.contains(landmark), "{view}: no {landmark} among {roles:?}");
        }
    }
}

#[test]
fn headings_do_not_skip_a_level() {
    let browser = Browser::start();
    for view in ["tests", "failures", "diagrams"] {
        browser.open_at(&runs::small().page(), &format!("#view={view}&case=c4"));
        let levels =
            "[...document.querySelectorAll('h1, h2, h3, h4')].map((it) => Number(it.tagName[1]))";
        let levels = browser.value(levels);
        let levels: Vec<i64> =
            levels.as_array().expect("a list").iter().filter_map(Value::as_i64).collect();
        assert_eq!((levels[0], levels.iter().filter(|level| **level == 1).count()), (1, 1));
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{view}: {levels:?}");
    }
}

#[test]
fn the_keyboard_reaches_every_part_and_shows_where_it_is() {
    let browser = Browser::start();
    browser.open_at(&runs::small().page(), "#case=c4");
    let mut reached = Vec::new();
    for _ in 0..40 {
        browser.keys(&["Tab"]);
        let at = browser.text("document.activeElement.id || document.activeElement.getAttribute('role') || document.activeElement.dataset.status || document.activeElement.tagName");
        if at == "BODY" {
            break;
        }
        let outline = browser.text("getComputedStyle(document.activeElement).outlineStyle");
        assert_ne!(outline, "none", "{at} does not show that it has the focus");
        reached.push(at);
    }
    for part in ["failure", "query", "timeline-view", "tab-tests", "treeitem", "SUMMARY"] {
        assert!(reached.iter().any(|at| at == part), "{part} is not among {reached:?}");
    }
    assert_eq!(reached[0], "A", "the first stop is the link that skips to the tests");
}

/// Finds the lowest contrast of all texts that are shown, as WCAG 2 computes it.
const CONTRAST: &str = "(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((it) => it / 255).map((it) => it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
    .reduce((sum, it, index) => sum + it * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (it) => { for (; it; it = it.parentElement) { const colour = parse(getComputedStyle(it).backgroundColor); if (colour.length === 3 || colour[3] === 1) return colour; } return [255, 255, 255]; };
  let worst = [99, '', 0];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const it = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || it.closest('script, style, noscript, svg, .skip') || it.getClientRects().length === 0) continue;
    seen += 1;
    const [a, b] = [light(parse(getComputedStyle(it).color)), light(ground(it))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst[0]) worst = [ratio, it.className + ': ' + walker.currentNode.data, 0];
  }
  return [worst[0], worst[1], seen];
})()";

#[test]
fn every_text_has_enough_contrast_in_light_and_in_dark() {
    let browser = Browser::start();
    for scheme in ["light", "dark"] {
        browser.prefer("prefers-color-scheme", scheme);
        for fragment in
            ["#case=c4", "#view=failures&case=c8", "#status=failure&view=nodes&case=c10"]
        {
            browser.open_at(&runs::small().page(), fragment);
            let worst = browser.value(CONTRAST);
            let ratio = worst[0].as_f64().expect("a ratio");
            assert!(ratio >= 4.5, "{scheme} {fragment}: {ratio:.2} of `{}`", worst[1]);
            assert!(worst[2].as_u64() > Some(40), "too few texts were looked at: {worst}");
        }
        let canvas = browser
            .text("getComputedStyle(document.documentElement).getPropertyValue('--panel').trim()");
        assert_eq!(canvas, if scheme == "light" { "#ffffff" } else { "#181c21" });
    }
}

#[test]
fn a_narrow_window_needs_no_sideways_scrolling() {
    let browser = Browser::start();
    browser.resize(360, 740);
    for fragment in ["#case=c4", "#view=nodes", "#view=diagrams", "#view=failures&case=c8"] {
        browser.open_at(&runs::small().page(), fragment);
        let width = browser.count("document.documentElement.scrollWidth");
        assert!(width <= 360, "{fragment}: {width} px wide");
    }
    browser.click("[data-status=failure]");
    assert_eq!(browser.text("document.getElementById('shown').innerText"), "3 of 12 shown");
}

#[test]
fn who_prefers_less_motion_gets_none() {
    let browser = Browser::start();
    let moving = "[...document.querySelectorAll('*')].filter((it) => { const style = getComputedStyle(it);
        return style.animationName !== 'none' || style.transitionDuration.split(',').some((it) => parseFloat(it) > 0); }).length";
    browser.open(&runs::small().page());
    assert!(browser.count(moving) > 0, "otherwise this proves nothing");
    browser.prefer("prefers-reduced-motion", "reduce");
    assert_eq!(browser.count(moving), 0);
}
