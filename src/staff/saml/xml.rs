//! XML as SAML messages need it and nothing more: elements, attributes and text, in UTF-8.
//!
//! What two parsers might read differently is refused, for libxml2 reads some of the same bytes
//! later: document types, CDATA, processing instructions, odd names, doubled attributes. The
//! tree that comes out is small and bounded, whatever went in.

use quick_xml::NsReader;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};

use super::SamlError;
use crate::staff::providers::trimmed;

/// Most attributes of one element, with declarations of namespaces.
const MOST_ATTRIBUTES: usize = 64;

/// The namespaces that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ns {
    /// None at all.
    None,
    /// SAML 2.0 protocol.
    Protocol,
    /// SAML 2.0 assertions.
    Assertion,
    /// SAML 2.0 metadata.
    Metadata,
    /// XML Signature.
    Signature,
    /// XML Encryption.
    Encryption,
    /// Exclusive canonicalization.
    Canonical,
    /// `xml:`.
    Xml,
    /// Any other.
    Other,
}

impl Ns {
    fn of(resolved: &ResolveResult<'_>) -> Result<Self, SamlError> {
        match resolved {
            ResolveResult::Unbound => Ok(Self::None),
            ResolveResult::Unknown(_) => Err(unreadable("a prefix is not declared")),
            ResolveResult::Bound(Namespace(name)) => Ok(match *name {
                super::PROTOCOL => Self::Protocol,
                super::ASSERTION => Self::Assertion,
                super::METADATA => Self::Metadata,
                super::SIGNATURE => Self::Signature,
                super::ENCRYPTION => Self::Encryption,
                "http://www.w3.org/2001/10/xml-exc-c14n#" => Self::Canonical,
                "http://www.w3.org/XML/1998/namespace" => Self::Xml,
                _ => Self::Other,
            }),
        }
    }
}

/// How much is read at most, and what is let pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub bytes: usize,
    pub elements: usize,
    pub depth: usize,
    /// Comments are skipped instead of refused.
    pub comments: bool,
}

/// An element with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub ns: Ns,
    pub name: String,
    /// Without declarations of namespaces.
    attributes: Vec<(Ns, String, String)>,
    pub children: Vec<Element>,
    /// The text that stands directly in it, put together.
    pub text: String,
}

impl Element {
    /// Whether it is this one.
    pub fn is(&self, ns: Ns, name: &str) -> bool {
        self.ns == ns && self.name == name
    }

    /// An attribute without a namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(ns, known, _)| *ns == Ns::None && known == name);
        found.map(|(.., value)| value.as_str())
    }

    /// Every attribute: namespace, name and value.
    pub fn attributes(&self) -> impl Iterator<Item = (Ns, &str, &str)> {
        self.attributes.iter().map(|(ns, name, value)| (*ns, name.as_str(), value.as_str()))
    }

    /// The children of this name.
    pub fn all<'a>(&'a self, ns: Ns, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(ns, name))
    }

    /// The only child of this name; an error when there are several.
    pub fn only(&self, ns: Ns, name: &str) -> Result<Option<&Self>, SamlError> {
        let mut found = self.children.iter().filter(|child| child.is(ns, name));
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            _ => Err(SamlError::Refused("an element that may stand once stands there twice")),
        }
    }

    /// The text without white space around it; `None` when nothing is left.
    pub fn trimmed(&self) -> Option<&str> {
        Some(trimmed(&self.text)).filter(|text| !text.is_empty())
    }

    /// Calls `visit` with every element below this one, in the order of the document, and its parent.
    pub fn walk<'a>(
        &'a self,
        visit: &mut dyn FnMut(&'a Self, &'a Self) -> Result<(), SamlError>,
    ) -> Result<(), SamlError> {
        for child in &self.children {
            visit(self, child)?;
            child.walk(visit)?;
        }
        Ok(())
    }
}

fn unreadable(why: &str) -> SamlError {
    SamlError::Unreadable(why.to_owned())
}

/// Reads one document.
pub(super) fn parse(xml: &str, limits: Limits) -> Result<Element, SamlError> {
    if xml.len() > limits.bytes {
        return Err(SamlError::Refused("the message is too large"));
    }
    if !xml.chars().all(is_xml_char) {
        return Err(unreadable("a character that XML does not know"));
    }
    let mut reader = NsReader::from_str(xml);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let (mut started, mut elements) = (false, 0);
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|_| unreadable("no well-formed XML"))?;
        let first = !std::mem::replace(&mut started, true);
        match event {
            Event::Start(_) | Event::Empty(_) if root.is_some() => return Err(unreadable("a second root element")),
            Event::Start(ref start) | Event::Empty(ref start) => {
                elements += 1;
                if elements > limits.elements || open.len() >= limits.depth {
                    return Err(SamlError::Refused("too many elements, or too deep"));
                }
                let ns = Ns::of(&resolved)?;
                open.push(element(ns, start, reader.resolver())?);
                if matches!(event, Event::Empty(_)) {
                    close(&mut open, &mut root)?;
                }
            }
            Event::End(_) => close(&mut open, &mut root)?,
            Event::Text(text) => match open.last_mut() {
                Some(_) if text.contains("]]>") => return Err(unreadable("no well-formed XML")),
                Some(inside) => inside.text.push_str(&text),
                None if text.trim().is_empty() => {}
                None => return Err(unreadable("text outside of the root element")),
            },
            Event::GeneralRef(name) => {
                let inside = open.last_mut().ok_or_else(|| unreadable("text outside of the root element"))?;
                inside.text.push_str(&referred(&format!("&{};", &*name))?);
            }
            Event::Decl(declaration) if first => check_declaration(&declaration)?,
            Event::Decl(_) => return Err(unreadable("an XML declaration that is not at the start")),
            Event::Comment(_) if limits.comments => {}
            Event::Comment(_) => return Err(SamlError::Refused("the message has a comment")),
            Event::DocType(_) => return Err(SamlError::Refused("the message has a document type (DOCTYPE)")),
            Event::PI(_) => return Err(SamlError::Refused("the message has a processing instruction")),
            Event::CData(_) => return Err(SamlError::Refused("the message has a CDATA section")),
            Event::Eof => break,
        }
    }
    root.filter(|_| open.is_empty()).ok_or_else(|| unreadable("the message is cut off"))
}

fn close(open: &mut Vec<Element>, root: &mut Option<Element>) -> Result<(), SamlError> {
    let closed = open.pop().ok_or_else(|| unreadable("no well-formed XML"))?;
    match open.last_mut() {
        Some(parent) => parent.children.push(closed),
        None => *root = Some(closed),
    }
    Ok(())
}

fn element(ns: Ns, start: &BytesStart<'_>, names: &NamespaceResolver) -> Result<Element, SamlError> {
    let qualified = start.name();
    let name = checked_name(qualified.as_ref())?;
    let mut attributes: Vec<(Ns, String, String)> = Vec::new();
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|_| unreadable("an attribute can't be read"))?;
        if count >= MOST_ATTRIBUTES {
            return Err(SamlError::Refused("too many attributes"));
        }
        if attribute.value.contains('<') {
            return Err(unreadable("no well-formed XML"));
        }
        let value = referred(&attribute.value)?.replace(['\t', '\n', '\r'], " ");
        let local = checked_name(attribute.key.as_ref())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let ns = Ns::of(&names.resolve_attribute(attribute.key).0)?;
        // `xml:id` would name an element behind our back, `xml:base` would change what references mean.
        if ns == Ns::Xml && !["lang", "space"].contains(&local) {
            return Err(SamlError::Refused("the message uses xml:id or xml:base"));
        }
        if ns != Ns::Other && attributes.iter().any(|(known, name, _)| *known == ns && name == local) {
            return Err(unreadable("an attribute stands twice"));
        }
        attributes.push((ns, local.to_owned(), value));
    }
    Ok(Element { ns, name: name.to_owned(), attributes, children: Vec::new(), text: String::new() })
}

/// The local part of a name that every parser reads alike.
fn checked_name(name: &str) -> Result<&str, SamlError> {
    let mut parts = name.split(':');
    let local = parts.next_back().unwrap_or_default();
    let prefix = parts.next_back();
    if is_plain_name(local) && prefix.is_none_or(is_plain_name) && parts.next().is_none() {
        Ok(local)
    } else {
        Err(unreadable("a name of an element or attribute can't be read"))
    }
}

/// Whether this is a name made of ASCII letters, digits, `_`, `-` and `.` (an `NCName`).
pub(super) fn is_plain_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&c))
}

/// The text with its references (five entities, and characters by number) replaced.
fn referred(raw: &str) -> Result<String, SamlError> {
    let text = quick_xml::escape::unescape(raw).map_err(|_| SamlError::Refused("the message refers to an entity"))?;
    if text.chars().all(is_xml_char) {
        Ok(text.into_owned())
    } else {
        Err(unreadable("a character that XML does not know"))
    }
}

/// `Char` of XML 1.0 (production 2).
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), SamlError> {
    let version = declaration.version().is_ok_and(|version| version == "1.0");
    let encoding = match declaration.encoding() {
        None => true,
        Some(named) => named.is_ok_and(|named| named.eq_ignore_ascii_case("utf-8")),
    };
    if version && encoding { Ok(()) } else { Err(unreadable("it must be XML 1.0 in UTF-8")) }
}

/// The text as it may stand in an element or an attribute.
pub(super) fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    quick_xml::escape::escape(text)
}
