//! Values and handles go wherever a thread goes.

use std::sync::Arc;

use tidings_core::json::Canonical;
use tidings_core::state::{Coverage, Protocol, StateMachine, StateName, Table, Transition};
use tidings_core::wire::Received;
use tidings_core::{
    Attributes, BusId, ContentId, Context, DecodeError, Emitter, Entity, Envelope, EventId,
    EventType, Head, Interest, Lane, ManualClock, Prefix, RawEmitter, RawJson, RawPayload, Receipt,
    Scope, SystemClock, Timestamp, TypeTable,
};

use crate::support::Work;

/// Compiles only for what may be shared by threads and sent to another.
fn shared<T: Send + Sync + 'static>() -> &'static str {
    std::any::type_name::<T>()
}

#[test]
fn every_value_and_handle_can_be_shared_and_sent() {
    let types = [
        shared::<Attributes>(),
        shared::<Arc<Envelope>>(),
        shared::<Arc<Envelope<Work>>>(),
        shared::<BusId>(),
        shared::<Canonical>(),
        shared::<ContentId>(),
        shared::<Context>(),
        shared::<Coverage>(),
        shared::<DecodeError>(),
        shared::<Emitter<Work>>(),
        shared::<Entity>(),
        shared::<EventId>(),
        shared::<EventType>(),
        shared::<Head>(),
        shared::<Interest>(),
        shared::<Lane>(),
        shared::<ManualClock>(),
        shared::<Prefix>(),
        shared::<Protocol<Entity, StateName>>(),
        shared::<RawEmitter>(),
        shared::<RawJson>(),
        shared::<RawPayload>(),
        shared::<Receipt>(),
        shared::<Received>(),
        shared::<Scope>(),
        shared::<StateMachine<StateName>>(),
        shared::<SystemClock>(),
        shared::<Table>(),
        shared::<Timestamp>(),
        shared::<Transition<StateName>>(),
        shared::<TypeTable>(),
    ];
    let mut once = types.to_vec();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), types.len(), "{types:?}");
}
