//! XML out of a stream, element by element, for the providers that still speak it.
//!
//! Over quick-xml's events, with what a stranger's answer needs besides. The document is read to its
//! end or is garbled, whatever the connector does. Nothing grows with it. There are no document types,
//! so there are no entities but XML's own. Elements are known by namespace and local name, so prefixes
//! do not matter; what stands in another namespace is not seen, and what a connector does not read is
//! passed over. Attributes are not read: no provider has used one yet.
//!
//! Such answers hold card numbers, so a text is lent to whoever reads it, out of memory that is wiped.

mod document;
#[cfg(test)]
mod tests;
mod window;

use self::document::{Document, Step};
use crate::fault::Fault;
use crate::json::Source;

/// Reads one document, whose root must have this name. `namespace` is that of the root and of all that
/// is read below it.
///
/// # Errors
/// `garbled` with the position where the document has another root, is not well-formed, ends early, has
/// a document type, lies more than 64 elements deep or has a text longer than 1 MiB; and what reading
/// the body and `with` say.
pub fn read<S: Source, T>(
    source: S,
    namespace: &str,
    root: &str,
    with: impl FnOnce(Element<'_, S>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut document = Document::new(source, namespace);
    let value = loop {
        match document.step()? {
            Step::Opened(Some(name)) if name == root => break with(Element(&mut document))?,
            Step::Passed => {}
            _ => return Err(document.wrong(&format!("the element `{root}` of {namespace}"))),
        }
    };
    document.close_down_to(0)?;
    loop {
        match document.step()? {
            Step::Ended => return Ok(value),
            Step::Passed => {}
            _ => return Err(document.wrong("the end of the document")),
        }
    }
}

/// An element that has begun. It is read in one of two ways, or not at all.
pub struct Element<'r, S>(&'r mut Document<S>);

impl<S: Source> Element<'_, S> {
    /// Walks the elements in it, in the order in which they come; `with` gets the local name of each.
    /// Text between them is passed over.
    ///
    /// # Errors
    /// `garbled` as [`read`] says, and what `with` returns.
    pub fn children(
        self,
        mut with: impl FnMut(&str, Element<'_, S>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let document = self.0;
        let depth = document.depth();
        loop {
            match document.step()? {
                Step::Opened(Some(name)) => {
                    with(&name, Element(document))?;
                    document.give_back(name);
                }
                Step::Closed => return Ok(()),
                _ => {}
            }
            document.close_down_to(depth)?;
        }
    }

    /// Lends its text without the white space around it. Elements in it are passed over.
    ///
    /// # Errors
    /// `garbled` as [`read`] says.
    pub fn text<T>(self, with: impl FnOnce(&str) -> T) -> Result<T, Fault> {
        self.0.text().map(with)
    }
}
