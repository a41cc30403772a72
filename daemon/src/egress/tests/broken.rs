//! Connections that fail, break or hang.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::thread::{JoinHandle, spawn};

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

use super::*;

/// An origin at which nobody listens, and nobody else can while the socket lives.
pub(super) fn nobody_there() -> (String, OwnedFd) {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = SocketAddrV4::try_from(getsockname(&socket).unwrap()).unwrap();
    (format!("http://{address}"), socket)
}

/// Fetches something confidential on another thread.
fn fetching(origin: &str, stop: &Stop) -> JoinHandle<Result<(u16, Vec<u8>), Fault>> {
    let mut call = egress_to(origin, wide()).call(0, stop.clone());
    spawn(move || fetch(&mut call, confidential()))
}

#[test]
fn a_refused_connection_is_unreachable_and_surely_not_sent() {
    let (origin, _socket) = nobody_there();
    let fault = call_to(&origin).send(confidential(), 1).err().unwrap();
    assert_eq!((fault.kind, fault.sent), (Kind::Unreachable, false));
    assert!(fault.message.contains("Connection refused"), "{fault}");
    keeps_its_secrets(&fault);
}

#[test]
fn a_server_that_hangs_up_without_an_answer_may_have_the_request() {
    let (origin, requests) = wire::serve();
    let outcome = fetching(&origin, &Stop::default());
    drop(requests.recv().unwrap());
    let fault = outcome.join().unwrap().unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Unreachable, true));
    keeps_its_secrets(&fault);
}

#[test]
fn an_answer_that_is_not_http_is_unreachable() {
    let (origin, requests) = wire::serve();
    let outcome = fetching(&origin, &Stop::default());
    requests
        .recv()
        .unwrap()
        .say("220 mail.example ESMTP\r\n\r\n");
    let fault = outcome.join().unwrap().unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Unreachable, true));
    keeps_its_secrets(&fault);
}

#[test]
fn a_body_that_breaks_off_is_unreachable() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n",
    ] {
        let (origin, requests) = wire::serve();
        let outcome = fetching(&origin, &Stop::default());
        let mut asked = requests.recv().unwrap();
        asked.say(head);
        asked.say("only the beginning");
        drop(asked);
        let fault = outcome.join().unwrap().unwrap_err();
        assert_eq!((fault.kind, fault.sent), (Kind::Unreachable, true));
        assert!(fault.message.contains("the answer broke off: "), "{fault}");
        keeps_its_secrets(&fault);
    }
}

#[test]
fn stopping_ends_a_request_that_waits_for_its_answer() {
    let (origin, requests) = wire::serve();
    let stop = Stop::default();
    let outcome = fetching(&origin, &stop);
    let _asked = requests.recv().unwrap();
    stop.stop();
    let fault = outcome.join().unwrap().unwrap_err();
    assert_eq!((fault.kind, fault.sent), (Kind::Cancelled, true));
    assert!(fault.message.ends_with("the daemon is stopping"), "{fault}");
}

#[test]
fn stopping_ends_the_reading_of_an_answer() {
    let (origin, requests) = wire::serve();
    let stop = Stop::default();
    let mut call = egress_to(&origin, wide()).call(0, stop.clone());
    let (piece_read, pieces) = std::sync::mpsc::channel();
    let outcome = spawn(move || {
        let (_, mut body) = call.send(confidential(), 1)?;
        loop {
            let piece = body.read(&call)?.to_vec();
            piece_read.send(piece).unwrap();
        }
    });
    let mut asked = requests.recv().unwrap();
    asked.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbeginning");
    assert_eq!(pieces.recv().unwrap(), b"beginning");
    stop.stop();
    let ended: Result<(), Fault> = outcome.join().unwrap();
    assert_eq!(ended.unwrap_err().kind, Kind::Cancelled);
}

#[test]
fn after_stopping_nothing_is_sent() {
    let (origin, requests) = wire::serve();
    let stop = Stop::default();
    stop.stop();
    let fault = fetching(&origin, &stop).join().unwrap().unwrap_err();
    assert_eq!(fault.kind, Kind::Cancelled);
    assert!(requests.try_recv().is_err());
}
