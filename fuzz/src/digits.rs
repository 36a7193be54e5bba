//! What could be a phone number in a text.

/// The runs of at least so many ASCII digits.
pub(crate) fn runs(text: &str, least: usize) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(move |run| run.len() >= least)
}
