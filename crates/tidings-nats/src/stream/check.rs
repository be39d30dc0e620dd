//! Whether a stream that is there will do.
//!
//! Pure: a configuration in, words out.

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use super::settings::{StreamSettings, StreamStorage, WhenFull, subjects};
use crate::server::{Kind, NatsError, shown};
use crate::subject::{Root, covers};

/// A stream that will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) name: String,
    /// The most bytes of a message, headers included, if it has such a bound.
    pub(crate) message_bytes_max: Option<usize>,
    /// What a person should know of it, though it will do.
    pub(crate) warnings: Vec<String>,
}

/// Looks at a stream that was found.
pub(super) fn check(
    config: &Config,
    root: &Root,
    settings: &StreamSettings,
) -> Result<Found, NatsError> {
    let name = shown(&config.name);
    if let Some(fault) = fault_of(config, root) {
        return Err(NatsError::new(Kind::Stream, format!("the stream `{name}` {fault}")));
    }
    let message_bytes_max = usize::try_from(config.max_message_size).ok().filter(|most| *most > 0);
    let warnings = warnings(config, settings);
    let warnings = warnings.into_iter().map(|text| format!("the stream `{name}` {text}")).collect();
    Ok(Found { name: config.name.clone(), message_bytes_max, warnings })
}

/// What makes it useless, and what would be right.
fn fault_of(config: &Config, root: &Root) -> Option<String> {
    let wanted = subjects(root);
    if config.mirror.is_some() {
        return Some("is a mirror, which takes nothing: name the stream that it mirrors".into());
    }
    if config.sealed {
        return Some("is sealed, and takes nothing more: name another one".into());
    }
    if !config.subjects.iter().any(|subject| covers(subject, &wanted)) {
        let has = shown(&config.subjects.join(", "));
        return Some(format!("has the subjects `{has}`: add `{wanted}`, or name another one"));
    }
    match config.retention {
        RetentionPolicy::Limits => {}
        RetentionPolicy::Interest => {
            return Some(
                "has retention `interest`, and forgets what nobody listens to yet: `limits` is \
                 needed"
                    .into(),
            );
        }
        RetentionPolicy::WorkQueue => {
            return Some(
                "has retention `workqueue`, and forgets what one reader has taken: `limits` is \
                 needed"
                    .into(),
            );
        }
    }
    if config.no_ack {
        return Some("acknowledges nothing: set `no_ack` to false".into());
    }
    if config.max_messages_per_subject > 0 {
        let most = config.max_messages_per_subject;
        return Some(format!(
            "keeps {most} events of each type of a node: set `max_msgs_per_subject` to -1"
        ));
    }
    if config.subject_transform.is_some() {
        return Some("changes the subjects of events: remove its `subject_transform`".into());
    }
    None
}

/// What it loses that its settings do not say, though it will do.
fn warnings(config: &Config, settings: &StreamSettings) -> Vec<String> {
    let mut warnings = Vec::new();
    let is_bounded = config.max_bytes > 0 || config.max_messages > 0;
    let may_discard = settings.when_full == WhenFull::DiscardOldest;
    if config.discard == DiscardPolicy::Old && is_bounded && !may_discard {
        warnings.push(
            "removes its oldest events when it is full, read or not: discard `new` would refuse \
             new ones, which wait"
                .to_owned(),
        );
    }
    if config.storage == StorageType::Memory && settings.storage == StreamStorage::File {
        warnings.push("is in memory: its events are gone when the server ends".to_owned());
    }
    if config.duplicate_window < settings.duplicate_window.min(age_of(config)) {
        warnings.push(format!(
            "remembers ids for {:?} instead of {:?}: what is sent again later is kept twice",
            config.duplicate_window, settings.duplicate_window
        ));
    }
    warnings
}

fn age_of(config: &Config) -> std::time::Duration {
    if config.max_age.is_zero() { std::time::Duration::MAX } else { config.max_age }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_nats::jetstream::stream::{Source, SubjectTransform};

    use super::*;

    fn checked(config: &Config) -> Result<Found, NatsError> {
        check(config, &Root::parse("t").unwrap(), &StreamSettings::default())
    }

    fn good() -> Config {
        StreamSettings::default().config(&Root::parse("t").unwrap())
    }

    #[test]
    fn what_is_created_will_do() {
        let found = checked(&good()).unwrap();
        assert_eq!(found, Found { name: "t".into(), message_bytes_max: None, warnings: vec![] });
        let wide = Config { subjects: vec!["x".into(), "t.>".into()], ..good() };
        assert!(checked(&wide).is_ok());
        let small = Config { max_message_size: 100, ..good() };
        assert_eq!(checked(&small).unwrap().message_bytes_max, Some(100));
    }

    #[test]
    fn what_is_wrong_is_said_and_what_would_be_right() {
        let cases = [
            (Config { subjects: vec!["t.run.*.>".into()], ..good() }, "add `t.*.*.>`"),
            (Config { retention: RetentionPolicy::WorkQueue, ..good() }, "`limits` is needed"),
            (Config { retention: RetentionPolicy::Interest, ..good() }, "`limits` is needed"),
            (Config { no_ack: true, ..good() }, "set `no_ack` to false"),
            (Config { sealed: true, ..good() }, "name another one"),
            (Config { max_messages_per_subject: 1, ..good() }, "set `max_msgs_per_subject` to -1"),
            (Config { mirror: Some(Source::default()), ..good() }, "is a mirror"),
            (
                Config {
                    subject_transform: Some(SubjectTransform {
                        source: ">".into(),
                        destination: "x.>".into(),
                    }),
                    ..good()
                },
                "`subject_transform`",
            ),
        ];
        for (config, text) in cases {
            let fault = checked(&config).unwrap_err();
            assert!(fault.to_string().starts_with("the stream `t` "), "{fault}");
            assert!(fault.to_string().contains(text), "{fault}");
            assert!(fault.is_stream() && fault.needs_a_person());
        }
    }

    #[test]
    fn what_would_be_lost_unsaid_is_warned_of() {
        let warned = |config: &Config| checked(config).unwrap().warnings.join("\n");
        let old = Config { discard: DiscardPolicy::Old, ..good() };
        assert!(warned(&old).contains("removes its oldest events"), "{}", warned(&old));
        let endless = Config { max_bytes: -1, max_messages: -1, ..old.clone() };
        assert_eq!(warned(&endless), "");
        let memory = Config { storage: StorageType::Memory, ..good() };
        assert!(warned(&memory).contains("is in memory"), "{}", warned(&memory));
        let short = Config { duplicate_window: Duration::from_millis(100), ..good() };
        assert!(warned(&short).contains("remembers ids for 100ms"), "{}", warned(&short));
        let asked = StreamSettings::default()
            .when_full(WhenFull::DiscardOldest)
            .duplicate_window(Duration::from_millis(100));
        let both = Config { discard: DiscardPolicy::Old, ..short };
        let found = check(&both, &Root::parse("t").unwrap(), &asked).unwrap();
        assert_eq!(found.warnings, Vec::<String>::new());
    }
}
