//! Command lines that lead to nothing, and what is said of them.

use super::super::Refusal;
use super::{refused, try_parse, wanted};

const CALL: [&str; 6] = [
    "calls",
    "make",
    "-p",
    "+12025550199",
    "-t",
    "Ask when they open",
];

fn call_with(more: &[&'static str]) -> Vec<&'static str> {
    [&CALL[..], more].concat()
}

#[test]
fn numbers_name_their_flag_and_are_not_repeated() {
    for (line, flag) in [
        (
            vec![
                "calls",
                "make",
                "-p",
                "3105550147",
                "-t",
                "Ask when they open",
            ],
            "--phone",
        ),
        (
            vec!["-p", "3105550147", "-t", "Ask when they open"],
            "--phone",
        ),
        (
            vec!["inbound", "transfer", "i-1", "--to", "3105550147"],
            "--to",
        ),
        (
            vec!["phone", "forwarding", "pn-1", "--target", "3105550147"],
            "--target",
        ),
        (
            vec!["phone", "verify-start", "3105550147"],
            "<PHONE_NUMBER>",
        ),
        (call_with(&["--user-phone", "3105550147"]), "--user-phone"),
    ] {
        let (message, hint) = refused(&line);
        assert!(message.starts_with(&format!("{flag}: ")), "{message}");
        assert!(
            hint.contains("+1 310 555 0147 is written +13105550147"),
            "{hint}"
        );
        assert!(
            !format!("{message}{hint}").contains("3105550147 "),
            "{message} {hint}"
        );
    }
    let (message, hint) = refused(&["calls", "make", "-p", "+1911", "-t", "Help me please"]);
    assert!(message.contains("emergency"), "{message}");
    assert!(hint.contains("call them yourself"), "{hint}");
}

#[test]
fn values_that_do_not_fit() {
    for (more, flag) in [
        (["--date", "2099-2-14"], "--date"),
        (["--date", "2099-02-30"], "--date"),
        (["--date", "tomorrow"], "--date"),
        (["--date", "+026-02-14"], "--date"),
        (["--date", "2099-02- 4"], "--date"),
        (["--time", "8pm"], "--time"),
        (["--time", "24:00"], "--time"),
        (["--time", "8:00"], "--time"),
        (["--time", " 8:00"], "--time"),
        (["--time", "+8:00"], "--time"),
        (["--timezone", "Europe/Atlantis"], "--timezone"),
        (["--party-size", "four"], "--party-size"),
        (["--party-size", "51"], "--party-size"),
        (["--party-size", "0"], "--party-size"),
        (["--party-size", "2.5"], "--party-size"),
    ] {
        let (message, hint) = refused(&call_with(&more));
        assert!(message.starts_with(&format!("{flag}: ")), "{message}");
        assert!(!hint.is_empty(), "{message}");
    }
    for (line, flag) in [
        (
            ["actions", "bill", "analyze", "x", "--amount", "NaN"],
            "--amount",
        ),
        (
            ["actions", "bill", "analyze", "x", "--amount", "ten"],
            "--amount",
        ),
        (
            [
                "inbound",
                "update-contact",
                "k",
                "--vip",
                "maybe",
                "--human",
            ],
            "--vip",
        ),
        (["calls", "make", "-c", "bakery", "-t", "x"], "--category"),
    ] {
        let (message, _) = refused(&line);
        assert!(message.contains(flag), "{message}");
    }
    let (message, _) = refused(&[
        "actions",
        "ride",
        "--pickup",
        "a",
        "--destination",
        "b",
        "--time",
        "20:00",
    ]);
    assert!(message.starts_with("--time: "), "{message}");
}

#[test]
fn json_says_where_it_breaks_and_nothing_of_what_is_in_it() {
    let rule = |json: &'static str| {
        refused(&[
            "inbound",
            "add-rule",
            "--name",
            "a",
            "--action",
            "b",
            "--conditions",
            json,
        ])
    };
    let (message, _) = rule(r#"{"secret": 1,}"#);
    assert!(message.starts_with("--conditions: no JSON"), "{message}");
    assert!(message.contains("line 1 column 14"), "{message}");
    assert!(!message.contains("secret"), "{message}");
    for other in ["[1]", "\"secret\"", "12"] {
        let (message, hint) = rule(other);
        assert_eq!(message, "--conditions: no JSON object");
        assert!(!hint.contains("secret"), "{hint}");
    }
}

#[test]
fn wrong_words_get_near_ones() {
    let (message, hint) = refused(&["cals", "make"]);
    assert!(message.contains("'cals'"), "{message}");
    assert!(hint.contains("'calls'"), "{hint}");
    let (_, hint) = refused(&["calls", "mak"]);
    assert!(hint.contains("'make'"), "{hint}");
    let (_, hint) = refused(&["coord", "goals", "--statsu", "active"]);
    assert!(hint.contains("'--status'"), "{hint}");
}

#[test]
fn what_is_missing_is_named() {
    for (line, missing) in [
        (vec!["calls", "make", "-p", "+12025550199"], "--task <TEXT>"),
        (
            vec!["outreach", "create", "--target", "jo@example.com", "x"],
            "--channel <CHANNEL>",
        ),
        (vec!["coord", "goal"], "<GOAL_ID>"),
        (vec!["ask"], "<MESSAGE>..."),
        (vec!["messages", "mark-read"], "<MESSAGE_IDS>..."),
        (vec!["phone", "available"], "--country <TEXT>"),
        (
            vec!["inbound", "update-contact", "k", "--vip"],
            "--vip <BOOL>",
        ),
    ] {
        let (message, _) = refused(&line);
        assert!(message.contains(missing), "{message}");
    }
}

#[test]
fn a_group_alone_shows_its_help_and_fails() {
    for line in [
        vec![],
        vec!["calls"],
        vec!["actions", "calendar"],
        vec!["email", "connect"],
    ] {
        match try_parse(&line) {
            Err(Refusal::Incomplete(text)) => assert!(text.to_string().contains("Usage:")),
            other => panic!("{line:?}: {other:?}"),
        }
    }
}

#[test]
fn help_is_no_failure() {
    for line in [
        vec!["--help"],
        vec!["-h"],
        vec!["help"],
        vec!["help", "calls", "make"],
        vec!["calls", "help", "make"],
        vec!["calls", "make", "--help"],
        vec!["calls", "make", "--he"],
        vec!["actions", "calendar", "create", "-h"],
        vec!["sandbox", "--help"],
    ] {
        match try_parse(&line) {
            Err(Refusal::Shown(text)) => {
                let text = text.to_string();
                if line.contains(&"make") {
                    assert!(text.contains("--party-size"), "{line:?}: {text}");
                }
            }
            other => panic!("{line:?}: {other:?}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_utf_8_is_refused() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    for line in [vec![vec![0xff]], vec![b"ask".to_vec(), vec![b'a', 0xc3]]] {
        let place = line.len();
        let line = line.into_iter().map(OsString::from_vec);
        match super::super::parse(line, super::LONDON) {
            Err(Refusal::Usage(usage)) => {
                assert_eq!(usage.message, format!("argument {place} is no UTF-8"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nothing_of_a_call_is_in_what_is_logged() {
    let wanted = wanted(&CALL);
    let text = format!("{wanted:?}");
    assert!(
        text.contains("make") && !text.contains("2025550199") && !text.contains("open"),
        "{text}"
    );
}

#[test]
fn what_the_library_says_of_a_field_can_be_said_of_a_flag() {
    let command = wanted(&CALL).command;
    for (field, flag) in [
        ("submission.respondent_phone", Some("--phone")),
        ("submission.call_language", Some("--language")),
        ("submission.user_phone", Some("--user-phone")),
        ("nothing", None),
    ] {
        assert_eq!(command.written(field).as_deref(), flag);
    }
    let goal = wanted(&["coord", "goal", "g_1"]).command;
    assert_eq!(goal.written("goal_id").as_deref(), Some("<GOAL_ID>"));
    let old = wanted(&["--call-info", "c-1"]).command;
    assert_eq!(old.written("call_id").as_deref(), Some("--call-info"));
    let old = wanted(&CALL[2..]).command;
    assert_eq!(old.written("timezone"), None);
}
