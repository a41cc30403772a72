//! What is set up so that something can be watched or measured: a sandbox that plays the provider, a
//! daemon, and the folder in which both live. All of them real, in release, on this machine alone.

mod asks;
mod children;
mod interrupt;
mod measure;
mod merchant;
mod programs;
mod provider;
mod reissue;
mod vault;
mod world;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

pub(crate) use self::asks::{Answers, Asks};
use self::children::Child;
use self::interrupt::Interrupt;
pub(crate) use self::measure::{Cost, Meter, cpu, cpu_of_program};
use self::programs::{Floors, Programs};
pub(crate) use self::provider::{Expected, Made, Order, Past, Provider, Received};
use self::reissue::Readiness;
pub(crate) use self::reissue::{Batch, Reissue};
pub(crate) use self::world::{ACCOUNT, Schedule, World};

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A provider, and a daemon that is ready.
pub(crate) struct Scene<'w> {
    pub(crate) world: &'w World,
    pub(crate) provider: Provider,
    pub(crate) reissue: Reissue,
    /// The programs that do the same work with none of the care.
    pub(crate) floors: Floors,
    daemon: Child,
    sandbox: Child,
    interrupt: &'w Interrupt,
}

/// Sets a scene, plays it, and clears it away.
///
/// # Errors
/// What went wrong and where to look, or that someone interrupted.
pub(crate) fn play(
    schedules: &[Schedule],
    act: impl FnOnce(&mut Scene<'_>) -> Result<()>,
) -> Result<()> {
    let programs = Programs::build()?;
    let interrupt = Interrupt::watch()?;
    let world = World::new(&programs.connectors)?;
    let played = Scene::set(programs, &world, &interrupt, schedules).and_then(|mut scene| {
        act(&mut scene)?;
        scene.end()
    });
    match played {
        Err(error) if !interrupt.raised() => bail!(
            "{error:#}; logs and all files are kept in {}",
            world.keep().display()
        ),
        played => {
            let removed = world.remove();
            played.and(removed)
        }
    }
}

impl<'w> Scene<'w> {
    fn set(
        programs: Programs,
        world: &'w World,
        interrupt: &'w Interrupt,
        schedules: &[Schedule],
    ) -> Result<Self> {
        let (provider, sandbox) = Provider::start(&programs.sandbox, world)?;
        world.configure(provider.url(), schedules)?;
        let reissue = Reissue::new(programs.reissue, world);
        reissue.make_keys()?;
        let (daemon, readiness) = reissue.daemon(world)?;
        let mut scene = Self {
            world,
            provider,
            reissue,
            floors: programs.floors,
            daemon,
            sandbox,
            interrupt,
        };
        scene.wait_for_daemon(&readiness)?;
        Ok(scene)
    }

    /// The daemon's process id.
    pub(crate) fn daemon(&self) -> u32 {
        self.daemon.pid()
    }

    /// Ends the daemon and starts it again.
    pub(crate) fn restart_daemon(&mut self) -> Result<()> {
        self.daemon.stop()?;
        let (daemon, readiness) = self.reissue.daemon(self.world)?;
        self.daemon = daemon;
        self.wait_for_daemon(&readiness)
    }

    /// Looks again and again until there is something, for `limit` at most.
    ///
    /// # Errors
    /// The look failed, a program ended, someone interrupted, or it took too long.
    pub(crate) fn wait_for<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut look: impl FnMut(&Self) -> Result<Option<T>>,
    ) -> Result<T> {
        let began = Instant::now();
        loop {
            self.check()
                .with_context(|| format!("while waiting for {what}"))?;
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            if began.elapsed() > limit {
                bail!("{what} took more than {} seconds", limit.as_secs());
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Lets it go on for a while.
    ///
    /// # Errors
    /// A program ended, or someone interrupted.
    pub(crate) fn go_on(&mut self, so_long: Duration) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < so_long {
            self.check()?;
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Lets it go on until someone interrupts.
    ///
    /// # Errors
    /// A program ended.
    pub(crate) fn go_on_until_interrupted(&mut self) -> Result<()> {
        loop {
            match self.check() {
                Err(_) if self.interrupt.raised() => return Ok(()),
                checked => checked?,
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn wait_for_daemon(&mut self, readiness: &Readiness) -> Result<()> {
        while !readiness.is_given()? {
            self.check()?;
        }
        Ok(())
    }

    /// Ends both, the daemon first: it may be talking to the other.
    fn end(mut self) -> Result<()> {
        self.daemon.stop()?;
        self.sandbox.stop()
    }

    /// Fails if a program ended by itself, or if someone interrupted.
    pub(crate) fn check(&mut self) -> Result<()> {
        if self.interrupt.raised() {
            bail!("interrupted");
        }
        self.daemon.check()?;
        self.sandbox.check()
    }
}
