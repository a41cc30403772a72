//! Staging: each `.so` in the connector directories is copied under a name that carries its
//! content's hash, and the copy is loaded.
//!
//! Why: overwriting a mapped file kills the process, and opening the same path again returns the old
//! code (both measured). A copy that nobody overwrites, under a name that changes with the content,
//! solves both. Under systemd root stages into a directory that the service user cannot write.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use serde::Serialize;

use crate::seal::durable;

/// A library that may be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Staged {
    /// The operator's file.
    pub source: PathBuf,
    /// The copy.
    pub copy: PathBuf,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

/// A library that may not be loaded, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The operator's file or directory.
    pub source: PathBuf,
    /// One sentence: what is wrong and what to do.
    pub why: String,
}

/// Copies every `.so` of the directories into `into`, and reports those that may not be loaded.
pub fn stage(directories: &[PathBuf], into: &Path) -> (Vec<Staged>, Vec<Refused>) {
    if let Err(error) = durable::make_directory(into, 0o755) {
        let refused = Refused {
            source: into.to_owned(),
            why: format!("cannot be made, so nothing is staged: {error}"),
        };
        return (Vec::new(), vec![refused]);
    }
    each(directories, |source| stage_one(source, into))
}

/// Removes copies from `directory` that are not among the staged ones. A daemon that has one of them
/// mapped keeps it: only the name goes.
///
/// # Errors
/// What the file system says.
pub fn forget_others(directory: &Path, staged: &[Staged]) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let ours = path.extension().is_some_and(|extension| extension == "so");
        if ours && !staged.iter().any(|one| one.copy == path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The libraries of the directories as they lie there: for a directory that root has staged into,
/// and for commands that end before anybody could overwrite a file.
pub fn in_place(directories: &[PathBuf]) -> (Vec<Staged>, Vec<Refused>) {
    each(directories, |source| {
        check(&source)?;
        Ok(Staged {
            copy: source.clone(),
            sha256: sha256(&read(&source)?),
            source,
        })
    })
}

fn each(
    directories: &[PathBuf],
    with: impl Fn(PathBuf) -> Result<Staged, String>,
) -> (Vec<Staged>, Vec<Refused>) {
    let (mut staged, mut refused) = (Vec::new(), Vec::new());
    for directory in directories {
        match libraries(directory) {
            Ok(libraries) => {
                for source in libraries {
                    match with(source.clone()) {
                        Ok(one) => staged.push(one),
                        Err(why) => refused.push(Refused { source, why }),
                    }
                }
            }
            Err(why) => refused.push(Refused {
                source: directory.clone(),
                why,
            }),
        }
    }
    (staged, refused)
}

fn libraries(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(directory)
        .map_err(|error| format!("cannot be read as a connector directory: {error}"))?;
    let mut libraries: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "so"))
        .collect();
    libraries.sort();
    Ok(libraries)
}

fn stage_one(source: PathBuf, into: &Path) -> Result<Staged, String> {
    check(&source)?;
    let content = read(&source)?;
    let sha256 = sha256(&content);
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let copy = into.join(format!("{stem}-{}.so", &sha256[..16]));
    copy_to(&copy, &content)
        .map_err(|error| format!("cannot be staged as {}: {error}", copy.display()))?;
    Ok(Staged {
        source,
        copy,
        sha256,
    })
}

/// Only files that nobody but root or we could have written, in directories likewise: a connector
/// is trusted code.
fn check(path: &Path) -> Result<(), String> {
    let metadata =
        fs::symlink_metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is no regular file; a connector is loaded from a file of its own".into());
    }
    let whole = fs::canonicalize(path).map_err(|error| format!("cannot be read: {error}"))?;
    for place in whole.ancestors() {
        let metadata = fs::metadata(place)
            .map_err(|error| format!("{} cannot be read: {error}", place.display()))?;
        let owner = metadata.uid();
        if owner != 0 && owner != rustix::process::geteuid().as_raw() {
            return Err(format!(
                "is not safe from others: {} belongs to user {owner}, and a connector is loaded \
                 only where root or the daemon's own user owns file and directories: chown root {0}",
                place.display()
            ));
        }
        // In a sticky directory, such as /tmp, others cannot replace what is not theirs.
        let sticky = metadata.is_dir() && metadata.mode() & 0o1000 != 0;
        if metadata.mode() & 0o022 != 0 && !sticky {
            return Err(format!(
                "is not safe from others: {} can be written by group or others, and nobody but \
                 its owner may change a connector: chmod go-w {0}",
                place.display()
            ));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot be read: {error}"))
}

fn copy_to(copy: &Path, content: &[u8]) -> std::io::Result<()> {
    if fs::read(copy).is_ok_and(|there| there == content) {
        return Ok(());
    }
    let directory = copy.parent().unwrap_or(Path::new("/"));
    let temp = copy.with_extension("part");
    match fs::remove_file(&temp) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options().write(true).create_new(true).open(&temp)?;
    file.write_all(content)?;
    // Root stages for another user, whatever root's umask.
    file.set_permissions(fs::Permissions::from_mode(0o555))?;
    file.sync_all()?;
    fs::rename(&temp, copy)?;
    File::open(directory)?.sync_all()
}

fn sha256(content: &[u8]) -> String {
    digest::digest(&digest::SHA256, content)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
