//! What the billing system finds in the sink's directory, and whether it is what the provider gave.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::schema::UPDATE;
use crate::world::World;

/// The visible files of a sink, each read to its end.
#[derive(Debug, Default)]
pub struct Delivered {
    /// The updates of each batch, by the provider's id, in the order of its file.
    pub batches: BTreeMap<String, Vec<Value>>,
    /// The files, in the order of their names.
    pub files: Vec<PathBuf>,
    /// Files that no consumer sees, because they begin with a dot.
    pub hidden: Vec<PathBuf>,
}

impl World {
    /// What the sink holds.
    pub fn delivered(&self) -> Delivered {
        let mut delivered = Delivered::default();
        delivered.find(&self.path("updates"));
        delivered
    }

    /// Fails unless the sink holds exactly these batches, complete, and nothing hidden.
    #[track_caller]
    pub fn assert_delivered(&self, batches: &[String]) {
        self.delivered().assert_are(batches, &self.sandbox);
    }
}

impl Delivered {
    /// Takes away what the sink holds, as a consumer does, and adds it to what earlier takes brought.
    ///
    /// # Panics
    /// When a visible file is torn, or a batch comes twice.
    #[track_caller]
    pub fn take(&mut self, world: &World) {
        let had = self.files.len();
        self.hidden.clear();
        self.find(&world.path("updates"));
        for file in &self.files[had..] {
            fs::remove_file(file).unwrap();
        }
    }

    /// Fails unless these are exactly these batches, complete, and nothing is hidden.
    #[track_caller]
    pub fn assert_are(&self, batches: &[String], sandbox: &Sandbox) {
        let mut wanted: Vec<_> = batches.iter().collect();
        wanted.sort();
        assert_eq!(self.batches.keys().collect::<Vec<_>>(), wanted);
        assert_eq!(self.hidden, Vec::<PathBuf>::new());
        self.assert_complete(sandbox);
    }

    /// Fails unless each batch has all its updates, once, in the report's order.
    #[track_caller]
    pub fn assert_complete(&self, sandbox: &Sandbox) {
        for (batch, updates) in &self.batches {
            assert_complete(batch, updates, sandbox);
        }
    }

    #[track_caller]
    fn find(&mut self, directory: &Path) {
        let Ok(entries) = fs::read_dir(directory) else {
            return;
        };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy();
            if path.is_dir() {
                self.find(&path);
            } else if name.starts_with('.') {
                self.hidden.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                self.add(path, &text);
            }
        }
    }

    /// Adds a file's text.
    ///
    /// # Panics
    /// When it is torn, breaks the published schema, mixes batches, or brings one that another file has brought.
    #[track_caller]
    pub fn add(&mut self, path: PathBuf, text: &str) {
        assert!(text.ends_with('\n'), "{} is torn or empty", path.display());
        let updates: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
        let updates = updates.unwrap_or_else(|why| panic!("{} is torn: {why}", path.display()));
        for update in &updates {
            UPDATE.assert_fits(update, &path.display());
        }
        let batch = updates[0]["batch"].as_str().unwrap().to_owned();
        let mixed = updates.iter().find(|update| update["batch"] != batch);
        assert_eq!(mixed, None, "{} is of two batches", path.display());
        let before = self.batches.insert(batch, updates);
        assert!(before.is_none(), "{} came twice", path.display());
        self.files.push(path);
    }
}

/// Fails unless the updates are all of a batch's, each once, in the report's order.
#[track_caller]
fn assert_complete(batch: &str, updates: &[Value], sandbox: &Sandbox) {
    let records = sandbox.records(batch);
    assert_eq!(updates.len(), records.len(), "updates of batch {batch}");
    for (position, (update, record)) in updates.iter().zip(&records).enumerate() {
        let given = [
            &update["record"],
            &update["old"]["token"],
            &update["provider_code"],
            &update["provider_reason"],
        ];
        // Without an id of the provider's the position stands in.
        let id = record.get("id").cloned();
        let id = id.unwrap_or_else(|| json!((position + 1).to_string()));
        let wanted = [
            &id,
            &record["token"],
            &record["response"],
            &record["reason"],
        ];
        assert_eq!(given, wanted, "update {position} of batch {batch}");
    }
    let mut outcomes = BTreeMap::<&str, u64>::new();
    for update in updates {
        let outcome = update["outcome"].as_str().unwrap();
        *outcomes.entry(outcome).or_default() += 1;
    }
    let expected = &sandbox.expected(batch)["outcomes"];
    assert_eq!(&json!(outcomes), expected, "outcomes of batch {batch}");
}
