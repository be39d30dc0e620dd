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
    pub(crate) memory: Memory,
}

/// What is left of what an observer was given when its process has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Nothing: it shows what it was given since it was made.
    Rebuilt,
    /// All of it.
    Lasting,
}

/// Where a browser finds what an observer serves, once it is made; never set for most.
pub(crate) type PageUrl = Arc<OnceLock<String>>;

/// A sink, and what it shares with others.
pub(crate) struct Place {
    /// What the sink calls itself.
    name: String,
    pub(crate) making: Making,
    pub(crate) endpoint: Option<String>,
}

/// A sink, or what makes one when its bus is there.
pub(crate) enum Making {
    Made(Box<dyn Sink>),
    OnBus(Box<StartSink>),
}

/// A sink that is made when its bus is there.
pub(crate) type StartSink = dyn FnOnce(&Bus) -> Result<Box<dyn Sink>, OpenError> + Send;

impl Place {
    fn of(sink: impl Sink, endpoint: Option<String>) -> Self {
        Self { name: sink.name(), making: Making::Made(Box::new(sink)), endpoint }
    }
}

impl Opened {
    /// Takes batches to a place that can fail; a delivery with the keys of deliveries is put
    /// in front of it.
    pub fn sink(sink: impl Sink) -> Self {
        Self(Opening::Sink(Place::of(sink, None)))
    }

    /// As [`sink`](Self::sink), to an endpoint that other sinks may share, like
    /// `https://splunk.example:8088`: when it asks one of them for a pause, all of them
    /// pause.
    pub fn sink_at(endpoint: impl Into<String>, sink: impl Sink) -> Self {
        Self(Opening::Sink(Place::of(sink, Some(endpoint.into()))))
    }

    /// As [`sink`](Self::sink), of one that has to know its bus. `start` is called when that
    /// is there; a fault that can be found before belongs into
    /// [`ObserverKind::open`](crate::ObserverKind::open).
    pub fn sink_on<S: Sink>(
        name: impl Into<String>,
        start: impl FnOnce(&Bus) -> Result<S, OpenError> + Send + 'static,
    ) -> Self {
        let start = Box::new(move |bus: &Bus| {
            let sink: Box<dyn Sink> = Box::new(start(bus)?);
            Ok(sink)
        });
        let making = Making::OnBus(start);
        Self(Opening::Sink(Place { name: name.into(), making, endpoint: None }))
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
        let memory = Memory::Rebuilt;
        Self(Opening::Observer(Maker { start, interest, warning, page, memory }))
    }

    /// Says that what an observer was given is still there when its process has ended, as it
    /// is in a file that is continued. It is then not given the past again:
    /// see [`Config::start_views_on`](crate::Config::start_views_on). Of a sink that holds
    /// anyway.
    #[must_use]
    pub fn lasting(mut self) -> Self {
        if let Opening::Observer(maker) = &mut self.0 {
            maker.memory = Memory::Lasting;
        }
        self
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
                .field("name", &place.name)
                .field("endpoint", &place.endpoint)
                .finish_non_exhaustive(),
            Self::Observer(_) => f.debug_struct("Observer").finish_non_exhaustive(),
            Self::Disabled(reason) => f.debug_tuple("Disabled").field(reason).finish(),
        }
    }
}
