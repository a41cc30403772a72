//! What the reader in any order returns was sealed there, and a file that it opens is whole.

use super::super::SealedFrames;
use super::super::header::HEADER_LEN;
use super::tampering::frames;
use super::*;
use zeroize::Zeroizing;

const FRAMES: [&[u8]; 3] = [b"first.", b"second", b"third."];

/// What an altered file gives: the frames that open, if it opens at all.
fn survivors(state: &State, bytes: &[u8]) -> Option<Vec<Option<Vec<u8>>>> {
    let path = state.path("altered");
    fs::write(&path, bytes).unwrap();
    let mut frames = SealedFrames::open(&path, &state.keyring, PLACE).ok()?;
    let read = (0..frames.len()).map(|frame| {
        let read = frames.read(frame, Zeroizing::default()).ok()?;
        Some(read.to_vec())
    });
    Some(read.collect())
}

#[test]
fn frames_come_in_any_order_and_again() {
    let state = State::new();
    let path = state.seal("cards", &FRAMES);
    let mut frames = SealedFrames::open(&path, &state.keyring, PLACE).unwrap();
    assert_eq!(frames.len(), 3);
    let mut buffer = Zeroizing::new(b"what another frame left there".to_vec());
    for frame in [2, 0, 1, 1, 2] {
        buffer = frames.read(frame, buffer).unwrap();
        assert_eq!(&**buffer, FRAMES[frame]);
    }
    let missing = frames.read(3, buffer);
    assert!(matches!(missing, Err(SealError::Damaged { .. })));
}

#[test]
fn an_empty_file_has_no_frames() {
    let state = State::new();
    let path = state.seal("cards", &[] as &[&[u8]]);
    let frames = SealedFrames::open(&path, &state.keyring, PLACE).unwrap();
    assert!(frames.is_empty());
}

#[test]
fn no_flipped_bit_changes_what_is_read() {
    let state = State::new();
    let sealed = fs::read(state.seal("cards", &FRAMES)).unwrap();
    for position in 0..sealed.len() {
        let mut bytes = sealed.clone();
        bytes[position] ^= 1 << (position % 8);
        let Some(read) = survivors(&state, &bytes) else {
            continue;
        };
        let intact = |(at, frame): (usize, &Option<Vec<u8>>)| {
            frame.as_ref().is_none_or(|frame| frame == FRAMES[at])
        };
        assert_eq!(read.len(), 3, "byte {position}");
        assert!(read.iter().enumerate().all(intact), "byte {position}");
        assert!(
            read.iter().any(Option::is_none),
            "byte {position} went unnoticed"
        );
    }
}

#[test]
fn a_file_cut_or_lengthened_anywhere_does_not_open() {
    let state = State::new();
    let sealed = fs::read(state.seal("cards", &FRAMES)).unwrap();
    for length in 0..sealed.len() {
        assert!(survivors(&state, &sealed[..length]).is_none(), "{length}");
    }
    for more in [&[0][..], frames(&sealed)[3], &sealed] {
        assert!(survivors(&state, &[&sealed, more].concat()).is_none());
    }
}

#[test]
fn a_frame_opens_only_in_its_own_place() {
    let state = State::new();
    let sealed = fs::read(state.seal("cards", &FRAMES)).unwrap();
    let frames = frames(&sealed);
    let with = |order: &[usize]| {
        let mut bytes = sealed[..HEADER_LEN].to_vec();
        for &frame in order {
            bytes.extend_from_slice(frames[frame]);
        }
        survivors(&state, &bytes)
    };
    let exchanged = with(&[1, 0, 2, 3]).unwrap();
    assert_eq!(exchanged, [None, None, Some(FRAMES[2].to_vec())]);
    assert!(with(&[0, 1, 3]).is_none(), "one less");
    assert!(with(&[0, 1, 2, 2, 3]).is_none(), "one more");
}
