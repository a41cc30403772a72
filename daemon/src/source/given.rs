//! Cards that a person names in a command, in the form of a source's file. Only who they are counts:
//! their references, expiries and dates may be anything.

use std::io::{Cursor, Read};

use reissue_config::SourceKind;

use super::Identifier;
use super::card::identifier;
use super::error::Why;
use super::rows::Rows;
use super::window::Window;

/// Shows what names each card, in the order of the rows; `text` is CSV, or JSON lines if it begins with
/// a brace.
///
/// # Errors
/// One sentence for the first row that names no card, or for the text as a whole. What was shown until
/// then must not count.
pub fn for_each_given<T: AsRef<[u8]> + 'static>(
    text: T,
    mut with: impl FnMut(Identifier<'_>),
) -> Result<(), String> {
    let kind = match text.as_ref().trim_ascii_start().first() {
        Some(b'{') => SourceKind::Jsonl,
        _ => SourceKind::Csv,
    };
    let text: Box<dyn Read> = Box::new(Cursor::new(text));
    let said = |why: Why| why.to_string();
    let window = Window::new(text).map_err(Why::reading).map_err(said)?;
    let mut rows = Rows::new(window, kind, Why::reading).map_err(said)?;
    while let Some((line, row)) = rows.next().map_err(said)? {
        match row.and_then(|row| identifier(&row)) {
            Ok(identifier) => with(identifier),
            Err(wrong) => return Err(format!("line {line}: {} ({})", wrong.reason, wrong.value)),
        }
    }
    Ok(())
}
