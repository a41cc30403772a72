//! "Did you mean …?"

/// The candidate that `word` was most likely meant to be, if one is near enough to be worth saying.
///
/// Near enough is a third of the word's letters: a suggestion that is far off costs more trust than
/// none. Upper and lower case count as the same letter.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let reach = word.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help line for a word that is none of `candidates`: the nearest one, else all of them.
pub(crate) fn suggestion(word: &str, candidates: &[&str], what: &str) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if candidates.is_empty() => format!("there are no {what}"),
        None => format!("the {what} are `{}`", candidates.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let keys = ["account", "job", "cron"];
        assert_eq!(nearest("acount", keys), Some("account"));
        assert_eq!(nearest("acconut", keys), Some("account"));
        assert_eq!(nearest("CRON", keys), Some("cron"));
        assert_eq!(nearest("timezone", keys), None);
        assert_eq!(nearest("job", []), None);
    }
}
