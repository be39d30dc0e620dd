//! The command line: commands, their arguments, and the help that is printed for them.
//!
//! What is wrong with a value is said here, before anything is opened.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tidings_report::{LISTEN_DEFAULT, Listen};

/// How long an observer may take nothing before nobody waits for it any more.
const STALL_TIMEOUT_DEFAULT_S: &str = "60";

const EXIT_STATUS: &str = "\
Exit status:
  0  everything was read and delivered, or is sound
  1  something was not delivered, a line could not be read, a stream broke off, or a journal is
     not sound; with `--fail-on-failure` also when anything failed; standard error says what
  2  the command line or the configuration is wrong, or a file cannot be opened; nothing was read
  130, 143
     interrupted by Ctrl-C (SIGINT) or by SIGTERM; the report says what became of what was read

The first signal ends the reading; what was read is delivered or goes to spools within the close
timeout, and the report is written. A second signal ends the command at once.";

const REPLAY_EXAMPLES: &str = "\
Example: deliver a night's journals to where the configuration says
  tidings replay night-1.jsonl night-2.jsonl --config splunk.toml --report report.json

An event keeps its id, time, run, node and entity, so a receiver can tell a repeat. The queues
of the configuration do not overflow in a replay: it waits for the slowest observer. Ctrl-C ends
it with the line that is being read, says which, and delivers and reports what was read.";

const IMPORT_EXAMPLES: &str = "\
Examples: watch a run of Go tests; deliver a run of pytest and fail as it does
  go test -json ./... | tidings import --from go-test-json
  pytest --report-log=run.jsonl; tidings import --from pytest-reportlog run.jsonl \\
      --config splunk.toml --summary-json summary.json --fail-on-failure
Follow a growing journal; deliver once more what was set aside
  tail -n +1 -F run.jsonl | tidings import --from cloudevents --config live.toml
  tidings import --from cloudevents dead/splunk.jsonl --config splunk.toml

Each line is dispatched when it is read. A line that cannot be read is counted and told, and does
not stop those after it; what builds and tests print between the lines of a runner is kept as
output of the run. Totals are counted from tests only. A stream that ends before its run does is
told, and its open cases are aborted. Ctrl-C ends the reading; what was read is still delivered
and reported.

The `reason` of a dead letter is passed over. A file of dead letters stays as it was: remove it
when its import ended with 0. With a configuration that names the same file as `dead_letter`, what
is refused again is appended to it again. What waits in spools is delivered by `tidings drain`.";

const DRAIN_EXAMPLES: &str = "\
Example: deliver what an outage left in the spools, now that the place is back
  tidings drain --config splunk.toml --close-timeout 60 --report report.json

The observers of the configuration are started, nothing is read, and the end is when all spools
are empty, or at the close timeout: what is left by then stays in its spool, and the exit status
is 1. The events were counted by the report of the run that left them; here `complete` says
whether the spools are empty. Start it when no test run uses the same spools.";

const SUMMARY_EXAMPLES: &str = "\
Examples: what became of last night's run; the same for a program, failing as the run did
  tidings summary night.jsonl
  tidings summary night-1.jsonl night-2.jsonl --json --fail-on-failure

Several journals are one summary: the nodes of a run, or one after the other. The totals are those
of the console, of JUnit files and of the page, as all are counted by the same reducer.";

const REPORT_EXAMPLES: &str = "\
Example: one page to keep, to mail or to look at from a CI's artifacts
  tidings report night.jsonl -o night.html

The page is one file and needs no network. Several journals are one page.";

const LIVE_EXAMPLES: &str = "\
Examples: watch a run that writes a journal; watch a run of pytest in a browser
  tidings live run.jsonl
  pytest --report-log=/dev/stdout | tidings live --from pytest-reportlog -

A file is followed while it grows. Whoever comes late sees everything from the beginning, and a
browser that was cut off gets what it missed. Ctrl-C ends it with status 0. There is no password:
an address beyond this machine lets everybody there look on.";

const VERIFY_EXAMPLES: &str = "\
Example: check that a journal is what was written, all of it and once
  tidings verify run.jsonl

A last line that was never finished is a warning: a killed process leaves one. A file that does
not begin with a header is not sound and ends with status 1, an empty one too: `no header`.";

const MASTER_EXAMPLES: &str = "\
Examples: gather what three nodes report into one console, one JUnit file, one log
  tidings master nats://lab:4222 --config master.toml --log nightly.jsonl --run nightly --nodes 3
  NATS_PASSWORD=… tidings master tls://lab:4222 --user master --password-env NATS_PASSWORD \\
      --config master.toml --log all.jsonl --stay

Events keep their id, run, node, time and entity, so an observer here shows what it would show on
the node. The nodes have an observer of kind `nats` with the same root. A node that is silent for
three of its heartbeats is told as lost, and what ran there is aborted; it may come back.

It ends when the runs of all nodes have ended, nothing more is in the stream, and all of it is
safe; or with Ctrl-C. Then start it again with the same `--log` and `--durable`, as after a crash:
it goes on where it was. The log has each event once. Consoles, JUnit files and live pages show
all of it again from the log; journals, http, splunk and nats get what they may not have, from the
place that is kept beside the log in `LOG.checkpoint`, so some events may reach them twice. A log
is that of one run, or of one `--stay`: take another one, and another durable name, for the next.

Exit status 1 says that an event of a node never came, a message was no event, an observer did not
get everything, or that something could not be confirmed and would come again.";

const TAIL_EXAMPLES: &str = "\
Examples: look on; look at failures from the start of what the server keeps, as JSON
  tidings tail nats://lab:4222
  tidings tail nats://lab-1:4222,nats://lab-2:4222 --interest test.case.finished --from start \\
      --format json | jq 'select(.data.status == \"failure\")'

Nothing is changed on the server, and no master is disturbed. Ctrl-C ends it with status 0, and so
does a reader that goes away.";

/// Imports, replays, delivers, relays, sums up and shows the events of test runs.
#[derive(Debug, Parser)]
#[command(name = "tidings", version, after_help = EXIT_STATUS, arg_required_else_help = true)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sends the events of journals to the observers of a configuration
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
    /// Sends events from a file or standard input to the observers of a configuration
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Delivers what waits in the spools of a configuration
    #[command(after_help = DRAIN_EXAMPLES)]
    Drain(ObserversArgs),
    /// Says how a recorded run went
    #[command(after_help = SUMMARY_EXAMPLES)]
    Summary(SummaryArgs),
    /// Writes the page of a recorded run
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// Serves the page of a run while it goes on
    #[command(after_help = LIVE_EXAMPLES)]
    Live(LiveArgs),
    /// Gathers the events of many nodes from a NATS server, for the observers of a configuration
    #[command(after_help = MASTER_EXAMPLES)]
    Master(MasterArgs),
    /// Prints the events of many nodes from a NATS server as they come
    #[command(after_help = TAIL_EXAMPLES)]
    Tail(TailArgs),
    /// Says whether journals are what was written, all of it and once
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
}

/// The arguments of `replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Journals, replayed one after the other
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) delivering: DeliveringArgs,
}

/// The arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// File to read, or `-` for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
    /// What the lines are
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Format,
    /// TOML or JSON file that names the observers; without one, a console on standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) summary: SummaryJsonArgs,
    #[command(flatten)]
    pub(crate) stalling: StallingArgs,
    #[command(flatten)]
    pub(crate) ending: EndingArgs,
}

/// The arguments of `summary`.
#[derive(Debug, Args)]
pub(crate) struct SummaryArgs {
    /// Journals, together one summary
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    /// Print the summary as JSON instead of text, as `--summary-json -` does
    #[arg(long, conflicts_with = "summary_json")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) summary: SummaryJsonArgs,
}

/// The arguments of `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Journals, together one page
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    /// HTML file to write, or `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// The arguments of `live`.
#[derive(Debug, Args)]
pub(crate) struct LiveArgs {
    /// File to follow, or `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What the lines are
    #[arg(long, value_name = "FORMAT", default_value = "cloudevents")]
    pub(crate) from: Format,
    /// Where to listen, as `host:port`; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN_DEFAULT)]
    pub(crate) listen: Listen,
}

/// What `import`, `master` and `summary` make of the summary of a run.
#[derive(Debug, Args)]
pub(crate) struct SummaryJsonArgs {
    /// Write the summary of the run as one JSON object, to a file or with `-` to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) summary_json: Option<PathBuf>,
    /// End with status 1 when anything failed
    #[arg(long)]
    pub(crate) fail_on_failure: bool,
}

/// The arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Journals to check
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    /// Print the findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The arguments of `master`.
#[derive(Debug, Args)]
pub(crate) struct MasterArgs {
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    /// Journal of everything that came; one that is there is continued
    #[arg(long, value_name = "FILE")]
    pub(crate) log: PathBuf,
    /// Name under which the server keeps how far reading got
    ///
    /// Letters, digits, `-` and `_`. Each master of a stream has one of its own.
    #[arg(long, value_name = "NAME", default_value = "tidings-master")]
    pub(crate) durable: String,
    /// How many nodes there are: it does not end before a run of each has ended
    #[arg(long, value_name = "NUMBER", default_value_t = 1, conflicts_with = "stay",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) nodes: u32,
    /// Stay when the runs have ended, until Ctrl-C, which then ends it with status 0
    #[arg(long)]
    pub(crate) stay: bool,
    #[command(flatten)]
    pub(crate) summary: SummaryJsonArgs,
    #[command(flatten)]
    pub(crate) delivering: DeliveringArgs,
}

/// The arguments of `tail`.
#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    /// Print events below this prefix only, such as `test.case`; `!prefix` leaves out
    #[arg(long, value_name = "PREFIX")]
    pub(crate) interest: Vec<String>,
    /// Where to begin
    #[arg(long, value_name = "PLACE", default_value = "now")]
    pub(crate) from: Place,
    /// How to print an event
    #[arg(long, value_name = "FORMAT", default_value = "lines")]
    pub(crate) format: TailFormat,
}

/// Where `tail` begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Place {
    /// With the first event that the server has
    Start,
    /// With what comes from now on
    Now,
}

/// How `tail` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailFormat {
    /// A line for people
    Lines,
    /// CloudEvents, one a line
    Json,
}

/// Where a NATS server is, who one is there, and what of it counts.
#[derive(Debug, Args)]
pub(crate) struct NatsArgs {
    /// Servers, as `nats://host:port`, or `tls://` to demand TLS; of one cluster with commas
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// What subjects begin with, as the nodes have it
    #[arg(long, value_name = "ROOT", default_value = tidings_nats::ROOT_DEFAULT)]
    pub(crate) root: String,
    /// The stream, where it is not called like the root
    #[arg(long, value_name = "NAME")]
    pub(crate) stream: Option<String>,
    /// Take this run only
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// User to log in, with its password
    #[arg(long, value_name = "NAME", group = "login", requires = "password",
          help_heading = LOGIN)]
    pub(crate) user: Option<String>,
    /// Variable of the environment that has the password
    #[arg(long, value_name = "VARIABLE", group = "password", requires = "user",
          help_heading = LOGIN)]
    pub(crate) password_env: Option<String>,
    /// File that has the password and nothing else
    #[arg(long, value_name = "FILE", group = "password", requires = "user",
          help_heading = LOGIN)]
    pub(crate) password_file: Option<PathBuf>,
    /// Variable of the environment that has the token
    #[arg(long, value_name = "VARIABLE", group = "login", help_heading = LOGIN)]
    pub(crate) token_env: Option<String>,
    /// File that has the token and nothing else
    #[arg(long, value_name = "FILE", group = "login", help_heading = LOGIN)]
    pub(crate) token_file: Option<PathBuf>,
    /// Credentials file, as `nsc` writes it
    #[arg(long, value_name = "FILE", group = "login", help_heading = LOGIN)]
    pub(crate) credentials_file: Option<PathBuf>,
    /// PEM file of the authorities that are trusted, and no others
    #[arg(long, value_name = "FILE", help_heading = LOGIN)]
    pub(crate) ca_file: Option<PathBuf>,
    /// PEM file of a certificate to show to the server
    #[arg(long, value_name = "FILE", requires = "client_key_file", help_heading = LOGIN)]
    pub(crate) client_certificate_file: Option<PathBuf>,
    /// PEM file of its key
    #[arg(long, value_name = "FILE", requires = "client_certificate_file",
          help_heading = LOGIN)]
    pub(crate) client_key_file: Option<PathBuf>,
    /// Refuse a connection without TLS
    #[arg(long, help_heading = LOGIN)]
    pub(crate) require_tls: bool,
}

/// The heading of how to log in.
const LOGIN: &str = "Logging in";

/// What every command that reads and delivers can be told.
#[derive(Debug, Args)]
pub(crate) struct DeliveringArgs {
    #[command(flatten)]
    pub(crate) observers: ObserversArgs,
    #[command(flatten)]
    pub(crate) stalling: StallingArgs,
}

/// What every command that reads can be told of slow observers.
#[derive(Debug, Args)]
pub(crate) struct StallingArgs {
    /// How long to wait for an observer that takes nothing before reading on
    ///
    /// From then on its queue overflows as the configuration says: into the spool, or events
    /// are dropped, counted and reported. It is waited for again once it takes events.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true,
          default_value = STALL_TIMEOUT_DEFAULT_S)]
    pub(crate) stall_timeout: Duration,
}

/// What every command that delivers can be told.
#[derive(Debug, Args)]
pub(crate) struct ObserversArgs {
    /// TOML or JSON file that names the observers
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    #[command(flatten)]
    pub(crate) ending: EndingArgs,
}

/// What every command that delivers can be told of its end.
#[derive(Debug, Args)]
pub(crate) struct EndingArgs {
    /// Write what became of every event as JSON, to a file or with `-` to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// How long the end may take without an event getting through, such as 0.5
    ///
    /// It is waited for as long as events get through; when none has for this long, the rest
    /// goes to spools, and what has none is reported as not delivered. After Ctrl-C it is the
    /// longest that the end takes. Overrides `close_timeout_s` of the configuration.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) close_timeout: Option<Duration>,
}

/// What can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// CloudEvents of Tidings: journals, dead letters, bodies of HTTP batches
    #[value(name = "cloudevents")]
    CloudEvents,
    /// libtest and nextest: `cargo nextest run --message-format libtest-json`
    #[value(name = "libtest-json")]
    LibtestJson,
    /// `go test -json`
    #[value(name = "go-test-json")]
    GoTestJson,
    /// pytest: `pytest --report-log=FILE`
    #[value(name = "pytest-reportlog")]
    PytestReportlog,
    /// Erlang's Common Test: events of an event handler, one term a line
    #[value(name = "common-test")]
    CommonTest,
}

/// Reads a number of seconds, with fractions.
fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "a number of seconds is expected".to_owned())?;
    if number < 0.0 {
        return Err("a time cannot be negative".to_owned());
    }
    Duration::try_from_secs_f64(number)
        .map_err(|_| "a number of seconds is expected, such as 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_put_together_well() {
        <CommandLine as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn seconds_have_fractions_and_are_neither_negative_nor_endless() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        for wrong in ["-1", "NaN", "inf", "1e300", "", "5s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_negative_time_is_told_as_such() {
        let line = ["tidings", "replay", "a", "--config", "c", "--close-timeout", "-1"];
        let fault = CommandLine::try_parse_from(line).expect_err("negative").to_string();
        assert!(fault.contains("a time cannot be negative"), "{fault}");
    }
}
