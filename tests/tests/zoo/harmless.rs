//! Bad manners that the daemon lives with.

use reissue_tests::{Delivered, ZOO};

use crate::{run, serves_others, text, with};

#[test]
fn a_flood_of_lines_is_cut_and_counted() {
    let world = with("floods", &[], "");
    let mut daemon = world.daemon();
    world.run(ZOO);
    let lines = daemon.log().iter();
    let quacks = lines.filter(|line| line["connector_says"] == "quack");
    // One call that lists, and one that collects.
    assert_eq!(quacks.count(), 2 * 500);
    let dropped = daemon.said("A connector's call said more than 500 lines; the rest was dropped.");
    let dropped: Vec<_> = dropped.iter().map(|line| &line["dropped"]).collect();
    assert_eq!(dropped, [99_500, 99_500]);
    serves_others(&world);
}

#[test]
fn a_callback_after_the_call_is_refused() {
    let world = with("late", &[], "");
    let mut daemon = world.daemon();
    assert_eq!(world.run(ZOO)["batches"][0]["state"], "delivered");
    let late = run(&world);
    assert_eq!(
        late["fault"]["message"],
        "the connector called the daemon after its call had returned, or on another thread than \
         the call's"
    );
    let lines = daemon.log().iter();
    let heard = lines.filter(|line| text(&line["connector_says"]).contains("nobody hears"));
    assert_eq!(heard.count(), 0);
    serves_others(&world);
}

#[test]
fn a_connector_that_frees_nothing_is_served_and_serves() {
    let world = with("leaks", &[], "");
    let _daemon = world.daemon();
    for _ in 0..5 {
        let run = world.run(ZOO);
        assert_eq!(run["served"], true, "{run}");
        world.reissue(&["reload"]).ok();
    }
    assert_eq!(world.delivered().files, Delivered::default().files);
    serves_others(&world);
}
