//! A document under way: quick-xml's events in four sorts, and what is refused of them.

use quick_xml::NsReader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use zeroize::Zeroizing;

use super::window::Window;
use crate::fault::Fault;
use crate::json::Source;

/// The longest text of one element, in bytes.
const LONGEST: usize = 1024 * 1024;
/// How deep elements may lie in each other.
const DEEPEST: usize = 64;
/// Room for an event and for a text, so that they seldom move to where nobody wipes what they leave.
const ROOM: usize = 4096;

pub(super) struct Document<S> {
    reader: NsReader<Window<S>>,
    namespace: String,
    event: Zeroizing<Vec<u8>>,
    text: Zeroizing<String>,
    /// Names that were read, for their memory.
    names: Vec<String>,
    /// The depth whose texts are kept; 0 while none are.
    kept: usize,
    /// How many elements are open.
    depth: usize,
}

pub(super) enum Step {
    /// An element began. It has a name if its namespace is ours.
    Opened(Option<String>),
    /// The innermost element ended.
    Closed,
    /// Nothing to act upon.
    Passed,
    /// The document is whole.
    Ended,
}

impl<S: Source> Document<S> {
    pub(super) fn new(source: S, namespace: &str) -> Self {
        let mut reader = NsReader::from_reader(Window::new(source));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            namespace: namespace.to_owned(),
            event: Zeroizing::new(Vec::with_capacity(ROOM)),
            text: Zeroizing::new(String::with_capacity(ROOM)),
            names: Vec::new(),
            kept: 0,
            depth: 0,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Passes over everything until no more elements are open than that.
    pub(super) fn close_down_to(&mut self, depth: usize) -> Result<(), Fault> {
        while self.depth > depth {
            if let Step::Opened(Some(name)) = self.step()? {
                self.give_back(name);
            }
        }
        Ok(())
    }

    /// The name of an element is not needed any more.
    pub(super) fn give_back(&mut self, name: String) {
        self.names.push(name);
    }

    /// Reads the innermost element to its end and lends its own text.
    pub(super) fn text(&mut self) -> Result<&str, Fault> {
        self.text.clear();
        self.kept = self.depth;
        self.close_down_to(self.depth - 1)?;
        self.kept = 0;
        Ok(self.text.trim())
    }

    pub(super) fn step(&mut self) -> Result<Step, Fault> {
        self.event.clear();
        let window = self.reader.get_mut();
        window.begin();
        // Between elements, where nobody reads a text: in an answer that is laid out it is a third of
        // all events.
        if self.depth > 0 && self.kept != self.depth {
            window.skip_space();
        }
        match self.next() {
            Ok(step) => Ok(step),
            Err(expected) => Err(self.failed(expected)),
        }
    }

    /// What comes next, or what was expected in its place.
    fn next(&mut self) -> Result<Step, &'static str> {
        let event = self
            .reader
            .read_event_into(&mut self.event)
            .map_err(|_| "valid XML")?;
        let mut char = [0; 4];
        let text: &str = match &event {
            Event::Start(start) => {
                if self.depth == DEEPEST {
                    return Err("at most 64 elements in each other");
                }
                self.depth += 1;
                let (of, local_name) = self.reader.resolver().resolve_element(start.name());
                if of != ResolveResult::Bound(Namespace(&self.namespace)) {
                    return Ok(Step::Opened(None));
                }
                let mut name = self.names.pop().unwrap_or_default();
                name.clear();
                name.push_str(local_name.as_ref());
                return Ok(Step::Opened(Some(name)));
            }
            Event::End(_) => {
                self.depth -= 1;
                return Ok(Step::Closed);
            }
            Event::Eof if self.depth == 0 => return Ok(Step::Ended),
            Event::Eof => return Err("more: the answer ends early"),
            Event::DocType(_) => return Err("no document type"),
            Event::Text(text) => text,
            Event::CData(text) => text,
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(of_number)) => of_number.encode_utf8(&mut char),
                Ok(None) => resolve_xml_entity(name).ok_or("no entity but XML's own")?,
                Err(_) => return Err("a character's number"),
            },
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => "",
        };
        if self.depth == 0 && !text.trim_ascii().is_empty() {
            return Err("no text outside the document's element");
        }
        if self.kept == self.depth && self.depth > 0 {
            if self.text.len() + text.len() > LONGEST {
                return Err("a text of at most 1 MiB");
            }
            self.text.push_str(text);
        }
        Ok(Step::Passed)
    }

    /// The body broke off, or it is not what was expected.
    fn failed(&mut self, expected: &str) -> Fault {
        let broken = self.reader.get_mut().fault();
        broken.unwrap_or_else(|| self.wrong(expected))
    }

    pub(super) fn wrong(&self, expected: &str) -> Fault {
        let position = self.reader.buffer_position() + self.reader.get_ref().skipped();
        Fault::garbled(format!(
            "at byte {position} of the answer: expected {expected}"
        ))
    }
}
