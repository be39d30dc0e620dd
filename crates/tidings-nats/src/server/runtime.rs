//! The runtime of the client library, on a thread of its own.
//!
//! A call from outside hands a future to that thread and waits for its end, at most so long.
//! That works from any thread, also from one of another runtime.

use std::future::Future;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use super::error::{Kind, NatsError};

/// How long what is under way has when all ends.
const CLOSE_WITHIN: Duration = Duration::from_millis(500);

/// A runtime with one thread. Whatever runs on it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Worker(Option<Runtime>);

impl Worker {
    pub(crate) fn start() -> Result<Self, NatsError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("tidings-nats")
            .enable_all()
            .build();
        let failed = |fault| {
            NatsError::new(Kind::Unreachable, format!("no thread for the connection: {fault}"))
        };
        runtime.map(|runtime| Self(Some(runtime))).map_err(failed)
    }

    /// Runs a future to its end; none when it has not ended within this time, and then it is
    /// ended.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        within: Duration,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = sync_channel(1);
        let task = self.handle().spawn(async move {
            let result = future.await;
            // Whoever waited may have gone.
            drop(sender.send(result));
        });
        match receiver.recv_timeout(within) {
            Ok(result) => Some(result),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                task.abort();
                None
            }
        }
    }

    /// Has a future run beside everything else.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.handle().spawn(future);
    }

    fn handle(&self) -> &Handle {
        self.0.as_ref().expect("it is there until it is dropped").handle()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let Some(runtime) = self.0.take() else { return };
        // A thread that belongs to a runtime must not wait for the end of another one.
        if Handle::try_current().is_ok() {
            runtime.shutdown_background();
        } else {
            runtime.shutdown_timeout(CLOSE_WITHIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_future_that_does_not_end_is_left_in_time() {
        let worker = Worker::start().unwrap();
        let before = Instant::now();
        let ended = worker.run(Duration::from_millis(10), std::future::pending::<()>());
        assert_eq!(ended, None);
        assert!(before.elapsed() < Duration::from_secs(5));
        assert_eq!(worker.run(Duration::from_secs(20), async { 7 }), Some(7));
    }

    #[test]
    fn it_may_be_used_and_dropped_on_a_thread_of_another_runtime() {
        let other = Worker::start().unwrap();
        let seven = other.run(Duration::from_secs(20), async {
            let worker = Worker::start().unwrap();
            worker.run(Duration::from_secs(10), async { 7 })
        });
        assert_eq!(seven, Some(Some(7)));
    }
}
