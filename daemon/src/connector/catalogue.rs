//! Every connector that was found, by the name in its manifest.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use reissue_connector_api::Manifest;
use reissue_connector_api::abi::host::Loaded;

use super::load::load;
use super::stage::{Refused, Staged};

/// A loaded connector.
#[derive(Debug)]
pub struct Connector {
    /// Where its code came from.
    pub staged: Staged,
    /// Its table.
    pub loaded: Loaded,
}

impl Connector {
    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.loaded.description().manifest
    }
}

/// The connectors of one generation of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// By name.
    pub connectors: BTreeMap<&'static str, Arc<Connector>>,
    /// What was found and is not used, with the reason.
    pub refused: Vec<Refused>,
}

/// Libraries that this process has loaded, by content: one that is found again is the same code.
static LOADED: Mutex<BTreeMap<String, Arc<Connector>>> = Mutex::new(BTreeMap::new());

impl Catalogue {
    /// Loads staged libraries.
    pub fn load(staged: Vec<Staged>, refused: Vec<Refused>) -> Self {
        let mut catalogue = Self {
            refused,
            ..Self::default()
        };
        for one in staged {
            let source = one.source.clone();
            match load_once(one) {
                Ok(connector) => catalogue.add(connector),
                Err(why) => catalogue.refuse(source, why),
            }
        }
        catalogue
    }

    /// Two libraries of one name are both refused: nobody could tell which one spends the money.
    fn add(&mut self, connector: Arc<Connector>) {
        let name = connector.manifest().name;
        let source = connector.staged.source.clone();
        let Some(other) = self.connectors.get(name) else {
            self.connectors.insert(name, connector);
            return;
        };
        if other.staged.sha256 == connector.staged.sha256 {
            return;
        }
        let other = other.staged.source.clone();
        self.connectors.remove(name);
        for (one, another) in [(&source, &other), (&other, &source)] {
            let why = format!(
                "says that it is the connector `{name}`, and so does {}: remove one of them",
                another.display()
            );
            self.refuse(one.clone(), why);
        }
    }

    fn refuse(&mut self, source: PathBuf, why: String) {
        self.refused.push(Refused { source, why });
    }
}

fn load_once(staged: Staged) -> Result<Arc<Connector>, String> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(connector) = loaded.get(&staged.sha256) {
        return Ok(Arc::clone(connector));
    }
    let connector = Arc::new(Connector {
        loaded: load(&staged.copy)?,
        staged,
    });
    loaded.insert(connector.staged.sha256.clone(), Arc::clone(&connector));
    Ok(connector)
}
