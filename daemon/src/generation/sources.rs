//! Sources: resolved even before a slot needs them, so that `reissue check` knows that their files can
//! be opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build::Builder;
use crate::source::Source;

impl Builder<'_> {
    pub(super) fn read_sources(&mut self) -> BTreeMap<String, Arc<Source>> {
        let mut sources = BTreeMap::new();
        for (name, settings) in &self.config.sources {
            match Source::new(settings, self.credentials) {
                Ok(source) => _ = sources.insert(name.clone(), Arc::new(source)),
                Err((key, why)) => self.problem(&["sources", name, key], why, None),
            }
        }
        sources
    }
}
