//! What a demo must not leave behind: a file that was delivered twice or is half written, a file of
//! cards that was taken, a sealed copy of cards that nobody needs any more.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::question;
use super::verify::Delivered;
use crate::scene::World;

/// Fails if there is a file besides these where updates are delivered, or any where cards were.
pub(super) fn nothing(world: &World, delivered: &[Delivered]) -> Result<()> {
    let mut found = BTreeSet::new();
    files(&world.updates(), &mut found)?;
    files(&world.vault.directory, &mut found)?;
    for batch in delivered {
        found.remove(&batch.path);
    }
    for given in question::files() {
        files(&world.cards(given.whom), &mut found)?;
    }
    files(&world.path("state/cards"), &mut found)?;
    match found.first() {
        Some(file) => bail!("{} was left over or delivered twice", file.display()),
        None => Ok(()),
    }
}

fn files(directory: &Path, into: &mut BTreeSet<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, into)?;
        } else {
            into.insert(path);
        }
    }
    Ok(())
}
