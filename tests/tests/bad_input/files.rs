//! Files that cannot be used as a whole: each is named with its reason and left as it is, until it is gone;
//! the other files of the same directory are asked about.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::SystemTime;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use reissue_tests::{Asks, Pinned};

use crate::{asked, directory, said, world};

const GOOD: &str = "reference,pan,expiry\norder-1,4012000000000016,2027-04\n";
const OTHER: &str = "reference,pan,expiry\norder-2,4012000000000024,2027-04\n";
const THIRD: &str = "reference,pan,expiry\norder-3,4012000000000032,2027-04\n";

#[test]
fn a_file_that_is_refused_is_named_until_it_is_gone_and_others_are_asked_about() {
    let world = world();
    let _daemon = world.daemon();
    let mut pinned = Pinned::new("bad_input_files");
    let directory = directory(&world);
    world.put_cards(Asks::CardSync, "good.csv", GOOD);
    for (name, content) in whole_files() {
        world.put_cards(Asks::CardSync, &format!("{name}.csv"), content);
    }
    fs::create_dir(directory.join("directory.csv")).unwrap();
    fs::write(world.path("elsewhere"), OTHER).unwrap();
    symlink(world.path("elsewhere"), directory.join("link.csv")).unwrap();
    let before = listing(&directory);

    pinned.add("beside a good file", &said(&world));

    assert_eq!(asked(&world), ["4012000000000016"]);
    let mut after = listing(&directory);
    after.push(("good.csv".into(), GOOD.into()));
    after.sort();
    assert_eq!(before, after, "what is refused is left as it is");

    pinned.add("the slot after, which finds nothing new", &said(&world));
    for (name, _) in before.iter().filter(|(name, _)| name != "good.csv") {
        let path = directory.join(name);
        match path.is_dir() {
            true => fs::remove_dir(path).unwrap(),
            false => fs::remove_file(path).unwrap(),
        }
    }
    pinned.add("once they are gone", &said(&world));
    pinned.compare();
    assert_eq!(asked(&world), ["4012000000000016"]);
}

#[test]
fn a_file_that_is_mended_is_asked_about_by_the_next_slot() {
    let world = world();
    world.put_cards(Asks::CardSync, "july.csv", "reference;pan;expiry\n");
    let _daemon = world.daemon();
    assert!(said(&world).contains("separate them by commas"));

    world.put_cards(Asks::CardSync, "july.csv", GOOD);

    assert!(said(&world).contains("nothing needs a person"));
    assert_eq!(asked(&world), ["4012000000000016"]);
    assert_eq!(listing(&directory(&world)), []);
}

#[test]
fn an_encrypted_file_is_opened_by_its_own_identity_only() {
    let identity = Identity::generate();
    let world = world();
    world.secret("age-key", identity.to_string().expose_secret());
    world.edit(
        "path = ",
        "path = \"WORLD/cards/cardsync/*\"\nidentity = { file = \"WORLD/age-key\" }",
    );
    let mine = encrypted(&identity, GOOD);
    let strangers = encrypted(&Identity::generate(), OTHER);
    let altered = {
        let mut altered = encrypted(&identity, THIRD);
        *altered.last_mut().unwrap() ^= 1;
        altered
    };
    world.put_cards(Asks::CardSync, "mine.csv.age", mine);
    world.put_cards(Asks::CardSync, "strangers.csv.age", strangers);
    world.put_cards(Asks::CardSync, "altered.csv.age", altered);
    world.put_cards(Asks::CardSync, "plain.csv.age", GOOD);
    let _daemon = world.daemon();

    let mut pinned = Pinned::new("bad_input_age");
    pinned.add(
        "files whose names say that they are encrypted",
        &said(&world),
    );
    pinned.compare();

    assert_eq!(asked(&world), ["4012000000000016"]);
}

#[test]
fn a_file_that_grows_is_waited_for() {
    let world = world();
    world.edit("settle = ", "settle = \"1h\"");
    let mut daemon = world.daemon();
    let path = directory(&world).join("july.csv");
    fs::write(&path, GOOD).unwrap();
    world.reissue(&["run", "cardsync"]).ok();
    daemon.until("A file of cards may still be growing; the slot waits for it.");
    assert_eq!(asked(&world), Vec::<String>::new());

    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(b"order-2,4012000000000024,2027-04\n")
        .unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    // Which forgets all waiting.
    world.reissue(&["reload"]).ok();

    daemon.until("The provider has the submission.");
    assert_eq!(asked(&world), ["4012000000000016", "4012000000000024"]);
}

/// What is wrong with a file as a whole, and a file that has it.
fn whole_files() -> [(&'static str, Vec<u8>); 10] {
    let utf16: Vec<u8> = "\u{feff}reference,pan,expiry\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let unclosed = format!(
        "{GOOD}\"order-2,4012000000000024,2027-04\n{}",
        "order-3,4012000000000032,2027-04\n".repeat(600)
    );
    [
        ("empty", Vec::new()),
        ("utf-16", utf16),
        ("no-header", b"order-1,4012000000000016,2027-04\n".to_vec()),
        ("semicolons", b"reference;pan;expiry\norder-1;4012000000000016;2027-04\n".to_vec()),
        ("unknown-column", b"reference,pan,expiry,cvv\norder-1,4012000000000016,2027-04,123\n".to_vec()),
        ("typing-error", b"reference,pan,expiri\norder-1,4012000000000016,2027-04\n".to_vec()),
        ("missing-column", b"reference,pan\norder-1,4012000000000016\n".to_vec()),
        (
            "mixed",
            b"reference,token,token_kind\norder-1,9CCD,customer\norder-2,9CCE,instrument_identifier\n"
                .to_vec(),
        ),
        ("unclosed-quotation-mark", unclosed.into_bytes()),
        ("huge-row", format!("reference,pan,expiry\n{}\n", "9".repeat(20_000)).into_bytes()),
    ]
}

/// Names and contents, a directory's and a link's without.
fn listing(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut listing: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let content = fs::read(entry.path()).unwrap_or_default();
            (entry.file_name().into_string().unwrap(), content)
        })
        .collect();
    listing.sort();
    listing
}

fn encrypted(to: &Identity, text: &str) -> Vec<u8> {
    age::encrypt(&to.to_public(), text.as_bytes()).unwrap()
}
