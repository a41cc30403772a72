//! Connectors. A file that is not used as one is shown with the reason: whoever put it there waits for it.

use crate::admin::view::ConnectorView;
use crate::connector::Catalogue;

/// Loaded connectors, then files that are not used.
pub fn connectors(catalogue: &Catalogue) -> Vec<ConnectorView> {
    let loaded = catalogue.connectors.values().map(|connector| {
        let description = connector.loaded.description();
        ConnectorView {
            file: connector.staged.source.display().to_string(),
            refused: None,
            sha256: Some(connector.staged.sha256.clone()),
            built_with: Some(connector.loaded.built_with()),
            manifest: serde_json::to_value(description.manifest).ok(),
            settings: Some(description.settings.clone()),
        }
    });
    let refused = catalogue.refused.iter().map(|refused| ConnectorView {
        file: refused.source.display().to_string(),
        refused: Some(refused.why.clone()),
        sha256: None,
        built_with: None,
        manifest: None,
        settings: None,
    });
    loaded.chain(refused).collect()
}
