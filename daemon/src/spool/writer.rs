//! Writing a spool: lines fill a frame on the connector's thread, frames are sealed and written on
//! another.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use reissue_connector_api::{Fault, Kind, Update};
use tracing::Span;

use super::{Counts, Lines, Origin, SpoolDirectory};
use crate::ledger::BatchKey;
use crate::seal::durable::{self, Temporary};
use crate::seal::{Keyring, SealError, SealedWriter};
use crate::sink::file_name;
use crate::space;

/// Updates in a frame: enough that a nonce and a tag cost nothing, few enough to hold in memory.
const FRAME: u32 = 256;
/// A frame's buffer begins with this many bytes, so that it rarely grows.
const FRAME_BYTES: usize = 256 * 1024;
/// A frame of fewer but larger updates is passed on at this size.
const LARGE: usize = 1024 * 1024;
/// Frames that may wait for the sealing thread.
const WAITING: usize = 3;

/// A spool that is being written. Dropped before `finish`, it leaves nothing.
pub struct SpoolWriter {
    path: PathBuf,
    temp: Temporary,
    lines: Lines,
    counts: Counts,
    billable: u64,
    frame: Vec<u8>,
    in_frame: u32,
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    sealing: JoinHandle<Result<(), SealError>>,
}

impl SpoolWriter {
    /// Begins the spool of a batch anew.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn begin(
        directory: &SpoolDirectory,
        batch: &BatchKey,
        origin: Origin,
        keyring: &Arc<Keyring>,
    ) -> Result<Self, SealError> {
        let path = directory.path(batch);
        // Hidden, so that it is no other batch's name, whatever ids a provider invents.
        let temp = path.with_file_name(format!(".{}.part", file_name(&batch.id)));
        durable::make_directory(path.parent().unwrap_or(&path), 0o700)?;
        let writer = SealedWriter::create(&temp, keyring, &directory.place(batch))?;
        let (full, to_seal) = sync_channel::<Vec<u8>>(WAITING);
        let (sealed, empty) = sync_channel(WAITING + 2);
        for _ in 0..=WAITING {
            // The channel holds them all, so this never blocks.
            let _ = sealed.send(Vec::with_capacity(FRAME_BYTES));
        }
        let file = temp.clone();
        let sealing = std::thread::Builder::new()
            .name("seal".into())
            .spawn(in_span(Span::current(), move || {
                seal(&file, writer, &to_seal, &sealed)
            }))
            .map_err(SealError::writing(&temp))?;
        Ok(Self {
            path,
            temp: Temporary::at(temp),
            lines: Lines::of(origin),
            counts: Counts::default(),
            billable: 0,
            frame: Vec::with_capacity(FRAME_BYTES),
            in_frame: 0,
            full,
            empty,
            sealing,
        })
    }

    /// Adds one update. `Err` means that the sealing thread has ended; `finish` says why.
    pub fn add(&mut self, update: &Update<'_>) -> Result<(), SpoolBroken> {
        self.counts.count(
            update.outcome.as_str(),
            update.provider_code,
            update.provider_reason,
        );
        self.billable += u64::from(update.billable == Some(true));
        self.lines
            .write(update, &mut self.frame)
            .map_err(|_| SpoolBroken)?;
        self.in_frame += 1;
        if self.in_frame == FRAME || self.frame.len() > LARGE {
            self.pass_on()?;
        }
        Ok(())
    }

    /// Seals what is left, makes the file durable and gives it its name.
    ///
    /// # Errors
    /// The first failure of the sealing thread.
    pub fn finish(mut self) -> Result<Spooled, SealError> {
        let passed = self.in_frame == 0 || self.pass_on().is_ok();
        drop(self.full);
        let panicked = |_| {
            SealError::writing(self.temp.path())(std::io::Error::other(
                "a defect: the sealing thread panicked",
            ))
        };
        self.sealing.join().map_err(panicked)??;
        debug_assert!(passed, "a sealing thread that ended well took every frame");
        durable::publish(self.temp.path(), &self.path)?;
        Ok(Spooled {
            counts: self.counts,
            billable: self.billable,
        })
    }

    /// The fault after `add` failed.
    pub fn why_broken(self) -> Fault {
        match self.finish() {
            Err(error) => own_disk(&error),
            Ok(_) => Fault::new(Kind::Unreachable, "an update could not be written as JSON"),
        }
    }

    fn pass_on(&mut self) -> Result<(), SpoolBroken> {
        let next = self.empty.recv().map_err(|_| SpoolBroken)?;
        let full = std::mem::replace(&mut self.frame, next);
        self.in_frame = 0;
        self.full.send(full).map_err(|_| SpoolBroken)
    }
}

/// What a finished spool holds.
#[derive(Debug, Default)]
pub struct Spooled {
    /// By outcome and code.
    pub counts: Counts,
    /// How many the provider charges for.
    pub billable: u64,
}

/// A failure of our own disk as a fault. Nothing is wrong with the batch, so it is tried again.
pub fn own_disk(error: &SealError) -> Fault {
    let cause = std::error::Error::source(error).map_or(String::new(), |why| format!(": {why}"));
    Fault::new(Kind::Unreachable, format!("{error}{cause}"))
}

/// The sealing thread has ended early.
#[derive(Debug)]
pub struct SpoolBroken;

fn seal(
    file: &Path,
    mut writer: SealedWriter,
    full: &Receiver<Vec<u8>>,
    empty: &SyncSender<Vec<u8>>,
) -> Result<(), SealError> {
    let _span = tracing::info_span!("seal").entered();
    for mut frame in full {
        space::check(file.parent().unwrap_or(file)).map_err(SealError::writing(file))?;
        writer.write_frame(&mut frame)?;
        // The other side may have left, having nothing more to write.
        let _ = empty.send(frame);
    }
    writer.finish()
}

fn in_span<T>(span: Span, work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    move || span.in_scope(work)
}
