//! Whatever happens to the index between two runs, the journal makes it anew and nothing comes twice.
//! What happens to the journal itself is told, never guessed at.

use std::fs;
use std::path::{Path, PathBuf};

use reissue_tests::{Delivered, World};
use serde_json::json;

const ANEW: &str = "The index was made anew from the journal.";

#[test]
fn a_deleted_index_is_made_anew() {
    let lived = Lived::new();

    lived.survives("deleted", |index| fs::remove_dir_all(index).unwrap());
    lived.survives("emptied", |index| {
        fs::remove_dir_all(index).unwrap();
        fs::create_dir(index).unwrap();
    });
}

#[test]
fn a_damaged_index_is_made_anew() {
    let lived = Lived::new();

    for file in ["conf", "db"] {
        lived.survives("cut off", |index| {
            let content = fs::read(index.join(file)).unwrap();
            fs::write(index.join(file), &content[..content.len() / 2]).unwrap();
        });
        lived.survives("emptied", |index| fs::write(index.join(file), "").unwrap());
        lived.survives("filled with garbage", |index| {
            let length = fs::read(index.join(file)).unwrap().len();
            let garbage = fastrand::Rng::with_seed(1);
            let garbage = std::iter::repeat_with({
                let mut garbage = garbage;
                move || garbage.u8(..)
            });
            fs::write(index.join(file), garbage.take(length).collect::<Vec<_>>()).unwrap();
        });
    }
}

fn _unused(_: &Path, _: PathBuf) {}

/// A world that has delivered and taken two batches, and waits for a third.
struct Lived {
    world: World,
}

impl Lived {
    fn new() -> Self {
        let world = World::new();
        let done = ["AMEX_MAINTENANCE", "SCHEDULER"]
            .map(|source| world.sandbox.batch(json!({ "source": source })));
        world
            .sandbox
            .batch(json!({ "source": "SCHEDULER", "ready_after": "1h" }));
        let _daemon = world.daemon();
        world.run("amex-daily");
        world.run("harvest");
        let mut billing = Delivered::default();
        billing.take(&world);
        billing.assert_are(&done, &world.sandbox);
        Self { world }
    }

    fn survives(&self, what: &str, damage: impl Fn(&Path)) {
        damage(&self.world.path("state/index"));
        let mut daemon = self.world.daemon();
        println!("{what} {:?}", daemon.log());
        daemon.until(ANEW);
        self.world.run("amex-daily");
        self.world.run("harvest");
        self.world.assert_delivered(&[]);
    }
}
