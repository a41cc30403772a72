//! Why no answer came, in one sentence that says whose move it is.
//!
//! The libraries below tell it as a chain of errors, from "client error" to an error number. This is
//! the one place that takes such chains apart; what a tunnel through a proxy says is only text there,
//! and pinned tests notice when it changes. URLs are left out: a query may hold an identifier.

use std::error::Error;
use std::io;

use chrono::{DateTime, Utc};
use reissue_connector_api::{Fault, Kind};
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use super::way::{Proxy, Way, Whose};
use super::{CONNECT, Egress};

/// The fault of a request that got no answer.
pub(super) fn no_answer(error: &reqwest::Error, egress: &Egress) -> Fault {
    if error.is_connect() {
        // Before a connection stands nothing can have arrived.
        return Fault::new(Kind::Unreachable, no_connection(error, egress));
    }
    let why = innermost(error);
    let message = format!("no answer came: {why}");
    Fault::new(Kind::Unreachable, message).sent()
}

/// The fault of an answer that ended before its end.
pub(super) fn broke_off(error: &reqwest::Error) -> Fault {
    let message = format!("the answer broke off: {}", innermost(error));
    Fault::new(Kind::Unreachable, message).sent()
}

/// The fault of a proxy that wants to know who we are, or does not believe it. It passed nothing on.
pub(super) fn proxy_asks(proxy: &Proxy, whose: Whose) -> Fault {
    Fault::new(Kind::Unreachable, who_are_we(proxy, whose))
}

/// The errors below this one, from the outside in, as one text.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut causes: Vec<String> = below(error).map(ToString::to_string).collect();
    causes.dedup();
    causes.join(": ")
}

fn no_connection(error: &reqwest::Error, egress: &Egress) -> String {
    let authority = egress.authority();
    let tunnel = below(error).find_map(|cause| {
        let text = cause.to_string();
        text.strip_prefix("tunnel error: ").map(str::to_owned)
    });
    match (&egress.way.proxy, tunnel.as_deref()) {
        (None, _) => unreached(error, authority, egress),
        // Only https is tunnelled; anything else is asked of the proxy itself.
        (Some(proxy), None) if egress.origin.scheme() == "http" => {
            unreached(error, &format!("the proxy {}", proxy.url), egress)
        }
        (Some(_), None) => unreached(error, authority, egress),
        (Some(proxy), Some("failed to create underlying connection")) => {
            unreached(error, &format!("the proxy {}", proxy.url), egress)
        }
        (Some(proxy), Some("proxy authorization required")) => who_are_we(proxy, egress.way.whose),
        (Some(proxy), Some("unsuccessful")) => format!(
            "the proxy {} does not connect us to {authority}; its log says whether it may not or cannot",
            proxy.url
        ),
        (Some(proxy), Some(_)) => format!(
            "the proxy {} hung up instead of connecting us to {authority}; check that it is a proxy \
             for HTTP",
            proxy.url
        ),
    }
}

fn who_are_we(proxy: &Proxy, whose: Whose) -> String {
    let whose = whose.as_str();
    match &proxy.login {
        Some(login) => format!(
            "the proxy {} refuses user `{}` (HTTP 407); check `user` and `password` of the \
             {whose}'s `proxy`",
            proxy.url, login.user
        ),
        None => format!(
            "the proxy {} wants to know who we are (HTTP 407); add `user` and `password` to the \
             {whose}'s `proxy`",
            proxy.url
        ),
    }
}

/// Why the connection to `peer` does not stand.
fn unreached(error: &reqwest::Error, peer: &str, egress: &Egress) -> String {
    if let Some(refusal) = below(error).find_map(tls_error) {
        return distrusted(refusal, peer, &egress.way);
    }
    if error.is_timeout() {
        return format!("{peer} takes no connection within {} s", CONNECT.as_secs());
    }
    let remedy = match &egress.way.proxy {
        Some(_) => "check",
        None => "if only a proxy leads there, name it as",
    };
    let whose = egress.way.whose.as_str();
    format!(
        "{peer} cannot be reached: {}; {remedy} the {whose}'s `proxy`",
        innermost(error)
    )
}

/// Why TLS with `peer` was given up.
fn distrusted(refusal: &rustls::Error, peer: &str, way: &Way) -> String {
    let whose = way.whose.as_str();
    let refusal = match refusal {
        rustls::Error::InvalidCertificate(refusal) => refusal,
        rustls::Error::InvalidMessage(_) => {
            return format!(
                "{peer} does not speak TLS; check the {whose}'s address, and who answers there"
            );
        }
        other => return format!("TLS with {peer} failed: {other}"),
    };
    match refusal {
        CertificateError::UnknownIssuer => {
            let trusted = match &way.authorities {
                Some(_) => format!("neither this host nor the {whose}'s `ca` trusts"),
                None => "this host does not trust".to_owned(),
            };
            format!(
                "{peer} shows a certificate of an authority that {trusted}; if the provider has its own \
                 authority, or a proxy inspects the traffic, name that authority as the {whose}'s `ca`"
            )
        }
        CertificateError::ExpiredContext { not_after, .. } => format!(
            "{peer} shows a certificate that expired on {}; whoever runs it has to renew it, unless this \
             host's clock is wrong",
            day(*not_after)
        ),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "{peer} shows a certificate that begins on {}; check this host's clock",
            day(*not_before)
        ),
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "{peer} shows a certificate for {} and not for itself; check the {whose}'s address, and \
             where its name leads",
            names(presented)
        ),
        other => format!("{peer} shows a certificate that cannot be trusted: {other}"),
    }
}

/// rustls gives each as `DnsName("api.example.com")`.
fn names(presented: &[String]) -> String {
    let names = presented
        .iter()
        .map(|name| name.split('"').nth(1).unwrap_or(name));
    names.collect::<Vec<_>>().join(", ")
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let at: Option<DateTime<Utc>> = DateTime::from_timestamp(seconds, 0);
    at.map_or_else(String::new, |at| at.format("%F").to_string())
}

fn tls_error<'e>(cause: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    // An IO error shows what it holds, and hides it from `source`.
    match cause.downcast_ref::<io::Error>() {
        Some(error) => tls_error(error.get_ref()?),
        None => cause.downcast_ref(),
    }
}

/// The last cause, without the number that the system has for it.
fn innermost(error: &dyn Error) -> String {
    let text = below(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

fn below(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
