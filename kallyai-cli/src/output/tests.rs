//! What comes out, as a whole.

use super::*;

const CALLS: &str = r#"{"calls":[{"call_id":"call_8f14e45fceea167a5a36dedd4bea2543","status":"success","duration_seconds":94,"cost":"1.20","created_at":"2026-02-14T18:00:00Z","task":"Book a table for four at eight, near the window if that can be had, and ask for the menu"},{"call_id":"call_c9f0f895fb98ab9159f51fd0297e236d","status":"no_answer","duration_seconds":7,"cost":"0.9","created_at":"2026-02-15T18:00:00Z","task":"日本語の\nとても長い説明文がここに入りますので切り詰める必要があります"}],"total":31}"#;

pub(super) fn output(wishes: &Wishes, around: Surroundings) -> Output {
    let mut output = Output::decide(wishes, around).unwrap();
    output.look.zone = chrono::FixedOffset::east_opt(3600);
    output
}

fn terminal(width: u16) -> Surroundings {
    Surroundings {
        stdin_is_terminal: true,
        stdout_is_terminal: true,
        stderr_is_terminal: true,
        width: Some(width),
        no_color: true,
        ..Surroundings::default()
    }
}

fn shown(output: &Output, hints: &Hints<'_>, body: &str) -> String {
    let mut out = Vec::new();
    output.answer_to(&mut out, hints, body.as_bytes()).unwrap();
    String::from_utf8(out).unwrap()
}

fn at(width: u16, hints: &Hints<'_>, body: &str) -> String {
    shown(&output(&Wishes::default(), terminal(width)), hints, body)
}

#[test]
fn show() {
    for width in [40, 80, 200] {
        println!("{}", at(width, &Hints::default(), CALLS));
    }
    println!("{}", at(80, &Hints::default(), r#"{"calls":[]}"#));
    println!(
        "{}",
        at(
            80,
            &Hints::default(),
            r#"{"id":"g_1","title":"Book a dental check-up","n":{"a_b":1,"c":{"d":"long text here that wraps and wraps and wraps until there is no more of it"}},"tags":["a","b"],"steps":[{"step":1,"description":"Search"},{"step":10,"description":"Ring"}]}"#
        )
    );
}
