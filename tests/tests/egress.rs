//! The way to a provider: through a proxy, past an authority that only one account trusts, and never
//! where the environment leads. What goes wrong on it is pinned as `reissue check --online` tells it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs::{self, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;

use reissue_tests::{ACCOUNT, Authority, Pinned, Proxy, World};
use serde_json::json;

/// Years around every run of this test.
const GOOD: [i32; 2] = [2020, 2120];

#[test]
fn everything_goes_through_the_accounts_proxy_to_an_authority_that_it_trusts() {
    let world = World::new();
    let authority = Authority::new("ours");
    let port = authority.serve(sandbox(&world), "localhost", GOOD);
    let proxy = Proxy::new();
    write(&world, "ca.pem", 0o644, &authority.pem);
    write(&world, "password", 0o600, "hunter2");
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let lines = format!(
        "base_url = \"https://localhost:{port}\"\nca = \"WORLD/ca.pem\"\n{}",
        asking(proxy.address())
    );
    world.edit("base_url", &lines);

    assert!(asked(&world).ends_with(": the provider answers and knows us"));
    let _daemon = world.daemon();
    world.run("amex-daily");

    world.assert_delivered(&[batch]);
    let heads = proxy.heads();
    assert!(heads.len() >= 2, "{heads:?}");
    for head in heads {
        let head = head.to_ascii_lowercase();
        let connect = format!("connect localhost:{port} http/1.1\r\n");
        assert!(head.starts_with(&connect), "{head}");
        // acme:hunter2
        let login = "proxy-authorization: basic ywntztpodw50zxiy\r\n";
        assert!(head.contains(login), "{head}");
        assert!(!head.contains("accountupdater"), "{head}");
    }
    assert!(!world.log().contains("hunter2"));
}

#[test]
fn a_sandbox_on_this_host_is_asked_through_the_proxy_too() {
    let world = World::new();
    let proxy = Proxy::new();
    through(&world, &format!("proxy = \"http://{}\"", proxy.address()));

    assert!(asked(&world).ends_with(": the provider answers and knows us"));

    let [head] = &proxy.heads()[..] else {
        panic!("{:?}", proxy.heads());
    };
    let asked_for = format!("GET {}/accountupdater/", world.sandbox.url);
    assert!(head.starts_with(&asked_for), "{head}");
}

#[test]
fn a_proxy_can_be_spoken_to_by_https() {
    let world = World::new();
    let authority = Authority::new("ours");
    let proxy = Proxy::new();
    let proxy_port = authority.serve(proxy.address(), "localhost", GOOD);
    let port = authority.serve(sandbox(&world), "localhost", GOOD);
    write(&world, "ca.pem", 0o644, &authority.pem);
    let lines = format!(
        "base_url = \"https://localhost:{port}\"\nca = \"WORLD/ca.pem\"\n\
         proxy = \"https://localhost:{proxy_port}\""
    );
    world.edit("base_url", &lines);

    assert!(asked(&world).ends_with(": the provider answers and knows us"));

    assert_eq!(proxy.heads().len(), 1);
}

#[test]
fn the_environment_names_no_proxy() {
    let world = World::new();
    let stranger = Proxy::new();
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let url = format!("http://{}", stranger.address());
    let names = [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ];
    let environment = names.map(|name| (name.to_owned(), url.clone()));

    let _daemon = world.start_with(&environment).ready();
    world.run("amex-daily");

    world.assert_delivered(&[batch]);
    assert_eq!(stranger.heads(), [""; 0]);
}

#[test]
fn what_goes_wrong_on_the_way_is_one_sentence_that_says_whose_move_it_is() {
    let world = World::new();
    write(&world, "password", 0o600, "hunter2");
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    write(&world, "ca.pem", 0o644, &ours.pem);
    let behind = |authority: &Authority, name, years| {
        let port = authority.serve(sandbox(&world), name, years);
        format!("base_url = \"https://localhost:{port}\"\nca = \"WORLD/ca.pem\"")
    };
    let good = behind(&ours, "localhost", GOOD);
    let with_proxy = |proxy: &str| format!("{good}\nproxy = \"http://{proxy}\"");
    let refusing = |status| Proxy::refusing(status).address();
    let nobody = nobody_there();
    let rows = [
        ("nobody listens", format!("base_url = \"https://{nobody}\"")),
        ("the proxy is down", with_proxy(&nobody.to_string())),
        ("the proxy hangs up", with_proxy(&hangs_up().to_string())),
        (
            "the proxy answers 407",
            with_proxy(&refusing(407).to_string()),
        ),
        (
            "the proxy answers 407 to a user",
            format!("{good}\n{}", asking(refusing(407))),
        ),
        (
            "the proxy answers 403",
            with_proxy(&refusing(403).to_string()),
        ),
        (
            "the proxy answers 502",
            with_proxy(&refusing(502).to_string()),
        ),
        (
            "the provider is down behind the proxy",
            format!(
                "base_url = \"https://{nobody}\"\nproxy = \"http://{}\"",
                Proxy::new().address()
            ),
        ),
        (
            "the proxy of a sandbox is down",
            through_to(&world, &format!("proxy = \"http://{nobody}\"")),
        ),
        (
            "the proxy of a sandbox answers 407",
            through_to(&world, &asking(refusing(407))),
        ),
        (
            "no authority",
            behind(&ours, "localhost", GOOD).replace("\nca = \"WORLD/ca.pem\"", ""),
        ),
        ("another authority", behind(&theirs, "localhost", GOOD)),
        (
            "an expired certificate",
            behind(&ours, "localhost", [2020, 2021]),
        ),
        (
            "a certificate of the future",
            behind(&ours, "localhost", [2119, 2120]),
        ),
        (
            "a certificate for another name",
            behind(&ours, "other.example", GOOD),
        ),
        (
            "no TLS",
            format!(
                "base_url = \"{}\"",
                world.sandbox.url.replacen("http", "https", 1)
            ),
        ),
    ];
    let config = world.config();
    let mut pinned = Pinned::new("egress");
    for (heading, lines) in rows {
        world.edit("base_url", &lines);
        let said = asked(&world);
        assert!(!said.contains("hunter2"), "{said}");
        pinned.add(heading, &without_ports(&said));
        world.set_config(&config);
    }
    pinned.compare();
}

/// What `check --online` says of the account.
#[track_caller]
fn asked(world: &World) -> String {
    let said = world.reissue(&["check", "--online"]);
    let mut lines = said.out.lines();
    let about = format!("account {ACCOUNT}: ");
    let line = lines.find(|line| line.starts_with(&about));
    let line = line
        .unwrap_or_else(|| panic!("{}{}", said.out, said.err))
        .to_owned();
    let knows_us = line.ends_with("knows us");
    assert_eq!(said.code, Some(if knows_us { 0 } else { 69 }), "{line}");
    line
}

/// Adds lines to the account.
fn through(world: &World, lines: &str) {
    world.edit("base_url", &through_to(world, lines));
}

fn through_to(world: &World, lines: &str) -> String {
    format!("base_url = \"{}\"\n{lines}", world.sandbox.url)
}

fn asking(proxy: SocketAddr) -> String {
    format!(
        "proxy = {{ url = \"http://{proxy}\", user = \"acme\", password = {{ file = \"WORLD/password\" }} }}"
    )
}

fn sandbox(world: &World) -> SocketAddr {
    let address = world.sandbox.url.trim_start_matches("http://");
    address.parse().unwrap()
}

fn write(world: &World, name: &str, mode: u32, text: &str) {
    let file = world.path(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
}

/// An address at which nobody listens: its port was given to nobody else for as long as the process
/// lives, since a socket is bound to it.
fn nobody_there() -> SocketAddr {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

    let bound = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&bound, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = SocketAddr::try_from(getsockname(&bound).unwrap()).unwrap();
    std::mem::forget(bound);
    address
}

/// An address at which connections are closed at once.
fn hangs_up() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    address
}

/// A text with `PORT` for every port, which is another one every time.
fn without_ports(text: &str) -> String {
    let mut parts = text.split(':');
    let mut without = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|it: char| it.is_ascii_digit());
        let port = if rest.len() + 4 <= part.len() {
            "PORT"
        } else {
            &part[..part.len() - rest.len()]
        };
        without = format!("{without}:{port}{rest}");
    }
    without
}
