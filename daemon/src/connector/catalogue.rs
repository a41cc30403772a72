//! Every connector that was found, by the name in its manifest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reissue_config::Config;
use reissue_connector_api::Manifest;
use reissue_connector_api::abi::host::Loaded;

use super::crash::Inside;
use super::load::load;
use super::stage::{Refused, Staged};
use super::strikes::{Strike, Strikes, note};

/// A loaded connector.
#[derive(Debug)]
pub struct Connector {
    /// Where its code came from.
    pub staged: Staged,
    /// Its table.
    pub loaded: Loaded,
    /// What a note of a crash in it begins with.
    pub(super) note: &'static [u8],
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
    /// Connectors that are used although the daemon has crashed in them, by name.
    pub crashed: BTreeMap<&'static str, Strike>,
    /// The names of those that are quarantined; none for one that never told its name.
    quarantined: Vec<Option<String>>,
}

/// Libraries that this process has loaded, by content: one that is found again is the same code.
static LOADED: Mutex<BTreeMap<String, Arc<Connector>>> = Mutex::new(BTreeMap::new());

impl Catalogue {
    /// Loads staged libraries, unless they are quarantined or another content is pinned. Those that
    /// share a name and not the code are all refused: nobody could tell which one spends the money.
    pub fn load(staged: Vec<Staged>, refused: Vec<Refused>, config: &Config) -> Self {
        let strikes = Strikes::read(&config.daemon.state_dir);
        let mut catalogue = Self {
            refused,
            ..Self::default()
        };
        let mut named: BTreeMap<&'static str, Vec<Arc<Connector>>> = BTreeMap::new();
        for one in staged {
            let source = one.source.clone();
            if let Some(strike) = strikes.of(&one.sha256).filter(|it| it.is_quarantined()) {
                let why = strike.quarantine(&one.sha256);
                catalogue.refused.push(Refused { source, why });
                catalogue.quarantined.push(strike.connector.clone());
                continue;
            }
            let loaded = load_once(one).and_then(|connector| as_pinned(connector, config));
            match loaded {
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
                Ok([connector]) => {
                    if let Some(strike) = strikes.of(&connector.staged.sha256) {
                        catalogue.crashed.insert(name, strike.clone());
                    }
                    catalogue.connectors.insert(name, connector);
                }
                Err(namesakes) => catalogue.refuse_all(name, &namesakes),
            }
        }
        catalogue
    }

    /// Whether a connector that is not here may be one of those that are quarantined.
    pub fn may_be_quarantined(&self, name: &str) -> bool {
        let mut names = self.quarantined.iter();
        names.any(|known| known.as_deref().is_none_or(|known| known == name))
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

/// The connector, if its content is the pinned one. Its name is known only now, so a pin guards what
/// is used under that name; what may be loaded at all is for the directory's permissions to guard.
fn as_pinned(connector: Arc<Connector>, config: &Config) -> Result<Arc<Connector>, String> {
    let name = connector.manifest().name;
    let sha256 = &connector.staged.sha256;
    match config.connectors.get(name) {
        Some(pinned) if pinned.sha256 != *sha256 => Err(format!(
            "is not the connector that is pinned: [connectors.{name}] wants the sha256 {}, and this \
             file has {sha256}. Install the pinned one, or pin this one",
            pinned.sha256
        )),
        _ => Ok(connector),
    }
}

fn load_once(staged: Staged) -> Result<Arc<Connector>, String> {
    let mut known = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(connector) = known.get(&staged.sha256) {
        return Ok(Arc::clone(connector));
    }
    let loaded = {
        let _inside = Inside::enter(note(&staged.sha256, None));
        load(&staged.copy)?
    };
    let connector = Arc::new(Connector {
        note: note(&staged.sha256, Some(loaded.description().manifest.name)),
        loaded,
        staged,
    });
    known.insert(connector.staged.sha256.clone(), Arc::clone(&connector));
    Ok(connector)
}
