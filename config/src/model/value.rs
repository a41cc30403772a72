//! The kinds of values that TOML has no type for.
//!
//! The readers are generic over what they return (`T` or `Option<T>`), so that one function serves a
//! key with and one without a default.

pub(super) mod cron;
pub(super) mod duration;
pub(super) mod files;
pub(super) mod json;
pub(super) mod mode;
pub(super) mod origin;
pub(super) mod path;
pub(super) mod percent;
pub(super) mod price;
pub(super) mod proxy;
pub(super) mod public_url;
pub(super) mod recipient;
pub(super) mod sha256;
pub(super) mod size;
pub(super) mod webhook_url;
pub(super) mod zone;
