//! What the objects of a report log say.
//!
//! What a report cannot be understood without must be there; of the rest, what has another
//! type than it should is unknown.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tidings_core::Timestamp;
use tidings_testrun::{Property, SourceLocation};

use crate::json_line::{Object, Recognise};

/// How the objects of a report log begin, as Python writes them.
const BEGINNINGS: [&str; 4] =
    [r#"{"nodeid""#, r#"{"pytest_version""#, r#"{"exitstatus""#, r#"{"category""#];

/// How a line of a report log is recognised: by the kind of report, which stands last.
pub(super) const RECOGNISE: Recognise = Recognise {
    is_ours: |object| report_type(object).is_some(),
    was_ours: |text| {
        text.contains("report_type\"") || BEGINNINGS.iter().any(|start| text.starts_with(start))
    },
};

/// An object of a report log.
#[derive(Debug)]
pub(super) enum Entry {
    /// `SessionStart`, with the version of pytest.
    Began(Option<String>),
    /// `SessionFinish`, with the exit status.
    Ended(Option<i64>),
    /// `CollectReport`.
    Collected(Box<Report>),
    /// `TestReport`.
    Test(Box<Report>),
    /// `SubTestReport`, with what the subtest is called.
    Subtest(Box<Report>, String),
    /// `WarningMessage`, as text.
    Warning(String),
    /// A kind that this version does not know.
    Unknown,
}

/// What is said of a phase of a test, of a subtest, or of a collection.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) nodeid: String,
    /// `setup`, `call`, `teardown`; `???` when a worker crashed.
    pub(super) when: String,
    pub(super) outcome: String,
    pub(super) longrepr: Value,
    /// Titles and texts, of this phase and those before.
    pub(super) sections: Vec<(String, String)>,
    pub(super) properties: Vec<Property>,
    pub(super) location: Option<SourceLocation>,
    pub(super) start: Option<Timestamp>,
    pub(super) stop: Option<Timestamp>,
    pub(super) duration: Option<Duration>,
    /// Why it was expected to fail.
    pub(super) xfail: Option<String>,
    /// How many attempts came before.
    pub(super) rerun: Option<u32>,
    pub(super) worker: Option<Arc<str>>,
}

impl Entry {
    /// Reads an object.
    ///
    /// # Errors
    ///
    /// What is missing or of another type.
    pub(super) fn read(mut object: Object) -> Result<Self, String> {
        let Some(Value::String(kind)) = report_type(&object) else {
            return Err("the report type is no text".to_owned());
        };
        // The name of the kind changed its case from version to version.
        match kind.to_ascii_lowercase().as_str() {
            "sessionstart" => {
                let version = object.get("pytest_version").and_then(Value::as_str);
                Ok(Self::Began(version.map(str::to_owned)))
            }
            "sessionfinish" => Ok(Self::Ended(object.get("exitstatus").and_then(integer))),
            "warningmessage" => Ok(Self::Warning(warning(&object))),
            "collectreport" => Ok(Self::Collected(Report::read(object, false)?)),
            "testreport" => Ok(Self::Test(Report::read(object, true)?)),
            "subtestreport" => {
                let context = object.remove("_subtest.context").unwrap_or_default();
                Ok(Self::Subtest(Report::read(object, true)?, name_of_subtest(&context)))
            }
            _ => Ok(Self::Unknown),
        }
    }
}

/// The kind of report, under its present or its former name.
fn report_type(object: &Object) -> Option<&Value> {
    object.get("$report_type").or_else(|| object.get("_report_type"))
}

impl Report {
    fn read(mut object: Object, is_test: bool) -> Result<Box<Self>, String> {
        let nodeid = text(&object, "nodeid")?;
        if is_test && nodeid.is_empty() {
            return Err("`nodeid` is empty".to_owned());
        }
        let number = |name| object.get(name).and_then(decimal);
        let positive = |nanos: &i64| *nanos > 0;
        // Subtests of unittest say 0, which is no time.
        let time = |name| number(name).filter(positive).map(Timestamp::from_nanos);
        let duration = number("duration").and_then(|nanos| u64::try_from(nanos).ok());
        Ok(Box::new(Self {
            nodeid,
            when: if is_test { text(&object, "when")? } else { String::new() },
            outcome: text(&object, "outcome")?,
            start: time("start"),
            stop: time("stop"),
            duration: duration.map(Duration::from_nanos),
            sections: pairs(&object, "sections"),
            properties: properties(&object),
            location: object.get("location").and_then(location),
            xfail: object.get("wasxfail").filter(|why| !why.is_null()).map(plain),
            rerun: object.get("rerun").and_then(integer).and_then(|n| u32::try_from(n).ok()),
            worker: worker(&object),
            longrepr: object.remove("longrepr").unwrap_or_default(),
        }))
    }
}

fn text(object: &Object, name: &str) -> Result<String, String> {
    match object.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("`{name}` is no text")),
        None => Err(format!("`{name}` is missing")),
    }
}

/// A value as text: a text as it is, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Seconds as nanoseconds, from the digits: a binary fraction of today's time is no exact
/// number of them.
fn decimal(value: &Value) -> Option<i64> {
    let digits = match value {
        Value::Number(number) => match number.as_f64() {
            // The shortest digits that read back are those that Python wrote.
            Some(seconds) if !number.is_i64() => seconds.to_string(),
            _ => number.to_string(),
        },
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    if whole.starts_with('-') || !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanos: String = part.chars().chain("000000000".chars()).take(9).collect();
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos.parse().ok()?)
}

/// Lists of two: titles or names with their values.
fn pairs(object: &Object, name: &str) -> Vec<(String, String)> {
    let list = object.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let pair = |pair: &Value| match pair.as_array()?.as_slice() {
        [first, second] => Some((plain(first), plain(second))),
        _ => None,
    };
    list.iter().filter_map(pair).collect()
}

fn properties(object: &Object) -> Vec<Property> {
    let pairs = pairs(object, "user_properties").into_iter();
    pairs.map(|(name, value)| Property::new(name, value)).collect()
}

/// File, line from 0, and what is there.
fn location(value: &Value) -> Option<SourceLocation> {
    let parts = value.as_array()?;
    let place = SourceLocation::new(parts.first()?.as_str()?);
    let line = parts.get(1).and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok());
    Some(match line.and_then(|line| line.checked_add(1)) {
        Some(line) => place.with_line(line),
        None => place,
    })
}

/// The worker of `pytest-xdist`; a report about a crash says it in `node` only.
fn worker(object: &Object) -> Option<Arc<str>> {
    let id = object.get("worker_id").and_then(Value::as_str);
    let node = || {
        let node = object.get("node")?.as_str()?;
        node.strip_prefix("<WorkerController ")?.strip_suffix('>')
    };
    id.or_else(node).filter(|id| !id.is_empty() && *id != "master").map(Arc::from)
}

fn warning(object: &Object) -> String {
    let part = |name| object.get(name).filter(|value| !value.is_null()).map(plain);
    let place = match (part("filename"), part("lineno")) {
        (Some(file), Some(line)) => format!("{file}:{line}: "),
        (Some(file), None) => format!("{file}: "),
        _ => String::new(),
    };
    let category = part("category").unwrap_or_else(|| "Warning".to_owned());
    format!("{place}{category}: {}\n", part("message").unwrap_or_default())
}

/// `[message] (name=value, …)`, as pytest prints it.
fn name_of_subtest(context: &Value) -> String {
    let message = context.get("msg").filter(|message| !message.is_null());
    let message = message.map(|message| format!("[{}]", plain(message)));
    let values = context.get("kwargs").and_then(Value::as_object);
    let values = values.filter(|values| !values.is_empty()).map(|values| {
        let each = values.iter().map(|(name, value)| format!("{name}={}", plain(value)));
        format!("({})", each.collect::<Vec<_>>().join(", "))
    });
    let parts: Vec<String> = [message, values].into_iter().flatten().collect();
    if parts.is_empty() { "(<subtest>)".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_read_from_its_digits() {
        for (value, nanos) in [
            (json!(1_795_230_821.570_374_5), Some(1_795_230_821_570_374_500)),
            (json!(1_795_230_821), Some(1_795_230_821_000_000_000)),
            (json!("1795230821.5"), Some(1_795_230_821_500_000_000)),
            (json!(0.000_555_212_999), Some(555_212)),
            (json!(2e-7), Some(200)),
            (json!(-0.5), None),
            (json!("NaN"), None),
            (json!(1e300), None),
            (json!(null), None),
        ] {
            assert_eq!(decimal(&value), nanos, "{value}");
        }
    }

    #[test]
    fn a_subtest_is_called_what_pytest_prints() {
        for (context, name) in [
            (json!({"msg": "odd", "kwargs": {"i": 1}}), "[odd] (i=1)"),
            (json!({"msg": null, "kwargs": {"i": "'x'", "j": 2}}), "(i='x', j=2)"),
            (json!({"msg": null, "kwargs": {}}), "(<subtest>)"),
            (json!(null), "(<subtest>)"),
        ] {
            assert_eq!(name_of_subtest(&context), name);
        }
    }

    #[test]
    fn a_worker_is_known_by_its_id_or_by_its_controller() {
        let of = |value: Value| worker(value.as_object().expect("an object"));
        assert_eq!(of(json!({"worker_id": "gw1"})).as_deref(), Some("gw1"));
        assert_eq!(of(json!({"node": "<WorkerController gw2>"})).as_deref(), Some("gw2"));
        assert_eq!(of(json!({"worker_id": "master", "node": 3})), None);
    }
}
