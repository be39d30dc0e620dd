//! The importer: from lines to terms, from terms to events, each on its node.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::Entity;
use tidings_testrun::{ErrorItem, LogFile, Output, OutputStream, RunPlanned, RunStarted};

use crate::found::Found;
use crate::importer::{End, Importer, Line};
use crate::teller::{Teller, Took};

use super::assembler::{Assembler, Piece};
use super::event::CtEvent;
use super::node::Node;
use super::outcome::why_skipped;
use super::reason::failure_of;
use super::stage::Stage;
use super::term::Term;

/// Names of nodes that name nothing: events of users, and a system that is not distributed.
const NO_NODES: [&str; 2] = ["undefined", "nonode@nohost"];

/// Says what the lines of an event handler of Common Test mean.
#[derive(Debug)]
pub(crate) struct CommonTest {
    teller: Teller,
    assembler: Assembler,
    nodes: BTreeMap<NodeName, Node>,
    /// The node that was named last.
    node: NodeName,
    /// The node that the run began on.
    run_node: NodeName,
}

type NodeName = Option<Arc<str>>;

impl CommonTest {
    pub(crate) fn new(run: &str) -> Self {
        Self {
            teller: Teller::new(run),
            assembler: Assembler::default(),
            nodes: BTreeMap::new(),
            node: None,
            run_node: None,
        }
    }

    fn take(&mut self, piece: Piece, is_whole: bool, found: &mut Found) {
        match piece {
            Piece::Term(term, lines) => {
                if self.take_term(&term, found) {
                    (0..lines).for_each(|_| found.count_understood());
                } else {
                    self.foreign(&term.to_string(), is_whole, found);
                }
            }
            Piece::Foreign(text) => self.foreign(&text, is_whole, found),
            Piece::Fault(fault) => found.fault(fault),
        }
    }

    fn foreign(&mut self, text: &str, is_whole: bool, found: &mut Found) {
        let line = if is_whole { Line::whole(text) } else { Line::unfinished(text) };
        self.begin_run(found);
        self.teller.foreign(line, found);
    }

    fn begin_run(&mut self, found: &mut Found) {
        if !self.teller.is_open(&self.teller.run().clone()) {
            self.run_node.clone_from(&self.node);
        }
        self.teller.begin_run(RunStarted::new(), found);
    }

    /// Takes a term; whether it is one of an event handler.
    fn take_term(&mut self, term: &Term, found: &mut Found) -> bool {
        match term.tagged() {
            Some(("event", [name, node, data])) => {
                let (Some(name), Some(node)) = (name.atom(), node.atom()) else { return false };
                match CtEvent::read(name, data) {
                    Ok(event) => self.take_event(event, node, found),
                    Err(fault) => found.fault(fault),
                }
                true
            }
            Some(("event", _)) | None => false,
            Some((name, _)) => name.starts_with("handler_"),
        }
    }

    fn take_event(&mut self, event: CtEvent, node: &str, found: &mut Found) {
        if node != "undefined" {
            self.node = Some(node).filter(|node| !NO_NODES.contains(node)).map(Arc::from);
        }
        self.teller.set_node(self.node.clone());
        self.begin_run(found);
        let own = self.nodes.entry(self.node.clone()).or_default();
        let mut stage = Stage { node: own, teller: &mut self.teller, found };
        match event {
            CtEvent::Announced(place, log) => stage.announced(place, log),
            CtEvent::Started(place) => stage.started(place),
            CtEvent::Done(place, result) => stage.done(place, &result),
            CtEvent::Skipped(place, by, reason) => stage.skipped(place, by, why_skipped(&reason)),
            CtEvent::TestStart { at, directory } => {
                let was_logging = std::mem::take(&mut stage.node.tests.is_logging);
                stage.node.tests.is_testing = true;
                stage.node.tests.began = stage.node.tests.began.or(at);
                if !was_logging {
                    log_to(directory, &mut stage);
                }
            }
            CtEvent::TestDone(at) => {
                stage.leave_suite();
                plan(&mut stage);
                stage.node.tests.is_testing = false;
                stage.node.tests.ended = at;
            }
            CtEvent::StartLogging(directory) => {
                stage.node.tests.is_logging = true;
                log_to(directory, &mut stage);
            }
            CtEvent::StopLogging => stage.node.tests.is_logging = false,
            CtEvent::Cases(cases) => {
                stage.node.plan.add(cases);
                plan(&mut stage);
            }
            CtEvent::SevereError(reason) => {
                let item = ErrorItem::named("severe_error", failure_of(&reason, ""));
                let run = stage.teller.run().clone();
                stage.teller.say(&run, item, stage.found);
            }
            CtEvent::PassedOver => {}
            CtEvent::Other { name, data } => {
                let entity = self.talks_now();
                let text = format!("{name} {data}\n");
                self.teller.say(&entity, Output::new(OutputStream::Log, text), found);
            }
        }
    }

    /// What an event of a user is about: the only case that runs, else the suite, else the run.
    fn talks_now(&mut self) -> Entity {
        let running: usize = self.nodes.values().map(Node::running_count).sum();
        let only = |node: &&Node| running == 1 && node.running_count() == 1;
        let run = self.teller.run().clone();
        if let Some((name, node)) = self.nodes.iter().find(|(_, node)| only(node)) {
            self.teller.set_node(name.clone());
            return node.only_running().map_or(run, |(_, case)| case.clone());
        }
        let suite = self.nodes.get(&self.node).and_then(|node| node.suite.as_ref());
        suite.map_or(run, |suite| self.teller.suite(suite))
    }

    /// How long the tests took, if they were those of one node.
    fn took(&self) -> Option<Duration> {
        let mut timed = self.nodes.values().filter(|node| node.tests.began.is_some());
        let tests = &timed.next()?.tests;
        if timed.next().is_some() {
            return None;
        }
        tests.ended?.since(tests.began?)
    }
}

impl Importer for CommonTest {
    fn line(&mut self, line: Line<'_>, found: &mut Found) {
        if !line.is_whole && is_cut_beginning(line.text) {
            found.fault("the last line was cut off, and is not used");
            return;
        }
        for piece in self.assembler.take(line.text) {
            self.take(piece, line.is_whole, found);
        }
    }

    fn end(&mut self, end: End, found: &mut Found) {
        let pieces = self.assembler.end();
        // The rest of an event that was being read may still come.
        for piece in pieces.into_iter().filter(|_| end != End::Interrupted) {
            self.take(piece, true, found);
        }
        let is_open = |node: &Node| node.tests.is_testing || node.tests.is_logging;
        let is_short = self.nodes.values().any(is_open);
        let is_cut = is_short || self.teller.open_cases() > 0;
        let is_known = !Teller::fault_none_understood("an event of Common Test", found);
        if is_known && is_cut && end != End::Interrupted {
            let missing = if is_short { "its `test_done`" } else { "all its cases ended" };
            self.teller.fault_cut(missing, found);
        }
        for (name, node) in &mut self.nodes {
            self.teller.set_node(name.clone());
            let mut stage = Stage { node, teller: &mut self.teller, found };
            stage.end_waiting("not ended when the stream ended");
            plan(&mut stage);
        }
        let took = Took { at: None, duration: self.took() };
        self.teller.set_node(self.run_node.clone());
        self.teller.end(end, is_cut, took, found);
    }
}

/// Whether an unfinished line is less than the beginning of an event.
fn is_cut_beginning(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && ["{event,", "{handler_"].iter().any(|whole| whole.starts_with(text))
}

fn log_to(directory: Option<String>, stage: &mut Stage<'_>) {
    let Some(directory) = directory else { return };
    let run = stage.teller.run().clone();
    stage.teller.say(&run, LogFile::new(directory), stage.found);
}

/// Says how many cases are planned, as far as that is known and was not said.
fn plan(stage: &mut Stage<'_>) {
    if let Some(count) = stage.node.plan.next() {
        let run = stage.teller.run().clone();
        stage.teller.say(&run, RunPlanned::count(count), stage.found);
    }
}
