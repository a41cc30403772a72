//! Updates of a batch for people: full card numbers never leave here.

use std::io::Write;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State as Shared};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;

use super::refusal::Refusal;
use super::request::UpdatesOf;
use super::server::Face;
use crate::ledger::BatchKey;
use crate::seal::{Keyring, SealError, SealedReader};
use crate::spool::{SpoolDirectory, without_pan};

/// The masked updates of a batch, as lines, while they are read.
pub(super) async fn updates(
    Shared(face): Shared<Face>,
    Query(wanted): Query<UpdatesOf>,
) -> Result<Response, Refusal> {
    let key: BatchKey = wanted.batch.parse().map_err(Refusal::bad_request)?;
    let context = &face.context;
    let spool = spool_of(&key, wanted.aside, &context.state, &context.keyring)
        .map_err(|error| Refusal::not_found(error.to_string()))?;
    let (sender, lines) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let mut out = std::io::BufWriter::with_capacity(64 * 1024, Pipe(sender));
        if let Err(error) = write_masked(spool, &mut out) {
            // The body breaks off without its end, which the reader notices.
            tracing::error!(batch = %key, %error, "The spool cannot be read.");
            out.into_parts()
                .0
                .0
                .blocking_send(Err(std::io::Error::other("broken")))
                .ok();
        }
    });
    let body = Body::from_stream(futures_util::stream::unfold(lines, |mut lines| async {
        let piece: std::io::Result<Bytes> = lines.recv().await?;
        Some((piece, lines))
    }));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// A writer into an HTTP body.
struct Pipe(mpsc::Sender<std::io::Result<Bytes>>);

impl std::io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        match self.0.blocking_send(Ok(piece)) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Opens the spool of a batch, or of what is set aside of it.
///
/// # Errors
/// When the file is missing, damaged, or was sealed as something else.
pub fn spool_of(
    batch: &BatchKey,
    aside: bool,
    state: &Path,
    keyring: &Keyring,
) -> Result<SealedReader, SealError> {
    let directory = match aside {
        false => SpoolDirectory::of(state),
        true => SpoolDirectory::aside(state),
    };
    directory.open(batch, keyring)
}

/// Writes the lines of a spool with every full card number replaced by its mask.
///
/// # Errors
/// When the spool cannot be opened to its end, or nobody reads any more.
pub fn write_masked(
    mut spool: SealedReader,
    out: &mut impl Write,
) -> Result<std::io::Result<()>, SealError> {
    while let Some(frame) = spool.next_frame()? {
        for line in frame.split_inclusive(|byte| *byte == b'\n') {
            let written = out.write_all(&without_pan(line));
            if written.is_err() {
                return Ok(written);
            }
        }
    }
    Ok(out.flush())
}
