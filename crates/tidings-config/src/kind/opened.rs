//! What a kind makes of its keys.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tidings_core::Interest;
use tidings_delivery::Sink;
use tidings_registry::{Bus, Observer};

use super::OpenError;

/// What a kind makes of its keys: a sink, an observer, or nothing with a reason.
#[derive(Debug)]
pub struct Opened(pub(crate) Opening);

/// An observer that is made when its bus is there.
pub(crate) type Start = dyn FnOnce(&Bus) -> Result<Box<dyn Observer>, OpenError> + Send;

pub(crate) enum Opening {
    Sink(Place),
    Observer(Maker),
    Disabled(String),
}

/// What makes an observer.
pub(crate) struct Maker {
    pub(crate) start: Box<Start>,
    /// What it hears when its table does not say; none for what it says itself.
    pub(crate) interest: Option<Interest>,
    /// What a person should know of it though nothing is wrong.
    pub(crate) warning: Option<String>,
    pub(crate) page: PageUrl,
}

/// Where a browser finds what an observer serves, once it is made; never set for most.
pub(crate) type PageUrl = Arc<OnceLock<String>>;

/// A sink, and what it shares with others.
pub(crate) struct Place {
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) endpoint: Option<String>,
}

impl Opened {
    /// Takes batches to a place that can fail; a delivery with the keys of deliveries is put
    /// in front of it.
    pub fn sink(sink: impl Sink) -> Self {
        Self(Opening::Sink(Place { sink: Box::new(sink), endpoint: None }))
    }

    /// As [`sink`](Self::sink), to an endpoint that other sinks may share, like
    /// `https://splunk.example:8088`: when it asks one of them for a pause, all of them
    /// pause.
    pub fn sink_at(endpoint: impl Into<String>, sink: impl Sink) -> Self {
        Self(Opening::Sink(Place { sink: Box::new(sink), endpoint: Some(endpoint.into()) }))
    }

    /// Is handed each event. `start` is called when the bus is there; it may open files.
    pub fn observer<O: Observer>(
        start: impl FnOnce(&Bus) -> Result<O, OpenError> + Send + 'static,
    ) -> Self {
        let start = Box::new(move |bus: &Bus| {
            let observer: Box<dyn Observer> = Box::new(start(bus)?);
            Ok(observer)
        });
        let (interest, warning, page) = (None, None, PageUrl::default());
        Self(Opening::Observer(Maker { start, interest, warning, page }))
    }

    /// Has an observer hear this when its table does not say what it is to hear.
    pub(super) fn hearing(mut self, interest: Interest) -> Self {
        if let Opening::Observer(maker) = &mut self.0 {
            maker.interest = Some(interest);
        }
        self
    }

    /// Has an observer say where its page is, and what a person should know of that.
    #[cfg(feature = "live")]
    pub(super) fn serving(mut self, page: PageUrl, warning: Option<String>) -> Self {
        if let Opening::Observer(maker) = &mut self.0 {
            (maker.page, maker.warning) = (page, warning);
        }
        self
    }

    /// Nothing, because its keys say so, in these words; told once as a warning.
    pub fn disabled(reason: impl Into<String>) -> Self {
        Self(Opening::Disabled(reason.into()))
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sink(place) => f
                .debug_struct("Sink")
                .field("name", &place.sink.name())
                .field("endpoint", &place.endpoint)
                .finish_non_exhaustive(),
            Self::Observer(_) => f.debug_struct("Observer").finish_non_exhaustive(),
            Self::Disabled(reason) => f.debug_tuple("Disabled").field(reason).finish(),
        }
    }
}
