//! The boundary, crossed: a connector that implements every verb is called through the table that a
//! `.so` exports, so what these tests promise holds for a third party's connector too.
//!
//! Some tests hold one end of the boundary in their own hands, because only so it can be of another
//! version, or lie: they build tables and rows from raw parts, and need unsafe code for it.
#![allow(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a panic is the report")]

mod answers;
mod by_hand;
mod cards;
mod cuts;
mod documented;
mod events;
mod everything;
mod faults;
mod frozen;
mod kit;
mod late;
mod layout;
mod lender;
mod panics;
mod said;
mod tables;
mod updates;
mod verbs;
mod versions;
mod words;
