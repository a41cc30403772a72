//! A request's document as a tree. Strict, as the provider's schema is: every element is in its namespace.

use quick_xml::NsReader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};

use super::NAMESPACE;

/// An element with what is in it.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The document's element, or what is wrong with the document.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let mut reader = NsReader::from_reader(body);
        reader.config_mut().expand_empty_elements = true;
        let mut buffer = Vec::new();
        // What is open, the innermost last; the first holds the document's element.
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_resolved_event_into(&mut buffer);
            let (namespace, event) = event.map_err(|error| error.to_string())?;
            let last = open.last_mut().ok_or("more ends than begins")?;
            match event {
                Event::Start(start) => {
                    if namespace != ResolveResult::Bound(Namespace(NAMESPACE)) {
                        return Err(format!("an element is not in {NAMESPACE}"));
                    }
                    open.push(Self {
                        name: start.local_name().as_ref().to_owned(),
                        ..Self::default()
                    });
                }
                Event::End(_) => {
                    let node = open.pop().ok_or("more ends than begins")?;
                    let parent = open.last_mut().ok_or("more ends than begins")?;
                    parent.children.push(node);
                }
                Event::Text(text) => last.text.push_str(&text),
                Event::GeneralRef(name) => {
                    last.text
                        .push_str(resolve_xml_entity(&name).ok_or("an unknown entity")?);
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                _ => return Err("only elements and texts are expected".into()),
            }
            buffer.clear();
        }
        match (open.pop(), open.is_empty()) {
            (Some(mut outside), true) if outside.children.len() == 1 => {
                outside.children.pop().ok_or("no element".into())
            }
            _ => Err("the document does not have one element".into()),
        }
    }

    /// Its children, if they have just these names; the last one may come again and again.
    pub(super) fn only(&self, names: &[&str]) -> Result<&[Self], String> {
        let expected = names.iter().chain(std::iter::repeat_n(
            names.last().unwrap_or(&""),
            self.children.len().saturating_sub(names.len()),
        ));
        let given = self.children.iter().map(|child| child.name.as_str());
        match expected.copied().eq(given) {
            true => Ok(&self.children),
            false => Err(format!("{} must hold {}", self.name, names.join(", "))),
        }
    }
}
