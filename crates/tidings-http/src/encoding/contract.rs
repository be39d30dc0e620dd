//! The contract of an encoder, and the encoders that ship.

use std::fmt;

use tidings_core::Envelope;
use tidings_delivery::Unencodable;

use super::{CloudEvents, Json, Optics};

/// Makes the body of a batch, event by event.
///
/// ```
/// use tidings_core::Envelope;
/// use tidings_delivery::Unencodable;
/// use tidings_http::{Encoder, Frame, HttpSink};
///
/// /// The data of each event on a line of its own.
/// struct DataLines;
///
/// impl Encoder for DataLines {
///     fn content_type(&self) -> &str {
///         "application/x-ndjson"
///     }
///
///     fn frame(&self) -> Frame {
///         Frame::new("", "\n", "\n")
///     }
///
///     fn encode(
///         &mut self,
///         envelope: &Envelope,
///         _position: u64,
///         out: &mut String,
///     ) -> Result<(), Unencodable> {
///         let data = envelope.data().map_err(|fault| Unencodable::new(fault.to_string()))?;
///         out.push_str(data);
///         Ok(())
///     }
/// }
///
/// let sink = HttpSink::builder("https://collector.example/lines").encoder(DataLines).build()?;
/// # Ok::<(), tidings_http::InvalidClient>(())
/// ```
pub trait Encoder: Send + Sync + 'static {
    /// The content type of a body. Asked once.
    fn content_type(&self) -> &str;

    /// What stands around and between the events; by default they make a JSON array. Asked
    /// once.
    fn frame(&self) -> Frame {
        Frame::JSON_ARRAY
    }

    /// Appends one event to `out`, without what stands between events.
    ///
    /// Called on the thread of the delivery, once per event and in order. `position` counts
    /// the events of this delivery without a gap.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] when this event has no form: it is set aside.
    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut String,
    ) -> Result<(), Unencodable>;
}

/// What stands before, between and after the events of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    pub(crate) before: &'static str,
    pub(crate) between: &'static str,
    pub(crate) after: &'static str,
}

impl Frame {
    /// `[`, `,` and `]`.
    pub const JSON_ARRAY: Self = Self::new("[", ",", "]");

    /// These texts before the first event, between two events, and after the last one.
    pub const fn new(before: &'static str, between: &'static str, after: &'static str) -> Self {
        Self { before, between, after }
    }
}

/// What the body of a batch looks like.
#[derive(Default)]
#[non_exhaustive]
pub enum Encoding {
    /// An array of CloudEvents 1.0, as `application/cloudevents-batch+json`.
    #[default]
    CloudEvents,
    /// An array of plain objects, for those who know nothing of CloudEvents:
    ///
    /// ```json
    /// [{"type":"quick_test.started","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.41",
    ///   "time":"2026-11-21T08:30:02.000000000Z","position":0,
    ///   "contentid":"5c146b14-3c52-8afd-938a-375d0df1fbf6","run":"run-7","node":"lab-3",
    ///   "entity":[["suite","smoke"],["case","boot"]],
    ///   "attributes":{"applicationName":"MyApp"},"data":{"test_name":"boot"}}]
    /// ```
    ///
    /// `id` is the event's id, equal in every copy of it. `entity` is the path, outermost
    /// first; it is no object because a kind may stand in it twice, a step in a step.
    /// `causedby`, the id of another event, and `contentid` are there if there is one.
    Json,
    /// The event API of Optics.
    Optics(Optics),
    /// What an encoder of yours makes.
    Custom(Box<dyn Encoder>),
}

impl Encoding {
    pub(crate) fn into_encoder(self) -> Box<dyn Encoder> {
        match self {
            Self::CloudEvents => Box::new(CloudEvents),
            Self::Json => Box::new(Json),
            Self::Optics(optics) => Box::new(optics),
            Self::Custom(encoder) => encoder,
        }
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloudEvents => f.write_str("CloudEvents"),
            Self::Json => f.write_str("Json"),
            Self::Optics(optics) => f.debug_tuple("Optics").field(optics).finish(),
            Self::Custom(_) => f.write_str("Custom(..)"),
        }
    }
}

pub(crate) fn unencodable(fault: &impl std::error::Error) -> Unencodable {
    Unencodable::new(fault.to_string())
}
