//! What the daemon costs, as the kernel counts it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

/// Twenty looks a second find a peak that lasts, and cost the daemon nothing.
const EVERY: Duration = Duration::from_millis(50);
/// Linux shows CPU times to programs in hundredths of a second, whatever its own clock.
const TICK: Duration = Duration::from_millis(10);

/// Watches a process from the moment it is idle.
pub(super) struct Meter {
    pid: u32,
    idle: u64,
    cpu: Duration,
    peak: Arc<AtomicU64>,
    watch: Watch,
}

/// What a process took since it was idle.
pub(super) struct Cost {
    /// Memory in bytes while idle, shared pages by share (PSS).
    pub(super) idle: u64,
    /// The most of it that was seen since.
    pub(super) peak: u64,
    /// The most that was ever resident, shared pages in full, as the kernel noted it.
    pub(super) resident: u64,
    /// CPU time since.
    pub(super) cpu: Duration,
}

impl Meter {
    /// Starts to watch the process, which is idle now.
    pub(super) fn start(pid: u32) -> Result<Self> {
        let idle = pss(pid)?;
        let peak = Arc::new(AtomicU64::new(idle));
        Ok(Self {
            pid,
            idle,
            cpu: cpu(pid)?,
            watch: Watch::start(pid, peak.clone()),
            peak,
        })
    }

    /// Ends watching, while the process still runs.
    pub(super) fn stop(self) -> Result<Cost> {
        self.watch.stop();
        Ok(Cost {
            idle: self.idle,
            peak: self.peak.load(Ordering::Relaxed),
            resident: kib("status", "VmHWM:", self.pid)?,
            cpu: cpu(self.pid)?.saturating_sub(self.cpu),
        })
    }
}

/// The thread that notes the peak.
struct Watch {
    until: Sender<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    fn start(pid: u32, peak: Arc<AtomicU64>) -> Self {
        let (until, stop) = mpsc::channel();
        let thread = thread::spawn(move || {
            while stop.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout)
                && let Ok(pss) = pss(pid)
            {
                peak.fetch_max(pss, Ordering::Relaxed);
            }
        });
        Self { until, thread }
    }

    fn stop(self) {
        drop(self.until);
        // A thread that only reads numbers has nothing to say if it panicked.
        let _ = self.thread.join();
    }
}

fn pss(pid: u32) -> Result<u64> {
    kib("smaps_rollup", "Pss:", pid)
}

/// A field of a file in `/proc/PID` that is given in KiB, in bytes.
fn kib(file: &str, field: &str, pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/{file}");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(field)?.split_whitespace().next())
        .with_context(|| format!("{path} has no {field}"))?;
    Ok(value.parse::<u64>()? * 1024)
}

/// User and system time of all threads, ended ones too.
fn cpu(pid: u32) -> Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    // The name in parentheses may hold anything; utime and stime are fields 14 and 15, the first
    // after the name is 3.
    let (_, fields) = text.rsplit_once(')').context("/proc/PID/stat names it")?;
    let ticks: u32 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u32>)
        .sum::<Result<_, _>>()?;
    Ok(TICK * ticks)
}
