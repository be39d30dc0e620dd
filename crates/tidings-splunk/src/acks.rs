//! The book of batches that Splunk has accepted and not yet confirmed.
//!
//! Pure: the time comes in. A batch leaves the book when Splunk says that it is indexed, or
//! to be sent again: when its time is over, or when nobody could tell any more what its id
//! stands for. Nothing else, a poll that fails least of all, makes a batch delivered.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The batches that wait for their confirmation, the oldest first.
#[derive(Debug)]
pub(crate) struct AckBook {
    timeout: Duration,
    waiting: Vec<Waiting>,
    /// The highest id that this count of the server has come to.
    highest: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Waiting {
    ack: u64,
    batch: u64,
    since: Instant,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Splunk says that it is indexed.
    Indexed,
    /// Splunk did not say so in time.
    TimedOut,
    /// Splunk counts its ids anew, so that this one says nothing any more.
    Forgotten,
    /// Splunk confirms nothing any more.
    Unknowable,
}

impl AckBook {
    /// An empty book; a batch waits for at most `timeout`.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, waiting: Vec::new(), highest: None }
    }

    /// Notes that `batch` is confirmed by the id `ack`; answers which batches can no longer
    /// be confirmed.
    ///
    /// Ids of a channel only grow. One that does not is the first of a server that has
    /// started again: it does not know the earlier batches, and the ids of those would soon
    /// confirm others.
    pub(crate) fn note(&mut self, ack: u64, batch: u64, now: Instant) -> Vec<(u64, Fate)> {
        let forgotten = match self.highest {
            Some(highest) if ack <= highest => self.give_up(Fate::Forgotten),
            _ => Vec::new(),
        };
        self.highest = Some(ack);
        self.waiting.push(Waiting { ack, batch, since: now });
        forgotten
    }

    /// The ids to ask for.
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.waiting.iter().map(|waiting| waiting.ack).collect()
    }

    /// Takes the answers of a poll, if there are any, and answers what became of batches.
    pub(crate) fn settle(
        &mut self,
        answers: &BTreeMap<u64, bool>,
        now: Instant,
    ) -> Vec<(u64, Fate)> {
        let mut fates = Vec::new();
        self.waiting.retain(|waiting| {
            let fate = if answers.get(&waiting.ack) == Some(&true) {
                Fate::Indexed
            } else if now.saturating_duration_since(waiting.since) >= self.timeout {
                Fate::TimedOut
            } else {
                return true;
            };
            fates.push((waiting.batch, fate));
            false
        });
        fates
    }

    /// Empties the book.
    pub(crate) fn give_up(&mut self, fate: Fate) -> Vec<(u64, Fate)> {
        self.waiting.drain(..).map(|waiting| (waiting.batch, fate)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TIMEOUT: Duration = Duration::from_mins(2);
    const NONE: BTreeMap<u64, bool> = BTreeMap::new();

    #[test]
    fn a_batch_is_delivered_when_its_id_is_answered_true() {
        let (mut book, now) = (AckBook::new(TIMEOUT), Instant::now());
        assert_eq!(book.note(0, 10, now), []);
        assert_eq!(book.note(1, 11, now), []);
        assert_eq!(book.ids(), [0, 1]);
        let answers = BTreeMap::from([(0, false), (1, true), (7, true)]);
        assert_eq!(book.settle(&answers, now), [(11, Fate::Indexed)]);
        assert_eq!(book.ids(), [0]);
    }

    #[test]
    fn a_batch_that_is_never_confirmed_is_sent_again_when_its_time_is_over() {
        let (mut book, now) = (AckBook::new(TIMEOUT), Instant::now());
        assert_eq!(book.note(0, 10, now), []);
        let nearly = now + TIMEOUT.saturating_sub(Duration::from_nanos(1));
        assert_eq!(book.settle(&BTreeMap::from([(0, false)]), nearly), []);
        assert_eq!(book.settle(&NONE, now + TIMEOUT), [(10, Fate::TimedOut)]);
        assert_eq!(book.settle(&BTreeMap::from([(0, true)]), now + TIMEOUT), []);
    }

    #[test]
    fn a_late_confirmation_counts_more_than_the_clock() {
        let (mut book, now) = (AckBook::new(TIMEOUT), Instant::now());
        assert_eq!(book.note(0, 10, now), []);
        let answers = BTreeMap::from([(0, true)]);
        assert_eq!(book.settle(&answers, now + 2 * TIMEOUT), [(10, Fate::Indexed)]);
    }

    #[test]
    fn a_server_that_counts_anew_confirms_no_earlier_batch() {
        let (mut book, now) = (AckBook::new(TIMEOUT), Instant::now());
        assert_eq!(book.note(5, 10, now), []);
        assert_eq!(book.note(6, 11, now), []);
        let forgotten = [(10, Fate::Forgotten), (11, Fate::Forgotten)];
        assert_eq!(book.note(0, 12, now), forgotten);
        let answers = BTreeMap::from([(0, true), (5, true), (6, true)]);
        assert_eq!(book.settle(&answers, now), [(12, Fate::Indexed)]);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Send { restarted: bool },
        Poll { indexed: u64 },
        Wait { seconds: u64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..10_u8).prop_map(|n| Step::Send { restarted: n == 0 }),
            any::<u64>().prop_map(|indexed| Step::Poll { indexed }),
            (0..200_u64).prop_map(|seconds| Step::Wait { seconds }),
        ]
    }

    proptest! {
        /// A server that indexes some requests, forgets all of them when it starts again, and
        /// tells each only once.
        #[test]
        fn each_batch_has_one_fate_and_is_delivered_only_if_it_was_indexed(
            steps in prop::collection::vec(step(), 1..80)
        ) {
            let mut book = AckBook::new(TIMEOUT);
            let mut now = Instant::now();
            let mut server: Vec<u64> = Vec::new();
            let mut fates: BTreeMap<u64, Fate> = BTreeMap::new();
            let mut indexed_batches = Vec::new();
            let mut sent = 0;
            for step in steps {
                let settled = match step {
                    Step::Send { restarted } => {
                        if restarted {
                            server.clear();
                        }
                        server.push(sent);
                        sent += 1;
                        book.note(server.len() as u64 - 1, sent - 1, now)
                    }
                    Step::Poll { indexed } => {
                        let answers = book.ids().into_iter().map(|id| {
                            let batch = usize::try_from(id).ok().and_then(|id| server.get(id));
                            let told = batch.is_some() && indexed >> (id % 64) & 1 == 1;
                            indexed_batches.extend(batch.filter(|_| told));
                            (id, told)
                        });
                        let answers = answers.collect();
                        book.settle(&answers, now)
                    }
                    Step::Wait { seconds } => {
                        now += Duration::from_secs(seconds);
                        book.settle(&NONE, now)
                    }
                };
                for (batch, fate) in settled {
                    prop_assert_eq!(fates.insert(batch, fate), None, "batch {} twice", batch);
                    let indexed = indexed_batches.contains(&batch);
                    prop_assert_eq!(fate == Fate::Indexed, indexed, "batch {}", batch);
                }
            }
            for (batch, fate) in book.settle(&NONE, now + TIMEOUT) {
                prop_assert_eq!(fate, Fate::TimedOut);
                prop_assert_eq!(fates.insert(batch, fate), None);
            }
            prop_assert_eq!(fates.len() as u64, sent);
        }
    }
}
