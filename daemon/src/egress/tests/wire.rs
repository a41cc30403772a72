//! A server of bare TCP, for what an HTTP server would not do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// A connection with a request on it that was read to its end.
pub(super) struct Asked {
    /// The request's lines, without the empty one.
    pub(super) head: Vec<String>,
    pub(super) body: Vec<u8>,
    pub(super) connection: TcpStream,
}

/// Serves one connection after the other; the requests come out of the channel.
pub(super) fn serve() -> (String, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (asked, requests) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            if asked.send(read(connection.unwrap())).is_err() {
                return;
            }
        }
    });
    (origin, requests)
}

fn read(connection: TcpStream) -> Asked {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Asked {
        head,
        body,
        connection,
    }
}

impl Asked {
    /// Sends these bytes.
    pub(super) fn say(&mut self, bytes: &str) {
        self.connection.write_all(bytes.as_bytes()).unwrap();
    }
}
