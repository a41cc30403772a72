//! What is not true: sizes, texts, replies. Each lie is a fault with its sentence.

use reissue_tests::Pinned;

use crate::{run, serves_others, text, with};

const LIES: [(&str, &str); 10] = [
    ("a row of no true size", "ROW_SIZE"),
    ("a related row of no true size", "RELATED_SIZE"),
    ("related rows without end, at null", "RELATED_NULL"),
    ("an update that is no UTF-8", "NO_UTF8"),
    ("a card number that was not announced", "PAN"),
    ("a reply that is no UTF-8", "NO_UTF8_REPLY"),
    ("no reply", "NO_REPLY"),
    ("a reply longer than memory", "NO_LENGTH"),
    ("a status that nobody knows", "NO_STATUS"),
    ("cancelled by nobody", "CANCELLED"),
];

#[test]
fn each_lie_is_a_fault_with_its_sentence() {
    let world = with("tame", &[], "");
    let mut pinned = Pinned::new("zoo_lies");
    for (heading, lie) in LIES {
        world.animal("lies", &[&format!("-D{lie}")]);
        let daemon = world.daemon();
        let run = run(&world);
        let said = match &run["batches"][0] {
            batch if batch.is_null() => format!("the schedule cannot be served: {}", message(&run)),
            batch => format!("the batch is {}: {}", text(&batch["state"]), message(batch)),
        };
        pinned.add(heading, &said);
        daemon.stop();
        world.forget();
    }
    pinned.compare();
    let _daemon = world.daemon();
    serves_others(&world);
}

fn message(view: &serde_json::Value) -> String {
    text(&view["fault"]["message"])
}
