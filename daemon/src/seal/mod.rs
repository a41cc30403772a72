//! Everything sensitive at rest goes through here: one cipher (AES-256-GCM), one hierarchy of keys,
//! one file format.
//!
//! | word | means |
//! |---|---|
//! | master key | 32 bytes that the operator keeps outside the state directory (`daemon.key`) |
//! | wrapping key | a versioned key in the keyring, wrapped by the master key; the newest one is primary |
//! | key of fingerprints | in the keyring too, wrapped by the master key; rotation leaves it alone |
//! | data key | the key of one sealed file, in its header, wrapped by a wrapping key |
//! | place | what a file is (`spool/ACCOUNT/BATCH`), never where it lies; a file opens only as what it was sealed as |
//! | frame | the unit of sealing inside a file, about 256 records |
//!
//! Why three levels: the data key makes deletion of a file the end of its data, the wrapping keys
//! can be rotated and retired without touching a frame, and the master key is needed only while a
//! keyring is opened, so a copy of the state directory alone opens nothing.
//!
//! Why frames and not records: a nonce and a tag for each record would cost 8 % of space and three
//! times the work.
//!
//! A sealed file:
//!
//! ```text
//! "REISSUE1" | u16 wrapping key version | wrapped data key (12 nonce, 32 key, 16 tag)
//! u32 length | frame 1 | … | u32 length | frame n | u32 length | the empty end frame
//! ```
//!
//! Integers are little-endian; a length counts ciphertext and tag. Rotation, rewrapping and
//! retirement change only the header and the keyring's list, neither format.
//!
//! All functions block on the disk: call them on a worker thread.

mod any_order;
mod behind;
pub mod document;
pub mod durable;
mod error;
mod frames;
mod header;
mod key;
mod keyring;
mod keyring_file;
mod mac;
mod master;
mod reader;
mod writer;

#[cfg(test)]
mod tests;

pub use any_order::SealedFrames;
pub use behind::Behind;
pub use error::SealError;
pub use frames::MAX_FRAME;
pub use keyring::Keyring;
pub use keyring_file::{KeyringStatus, WrappingKeyStatus};
pub use mac::MacKey;
pub use master::MasterKey;
pub use reader::SealedReader;
pub use writer::SealedWriter;
