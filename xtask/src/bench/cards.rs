//! Files of cards that belong to nobody: numbers that pass every check, and no two of them the same.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::scene::Asks;

/// Writes a file of the cards `first` to `first + count - 1`, in the columns that the provider needs.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(file: &Path, asks: Asks, first: u64, count: u32) -> Result<()> {
    let fill = || -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        match asks {
            // One of digits alone would be an identifier of a card number.
            Asks::SmartpayFuse => writeln!(out, "reference,token,token_kind")?,
            _ => writeln!(out, "reference,pan,expiry,next_billing")?,
        }
        for card in first..first + u64::from(count) {
            match asks {
                Asks::SmartpayFuse => {
                    writeln!(out, "sub-{card:010},F{card:031X},payment_instrument")
                }
                _ => {
                    let (month, day) = (card % 12 + 1, card % 28 + 1);
                    let number = with_check_digit(card);
                    writeln!(
                        out,
                        "sub-{card:010},{number},2031-{month:02},2027-{month:02}-{day:02}"
                    )
                }
            }?;
        }
        out.into_inner()?.sync_all()
    };
    fill().with_context(|| format!("cannot write {}", file.display()))
}

/// A number of 16 digits that ends in its check digit. No published test card begins like it.
fn with_check_digit(card: u64) -> String {
    let number = format!("4539{card:011}");
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(digit - b'0')) {
            (0, digit @ 5..) => digit * 2 - 9,
            (0, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}
