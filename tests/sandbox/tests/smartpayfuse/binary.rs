//! The program as its parent process sees it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::client::{BATCHES, Client};

/// Ends the program where a test does not.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn it_says_where_it_listens_shows_an_account_and_ends_when_told_to() {
    let program = Command::new(env!("CARGO_BIN_EXE_reissue-sandbox"))
        .args(["--listen", "127.0.0.1:0", "--log"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut program = Running(program.unwrap());
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line
        .trim()
        .strip_prefix("listening on ")
        .unwrap()
        .to_owned();

    let client = Client::of(url.clone());
    assert_eq!(client.get(BATCHES).await.status(), 200);
    // A kept connection must not keep the program.
    let id = program.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(program.0.wait().unwrap().success());

    let mut told = String::new();
    program
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(told.contains(&format!("base_url = \"{url}\"")), "{told}");
    assert!(
        told.contains("key_id = \"3f2504e0-4f89-41d3-9a0c-0305e82c3301\""),
        "{told}"
    );
    assert!(
        told.contains(&format!("url = \"{url}/_receiver/sandbox\"")),
        "{told}"
    );
    assert!(told.contains(&format!("GET {BATCHES} 200")), "{told}");
}
