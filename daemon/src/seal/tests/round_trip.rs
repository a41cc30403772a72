//! What goes in comes out, and nothing of it can be seen in between.

use std::os::unix::fs::PermissionsExt;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{MAX_FRAME, durable};
use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_frames_come_back_as_they_were(frames in vec(vec(any::<u8>(), 0..20_000), 0..8)) {
        let state = State::new();
        let path = state.seal("spool", &frames);
        prop_assert_eq!(state.open(&path).unwrap(), frames);
    }
}

#[test]
fn nothing_of_the_plaintext_is_in_the_file() {
    let state = State::new();
    let pan = b"4111111111111111";
    let path = state.seal("spool", &[pan.repeat(40)]);

    let sealed = fs::read(&path).unwrap();

    let found = |bytes: &[u8]| {
        bytes
            .windows(8)
            .any(|window| pan.windows(8).any(|part| part == window))
    };
    assert!(found(&state.open(&path).unwrap()[0]));
    assert!(!found(&sealed));
}

#[test]
fn the_same_plaintext_never_seals_to_the_same_bytes() {
    let state = State::new();
    let one = fs::read(state.seal("one", &[b"same", b"same"])).unwrap();
    let other = fs::read(state.seal("other", &[b"same", b"same"])).unwrap();

    let frames = super::tampering::frames(&one);
    assert_ne!(frames[0], frames[1]);
    assert_ne!(frames[0], super::tampering::frames(&other)[0]);
}

#[test]
fn the_writers_buffer_comes_back_empty_with_its_capacity() {
    let state = State::new();
    let mut writer = SealedWriter::create(&state.path("spool"), &state.keyring, PLACE).unwrap();
    let mut buffer = b"plaintext".repeat(100);
    let capacity = buffer.capacity();

    writer.write_frame(&mut buffer).unwrap();

    assert!(buffer.is_empty());
    assert_eq!(buffer.capacity(), capacity);
}

#[test]
fn a_frame_may_hold_four_mebibytes_and_no_byte_more() {
    let state = State::new();
    let path = state.seal("largest", &[vec![7; MAX_FRAME]]);
    assert_eq!(state.open(&path).unwrap(), [vec![7; MAX_FRAME]]);

    let path = state.path("larger");
    let mut writer = SealedWriter::create(&path, &state.keyring, PLACE).unwrap();
    let mut buffer = vec![7; MAX_FRAME + 1];
    let error = writer.write_frame(&mut buffer).unwrap_err();

    assert!(buffer.is_empty(), "the refused plaintext is wiped as well");
    assert_eq!(
        error.to_string(),
        format!(
            "a frame of 4194305 bytes is too large for {}: at most 4 MiB, so seal fewer records in a frame",
            path.display()
        )
    );
}

#[test]
fn a_published_file_is_private_and_replaces_its_temporary_name() {
    let state = State::new();
    fs::write(state.path("spool.tmp"), "left by a crash").unwrap();
    let temp = state.seal("spool.tmp", &[b"frame"]);
    let path = state.path("spool");

    durable::publish(&temp, &path).unwrap();

    assert!(!temp.exists());
    assert_eq!(state.open(&path).unwrap(), [b"frame"]);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
}

#[test]
fn a_file_that_was_not_finished_does_not_open() {
    let state = State::new();
    let path = state.path("spool.tmp");
    let mut writer = SealedWriter::create(&path, &state.keyring, PLACE).unwrap();
    writer.write_frame(&mut b"frame".to_vec()).unwrap();
    drop(writer);

    assert!(state.open(&path).is_err());
}
