//! What the ledger knows of an enrolment after each event, and what may be done then.

use reissue_connector_api::{EnrolState, Signatory};

use super::*;
use crate::ledger::Event;
use crate::ledger::alarm::{Alarm, Matter};
use crate::ledger::enrolment::{Enrolment, Step};

const AT: &str = "2026-11-22T06:30:00Z";
const A_DAY_LATER: &str = "2026-11-23T06:30:00Z";

fn account() -> String {
    "acme".into()
}

fn accepted() -> Event {
    Event::TermsAccepted {
        account: account(),
        signatory: Signatory {
            name: "Ada".into(),
            title: "CFO".into(),
        },
        by: "uid 0".into(),
    }
}

fn stepping() -> Event {
    Event::EnrolmentStepping { account: account() }
}

fn stepped(state: EnrolState) -> Event {
    Event::EnrolmentStepped {
        account: account(),
        state,
        webhook: None,
    }
}

fn failed(unanswered: bool) -> Event {
    Event::EnrolmentFailed {
        account: account(),
        fault: note(Kind::Unreachable),
        unanswered,
    }
}

fn settled() -> Event {
    Event::EnrolmentSettled {
        account: account(),
        by: "uid 0".into(),
    }
}

fn action() -> EnrolState {
    EnrolState::ActionNeeded {
        link: Some("https://sign.example".into()),
        text: "sign".into(),
    }
}

fn after(events: &[Event]) -> Enrolment {
    let enrolment = events.iter().fold(None, |enrolment, event| {
        Some(Enrolment::apply(enrolment, event, utc(AT)))
    });
    enrolment.unwrap_or_else(|| Enrolment::new(utc(AT)))
}

#[test]
fn what_follows_from_each_story() {
    use EnrolState::{Active, NotEnrolled, Pending, Refused};
    let no = || Refused("no".into());
    let now = Some(DateTime::UNIX_EPOCH);
    let tomorrow = Some(utc(A_DAY_LATER));
    let (lost, known) = (failed(true), failed(false));
    let (step, settled) = (stepping(), settled());
    // The events, where it stands, whether the next step may send, and when to look by itself.
    let stories = [
        (vec![], NotEnrolled, Step::Answered, true, None),
        (vec![accepted()], NotEnrolled, Step::Answered, true, None),
        (vec![step.clone()], NotEnrolled, Step::Begun, false, now),
        (
            vec![step.clone(), stepped(NotEnrolled)],
            NotEnrolled,
            Step::Answered,
            true,
            None,
        ),
        (
            vec![step.clone(), stepped(action())],
            action(),
            Step::Answered,
            true,
            None,
        ),
        (
            vec![step.clone(), stepped(no())],
            no(),
            Step::Answered,
            true,
            None,
        ),
        (
            vec![step.clone(), stepped(Pending)],
            Pending,
            Step::Answered,
            false,
            tomorrow,
        ),
        (
            vec![step.clone(), stepped(Active)],
            Active,
            Step::Answered,
            true,
            None,
        ),
        // A failure of which all is known, and one that leaves an answer open.
        (
            vec![step.clone(), known.clone()],
            NotEnrolled,
            Step::Answered,
            true,
            None,
        ),
        (
            vec![step.clone(), lost.clone()],
            NotEnrolled,
            Step::Unanswered,
            false,
            now,
        ),
        // Looks at what is open: they fail, find out, or do not.
        (
            vec![step.clone(), lost.clone(), known.clone()],
            NotEnrolled,
            Step::Unanswered,
            false,
            now,
        ),
        (
            vec![step.clone(), lost.clone(), stepped(Pending)],
            Pending,
            Step::Answered,
            false,
            tomorrow,
        ),
        (
            vec![step.clone(), lost.clone(), stepped(NotEnrolled)],
            NotEnrolled,
            Step::Answered,
            true,
            None,
        ),
        (
            vec![step.clone(), lost.clone(), stepped(action())],
            action(),
            Step::Unanswered,
            false,
            None,
        ),
        // Only a person goes on from there.
        (
            vec![step.clone(), lost.clone(), stepped(action()), step.clone()],
            action(),
            Step::Unanswered,
            false,
            None,
        ),
        (
            vec![
                step.clone(),
                lost.clone(),
                stepped(action()),
                settled.clone(),
            ],
            NotEnrolled,
            Step::Answered,
            true,
            None,
        ),
        // Where nothing is open there is nothing to settle.
        (
            vec![step.clone(), stepped(Pending), settled],
            Pending,
            Step::Answered,
            false,
            tomorrow,
        ),
        (
            vec![step.clone(), stepped(Pending), step.clone()],
            Pending,
            Step::Answered,
            false,
            tomorrow,
        ),
        (
            vec![step.clone(), stepped(Pending), known],
            Pending,
            Step::Answered,
            false,
            tomorrow,
        ),
    ];
    for (events, state, step, may_send, look_at) in stories {
        let enrolment = after(&events);
        let found = (
            &enrolment.state,
            enrolment.step,
            enrolment.may_send(),
            enrolment.look_at(),
        );
        assert_eq!(found, (&state, step, may_send, look_at), "{events:?}");
        assert_eq!(enrolment.is_active(), state == Active, "{events:?}");
        let text = serde_json::to_string(&enrolment).unwrap();
        assert_eq!(serde_json::from_str::<Enrolment>(&text).unwrap(), enrolment);
    }
}

#[test]
fn steps_that_may_send_are_counted_and_the_terms_stay() {
    let events = [
        accepted(),
        stepping(),
        stepped(EnrolState::NotEnrolled),
        stepping(),
        stepped(EnrolState::Pending),
        stepped(EnrolState::Active),
    ];
    let enrolment = after(&events);
    assert_eq!(enrolment.steps, 2);
    assert_eq!(enrolment.signatory.unwrap().name, "Ada");
}

#[test]
fn a_first_step_that_failed_says_nothing_of_the_account() {
    assert!(!after(&[accepted(), stepping(), failed(false)]).counts());
    for event in [failed(true), stepped(EnrolState::NotEnrolled)] {
        assert!(after(&[stepping(), event]).counts());
    }
}

#[test]
fn what_needs_a_person_is_said_with_what_to_do() {
    let (step, lost) = (stepping(), failed(true));
    let stories = [
        (
            vec![step.clone(), stepped(action())],
            Matter::NotEnrolled,
            "waits to be enrolled: sign (https://sign.example)",
        ),
        (
            vec![step.clone(), lost.clone(), stepped(action())],
            Matter::Held,
            "is held in its enrolment: sign (https://sign.example). Once that is settled, `reissue enrol \
             acme --settled` goes on",
        ),
        (
            vec![step.clone(), lost],
            Matter::Unknown,
            "sent something for its enrolment whose answer was lost, and does not send it again; the \
             provider is asked: unreachable",
        ),
        (
            vec![step.clone(), stepped(EnrolState::Refused("no".into()))],
            Matter::Refused,
            "was refused by the provider: no. Mend it, then `reissue enrol acme`",
        ),
        (
            vec![step.clone(), failed(false)],
            Matter::Failing,
            "could not be enrolled: unreachable. Then `reissue enrol acme` tries again",
        ),
        (
            vec![step.clone(), stepped(EnrolState::NotEnrolled)],
            Matter::NotEnrolled,
            "is not enrolled yet: `reissue enrol acme` goes on",
        ),
        (
            vec![step.clone(), stepped(EnrolState::Pending), failed(false)],
            Matter::Failing,
            "is being enrolled, and the provider does not say how far it is: unreachable",
        ),
    ];
    for (events, matter, text) in stories {
        let alarm = Alarm::of_enrolment("acme", &after(&events), None).unwrap();
        assert_eq!((alarm.matter, alarm.text.as_str()), (matter, text));
    }
    for state in [EnrolState::Pending, EnrolState::Active] {
        let enrolment = after(&[step.clone(), stepped(state)]);
        assert_eq!(Alarm::of_enrolment("acme", &enrolment, None), None);
    }
}
