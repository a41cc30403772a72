//! What an operator does to a world: edits a line, starts a daemon that refuses, reads a message.

use serde_json::Value;

use crate::said::Said;
use crate::world::World;

impl World {
    /// Replaces the first line of the configuration that begins so; `WORLD` in the new one stands for
    /// the folder.
    #[track_caller]
    pub fn edit(&self, begins: &str, line: &str) {
        let config = self.config();
        let line = line.replace("WORLD", &self.folder());
        let mut lines: Vec<&str> = config.lines().collect();
        let place = lines.iter().position(|line| line.starts_with(begins));
        lines[place.unwrap_or_else(|| panic!("no line begins with `{begins}`"))] = &line;
        self.set_config(&lines.join("\n"));
    }

    /// Starts a daemon that does not get far, and gives its last words.
    #[track_caller]
    pub fn start_refused(&self) -> Said {
        let mut daemon = self.start();
        let code = daemon.ended().code();
        let words = daemon.log().iter().filter_map(Value::as_str);
        Said {
            code,
            out: String::new(),
            err: words.map(|line| format!("{line}\n")).collect(),
        }
    }

    /// A text with `WORLD` for the folder, whose name is another one every time.
    pub fn neutral(&self, text: &str) -> String {
        text.replace(&self.folder(), "WORLD")
    }

    fn folder(&self) -> String {
        let folder = self.path("");
        folder.to_string_lossy().trim_end_matches('/').to_owned()
    }
}
