//! Scopes: attributes of everything that this thread emits while a guard lives.
//!
//! A scope belongs to a thread, not to a bus. It is carried into another thread or a
//! future by capturing it there and entering it here.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use super::Attributes;

thread_local! {
    /// The key of the innermost scope, 0 outside; read once per event.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
    static STACK: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// A scope on the stack of its thread.
struct Entered {
    /// Which guard ends it.
    guard: u64,
    /// Equal keys, equal attributes, on every thread.
    key: u64,
    own: Attributes,
    /// Its own on top of those of the scopes around it.
    merged: Attributes,
}

/// Keys and the numbers of guards; neither is used twice.
fn next_id() -> u64 {
    static NEXT_ID: AtomicU64 = AtomicU64::new(1);
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

/// Attributes that can be entered on any thread.
///
/// ```
/// use tidings_core::{Attributes, Scope};
///
/// let _case = Scope::new(Attributes::new().with("testCaseName", "login")).enter();
/// let scope = Scope::capture();
/// std::thread::spawn(move || {
///     let _same = scope.enter();
///     assert_eq!(Scope::capture().attributes().text("testCaseName"), Some("login"));
/// })
/// .join()
/// .unwrap();
/// ```
#[derive(Clone, Default)]
pub struct Scope {
    attributes: Attributes,
    /// Of these attributes when nothing is around them.
    key: u64,
}

impl Scope {
    /// A scope with these attributes.
    pub fn new(attributes: Attributes) -> Self {
        let key = if attributes.is_empty() { 0 } else { next_id() };
        Self { attributes, key }
    }

    /// All that is in scope on this thread now.
    pub fn capture() -> Self {
        Self { attributes: current_attributes(), key: current_key() }
    }

    /// What the scope adds.
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Adds the attributes, on top of what is in scope, to all that this thread emits
    /// until the guard is dropped.
    ///
    /// Guards may be dropped in any order, each ends its own scope only.
    pub fn enter(&self) -> ScopeGuard {
        let guard = next_id();
        // While a thread is torn down there is no place for a scope, nor a need for one.
        let entered = STACK.try_with(|stack| {
            let mut stack = stack.borrow_mut();
            let (key, merged) = on_top_of(stack.last(), self);
            stack.push(Entered { guard, key, own: self.attributes.clone(), merged });
            key
        });
        if let Ok(key) = entered {
            CURRENT.set(key);
        }
        ScopeGuard { guard, not_send: PhantomData }
    }

    /// Enters the scope whenever the future is polled.
    pub fn wrap<F: Future>(self, future: F) -> Scoped<F> {
        Scoped { scope: self, future: Box::pin(future) }
    }
}

/// Key and attributes of a scope inside of another.
///
/// A key is made only where the attributes are new: a future that enters its scope at
/// every poll has the same key each time.
fn on_top_of(outer: Option<&Entered>, scope: &Scope) -> (u64, Attributes) {
    match outer {
        Some(outer) if scope.key == 0 => (outer.key, outer.merged.clone()),
        Some(outer) if outer.key != 0 => (next_id(), outer.merged.merged(&scope.attributes)),
        _ => (scope.key, scope.attributes.clone()),
    }
}

/// Says for one thread at one time which attributes are in scope: equal keys, equal
/// attributes. It is 0 when there are none.
#[inline]
pub(crate) fn current_key() -> u64 {
    CURRENT.try_with(Cell::get).unwrap_or(0)
}

/// All attributes in scope on this thread.
pub(crate) fn current_attributes() -> Attributes {
    STACK
        .try_with(|stack| stack.borrow().last().map(|inner| inner.merged.clone()))
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// Ends its scope when dropped, on the thread that entered it.
#[must_use = "the scope ends when the guard is dropped"]
#[derive(Debug)]
pub struct ScopeGuard {
    guard: u64,
    not_send: PhantomData<*const ()>,
}

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        let ended = STACK.try_with(|stack| {
            let mut stack = stack.borrow_mut();
            let place = stack.iter().rposition(|entry| entry.guard == self.guard);
            let removed = place.map(|place| {
                let ended = stack.remove(place);
                settle(&mut stack, place);
                ended
            });
            (removed, stack.last().map_or(0, |entry| entry.key))
        });
        if let Ok((_removed, innermost)) = ended {
            CURRENT.set(innermost);
        }
    }
}

/// Takes what an ended scope added out of those that were entered inside of it.
fn settle(stack: &mut [Entered], from: usize) {
    for place in from..stack.len() {
        let (outer, inner) = stack.split_at_mut(place);
        let own = Scope::new(inner[0].own.clone());
        (inner[0].key, inner[0].merged) = on_top_of(outer.last(), &own);
    }
}

/// A future in whose polls a scope is entered; see [`Scope::wrap`].
#[must_use = "a future does nothing until it is polled"]
pub struct Scoped<F> {
    scope: Scope,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = self.scope.enter();
        self.future.as_mut().poll(context)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.attributes).finish()
    }
}

impl<F> fmt::Debug for Scoped<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scoped").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn text(name: &str) -> Option<String> {
        current_attributes().text(name).map(str::to_owned)
    }

    #[test]
    fn an_inner_scope_wins_and_ends_with_its_guard() {
        let _outer = Scope::new(Attributes::new().with("a", "1").with("b", "1")).enter();
        {
            let _inner = Scope::new(Attributes::new().with("a", "2")).enter();
            assert_eq!((text("a"), text("b")), (Some("2".into()), Some("1".into())));
        }
        assert_eq!(text("a"), Some("1".into()));
    }

    #[test]
    fn guards_dropped_out_of_order_end_their_own_scope() {
        let outer = Scope::new(Attributes::new().with("a", "1").with("b", "1")).enter();
        let middle = Scope::new(Attributes::new().with("b", "2")).enter();
        let inner = Scope::new(Attributes::new().with("c", "3")).enter();
        drop(outer);
        let seen = (text("a"), text("b"), text("c"));
        assert_eq!(seen, (None, Some("2".into()), Some("3".into())));
        drop(middle);
        let seen = (text("a"), text("b"), text("c"));
        assert_eq!(seen, (None, None, Some("3".into())));
        drop(inner);
        assert_eq!((text("c"), current_key()), (None, 0));
    }

    #[test]
    fn a_key_is_never_that_of_other_attributes() {
        let scope = |name: &str| Scope::new(Attributes::new().with(name, 1));
        let (first, second) = (scope("a"), scope("b"));
        let mut seen: Vec<(u64, Attributes)> = Vec::new();
        let mut look = || seen.push((current_key(), current_attributes()));
        look();
        let outer = first.enter();
        look();
        let inner = second.enter();
        look();
        drop(outer);
        look();
        let again = first.enter();
        look();
        drop((inner, again));
        look();
        let _alone = second.enter();
        look();
        for (key, attributes) in &seen {
            for (other_key, other) in &seen {
                assert!(key != other_key || attributes == other, "{seen:?}");
            }
        }
        assert_eq!(seen[5], (0, Attributes::new()));
    }

    #[test]
    fn a_scope_that_is_entered_again_has_its_key_again() {
        let scope = Scope::new(Attributes::new().with("a", 1));
        let key = || {
            let _entered = scope.enter();
            current_key()
        };
        let first = key();
        assert_eq!(key(), first);
        let captured = {
            let _entered = scope.enter();
            Scope::capture()
        };
        assert_eq!(captured.key, first);
        let _entered = scope.enter();
        let _nothing_more = Scope::default().enter();
        assert_eq!(current_key(), first);
    }

    #[test]
    fn a_panic_ends_the_scopes_it_unwinds() {
        let outer = Scope::new(Attributes::new().with("a", "1")).enter();
        let caught = std::panic::catch_unwind(|| {
            let _inner = Scope::new(Attributes::new().with("a", "2")).enter();
            std::panic::resume_unwind(Box::new("unwinds without a message"));
        });
        assert!(caught.is_err());
        assert_eq!(text("a"), Some("1".into()));
        drop(outer);
        assert_eq!(current_key(), 0);
    }

    #[test]
    fn a_captured_scope_is_entered_on_another_thread_and_leaves_this_one_alone() {
        let outer = Scope::new(Attributes::new().with("case", "t1")).enter();
        let captured = Scope::capture();
        drop(outer);
        let seen = std::thread::spawn(move || {
            let before = text("case");
            let _entered = captured.enter();
            (before, text("case"))
        });
        let seen = seen.join().expect("the thread ends");
        assert_eq!(seen, (None, Some("t1".to_owned())));
        assert_eq!(text("case"), None);
    }

    #[test]
    fn a_wrapped_future_is_in_scope_only_while_it_is_polled() {
        let scope = Scope::new(Attributes::new().with("case", "t1"));
        let mut future = Box::pin(scope.wrap(async { text("case") }));
        assert_eq!(text("case"), None);
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(Some("t1".to_owned())));
        assert_eq!(text("case"), None);
    }
}
