//! The suite that every `Store` has to pass.

use super::*;
use crate::ledger::State as Stands;
use crate::store::Reading;

#[test]
fn the_journaled_store_conforms() {
    conforms(&State::new().open());
}

/// Goes through the life of a batch, a schedule and an enrolment on an empty store.
fn conforms(store: &dyn Store) {
    let batch = key("acme", "1");
    assert_eq!(answers(store).batches, []);
    assert_eq!(store.live().unwrap(), []);
    assert_eq!(store.batch(&batch).unwrap(), None);
    assert_eq!(store.slots("amex-daily").unwrap(), None);

    at("2026-11-22T06:30:00.000001Z");
    let commit = |events: &[Event]| store.commit(events).unwrap();
    let stands = || store.batch(&batch).unwrap().map(|batch| batch.state);
    let is_open = || store.open().unwrap().iter().any(|open| open.key == batch);
    let is_live = || store.live().unwrap().iter().any(|live| live.key == batch);

    // An event about a batch that was never found is kept in the journal and changes nothing.
    commit(&[collected(&batch, 1)]);
    assert_eq!(stands(), None);
    assert_eq!(store.tallies().unwrap().len(), 0);

    let committed_at = commit(&[found(&batch)]);
    assert_eq!(committed_at, utc("2026-11-22T06:30:00.000001Z"));
    let known = store.batch(&batch).unwrap().unwrap();
    assert_eq!(known.known_since, committed_at);
    assert_eq!((stands(), is_live()), (Some(Stands::Waiting), true));
    assert!(is_open());

    commit(&[failed(&batch)]);
    assert_eq!((stands(), is_live()), (Some(Stands::Held), true));
    commit(&[collected(&batch, 1)]);
    assert_eq!((stands(), is_live()), (Some(Stands::Collected), true));
    // Events of one record are folded one after the other.
    commit(&[publishing(&batch), delivered(&batch)]);
    assert_eq!((stands(), is_live()), (Some(Stands::Delivered), true));
    assert!(!is_open());
    commit(&[Event::SpoolDeleted {
        batch: batch.clone(),
    }]);
    assert_eq!((stands(), is_live()), (Some(Stands::Delivered), false));

    commit(&[schedule_set("amex-daily"), slot_opened("amex-daily")]);
    let open = store.slots("amex-daily").unwrap().unwrap().open.unwrap();
    assert_eq!(open.slot, utc("2026-11-22T06:30:00Z"));
    commit(&[slot_served("amex-daily")]);
    assert_eq!(store.slots("amex-daily").unwrap().unwrap().open, None);
    assert_eq!(store.slots("harvest").unwrap(), None);

    assert_eq!(store.enrolment("acme").unwrap(), None);
    let step = [
        enrolment_stepping("acme"),
        enrolment_stepped("acme", EnrolState::Pending),
    ];
    commit(&step);
    let enrolment = store.enrolment("acme").unwrap().unwrap();
    assert_eq!(enrolment.state, EnrolState::Pending);
    assert_eq!(store.enrolment("acme-uk").unwrap(), None);

    let mut schedules = Vec::new();
    let mut add = |name: &str, _| schedules.push(name.to_owned());
    store.schedules(&mut add).unwrap();
    assert_eq!(schedules, ["amex-daily"]);

    let others = [key("acme-uk", "0"), key("acme", "10"), key("b", "9")];
    commit(&others.each_ref().map(found));
    let mut in_order: Vec<BatchKey> = others.into();
    in_order.sort();
    let keys = |batches: Vec<Batch>| batches.into_iter().map(|it| it.key).collect::<Vec<_>>();
    assert_eq!(keys(store.live().unwrap()), in_order);
    in_order.push(batch);
    in_order.sort();
    assert_eq!(keys(answers(store).batches), in_order);

    let submission = key("acme", "s-1");
    commit(&[planned(&submission)]);
    assert_eq!(store.submission_at("acme", "provider-7").unwrap(), None);
    commit(&[accepted(&submission, "provider-7")]);
    let at_provider = store.submission_at("acme", "provider-7").unwrap();
    assert_eq!(at_provider.map(|batch| batch.key), Some(submission));
    assert_eq!(store.submission_at("acme-uk", "provider-7").unwrap(), None);
}

#[test]
fn what_was_committed_is_there_after_opening_again() {
    let state = State::new();
    for record in history() {
        let before = {
            let store = state.open();
            store.commit(&record).unwrap();
            answers(&store)
        };
        assert_eq!(answers(&state.open()), before);
    }
    assert_eq!(answers(&state.open()).batches.len(), 6);
}

#[test]
fn a_reading_of_the_journal_answers_as_the_store_does() {
    let state = State::lived();
    let reading = Reading::of(state.0.path()).unwrap();
    assert_eq!(answers(&reading), answers(&state.open()));
}
