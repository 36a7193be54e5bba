//! What the system says of a process. Linux only.

use std::io;
use std::time::Duration;

/// The most memory that this process has had, in KiB.
///
/// # Errors
///
/// When the system does not say it.
pub fn peak_kib() -> io::Result<u64> {
    status("self", "VmHWM:")
}

/// The memory that a process has now, in KiB.
///
/// # Errors
///
/// When there is no such process.
pub fn resident_kib(process: &str) -> io::Result<u64> {
    status(process, "VmRSS:")
}

fn status(process: &str, field: &str) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The processor time that a process has taken, all threads together.
///
/// # Errors
///
/// When there is no such process.
pub fn processor_time(process: u32) -> io::Result<Duration> {
    times(&process.to_string(), 11)
}

/// The processor time of all that this process has started and waited for, and of what those have.
///
/// # Errors
///
/// When the system does not say it.
pub fn children_time() -> io::Result<Duration> {
    times("self", 13)
}

/// Two fields that stand side by side, behind so many.
fn times(process: &str, behind: usize) -> io::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name stands in parentheses and may hold anything; in user mode and in the system are the 12th and
    // the 13th field behind it, those of children come next, all in hundredths of a second.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields);
    let hundredths: u64 = fields
        .into_iter()
        .flat_map(str::split_whitespace)
        .skip(behind)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(Duration::from_millis(hundredths * 10))
}
