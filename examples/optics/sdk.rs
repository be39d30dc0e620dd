//! The event SDK, and a driver whose actions are tracked by it.
//!
//! Capturing only puts an event into queues, so no test waits for a server or fails by one.

use serde_json::{Value, json};
use tidings::config::{Config, Started};
use tidings::console::{Console, Mode};
use tidings::{Bus, EventType, RawEmitter};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) struct EventSdk {
    pub(crate) bus: Bus,
    pub(crate) places: Vec<Started>,
    emitter: RawEmitter,
}

impl EventSdk {
    pub(crate) fn open(bus: Bus, places: Vec<Config>) -> Outcome<Self> {
        bus.subscribe(Console::stdout().mode(Mode::Lines).build()).detach();
        let places = places.into_iter().map(|place| place.start_on(bus.clone()));
        let places = places.collect::<Result<_, _>>()?;
        Ok(Self { emitter: bus.raw_emitter("driver", "optics"), bus, places })
    }

    /// Time, test case, application and version come by themselves.
    pub(crate) fn capture_event(&self, name: &str, attributes: Value) {
        let event_type = EventType::foreign(&format!("optics.{name}")).expect("it has a name");
        let _receipt = self.emitter.emit_as(&event_type, attributes);
    }

    pub(crate) fn track_action(&self, action: &str, element: &str, event: &str) {
        self.capture_event(event, json!({ "action_type": action, "element": element }));
    }
}

/// Drives an application of a few screens, which stands in for a real device.
pub(crate) struct Driver<'a> {
    pub(crate) sdk: &'a EventSdk,
    pub(crate) screen: &'static str,
    pub(crate) typed: String,
}

impl Driver<'_> {
    pub(crate) fn press_element(&mut self, element: &str, event: &str) -> Outcome {
        self.act("press_element", element, event)
    }

    /// The text is in no event: it may be a password.
    pub(crate) fn enter_text(&mut self, element: &str, text: &str) -> Outcome {
        text.clone_into(&mut self.typed);
        self.act("enter_text", element, "enter_text")
    }

    fn act(&mut self, action: &str, element: &str, event: &str) -> Outcome {
        self.sdk.track_action(action, element, event);
        self.screen = match (self.screen, action, element) {
            ("Login", "enter_text", "user" | "password") => "Login",
            ("Login", "press_element", "submit") if self.typed == "open sesame" => "Home",
            ("Home", "press_element", "offers") => "Offers",
            ("Offers", "press_element", "back") => "Home",
            (screen, ..) => {
                let reason = format!("{screen} refuses `{element}`");
                let failed = json!({ "action_type": action, "element": element, "reason": reason });
                self.sdk.capture_event("action_failed", failed);
                return Err(reason.into());
            }
        };
        Ok(())
    }
}
