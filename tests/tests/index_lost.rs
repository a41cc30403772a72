//! Whatever happens to the index between two runs, the journal makes it anew and nothing comes twice.

use std::fs;
use std::iter::repeat_with;
use std::path::Path;

use reissue_tests::{Delivered, World};
use serde_json::json;

const ANEW: &str = "The index was made anew from the journal.";

#[test]
fn an_index_that_is_gone_is_made_anew() {
    let lived = Lived::new();

    assert!(lived.survives(|index| fs::remove_dir_all(index).unwrap()));
    assert!(lived.survives(|index| {
        fs::remove_dir_all(index).unwrap();
        fs::create_dir(index).unwrap();
    }));

    lived.ends_well();
}

#[test]
fn an_index_of_garbage_is_made_anew() {
    let lived = Lived::new();
    let mut random = fastrand::Rng::with_seed(1);

    for file in ["conf", "db"] {
        let anew = lived.survives(|index| {
            let file = index.join(file);
            let length = fs::metadata(&file).unwrap().len().max(1000);
            let garbage = repeat_with(|| random.u8(..)).take(length as usize);
            fs::write(file, garbage.collect::<Vec<_>>()).unwrap();
        });
        assert!(anew, "{file} was believed");
    }

    lived.ends_well();
}

#[test]
fn an_index_that_is_cut_off_is_made_anew_or_brought_up_to_date() {
    let lived = Lived::new();
    let mut anew = 0;

    for file in ["conf", "db"] {
        for quarters in 0..4 {
            anew += u32::from(lived.survives(|index| {
                let content = fs::read(index.join(file)).unwrap();
                // sled prepares more room than it has used.
                let used = content.iter().rposition(|byte| *byte != 0).unwrap_or(0);
                fs::write(index.join(file), &content[..used * quarters / 4]).unwrap();
            }));
        }
    }

    assert!(anew > 0, "no cut did any damage");
    lived.ends_well();
}

#[test]
fn an_older_index_is_brought_up_to_date() {
    let world = World::new();
    let (index, older) = (world.path("state/index"), world.path("older"));
    let first = world.sandbox.batch(json!({ "source": "SCHEDULER" }));
    let mut billing = Delivered::default();
    let daemon = world.daemon();
    daemon.stop();
    fs::create_dir(&older).unwrap();
    for file in ["conf", "db"] {
        fs::copy(index.join(file), older.join(file)).unwrap();
    }
    let daemon = world.daemon();
    world.run("harvest");
    billing.take(&world);
    daemon.stop();

    fs::remove_dir_all(&index).unwrap();
    fs::rename(&older, &index).unwrap();
    let _daemon = world.daemon();
    let second = world.sandbox.batch(json!({ "source": "SCHEDULER" }));
    world.run("harvest");

    billing.take(&world);
    billing.assert_are(&[first, second], &world.sandbox);
}

/// A world that has delivered two batches, which were taken away, and waits for a third.
struct Lived {
    world: World,
    waiting: String,
}

impl Lived {
    fn new() -> Self {
        let world = World::new();
        let done = ["AMEX_MAINTENANCE", "SCHEDULER"]
            .map(|source| world.sandbox.batch(json!({ "source": source })));
        let waiting = world
            .sandbox
            .batch(json!({ "source": "SCHEDULER", "ready_after": "1h" }));
        let daemon = world.daemon();
        world.run("amex-daily");
        world.run("harvest");
        let mut billing = Delivered::default();
        billing.take(&world);
        billing.assert_are(&done, &world.sandbox);
        daemon.stop();
        Self { world, waiting }
    }

    /// Whether the index was made anew after the damage. Nothing may come of it in any case.
    fn survives(&self, damage: impl FnOnce(&Path)) -> bool {
        damage(&self.world.path("state/index"));
        let mut daemon = self.world.daemon();
        let anew = !daemon.said(ANEW).is_empty();
        self.world.run("amex-daily");
        self.world.run("harvest");
        self.world.assert_delivered(&[]);
        daemon.stop();
        anew
    }

    /// The batch that was waiting all the time comes, and nothing besides.
    fn ends_well(&self) {
        self.world.sandbox.advance("2h");
        let _daemon = self.world.daemon();
        self.world.run("harvest");
        self.world
            .assert_delivered(std::slice::from_ref(&self.waiting));
    }
}
