//! Runs the corpus of every target, and then mutations of it for so many seconds each.
//!
//! ```text
//! cargo run --release --bin replay -- [SECONDS] [TARGET|FILE…] [--seed N]
//! ```
//!
//! A file is run once, by the target whose name is in its path. Each target has a process of
//! its own, so that even a stack overflow of one is told, and keeps the input that broke it in
//! `found/TARGET/`. Ends with 1 if anything was found.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tidings_fuzz::corpus;
use tidings_fuzz::mutate::mutate;
use tidings_fuzz::{TARGETS, Target, find};

/// An input that takes longer hangs.
const INPUT_MAX: Duration = Duration::from_secs(20);

/// What a target's own process is told by.
const CHILD: &str = "TIDINGS_FUZZ_CHILD";

struct Arguments {
    seconds: f64,
    targets: Vec<&'static Target>,
    files: Vec<PathBuf>,
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(fault) => {
            eprintln!("{fault}\nusage: replay [SECONDS] [TARGET|FILE…] [--seed N]");
            return ExitCode::from(2);
        }
    };
    if std::env::var_os(CHILD).is_some() {
        return arguments.run_here();
    }
    println!("seed {}", arguments.seed);
    let mut broken = Vec::new();
    for target in &arguments.targets {
        if !run_apart(target, &arguments) {
            broken.push(target.name);
        }
    }
    if broken.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("broken: {}", broken.join(", "));
    ExitCode::FAILURE
}

impl Arguments {
    fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments =
            Self { seconds: 5.0, targets: Vec::new(), files: Vec::new(), seed: fastrand::u64(..) };
        let mut words = words;
        while let Some(word) = words.next() {
            if let Ok(seconds) = word.parse() {
                arguments.seconds = seconds;
            } else if let Some(target) = find(&word) {
                arguments.targets.push(target);
            } else if word == "--seed" {
                let seed = words.next().and_then(|seed| seed.parse().ok());
                arguments.seed = seed.ok_or("a number is expected after --seed")?;
            } else if Path::new(&word).is_file() {
                let path = PathBuf::from(word);
                let named = |part: &std::ffi::OsStr| find(part.to_str()?);
                let target = path.iter().rev().find_map(named);
                arguments.targets.push(target.ok_or("the path of a file names its target")?);
                arguments.files.push(path);
            } else {
                return Err(format!("`{}` is no target and no file", word.escape_debug()));
            }
        }
        if arguments.targets.is_empty() {
            arguments.targets.extend(TARGETS);
        }
        Ok(arguments)
    }

    fn run_here(&self) -> ExitCode {
        let target = self.targets[0];
        match run(target, self) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(fault) => {
                eprintln!("{}: {fault}", target.name);
                ExitCode::from(2)
            }
        }
    }
}

/// Runs a target in a process of its own; answers whether all went well.
fn run_apart(target: &Target, arguments: &Arguments) -> bool {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut command = Command::new(program);
    command.env(CHILD, "1").args([
        &arguments.seconds.to_string(),
        "--seed",
        &arguments.seed.to_string(),
    ]);
    if arguments.files.is_empty() {
        command.arg(target.name);
    }
    let status = command.args(&arguments.files).status().expect("a program can start itself");
    if status.success() {
        return true;
    }
    let current = corpus::root().join("found").join(target.name).join("current");
    if status.code().is_none()
        && let Ok(input) = fs::read(&current)
    {
        eprintln!("{}: ended by {status}", target.name);
        keep(target, &input);
    }
    false
}

/// Runs the inputs of a target; answers whether none broke it.
fn run(target: &'static Target, arguments: &Arguments) -> std::io::Result<bool> {
    let mut runner = Runner::new(target)?;
    if !arguments.files.is_empty() {
        for file in &arguments.files {
            if !runner.run(&fs::read(file)?) {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let mut inputs = Vec::new();
    for (path, input) in corpus::read(target.name)? {
        if !runner.run(&input) {
            eprintln!("{}: broken by {}", target.name, path.display());
            return Ok(false);
        }
        inputs.push(input);
    }
    let mut rng = Rng::with_seed(arguments.seed);
    let end = Instant::now() + Duration::from_secs_f64(arguments.seconds);
    while Instant::now() < end {
        if !runner.run(&mutate(&mut rng, &inputs, target.words)) {
            return Ok(false);
        }
    }
    println!("{:20} {} inputs of the corpus, {} in all", target.name, inputs.len(), runner.count);
    Ok(true)
}

struct Runner {
    target: &'static Target,
    /// Holds the input that runs, should it end the process.
    current: File,
    count: u64,
}

/// The number of the input that runs; 0 between two of them.
static RUNNING: AtomicU64 = AtomicU64::new(0);

impl Runner {
    fn new(target: &'static Target) -> std::io::Result<Self> {
        let current = File::create(corpus::found(target.name)?.join("current"))?;
        let start = Instant::now();
        std::thread::spawn(move || watch(target, start));
        Ok(Self { target, current, count: 0 })
    }

    /// Runs one input; answers whether it went well.
    fn run(&mut self, input: &[u8]) -> bool {
        self.current
            .set_len(0)
            .and_then(|()| self.current.write_all_at(input, 0))
            .expect("there is room");
        self.count += 1;
        RUNNING.store(self.count, Ordering::Relaxed);
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.target.run)(input)));
        RUNNING.store(0, Ordering::Relaxed);
        if outcome.is_err() {
            keep(self.target, input);
        }
        outcome.is_ok()
    }
}

/// Ends the process if one input takes too long.
fn watch(target: &Target, start: Instant) {
    let mut last = (0, start);
    loop {
        std::thread::park_timeout(Duration::from_millis(200));
        let count = RUNNING.load(Ordering::Relaxed);
        if count != last.0 {
            last = (count, Instant::now());
        } else if count != 0 && last.1.elapsed() > INPUT_MAX {
            eprintln!("{}: an input takes longer than {INPUT_MAX:?}", target.name);
            std::process::abort();
        }
    }
}

/// Keeps an input, and says how to run it again.
fn keep(target: &Target, input: &[u8]) {
    let name = format!("{:08x}", crc32fast::hash(input));
    let path = corpus::found(target.name).expect("there is room").join(name);
    fs::write(&path, input).expect("there is room");
    eprintln!("{}: {} bytes in {}; again:", target.name, input.len(), path.display());
    eprintln!(
        "cargo run --release --manifest-path fuzz/Cargo.toml --bin replay -- {}",
        path.display()
    );
}
