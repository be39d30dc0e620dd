//! The derive works in functions, at any visibility, and under another name of the crate.

mod renamed {
    pub(crate) use tidings_core::*;
}

mod inner {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, tidings_derive::State)]
    #[state(crate = "crate::renamed")]
    pub(super) enum Light {
        #[state(initial)]
        #[to(Self::Off, On)]
        On,
        #[to(On)]
        Off,
    }
}

fn main() {
    use tidings_core::state::{State as _, StateMachine};

    #[derive(Debug, Clone, Copy, PartialEq, Eq, tidings_derive::State)]
    #[state(crate = "::tidings_core", name = "test.case")]
    enum Case {
        #[state(initial)]
        #[to(r#Loop)]
        Idle,
        #[to(r#Loop, Done)]
        r#Loop,
        #[terminal]
        #[state(name = "the end")]
        Done,
    }

    assert_eq!(Case::table().name(), "test.case");
    assert_eq!(Case::table().states().collect::<Vec<_>>(), ["idle", "loop", "the end"]);
    assert!(StateMachine::<inner::Light>::new("light").transition(inner::Light::On).is_ok());
    assert_eq!(inner::Light::Off.targets(), [inner::Light::On]);
}
