//! What the billing system finds in the sink's directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The visible files of a sink, each read to its end.
#[derive(Debug, Default)]
pub struct Delivered {
    /// The updates of each batch, by the provider's id, in the order of its file.
    pub batches: BTreeMap<String, Vec<Value>>,
    /// The files.
    pub files: Vec<PathBuf>,
    /// Files that no consumer sees, because they begin with a dot.
    pub hidden: Vec<PathBuf>,
}

impl Delivered {
    /// Reads everything below a directory.
    ///
    /// # Panics
    /// When a visible file is torn, mixes batches, or holds a batch that another file has.
    pub fn read(directory: &Path) -> Self {
        let mut delivered = Self::default();
        delivered.add(directory);
        delivered
    }

    fn add(&mut self, directory: &Path) {
        let Ok(entries) = fs::read_dir(directory) else {
            return;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            if path.is_dir() {
                self.add(&path);
            } else if name.starts_with('.') {
                self.hidden.push(path);
            } else {
                self.add_file(path);
            }
        }
    }

    fn add_file(&mut self, path: PathBuf) {
        let updates = updates(&path);
        let batch = updates[0]["batch"].as_str().unwrap().to_owned();
        let account = updates[0]["account"].as_str().unwrap().to_owned();
        for update in &updates {
            assert_eq!(update["batch"], batch, "{}", path.display());
            assert_eq!(update["account"], account, "{}", path.display());
        }
        let twice = self.batches.insert(batch, updates).is_some();
        assert!(!twice, "{} is a batch's second file", path.display());
        self.files.push(path);
    }
}

/// The updates of one file.
///
/// # Panics
/// When it is torn.
fn updates(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'), "{} is torn or empty", path.display());
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .unwrap_or_else(|why| panic!("{} is torn: {why}", path.display()))
}
