//! A child: for each line of its input, a URL, it fetches that page and answers with a line,
//! the event that ends the job. It has no bus, so that nothing it has said dies with it.

use std::error::Error;
use std::io::{self, BufRead as _, Write as _};
use std::time::{Duration, Instant};
use std::{fs, process};

use tidings::testrun::Attachment;
use ureq::Agent;

use crate::Options;
use crate::events::PoolEvent;

/// Works until the pool has no more for it.
pub(crate) fn work(options: &Options) -> Result<process::ExitCode, Box<dyn Error>> {
    let timeout = Duration::from_millis(options.timeout_ms);
    let config = Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false);
    let agent = config.build().new_agent();
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let start = Instant::now();
        let ending = match fetch(&agent, &serde_json::from_str::<String>(&line?)?) {
            Ok(title) => PoolEvent::JobFinish { title, timetaken: start.elapsed().as_secs_f64() },
            Err((error, page)) => match screenshot(options, number, &page) {
                Ok(shot) => PoolEvent::JobError { error, screenshot: Some(shot) },
                Err(fault) => return Err(format!("{error}; no screenshot: {fault}").into()),
            },
        };
        writeln!(io::stdout(), "{}", serde_json::to_string(&ending)?)?;
    }
    Ok(process::ExitCode::SUCCESS)
}

/// The job: returns the title of a page, or why it is no good and what there is of it.
fn fetch(agent: &Agent, url: &str) -> Result<String, (String, Vec<u8>)> {
    let no_page = |fault: ureq::Error| (fault.to_string(), Vec::new());
    let mut response = agent.get(url).call().map_err(no_page)?;
    let page = response.body_mut().read_to_vec().map_err(no_page)?;
    let text = String::from_utf8_lossy(&page);
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    match title.filter(|_| response.status().is_success()) {
        Some((title, _)) => Ok(title.to_owned()),
        None => Err((format!("no page with a title: {}", response.status()), page)),
    }
}

/// The page as it came, there being no browser to take a picture of: in the event when it is
/// small, else in a file.
fn screenshot(options: &Options, number: usize, page: &[u8]) -> io::Result<Attachment> {
    let shot = Attachment::inline("screenshot", page).or_else(|_| {
        fs::create_dir_all(&options.screenshots)?;
        let path = options.screenshots.join(format!("{}-{number}.html", process::id()));
        fs::write(&path, page)?;
        io::Result::Ok(Attachment::path("screenshot", path.to_string_lossy()))
    });
    Ok(shot?.with_media_type("text/html"))
}
