//! State diagrams of what happened.

use serde_json::json;
use tidings_core::Entity;
use tidings_report::{ENTITIES_FOLLOWED_MAX, KINDS_MAX, STATES_MAX};
use tidings_testrun::{CaseFinished, CaseStarted, Output, Status};

use super::support::{Scene, reduced};

#[test]
fn events_of_an_entity_are_counted_in_their_order_and_output_is_no_state() {
    let scene = Scene::new();
    for name in ["a", "b"] {
        let case = Entity::new("case", name);
        scene.say(&case, CaseStarted::new());
        scene.say(&case, Output::stdout("text"));
        scene.say(&case, CaseFinished::new(Status::Success));
    }
    scene.say(&Entity::new("case", "c"), CaseStarted::new());
    scene.bus.raw_emitter("door", "front").emit("door.opened", json!({})).expect("a door");
    let (_, lifecycles) = reduced(&scene.heard());
    assert_eq!(lifecycles.times("case", "test.case.started", "test.case.finished"), 2);
    assert_eq!(
        scene.json()["lifecycles"],
        json!([
            {
                "kind": "case", "entities": 3, "left_out": 0, "edges": [[1, 0, 2]],
                "states": [
                    { "name": "test.case.finished", "times": 2, "first": 0, "last": 2 },
                    { "name": "test.case.started", "times": 3, "first": 3, "last": 1 },
                ],
            },
            {
                "kind": "door", "entities": 1, "left_out": 0, "edges": [],
                "states": [{ "name": "door.opened", "times": 1, "first": 1, "last": 1 }],
            },
        ])
    );
}

#[test]
fn what_is_beyond_a_limit_is_counted() {
    let scene = Scene::new();
    let emit = |kind: &str, id: &str, name: &str| {
        scene.bus.raw_emitter(kind, id).emit(name, json!({})).expect("an event");
    };
    for number in 0..STATES_MAX + 3 {
        emit("kind_0", "one", &format!("state.s{number}"));
    }
    for number in 1..KINDS_MAX + 2 {
        emit(&format!("kind_{number}"), "one", "it.happened");
    }
    let told = &scene.json()["lifecycles"];
    let told = told.as_array().expect("a list");
    assert_eq!((told[0]["left_out"].as_u64(), told.len()), (Some(3), KINDS_MAX + 1));
    assert_eq!(told[KINDS_MAX]["left_out"], 2);
}

#[test]
fn entities_beyond_the_limit_are_counted_and_the_known_ones_still_followed() {
    let scene = Scene::new();
    let emit = |id: usize, name: &str| {
        let door = scene.bus.raw_emitter("door", &id.to_string());
        door.emit(name, json!({})).expect("a door");
    };
    for id in 0..ENTITIES_FOLLOWED_MAX + 2 {
        emit(id, "door.opened");
    }
    emit(0, "door.closed");
    emit(ENTITIES_FOLLOWED_MAX, "door.closed");
    let (_, lifecycles) = reduced(&scene.heard());
    assert_eq!(lifecycles.times("door", "door.opened", "door.closed"), 1);
    let told = &scene.json()["lifecycles"][0];
    assert_eq!(told["entities"], ENTITIES_FOLLOWED_MAX);
    assert_eq!(told["left_out"], 3);
}
