//! Strangers' text on a terminal: what could rewrite the screen, the title or the clipboard is taken out.

use anstream::adapter::strip_str;

/// Whether a character steers a terminal, or turns the direction of the text around it.
pub(crate) fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Text of several lines: escape sequences and control characters are gone, tabs are spaces.
pub(crate) fn lines(text: &str) -> String {
    // Most text has none.
    if !text.chars().any(|c| c == '\t' || is_dangerous(c)) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for c in strip_str(&text.replace("\r\n", "\n")).to_string().chars() {
        match c {
            '\t' => clean.push_str("    "),
            '\r' => clean.push('\n'),
            c if is_dangerous(c) => {}
            c => clean.push(c),
        }
    }
    clean
}

/// Text of one line.
pub(crate) fn line(text: &str) -> String {
    let clean = lines(text);
    let mut words = clean.split_whitespace();
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_transcript_shows_as_text() {
        let hostile = [
            ("clear\x1b[2J\x1b[H the screen", "clear the screen"),
            ("colour \x1b[31mred\x1b[0m", "colour red"),
            ("title \x1b]0;root\x07now", "title now"),
            ("clipboard \x1b]52;c;cm0gLXJm\x1b\\now", "clipboard now"),
            (
                "link \x1b]8;;https://a.example\x1b\\b\x1b]8;;\x1b\\",
                "link b",
            ),
            ("eight bit \u{9b}2J", "eight bit 2J"),
            ("back\x08\x08\x08\x08fore\x7f", "backfore"),
            ("over\rwritten", "over written"),
            ("bell\x07 null\0", "bell null"),
            ("turned \u{202e}txt.exe", "turned txt.exe"),
        ];
        for (text, shown) in hostile {
            assert_eq!(line(text), shown);
            assert!(!lines(text).chars().any(is_dangerous));
        }
    }

    #[test]
    fn what_is_within_and_after_a_sequence_stays_text() {
        for text in [
            "\x1b]0;✅ 日本",
            "\x1b[✅ 日本",
            "\x1bP\u{9c}✅",
            "\x1b",
            "\u{9b}é",
            "\x1b]52;é\x07✅",
        ] {
            assert!(!lines(text).chars().any(is_dangerous), "{text:?}");
        }
        assert_eq!(line("\x1b]52;é\x07✅"), "✅");
    }

    #[test]
    fn honest_text_is_kept() {
        let text = "Zwei Zeilen,\nüber 日本 👩‍👩‍👧 и عربى";
        assert_eq!(lines(text), text);
        assert_eq!(lines("a\tb\r\nc"), "a    b\nc");
        assert_eq!(line("  a \n\n b "), "a b");
    }
}
