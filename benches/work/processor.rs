//! What the system says about this process: processor time and memory.

use std::fs;
use std::time::Duration;

/// Threads with such a name are servers, whose time is not ours.
pub(crate) const SERVER: &str = "receiver";

/// Processor time of all living threads but the servers; zero where it is not told.
pub(crate) fn time() -> Duration {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let of_task = |task: fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let times = fs::read_to_string(task.path().join("schedstat")).ok()?;
        (!name.starts_with(SERVER)).then(|| times.split(' ').next()?.parse::<u64>().ok())?
    };
    Duration::from_nanos(tasks.flatten().filter_map(of_task).sum())
}

/// Resident memory; 0 where it is not told.
pub(crate) fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
