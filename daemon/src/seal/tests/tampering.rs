//! Whatever is done to a sealed file, it never returns anything but what was sealed, and says that
//! it is not whole.

use super::super::header::HEADER_LEN;
use super::*;

const FRAMES: [&[u8]; 3] = [b"first.", b"second", b"third."];

/// The frames of a sealed file as they lie there, each with its length.
pub(super) fn frames(sealed: &[u8]) -> Vec<&[u8]> {
    let mut rest = &sealed[HEADER_LEN..];
    let mut frames = Vec::new();
    while let Some((length, _)) = rest.split_first_chunk() {
        let (frame, others) = rest.split_at(4 + u32::from_le_bytes(*length) as usize);
        frames.push(frame);
        rest = others;
    }
    frames
}

/// Whether these are the first of [`FRAMES`], unchanged.
fn is_prefix(frames: &[Vec<u8>]) -> bool {
    frames.len() <= FRAMES.len()
        && frames
            .iter()
            .zip(FRAMES)
            .all(|(frame, sealed)| frame == sealed)
}

/// Rearranges the frames of a file that holds [`FRAMES`] and reads it.
fn rearranged(order: &[usize]) -> (Vec<Vec<u8>>, String) {
    let state = State::new();
    let sealed = fs::read(state.seal("spool", &FRAMES)).unwrap();
    let mut bytes = sealed[..HEADER_LEN].to_vec();
    for &index in order {
        bytes.extend_from_slice(frames(&sealed)[index]);
    }
    let (frames, error) = state.open_altered(&bytes);
    (frames, error.to_string())
}

#[test]
fn no_flipped_bit_goes_unnoticed() {
    let state = State::new();
    let sealed = fs::read(state.seal("spool", &FRAMES)).unwrap();
    for position in 0..sealed.len() {
        for bit in 0..8 {
            let mut bytes = sealed.clone();
            bytes[position] ^= 1 << bit;
            let (frames, _) = state.open_altered(&bytes);
            assert!(
                is_prefix(&frames),
                "bit {bit} of byte {position} changed what was read: {frames:?}"
            );
        }
    }
}

#[test]
fn a_file_cut_anywhere_does_not_prove_whole() {
    let state = State::new();
    let sealed = fs::read(state.seal("spool", &FRAMES)).unwrap();
    for length in 0..sealed.len() {
        let (frames, error) = state.open_altered(&sealed[..length]);
        assert!(is_prefix(&frames), "cut to {length} bytes: {frames:?}");
        assert!(
            matches!(
                error,
                SealError::Truncated { .. } | SealError::Damaged { .. }
            ),
            "cut to {length} bytes: {error}"
        );
    }
}

#[test]
fn bytes_after_the_end_are_noticed() {
    let state = State::new();
    let sealed = fs::read(state.seal("spool", &FRAMES)).unwrap();
    for more in [&[0][..], frames(&sealed)[3], &sealed] {
        let (frames, _) = state.open_altered(&[&sealed, more].concat());
        assert_eq!(frames, FRAMES);
    }
}

#[test]
fn frames_open_only_in_their_order() {
    // 3 is the end frame.
    for (order, whole, broken) in [
        (&[1, 0, 2, 3][..], 0, 1), // exchanged
        (&[0, 2, 3], 1, 2),        // dropped
        (&[0, 1, 1, 2, 3], 2, 3),  // repeated
        (&[0, 1, 2], 2, 3),        // cut between frames
        (&[0, 3], 1, 2),           // cut, end put back
    ] {
        let (frames, message) = rearranged(order);
        assert_eq!(frames, &FRAMES[..whole], "{order:?}");
        assert!(
            message.starts_with(&format!("frame {broken} of /")),
            "{order:?}: {message}"
        );
    }
}

#[test]
fn frames_of_another_file_at_the_same_place_do_not_open() {
    let state = State::new();
    let one = fs::read(state.seal("one", &FRAMES)).unwrap();
    let other = fs::read(state.seal("other", &FRAMES)).unwrap();

    let (frames, _) = state.open_altered(&[&one[..HEADER_LEN], &other[HEADER_LEN..]].concat());

    assert!(frames.is_empty());
}

#[test]
fn a_file_moved_to_another_place_does_not_open() {
    let state = State::new();
    let path = state.seal("spool", &FRAMES);

    let error = SealedReader::open(&path, &state.keyring, "spool/acme-uk/2")
        .err()
        .unwrap();

    assert_eq!(
        error.to_string(),
        format!(
            "{} does not open as `spool/acme-uk/2`: it was sealed as something else or under another keyring, \
             or its header was altered; restore the file, or the keyring, from a backup",
            path.display()
        )
    );
}

#[test]
fn another_keyring_does_not_open_it() {
    let path_state = State::new();
    let path = path_state.seal("spool", &FRAMES);

    let error = State::new().open(&path).unwrap_err();

    assert!(matches!(error, SealError::WrongPlace { .. }), "{error}");
}

#[test]
fn a_wrapping_key_that_is_gone_is_named() {
    let state = State::new();
    let mut sealed = fs::read(state.seal("spool", &FRAMES)).unwrap();
    sealed[8] = 3;

    let (_, error) = state.open_altered(&sealed);

    assert!(
        error
            .to_string()
            .contains("is sealed under wrapping key 3, which is not in the keyring"),
        "{error}"
    );
}

#[test]
fn what_is_not_a_sealed_file_is_called_so() {
    let state = State::new();
    let (_, error) = state.open_altered(&b"{\"id\":\"acme-uk/1/2\"}\n".repeat(10));
    assert!(matches!(error, SealError::NotSealed { .. }), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_named_with_the_systems_reason() {
    let state = State::new();
    let path = state.path("missing");

    let error = state.open(&path).unwrap_err();

    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot read {}", path.display()))
    );
    assert!(std::error::Error::source(&error).is_some());
}

/// A length that points beyond the file must not make the reader go on with what follows it.
#[test]
fn nothing_is_read_after_an_error() {
    let state = State::new();
    let sealed = fs::read(state.seal("spool", &FRAMES)).unwrap();
    for length in [1_000_u32, u32::MAX] {
        let inserted = length.to_le_bytes();
        let bytes = [&sealed[..HEADER_LEN], &inserted, &sealed[HEADER_LEN..]].concat();
        // `open_altered` calls the reader once more after its error.
        let (frames, _) = state.open_altered(&bytes);
        assert!(frames.is_empty());
    }
}
