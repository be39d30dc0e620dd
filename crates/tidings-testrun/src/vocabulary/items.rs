//! Beginnings and ends of runs, suites, groups, cases and steps.
//!
//! All levels have the same fields. Times and durations are volatile, so that equal results
//! have equal content ids; what is absent is not written, so that a field that is added
//! later does not change the id of what does not use it.

use std::any::{Any, TypeId};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_core::json::{EncodeError, Encoder};
use tidings_core::{DecodeError, Descriptor, Event, EventType, Outcome, Role, Timestamp};
use tidings_derive::Event;

use super::{Failure, SkippedBy, SourceLocation, Status, seconds};

/// Something that the author or the runner says of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Property {
    /// Its name; one name may come several times.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Property {
    /// A property with this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

fn first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is the signature that serde calls")]
fn is_first(attempt: &u32) -> bool {
    *attempt == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A beginning of any level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) attempt: u32,
    pub(crate) location: Option<&'a SourceLocation>,
    pub(crate) fingerprint: Option<&'a str>,
    pub(crate) properties: &'a [Property],
    pub(crate) at: Option<Timestamp>,
}

/// An end of any level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End<'a> {
    pub(crate) status: Status,
    pub(crate) attempt: u32,
    pub(crate) synthetic: bool,
    pub(crate) failure: Option<&'a Failure>,
    pub(crate) by: Option<SkippedBy>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) properties: &'a [Property],
    pub(crate) duration: Option<Duration>,
    pub(crate) at: Option<Timestamp>,
}

macro_rules! started {
    ($name:ident, $namespace:tt, $what:literal) => {
        #[doc = concat!("`", $namespace, ".started`: ", $what, " has begun.")]
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
        #[event(namespace = $namespace, name = "started", begin, crate = "tidings_core")]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            /// Which attempt it is, from 1; of a step, which attempt of its case.
            #[serde(default = "first", skip_serializing_if = "is_first")]
            pub attempt: u32,
            /// Where it is defined.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub location: Option<SourceLocation>,
            /// What its producer recognises it by from run to run, in the producer's words: how
            /// it was found, a hash of its source.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub fingerprint: Option<String>,
            /// What is said of it.
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub properties: Vec<Property>,
            /// When it began, if not when this was emitted.
            #[event(volatile)]
            #[serde(skip_serializing_if = "Option::is_none")]
            pub at: Option<Timestamp>,
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $name {
            /// A first attempt, with nothing said of it.
            pub fn new() -> Self {
                Self {
                    attempt: 1,
                    location: None,
                    fingerprint: None,
                    properties: Vec::new(),
                    at: None,
                }
            }

            /// Says which attempt it is, from 1.
            #[must_use]
            pub fn with_attempt(mut self, attempt: u32) -> Self {
                self.attempt = attempt.max(1);
                self
            }

            /// Says where it is defined.
            #[must_use]
            pub fn with_location(mut self, location: impl Into<SourceLocation>) -> Self {
                self.location = Some(location.into());
                self
            }

            /// Says what its producer recognises it by.
            #[must_use]
            pub fn with_fingerprint(mut self, fingerprint: impl Into<String>) -> Self {
                self.fingerprint = Some(fingerprint.into());
                self
            }

            /// Says something of it.
            #[must_use]
            pub fn with_property(
                mut self,
                name: impl Into<String>,
                value: impl Into<String>,
            ) -> Self {
                self.properties.push(Property::new(name, value));
                self
            }

            /// Says when it began.
            #[must_use]
            pub fn at(mut self, at: Timestamp) -> Self {
                self.at = Some(at);
                self
            }

            pub(crate) fn start(&self) -> Start<'_> {
                Start {
                    attempt: self.attempt.max(1),
                    location: self.location.as_ref(),
                    fingerprint: self.fingerprint.as_deref(),
                    properties: &self.properties,
                    at: self.at,
                }
            }
        }
    };
}

/// An end whose role follows from its status, which the derive cannot say.
macro_rules! ends_by_status {
    ($name:ident, $type:expr, [$($field:ident),*]) => {
        impl $name {
            #[doc = concat!("The event type `", $type, "`.")]
            pub const TYPE: EventType = EventType::from_static($type);
        }

        impl Event for $name {
            const DESCRIPTORS: &'static [&'static Descriptor] = &[&Descriptor::new(
                EventType::from_static($type),
                Role::End(Outcome::Unknown),
                &["duration", "at"],
            )];

            fn descriptor_index(&self) -> usize {
                0
            }

            fn encode(&self, encoder: &mut Encoder) -> Result<(), EncodeError> {
                encoder.value(self)
            }

            fn decode(_: usize, data: &str) -> Result<Self, DecodeError> {
                serde_json::from_str(data).map_err(|fault| DecodeError::new(fault.to_string()))
            }

            fn fields(&self, visit: &mut dyn FnMut(&'static str, &dyn fmt::Debug)) {
                $(visit(stringify!($field), &self.$field);)*
            }

            fn project(&self, target: TypeId) -> Option<&dyn Any> {
                (target == TypeId::of::<Self>()).then_some(self)
            }

            fn role(&self) -> Role {
                Role::End(self.status.outcome())
            }
        }

        impl $name {
            /// Says which attempt it is, from 1.
            #[must_use]
            pub fn with_attempt(mut self, attempt: u32) -> Self {
                self.attempt = attempt.max(1);
                self
            }

            /// Says something of it that was not known when it began.
            #[must_use]
            pub fn with_property(
                mut self,
                name: impl Into<String>,
                value: impl Into<String>,
            ) -> Self {
                self.properties.push(Property::new(name, value));
                self
            }

            /// Says how long it took.
            #[must_use]
            pub fn with_duration(mut self, duration: Duration) -> Self {
                self.duration = Some(duration);
                self
            }

            /// Says when it ended.
            #[must_use]
            pub fn at(mut self, at: Timestamp) -> Self {
                self.at = Some(at);
                self
            }
        }
    };
}

macro_rules! finished {
    ($name:ident, $namespace:tt, $what:literal) => {
        #[doc = concat!("`", $namespace, ".finished`: ", $what, " has ended.")]
        ///
        /// Its role follows from its status: `end:success`, `end:failure` or `end:skipped`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            /// How.
            pub status: Status,
            /// Which attempt, from 1; of a step, which attempt of its case.
            #[serde(default = "first", skip_serializing_if = "is_first")]
            pub attempt: u32,
            /// Whether another attempt follows, which decides in its place.
            #[serde(default, skip_serializing_if = "is_false")]
            pub superseded: bool,
            /// Whether it is made up in the place of an end that never came.
            #[serde(default, skip_serializing_if = "is_false")]
            pub synthetic: bool,
            /// Why, when it did not end as it should.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub failure: Option<Box<Failure>>,
            /// What is said of it that was not known when it began.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub properties: Vec<Property>,
            /// How long it took.
            #[serde(default, with = "seconds", skip_serializing_if = "Option::is_none")]
            pub duration: Option<Duration>,
            /// When it ended, if not when this was emitted.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub at: Option<Timestamp>,
        }

        impl $name {
            /// A first attempt that ended like this.
            pub fn new(status: Status) -> Self {
                Self {
                    status,
                    attempt: 1,
                    superseded: false,
                    synthetic: false,
                    failure: None,
                    properties: Vec::new(),
                    duration: None,
                    at: None,
                }
            }

            /// A first attempt that ended with this failure, whose kind says the status.
            pub fn failed(failure: Failure) -> Self {
                Self::new(failure.status()).with_failure(failure)
            }

            /// Says why.
            #[must_use]
            pub fn with_failure(mut self, failure: Failure) -> Self {
                self.failure = Some(Box::new(failure));
                self
            }

            /// Says that another attempt follows.
            #[must_use]
            pub fn superseded(mut self) -> Self {
                self.superseded = true;
                self
            }

            /// Says that it is made up in the place of an end that never came.
            #[must_use]
            pub fn synthetic(mut self) -> Self {
                self.synthetic = true;
                self
            }

            pub(crate) fn end(&self) -> End<'_> {
                End {
                    status: self.status,
                    attempt: self.attempt.max(1),
                    synthetic: self.synthetic,
                    failure: self.failure.as_deref(),
                    by: None,
                    reason: None,
                    properties: &self.properties,
                    duration: self.duration,
                    at: self.at,
                }
            }
        }

        ends_by_status!(
            $name,
            concat!($namespace, ".finished"),
            [status, attempt, superseded, synthetic, failure, properties, duration, at]
        );
    };
}

started!(RunStarted, "test.run", "a run");
finished!(RunFinished, "test.run", "a run");
started!(SuiteStarted, "test.suite", "a suite");
finished!(SuiteFinished, "test.suite", "a suite");
started!(GroupStarted, "test.group", "a group of cases within a suite");
finished!(GroupFinished, "test.group", "a group");
started!(CaseStarted, "test.case", "an attempt at a case");
finished!(CaseFinished, "test.case", "an attempt at a case");
started!(StepStarted, "test.step", "a step of a case");
finished!(StepFinished, "test.step", "a step");

/// `test.case.skipped`: a case was not run, or not to its end, and that is no failure.
///
/// It ends a case that began as well as one that never did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseSkipped {
    /// How: skipped, ignored, canceled or pending.
    #[serde(default = "skipped")]
    pub status: Status,
    /// Whose decision it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<SkippedBy>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which attempt, from 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub attempt: u32,
    /// The failure that led to it, or that was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<Failure>>,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// How long that took.
    #[serde(default, with = "seconds", skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// When, if not when this was emitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

fn skipped() -> Status {
    Status::Skipped
}

ends_by_status!(
    CaseSkipped,
    "test.case.skipped",
    [status, by, reason, attempt, failure, properties, duration, at]
);

impl CaseSkipped {
    fn new(status: Status, by: SkippedBy, reason: impl Into<String>) -> Self {
        let reason = Some(reason.into()).filter(|reason| !reason.is_empty());
        Self {
            status,
            by: Some(by),
            reason,
            attempt: 1,
            failure: None,
            properties: Vec::new(),
            duration: None,
            at: None,
        }
    }

    /// The author or the caller decided.
    pub fn by_user(reason: impl Into<String>) -> Self {
        Self::new(Status::Skipped, SkippedBy::User, reason)
    }

    /// The framework decided.
    pub fn automatically(reason: impl Into<String>) -> Self {
        Self::new(Status::Skipped, SkippedBy::Automatic, reason)
    }

    /// It is marked so in the source.
    pub fn ignored(reason: impl Into<String>) -> Self {
        Self::new(Status::Ignored, SkippedBy::User, reason)
    }

    /// Says how: skipped, ignored, canceled or pending.
    ///
    /// Any other status counts for what it is; [`CaseFinished`] is the event for those.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Names the failure that led to it, or that was expected.
    #[must_use]
    pub fn with_failure(mut self, failure: Failure) -> Self {
        self.failure = Some(Box::new(failure));
        self
    }

    pub(crate) fn end(&self) -> End<'_> {
        End {
            status: self.status,
            attempt: self.attempt.max(1),
            synthetic: false,
            failure: self.failure.as_deref(),
            by: self.by,
            reason: self.reason.as_deref(),
            properties: &self.properties,
            duration: self.duration,
            at: self.at,
        }
    }
}
