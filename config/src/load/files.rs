//! The files: `reissue.toml` and `conf.d/*.toml` beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::place::Place;
use crate::problem::{Problem, Problems};
use crate::sources::Sources;
use crate::why::why;

/// Reads all files. One that cannot be read is there with an empty text, so that a problem can
/// still name it.
pub(super) fn read(main: &Path) -> (Arc<Sources>, Problems) {
    let mut sources = Sources::default();
    let mut refusals = Vec::new();
    refusals.extend(read_one(main, &mut sources));
    let dir = main.with_file_name("conf.d");
    match parts(&dir) {
        Ok(paths) => refusals.extend(paths.iter().filter_map(|part| read_one(part, &mut sources))),
        Err(error) => {
            let at = sources.add(&dir, String::new());
            refusals.push((
                at,
                format!("this directory cannot be read: {}", why(&error)),
            ));
        }
    }

    let sources = Arc::new(sources);
    let mut problems = Problems::default();
    for (at, message) in refusals {
        let problem = Problem::new(Place::new(&sources, at..at), message);
        let is_main = at == 0 && sources.at(at).text.is_empty();
        problems.push(match is_main {
            true => problem.help("name the configuration with `-c PATH`"),
            false => problem,
        });
    }
    (sources, problems)
}

/// Adds one file. What is wrong with it, and where in all the texts.
fn read_one(path: &Path, sources: &mut Sources) -> Option<(usize, String)> {
    match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => {
            sources.add(path, text);
            None
        }
        Ok(Err(error)) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let at = sources.add(path, text) + valid;
            Some((at, "this is not UTF-8, and TOML is always UTF-8".to_owned()))
        }
        Err(error) => {
            let at = sources.add(path, String::new());
            Some((at, format!("this file cannot be read: {}", why(&error))))
        }
    }
}

/// The parts in `conf.d`, by name. A missing directory has none; hidden files and the leavings of
/// editors and packages (`.bak`, `.dpkg-dist`) are no parts.
fn parts(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        let path = dir.join(name);
        if !is_hidden
            && path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
