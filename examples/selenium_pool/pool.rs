//! The pool: for each child a thread that hands it one job after the other, and says so.
//! Whatever becomes of a child, each of its jobs ends with an event, and so does the child.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::iter::{from_fn, once};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{env, thread};

use tidings::Emitter;

use crate::events::PoolEvent;

/// Its number, and the URL of its page.
type Job = (usize, String);

/// Fetches all pages, with so many children at a time.
pub(crate) fn run(emitter: &Emitter<PoolEvent>, urls: Vec<String>, children: u8) {
    emitter.emit(PoolEvent::PoolStart { children, jobs: urls.len() });
    let jobs = Mutex::new(urls.into_iter().enumerate());
    let take = &|| jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for number in 0..children {
            let emitter = emitter.child("child", &number.to_string()).with("childID", number);
            // In place of a child that was lost comes another.
            scope.spawn(move || from_fn(take).for_each(|job| work(&emitter, job, take)));
        }
    });
    emitter.emit(PoolEvent::PoolStop);
}

/// Has a child do this job, and others until there are none or it gives no answer.
fn work(emitter: &Emitter<PoolEvent>, job: Job, take: impl Fn() -> Option<Job>) {
    let mut child = match spawn() {
        Ok(child) => child,
        Err(fault) => return fail(emitter, job, format!("no child: {fault}")),
    };
    let emitter = emitter.with("pid", child.id());
    emitter.emit(PoolEvent::NewChild);
    let mut input = child.stdin.take().expect("it is piped");
    let mut answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let lost = once(job).chain(from_fn(take)).find(|(number, url)| {
        let job = emitter.child("job", &number.to_string());
        job.emit(PoolEvent::JobStart { url: url.clone() });
        writeln!(input, "{}", serde_json::json!(url)).ok(); // A child that is gone gives no answer.
        let answer = answers.next().and_then(|line| serde_json::from_str(&line.ok()?).ok());
        answer.map(|ending| job.emit(ending)).is_none()
    });
    drop(input); // The child reads to the end of it.
    let status = child.wait().map_or_else(|fault| fault.to_string(), |status| status.to_string());
    if let Some(job) = lost {
        fail(&emitter, job, format!("its child ended: {status}"));
    }
    emitter.emit(PoolEvent::EndChild { status });
}

/// Starts this program again, as a child.
fn spawn() -> io::Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("--child").args(env::args_os().skip(1));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

fn fail(child: &Emitter<PoolEvent>, (number, _): Job, error: String) {
    let job = child.child("job", &number.to_string());
    job.emit(PoolEvent::JobError { error, screenshot: None });
}
