//! A page with a question and a button for each answer. Nothing of a request stands in it: what was asked
//! is kept in the world, under the ticket in the path.

use std::fmt::Write as _;

use url::form_urlencoded;

use crate::wire::Answer;

/// What a page asks. The texts are the sandbox's own.
pub(crate) struct Form {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    /// The word that is sent, and what stands on the button.
    pub(crate) buttons: &'static [(&'static str, &'static str)],
}

impl Form {
    pub(crate) fn answer(&self) -> Answer {
        let mut buttons = String::new();
        for (value, label) in self.buttons {
            // Writing to a string does not fail.
            let _ = writeln!(
                buttons,
                r#"<button name="decision" value="{value}">{label}</button>"#
            );
        }
        let (title, text) = (self.title, self.text);
        page(&format!(
            "<h1>{title}</h1>\n<p>{text}</p>\n<form method=\"post\">\n{buttons}</form>"
        ))
    }

    /// Which button was pressed.
    pub(crate) fn decision(&self, body: &[u8]) -> Result<&'static str, Answer> {
        let sent = form_urlencoded::parse(body)
            .find_map(|(name, value)| (name == "decision").then(|| value.into_owned()))
            .unwrap_or_default();
        self.buttons
            .iter()
            .find_map(|(value, _)| (*value == sent).then_some(*value))
            .ok_or_else(|| {
                let known: Vec<&str> = self.buttons.iter().map(|(value, _)| *value).collect();
                Answer::error(400, "validation_error", "The request is not valid.")
                    .with_reason(format!("decision: is {}", known.join(" or ")))
            })
    }
}

/// A page that only says something.
pub(crate) fn note(text: &'static str) -> Answer {
    page(&format!("<h1>KallyAI sandbox</h1>\n<p>{text}</p>"))
}

fn page(content: &str) -> Answer {
    Answer::text(
        "text/html; charset=utf-8",
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <title>KallyAI sandbox</title>\n{content}\n</html>\n"
        ),
    )
    // The form leads to a redirect to another origin, so form-action has no place here.
    .with_header(
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    )
    // With no-referrer the form would say that it comes from nowhere, like one from elsewhere.
    .with_header("referrer-policy", "same-origin")
}
