//! A failure as pytest prints it.

use serde_json::Value;

/// What pytest writes between two entries of a long traceback.
const SEPARATOR: &str =
    "_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _";

/// The text of a `longrepr` with tracebacks.
pub(super) fn text_of(longrepr: &Value) -> String {
    let mut out = String::new();
    match longrepr.get("chain").and_then(Value::as_array).filter(|chain| !chain.is_empty()) {
        Some(chain) => {
            for link in chain {
                traceback(link.get(0).unwrap_or(&Value::Null), &mut out);
                if let Some(description) = link.get(2).and_then(Value::as_str) {
                    line("", &mut out);
                    line(description, &mut out);
                }
            }
        }
        None => traceback(longrepr.get("reprtraceback").unwrap_or(&Value::Null), &mut out),
    }
    for section in list(longrepr, "sections") {
        let part = |at| section.get(at).and_then(Value::as_str).unwrap_or_default();
        line(&format!("--- {} ---", part(0)), &mut out);
        line(part(1), &mut out);
    }
    out.trim_matches('\n').to_owned()
}

/// The entries of a traceback, or of the last one of a chain.
pub(super) fn entries(longrepr: &Value) -> &[Value] {
    longrepr.get("reprtraceback").map_or(&[], |traceback| list(traceback, "reprentries"))
}

/// The lines of an entry.
pub(super) fn lines_of(entry: &Value) -> impl Iterator<Item = &str> {
    let lines = entry.get("data").map_or(&[][..], |data| list(data, "lines"));
    lines.iter().filter_map(Value::as_str)
}

/// The place of an entry: `path`, `lineno`, `message`.
pub(super) fn place_of(entry: &Value) -> Option<&Value> {
    entry.get("data")?.get("reprfileloc").filter(|place| !place.is_null())
}

fn traceback(traceback: &Value, out: &mut String) {
    let entries = list(traceback, "reprentries");
    for (at, each) in entries.iter().enumerate() {
        let style = style_of(each);
        if style == "long" {
            line("", out);
        }
        entry(each, style, out);
        let next = entries.get(at + 1).map(style_of);
        if next.is_some_and(|next| style == "long" || (style == "short" && next == "long")) {
            line(SEPARATOR, out);
        }
    }
    if let Some(extra) = traceback.get("extraline").and_then(Value::as_str) {
        line(extra, out);
    }
}

fn style_of(entry: &Value) -> &str {
    let style = entry.get("data").and_then(|data| data.get("style"));
    style.and_then(Value::as_str).unwrap_or_default()
}

fn entry(entry: &Value, style: &str, out: &mut String) {
    let is_native = entry.get("type").and_then(Value::as_str) == Some("ReprEntryNative");
    if is_native {
        lines_of(entry).for_each(|text| out.push_str(text));
        return;
    }
    let data = entry.get("data").unwrap_or(&Value::Null);
    let place = place_of(entry).map(place_text);
    if style == "short" {
        if let Some(place) = &place {
            line(place, out);
        }
        lines_of(entry).for_each(|text| line(text, out));
        locals(data, "        ", out);
        return;
    }
    let arguments = arguments(data);
    if !arguments.is_empty() {
        line(&arguments.join(", "), out);
        line("", out);
    }
    lines_of(entry).for_each(|text| line(text, out));
    if data.get("reprlocals").is_some_and(|locals| !locals.is_null()) {
        line("", out);
        locals(data, "", out);
    }
    if let Some(place) = place {
        if lines_of(entry).next().is_some() {
            line("", out);
        }
        line(&place, out);
    }
}

fn arguments(data: &Value) -> Vec<String> {
    let arguments = data.get("reprfuncargs").map_or(&[][..], |arguments| list(arguments, "args"));
    let argument = |pair: &Value| {
        Some(format!("{} = {}", pair.get(0)?.as_str()?, super::report::plain(pair.get(1)?)))
    };
    arguments.iter().filter_map(argument).collect()
}

fn locals(data: &Value, indent: &str, out: &mut String) {
    let lines = data.get("reprlocals").map_or(&[][..], |locals| list(locals, "lines"));
    lines.iter().filter_map(Value::as_str).for_each(|text| line(&format!("{indent}{text}"), out));
}

/// `path:line: message`, the message up to its first line break.
fn place_text(place: &Value) -> String {
    let part = |name| place.get(name).map(super::report::plain).unwrap_or_default();
    let message = part("message");
    format!("{}:{}: {}", part("path"), part("lineno"), message.lines().next().unwrap_or_default())
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn line(text: &str, out: &mut String) {
    out.push_str(text);
    out.push('\n');
}
