//! Children: one test of this program again, in a folder and under limits that its parent chose.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FOLDER: &str = "TIDINGS_CRASH_FOLDER";
/// What the lines of a child begin with; a test runner writes to the same output.
const MARK: char = '#';

/// The folder of this process, if it is a child.
pub(crate) fn folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// This test again as a child.
pub(crate) fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    run_test(&mut command, test, folder);
    command
}

/// This test again as a child of a shell, which does something first: `ulimit -n 64 &&`.
#[cfg(unix)]
pub(crate) fn child_after(shell: &[&str], first: &str, test: &str, folder: &Path) -> Command {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", &format!("{first} exec \"$@\""), "sh"]);
    command.arg(env::current_exe().expect("this program has a path"));
    run_test(&mut command, test, folder);
    command
}

fn run_test(command: &mut Command, test: &str, folder: &Path) {
    let options = ["--exact", test, "--nocapture", "--test-threads=1"];
    command.args(options).env(FOLDER, folder).stdin(Stdio::null());
}

/// Waits for a child that is to end well; answers what it said.
#[cfg(unix)]
pub(crate) fn finished(mut command: Command) -> Vec<String> {
    let std::process::Output { status, stdout, stderr } =
        command.output().expect("the child starts");
    let (said, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{status}\n{said}\n{stderr}");
    said.lines().filter_map(heard).map(str::to_owned).collect()
}

/// What a child said, if this line is of the child.
pub(crate) fn heard(line: &str) -> Option<&str> {
    line.strip_prefix(MARK)
}

/// Says one line to the parent, in one piece. When it is gone, so is the reason to go on.
pub(crate) fn say(line: &str) {
    let text = format!("\n{MARK}{line}\n");
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).expect("the parent listens");
}
