//! Spans out of the bodies that a collector got.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{self as wire, span::SpanKind, status::StatusCode};
use prost::Message;
use reissue_tests::Collector;

/// A span.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) parent: Option<Vec<u8>>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) is_client: bool,
    pub(crate) is_error: bool,
    trace: Vec<u8>,
    id: Vec<u8>,
    start: u64,
}

impl Span {
    /// An attribute as text; empty where there is none.
    pub(crate) fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }

    fn of(span: wire::Span) -> Self {
        let status = span.status.map(|status| status.code).unwrap_or_default();
        Self {
            name: span.name,
            parent: (!span.parent_span_id.is_empty()).then_some(span.parent_span_id),
            attributes: span.attributes.into_iter().map(text).collect(),
            is_client: span.kind == SpanKind::Client as i32,
            is_error: status == StatusCode::Error as i32,
            trace: span.trace_id,
            id: span.span_id,
            start: span.start_time_unix_nano,
        }
    }
}

/// Every span that came, oldest first.
///
/// # Panics
/// When a body is something else, or its spans are another service's.
pub(crate) fn spans(collector: &Collector) -> Vec<Span> {
    let mut spans = Vec::new();
    for body in collector.bodies() {
        let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
        for resource in request.resource_spans {
            let about = resource.resource.unwrap().attributes;
            let service = about
                .into_iter()
                .map(text)
                .find(|(key, _)| key == "service.name");
            assert_eq!(service.unwrap().1, "reissue");
            let scopes = resource.scope_spans.into_iter();
            spans.extend(scopes.flat_map(|scope| scope.spans).map(Span::of));
        }
    }
    spans.sort_by_key(|span| span.start);
    spans
}

/// Each trace as a tree of names, oldest first.
///
/// # Panics
/// When a trace has two roots or none.
pub(crate) fn trees(spans: &[Span]) -> Vec<String> {
    let roots: Vec<&Span> = spans.iter().filter(|span| span.parent.is_none()).collect();
    let mut drawn = 0;
    let trees = roots.iter().map(|root| {
        let twins = roots.iter().filter(|other| other.trace == root.trace);
        assert_eq!(twins.count(), 1, "two roots in one trace");
        let mut tree = String::new();
        drawn += draw(spans, root, 0, &mut tree);
        tree
    });
    let trees = trees.collect();
    assert_eq!(drawn, spans.len(), "a span hangs on nothing: {spans:#?}");
    trees
}

fn draw(spans: &[Span], span: &Span, depth: usize, tree: &mut String) -> usize {
    *tree += &format!("{}{}\n", "  ".repeat(depth), span.name);
    let below = spans
        .iter()
        .filter(|other| other.parent.as_ref() == Some(&span.id));
    let below = below.filter(|other| other.trace == span.trace);
    1 + below
        .map(|child| draw(spans, child, depth + 1, tree))
        .sum::<usize>()
}

fn text(attribute: KeyValue) -> (String, String) {
    let value = match attribute.value.and_then(|AnyValue { value }| value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    };
    (attribute.key, value)
}
