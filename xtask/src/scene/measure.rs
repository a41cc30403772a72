//! What a program costs, as the kernel counts it.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// Twenty looks a second find a peak that lasts, and cost the daemon nothing.
const EVERY: Duration = Duration::from_millis(50);
/// Linux shows CPU times to programs in hundredths of a second, whatever its own clock.
const TICK: Duration = Duration::from_millis(10);

/// A way to count memory: a field, given in KiB, of a file in `/proc/PID`.
#[derive(Clone, Copy)]
struct Count {
    name: &'static str,
    file: &'static str,
    field: &'static str,
}

/// Pages that are shared count by share.
const PSS: Count = Count {
    name: "PSS",
    file: "smaps_rollup",
    field: "Pss:",
};
/// Pages that are shared count in full.
const RSS: Count = Count {
    name: "RSS",
    file: "status",
    field: "VmRSS:",
};
/// The most that was ever resident, as the kernel noted it.
const MOST_RESIDENT: Count = Count {
    name: "peak RSS",
    file: "status",
    field: "VmHWM:",
};

/// Watches a process from the moment it is idle.
pub(crate) struct Meter {
    pid: u32,
    count: Count,
    idle: u64,
    cpu: Duration,
    peak: Arc<AtomicU64>,
    watch: Watch,
}

/// What a process took since it was idle; memory in bytes.
pub(crate) struct Cost {
    /// How memory is counted.
    pub(crate) counted: &'static str,
    /// Memory while idle.
    pub(crate) idle: u64,
    /// The most that was seen since.
    pub(crate) peak: u64,
    /// The most that was ever resident.
    pub(crate) resident: u64,
    /// CPU time since.
    pub(crate) cpu: Duration,
}

impl Meter {
    /// Starts to watch the process, which is idle now.
    pub(crate) fn start(pid: u32) -> Result<Self> {
        // Only root may look so closely at the daemon, which has made itself not dumpable.
        let count = if PSS.of(pid).is_ok() { PSS } else { RSS };
        let idle = count.of(pid)?;
        let peak = Arc::new(AtomicU64::new(idle));
        Ok(Self {
            pid,
            count,
            idle,
            cpu: cpu(pid)?,
            watch: Watch::start(pid, count, peak.clone()),
            peak,
        })
    }

    /// Ends watching, while the process still runs.
    pub(crate) fn stop(self) -> Result<Cost> {
        self.watch.stop();
        Ok(Cost {
            counted: self.count.name,
            idle: self.idle,
            peak: self.peak.load(Ordering::Relaxed),
            resident: MOST_RESIDENT.of(self.pid)?,
            cpu: cpu(self.pid)?.saturating_sub(self.cpu),
        })
    }
}

/// Runs a program to its end and tells its CPU time.
///
/// # Errors
/// It cannot be started or does not end well.
pub(crate) fn cpu_of_program(command: &mut Command) -> Result<Duration> {
    let mut program = command.spawn().context("cannot start the program")?;
    // A program that has ended keeps its times until it is waited for in earnest.
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(Pid::from_child(&program)), ended)?;
    let cpu = cpu(program.id())?;
    let status = program.wait()?;
    if !status.success() {
        bail!("{} failed: {status}", command.get_program().display());
    }
    Ok(cpu)
}

/// The thread that notes the peak.
struct Watch {
    until: Sender<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    fn start(pid: u32, count: Count, peak: Arc<AtomicU64>) -> Self {
        let (until, stop) = mpsc::channel();
        let thread = thread::spawn(move || {
            while stop.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout)
                && let Ok(now) = count.of(pid)
            {
                peak.fetch_max(now, Ordering::Relaxed);
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

impl Count {
    fn of(self, pid: u32) -> Result<u64> {
        let path = format!("/proc/{pid}/{}", self.file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let kib = text
            .lines()
            .find_map(|line| line.strip_prefix(self.field)?.split_whitespace().next())
            .with_context(|| format!("{path} does not tell the {}", self.name))?;
        Ok(kib.parse::<u64>()? * 1024)
    }
}

/// User and system time of all threads, ended ones too, since the program's start.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
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
