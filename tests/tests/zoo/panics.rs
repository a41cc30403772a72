//! Panics in Rust, in a library that another call of the compiler made.

use reissue_tests::World;

use crate::{run, serves_others, text, with};

fn panics_in(place: &str) -> World {
    let settings = format!("settings = {{ panics_in = \"{place}\" }}");
    with("panics", &[], &settings)
}

#[test]
fn in_a_call_it_is_a_fault_with_message_and_place() {
    for place in ["call", "callback"] {
        let world = panics_in(place);
        let _daemon = world.daemon();
        // The second time it is another instance that panics.
        for _ in 0..2 {
            let fault = text(&run(&world)["fault"]["message"]);
            assert!(is_panic(&fault), "{fault}");
        }
        serves_others(&world);
    }
}

#[test]
fn in_open_it_is_a_problem_of_the_account() {
    let world = panics_in("open");
    let checked = world.reissue(&["check"]);
    assert_eq!(checked.code, Some(78));
    assert!(is_panic(&checked.err), "{}", checked.err);
    assert_eq!(world.start_refused().code, Some(78));
}

/// Whether the panic of `panics.rs` is told, with its place.
fn is_panic(said: &str) -> bool {
    let told = said.split_once("the connector panicked at ");
    told.is_some_and(|(_, rest)| rest.contains("zoo/panics.rs:") && rest.contains("not today"))
}
