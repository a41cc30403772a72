//! A sink with recipients: whoever holds a key reads the updates, nobody else.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

use age::x25519::Identity;
use age::{DecryptError, Decryptor};
use reissue_tests::{ACCOUNT, Config, Delivered, World, ZOO};
use serde_json::json;

#[test]
fn each_recipient_reads_a_file_that_is_opaque_to_others() {
    let recipients = [Identity::generate(), Identity::generate()];
    let keys = recipients.each_ref().map(|it| it.to_public().to_string());
    let config = Config::default().in_sink(&format!("recipients = {keys:?}"));
    let world = World::with(&config);
    let batch = world
        .sandbox
        .batch(json!({ "source": "SCHEDULER", "records": 300 }));
    let _daemon = world.daemon();

    world.run("harvest");

    let folder = format!("updates/{ACCOUNT}/harvest");
    let file = world.path(&format!("{folder}/{batch}.jsonl.age"));
    let token = world.sandbox.records(&batch)[0]["token"].clone();
    let token = token.as_str().unwrap().as_bytes();
    let encrypted = fs::read(&file).unwrap();
    let position = encrypted.windows(token.len()).position(|it| it == token);
    assert_eq!(position, None);
    for recipient in &recipients {
        let mut delivered = Delivered::default();
        delivered.add(file.clone(), &open(&file, recipient).unwrap());
        delivered.assert_are(std::slice::from_ref(&batch), &world.sandbox);
    }
    let stranger = open(&file, &Identity::generate());
    assert!(matches!(stranger, Err(DecryptError::NoMatchingKeys)));
    let files: Vec<_> = fs::read_dir(world.path(&folder)).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn full_card_numbers_are_not_delivered_again_into_a_sink_in_the_clear() {
    let recipient = Identity::generate().to_public().to_string();
    let plain = |world: &World| {
        let dir = world.path("plain").display().to_string();
        format!("[sinks.plain]\nkind = \"files\"\ndir = \"{dir}\"")
    };
    let world = World::new();
    world.animal("lies", &["-DPAN", "-DPANS=\"received\""]);
    let config = Config::default()
        .zoo("")
        .in_sink(&format!("recipients = [\"{recipient}\"]"));
    world.configure(&config.more(&plain(&world)));
    let mut daemon = world.daemon();
    world.run(ZOO);
    daemon.until("The batch was delivered.");

    let refused = world.reissue(&["batch", "redeliver", "zoo/b1", "--sink", "plain"]);

    assert_eq!(
        refused.err,
        "error: sink `plain` would hold full card numbers in the clear: give it `recipients`, or accept \
         it with `plaintext = \"i-accept\"`\n"
    );
    assert!(!world.path("plain").exists());
    let shown = world.reissue(&["updates", "zoo/b1"]).ok().out;
    assert!(!shown.contains("4111111111111111"), "{shown}");
}

fn open(file: &Path, identity: &Identity) -> Result<String, DecryptError> {
    let file = BufReader::new(File::open(file).unwrap());
    let decryptor = Decryptor::new(file)?;
    let mut plain = decryptor.decrypt(std::iter::once(identity as &dyn age::Identity))?;
    let mut text = String::new();
    plain.read_to_string(&mut text).unwrap();
    Ok(text)
}
