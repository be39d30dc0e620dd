//! What an event says, from its name and its data.
//!
//! Shapes of all versions: functions are atoms, `{Case,Group}`, `{init_per_group,Group,Props}`
//! or, before groups had names in events, `init_per_group` alone.

use tidings_testrun::SkippedBy;

use super::local_time::LocalTime;
use super::term::Term;

/// The suite that functions are said to be of that a suite has not got.
const FRAMEWORK: &str = "ct_framework";

/// Names of events that say nothing which others do not say, too.
const PASSED_OVER: [&str; 5] =
    ["start_make", "finished_make", "start_write_file", "finished_write_file", "test_stats"];

/// An event of Common Test.
#[derive(Debug, PartialEq)]
pub(super) enum CtEvent {
    /// A function is going to run, and this is where it keeps its log.
    Announced(Place, Option<String>),
    Started(Place),
    Done(Place, Term),
    Skipped(Place, SkippedBy, Term),
    TestStart {
        at: Option<LocalTime>,
        directory: Option<String>,
    },
    TestDone(Option<LocalTime>),
    StartLogging(Option<String>),
    StopLogging,
    /// How many cases there are, if that is known.
    Cases(Option<u64>),
    SevereError(Term),
    PassedOver,
    /// An event of a user, or of another version.
    Other {
        name: String,
        data: Term,
    },
}

/// A function of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its suite; none for what Common Test does in place of a suite that it does not name.
    pub(super) suite: Option<String>,
    pub(super) function: Function,
}

/// What a function is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Function {
    InitSuite,
    EndSuite,
    /// With the name of the group, if it is told.
    InitGroup(Option<String>),
    EndGroup(Option<String>),
    Case {
        name: String,
        group: Option<String>,
    },
    /// A function of Common Test itself, as `error_in_suite`.
    Framework(String),
}

impl CtEvent {
    /// Reads an event; says what is wrong with it if it cannot be understood.
    pub(super) fn read(name: &str, data: &Term) -> Result<Self, String> {
        let wrong = |expected: &str| {
            let text: String = data.to_string().chars().take(80).collect();
            format!("`{name}` should carry {expected}, not `{text}`; it is not used")
        };
        match name {
            "tc_logfile" => {
                let expected = "{{Suite,Function},Path}";
                let [place, path] = elements(data).ok_or_else(|| wrong(expected))?;
                let [suite, function] = elements(place).ok_or_else(|| wrong(expected))?;
                Ok(Self::Announced(Place::read(suite, function), path_of(path)))
            }
            "tc_start" => {
                let place = elements(data).ok_or_else(|| wrong("{Suite,Function}"))?;
                let [suite, function] = place;
                Ok(Self::Started(Place::read(suite, function)))
            }
            "tc_done" => {
                let [suite, function, result] =
                    elements(data).ok_or_else(|| wrong("{Suite,Function,Result}"))?;
                Ok(Self::Done(Place::read(suite, function), result.clone()))
            }
            "tc_auto_skip" | "tc_user_skip" => {
                let by =
                    if name == "tc_auto_skip" { SkippedBy::Automatic } else { SkippedBy::User };
                let [suite, function, reason] =
                    elements(data).ok_or_else(|| wrong("{Suite,Function,Reason}"))?;
                Ok(Self::Skipped(Place::read(suite, function), by, reason.clone()))
            }
            "test_start" => Ok(match elements(data) {
                Some([at, directory]) => {
                    Self::TestStart { at: LocalTime::read(at), directory: path_of(directory) }
                }
                None => Self::TestStart { at: None, directory: None },
            }),
            "test_done" => Ok(Self::TestDone(LocalTime::read(data))),
            "start_logging" => Ok(Self::StartLogging(path_of(data))),
            "stop_logging" => Ok(Self::StopLogging),
            "start_info" => {
                let counts: Option<&[Term; 3]> = elements(data);
                Ok(Self::Cases(counts.and_then(|[_, _, cases]| cases.integer())))
            }
            "severe_error" => Ok(Self::SevereError(data.clone())),
            _ if PASSED_OVER.contains(&name) => Ok(Self::PassedOver),
            _ => Ok(Self::Other { name: name.to_owned(), data: data.clone() }),
        }
    }
}

impl Place {
    fn read(suite: &Term, function: &Term) -> Self {
        let suite = Some(suite.plain()).filter(|suite| suite != FRAMEWORK);
        let tagged = function.tagged().filter(|(_, rest)| !rest.is_empty());
        let Some((name, rest)) = tagged else {
            return Self {
                function: Function::read(&function.plain(), None, suite.is_some()),
                suite,
            };
        };
        // What stands in for a group's functions tells the suite among the properties.
        let properties = rest.get(1).and_then(|properties| properties.property("suite"));
        let suite = suite.or_else(|| properties.map(Term::plain));
        let group = Some(rest[0].plain()).filter(|group| group != "undefined");
        let function = match name {
            "init_per_testcase" | "end_per_testcase" => {
                Function::read(&rest[0].plain(), None, suite.is_some())
            }
            _ => Function::read(name, group, suite.is_some()),
        };
        Self { suite, function }
    }
}

impl Function {
    fn read(name: &str, group: Option<String>, is_of_suite: bool) -> Self {
        // A group whose time ran out in its functions.
        let named = |group: Option<String>| group.filter(|group| group != "unknown");
        match name {
            "init_per_suite" => Self::InitSuite,
            "end_per_suite" => Self::EndSuite,
            "init_per_group" => Self::InitGroup(named(group)),
            "end_per_group" => Self::EndGroup(named(group)),
            name if is_of_suite => Self::Case { name: name.to_owned(), group },
            name => Self::Framework(name.to_owned()),
        }
    }

    /// What an error in it is called.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::InitSuite => "init_per_suite",
            Self::EndSuite => "end_per_suite",
            Self::InitGroup(_) => "init_per_group",
            Self::EndGroup(_) => "end_per_group",
            Self::Case { name, .. } | Self::Framework(name) => name,
        }
    }
}

/// The elements of a tuple of this size.
fn elements<const COUNT: usize>(term: &Term) -> Option<&[Term; COUNT]> {
    term.tuple()?.try_into().ok()
}

/// A path, unless it is empty.
fn path_of(term: &Term) -> Option<String> {
    match term {
        Term::Text(path) | Term::Binary(path) if !path.is_empty() => Some(path.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::term::parse;
    use super::*;

    fn read(name: &str, data: &str) -> Result<CtEvent, String> {
        CtEvent::read(name, &parse(data).expect("a term"))
    }

    fn started(suite: Option<&str>, function: Function) -> CtEvent {
        CtEvent::Started(Place { suite: suite.map(str::to_owned), function })
    }

    #[test]
    fn every_shape_of_a_function_is_read() {
        let case = |group: Option<&str>| Function::Case {
            name: "t".to_owned(),
            group: group.map(str::to_owned),
        };
        let group = || Some("g".to_owned());
        for (data, suite, function) in [
            ("{a_SUITE,t}", Some("a_SUITE"), case(None)),
            ("{a_SUITE,{t,g}}", Some("a_SUITE"), case(Some("g"))),
            ("{a_SUITE,{t,undefined}}", Some("a_SUITE"), case(None)),
            ("{a_SUITE,init_per_suite}", Some("a_SUITE"), Function::InitSuite),
            ("{ct_framework,end_per_suite}", None, Function::EndSuite),
            ("{a_SUITE,{init_per_group,g,[]}}", Some("a_SUITE"), Function::InitGroup(group())),
            ("{a_SUITE,{end_per_group,g}}", Some("a_SUITE"), Function::EndGroup(group())),
            ("{a_SUITE,{end_per_group,unknown,[]}}", Some("a_SUITE"), Function::EndGroup(None)),
            ("{a_SUITE,end_per_group}", Some("a_SUITE"), Function::EndGroup(None)),
            (
                "{ct_framework,{init_per_group,g,[parallel,{suite,q_SUITE}]}}",
                Some("q_SUITE"),
                Function::InitGroup(group()),
            ),
            ("{ct_framework,error_in_suite}", None, Function::Framework("error_in_suite".into())),
            ("{a_SUITE,{init_per_testcase,t}}", Some("a_SUITE"), case(None)),
        ] {
            assert_eq!(read("tc_start", data), Ok(started(suite, function)), "{data}");
        }
    }

    #[test]
    fn an_event_of_the_wrong_shape_says_what_it_should_carry() {
        assert_eq!(
            read("tc_done", "{a_SUITE,t}"),
            Err(
                "`tc_done` should carry {Suite,Function,Result}, not `{a_SUITE,t}`; it is not used"
                    .to_owned()
            )
        );
        assert_eq!(read("start_info", "{3,3,unknown}"), Ok(CtEvent::Cases(None)));
        assert_eq!(read("test_done", "soon"), Ok(CtEvent::TestDone(None)));
    }
}
