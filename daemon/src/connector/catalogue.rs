//! Every connector that was found, by the name in its manifest.

use std::collections::BTreeMap;
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
    /// Loads staged libraries. Those that share a name and not the code are all refused: nobody
    /// could tell which one spends the money.
    pub fn load(staged: Vec<Staged>, refused: Vec<Refused>) -> Self {
        let mut catalogue = Self {
            refused,
            ..Self::default()
        };
        let mut named: BTreeMap<&'static str, Vec<Arc<Connector>>> = BTreeMap::new();
        for one in staged {
            let source = one.source.clone();
            match load_once(one) {
                Ok(connector) => {
                    let namesakes = named.entry(connector.manifest().name).or_default();
                    let sha256 = &connector.staged.sha256;
                    if namesakes.iter().all(|one| one.staged.sha256 != *sha256) {
                        namesakes.push(connector);
                    }
                }
                Err(why) => catalogue.refused.push(Refused { source, why }),
            }
        }
        for (name, namesakes) in named {
            match <[_; 1]>::try_from(namesakes) {
                Ok([connector]) => _ = catalogue.connectors.insert(name, connector),
                Err(namesakes) => catalogue.refuse_all(name, &namesakes),
            }
        }
        catalogue
    }

    fn refuse_all(&mut self, name: &str, namesakes: &[Arc<Connector>]) {
        for one in namesakes {
            let source = &one.staged.source;
            let others: Vec<String> = namesakes
                .iter()
                .map(|other| &other.staged.source)
                .filter(|other| *other != source)
                .map(|other| other.display().to_string())
                .collect();
            let why = format!(
                "says that it is the connector `{name}`, and so does {}: leave only one of them",
                others.join(" and ")
            );
            let source = source.clone();
            self.refused.push(Refused { source, why });
        }
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
