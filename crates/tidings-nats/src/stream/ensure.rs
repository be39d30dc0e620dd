//! Has a stream be there.

use async_nats::jetstream::context::{
    CreateStreamErrorKind, GetStreamErrorKind, RequestError, RequestErrorKind,
};
use async_nats::jetstream::{self, Context, ErrorCode};

use super::check::{Found, check};
use super::settings::StreamSettings;
use crate::server::{Kind, NatsError, shown};
use crate::subject::Root;

/// What is said of a server, or an account of it, that keeps nothing.
const NO_JETSTREAM: &str = "the server has no JetStream, or none for us: start it with `--jetstream`, and allow it for \
     the account";

/// Finds the stream of a root, or creates it, and looks whether it will do.
pub(crate) async fn ensure(
    context: &Context,
    root: &Root,
    settings: &StreamSettings,
) -> Result<Found, NatsError> {
    let name = settings.name_for(root);
    let missing = match find(context, &name, root, settings).await {
        Err(fault) if fault.is_missing => fault.error,
        other => return other.map_err(|fault| fault.error),
    };
    if !settings.create {
        return Err(missing);
    }
    match create(context, root, settings).await {
        // Somebody else, on another node, was quicker.
        Ok(()) | Err(None) => {}
        Err(Some(error)) => return Err(error),
    }
    find(context, &name, root, settings).await.map_err(|fault| fault.error)
}

/// Why there is no stream that will do.
struct Fault {
    is_missing: bool,
    error: NatsError,
}

async fn find(
    context: &Context,
    name: &str,
    root: &Root,
    settings: &StreamSettings,
) -> Result<Found, Fault> {
    let other = |error| Fault { is_missing: false, error };
    match context.get_stream(name).await {
        Ok(stream) => check(&stream.cached_info().config, root, settings).map_err(other),
        Err(fault) => match fault.kind() {
            GetStreamErrorKind::JetStream(said)
                if said.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                let text = format!(
                    "there is no stream `{name}`: create it, or have it created (`create`)"
                );
                Err(Fault { is_missing: true, error: NatsError::new(Kind::Stream, text) })
            }
            GetStreamErrorKind::JetStream(said) => Err(other(of_jetstream(&said))),
            GetStreamErrorKind::EmptyName | GetStreamErrorKind::InvalidStreamName => {
                let text = format!("`{}` is no name of a stream", shown(name));
                Err(other(NatsError::setting("stream", text)))
            }
            GetStreamErrorKind::Request => {
                let source = std::error::Error::source(&fault);
                let request = source.and_then(|source| source.downcast_ref::<RequestError>());
                Err(other(of_request(request.map(RequestError::kind))))
            }
        },
    }
}

/// Creates it; an error of none says that there is one of that name already.
async fn create(
    context: &Context,
    root: &Root,
    settings: &StreamSettings,
) -> Result<(), Option<NatsError>> {
    let Err(fault) = context.create_stream(settings.config(root)).await else { return Ok(()) };
    Err(match fault.kind() {
        CreateStreamErrorKind::JetStream(said) => match said.error_code() {
            ErrorCode::STREAM_NAME_EXIST => None,
            ErrorCode::STREAM_SUBJECT_OVERLAP => Some(NatsError::new(
                Kind::Stream,
                format!(
                    "another stream has subjects below `{}` already: name that one, or take \
                     another root",
                    root.as_str()
                ),
            )),
            _ => {
                let error = of_jetstream(&said);
                let text =
                    format!("the stream `{}` cannot be created: {error}", settings.name_for(root));
                Some(match error.kind() {
                    Kind::NoJetStream => error,
                    // Limits of the account, a cluster that is too small: nothing that passes.
                    _ => NatsError::new(Kind::Stream, text),
                })
            }
        },
        CreateStreamErrorKind::JetStreamUnavailable => {
            Some(of_request(Some(RequestErrorKind::NoResponders)))
        }
        CreateStreamErrorKind::TimedOut => Some(of_request(Some(RequestErrorKind::TimedOut))),
        other => {
            let text = format!("the stream cannot be created: {}", shown(&other.to_string()));
            Some(NatsError::new(Kind::Refused, text))
        }
    })
}

/// What it means that a question to `JetStream` was not answered.
fn of_request(kind: Option<RequestErrorKind>) -> NatsError {
    match kind {
        Some(RequestErrorKind::NoResponders) => NatsError::new(Kind::NoJetStream, NO_JETSTREAM),
        Some(RequestErrorKind::TimedOut) => {
            NatsError::new(Kind::Timeout, "JetStream gave no answer in time")
        }
        _ => NatsError::new(Kind::Unreachable, "a question to JetStream could not be asked"),
    }
}

/// What it means that `JetStream` said no.
pub(crate) fn of_jetstream(said: &jetstream::Error) -> NatsError {
    let text = shown(&said.to_string());
    let (kind, text) = match said.error_code() {
        ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
            (Kind::NoJetStream, NO_JETSTREAM.to_owned())
        }
        ErrorCode::STREAM_STORE_FAILED if text.contains("exceeded") => {
            (Kind::Full, format!("the stream is full: {text}"))
        }
        ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        | ErrorCode::INSUFFICIENT_RESOURCES
        | ErrorCode::MEMORY_RESOURCES_EXCEEDED
        | ErrorCode::STORAGE_RESOURCES_EXCEEDED => {
            (Kind::Full, format!("JetStream has no room left: {text}"))
        }
        ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM => {
            (Kind::TooLarge, format!("the message is too large for the stream: {text}"))
        }
        ErrorCode::STREAM_NOT_FOUND => (Kind::Stream, format!("there is no such stream: {text}")),
        _ => (Kind::Refused, format!("JetStream refused it: {text}")),
    };
    NatsError::new(kind, text)
}
