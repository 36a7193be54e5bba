//! Values that are none.

use kallyai_sandbox::Sandbox;

use super::{call_with, refused};

/// Each command that takes a number, up to the number.
const NUMBERS: &[(&[&str], &str)] = &[
    (
        &["calls", "make", "-t", "Ask when they open", "-p"],
        "--phone",
    ),
    (&["-t", "Ask when they open", "--phone"], "--phone"),
    (
        &[
            "calls",
            "make",
            "-p",
            "+12025550199",
            "-t",
            "Ask when they open",
            "--user-phone",
        ],
        "--user-phone",
    ),
    (&["inbound", "transfer", "i_1", "--to"], "--to"),
    (
        &["inbound", "add-contact", "--name", "Ada", "--phone"],
        "--phone",
    ),
    (&["inbound", "update-contact", "k_1", "--phone"], "--phone"),
    (&["phone", "forwarding", "pn_1", "--target"], "--target"),
    (&["phone", "verify-start"], "<PHONE_NUMBER>"),
    (
        &["phone", "verify-check", "--code", "123456"],
        "<PHONE_NUMBER>",
    ),
    (
        &["outreach", "create", "Ask", "--channel", "call", "--target"],
        "--target",
    ),
];

#[tokio::test]
async fn numbers() {
    let sandbox = Sandbox::start().await.unwrap();
    for (before, flag) in NUMBERS {
        for number in [
            "",
            " ",
            "12025550147",
            "+1 202 555 0147",
            "+12025550147 ",
            "+12025550147\n",
            "+1202call",
            "+1202555014712345",
            "+１２０２５５５０１４７",
            "\u{202e}+12025550147",
            "+12025550147;ext=1",
            "tel:+12025550147",
            "+0",
            "+",
            "911",
            "+911",
            "+1911",
            "112",
            "999",
        ] {
            let error = refused(&sandbox, &[before, &[number][..]].concat());
            let message = error["message"].as_str().unwrap();
            assert!(message.starts_with(flag), "{before:?} {number:?}: {error}");
            assert!(number.len() < 4 || !message.contains(number), "{error}");
        }
    }
}

#[tokio::test]
async fn what_goes_with_a_call() {
    let sandbox = Sandbox::start().await.unwrap();
    for (flag, values) in [
        (
            "--date",
            &[
                "2026-02-30",
                "14.2.2026",
                "tomorrow",
                "",
                "2099-1-1",
                "２０９９-01-01",
            ][..],
        ),
        ("--time", &["25:00", "8pm", "", "08:60", "8:00", "20:00:00"]),
        (
            "--timezone",
            &["Mars/Base", "", "CET-1", "+02:00", "../UTC"],
        ),
        (
            "--party-size",
            &[
                "0",
                "51",
                "two",
                "",
                "-3",
                "2.5",
                "1e1",
                "99999999999999999999",
            ],
        ),
        ("--category", &["pizza", "", "Restaurant"]),
        ("--language", &["fr", "", "EN"]),
        ("--idempotency-key", &["", "a b", "ключ", "a\nb"]),
        ("--time-preference-text", &[" ", "\t\n"]),
    ] {
        for value in values {
            let error = refused(&sandbox, &call_with(&[flag, value]));
            assert!(error["message"].as_str().unwrap().contains(flag), "{error}");
        }
    }
    let long = "a".repeat(100_000);
    for (flag, value) in [
        ("--name", &long[..101]),
        ("--business", &long[..201]),
        ("--time-preference-text", &long[..201]),
        ("--idempotency-key", &long[..256]),
        ("--name", &long),
        ("--timezone", &long),
    ] {
        let error = refused(&sandbox, &call_with(&[flag, value]));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(flag) && message.len() < 300, "{error}");
    }
    for task in [
        "",
        " ",
        "short",
        "          ",
        "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\t\n",
        &long[..1001],
        &long,
    ] {
        let error = refused(
            &sandbox,
            &["calls", "make", "-p", "+12025550199", "-t", task],
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.starts_with("--task: ") && message.len() < 300,
            "{error}"
        );
    }
    let error = refused(
        &sandbox,
        &call_with(&["--date", "2020-01-01", "--time", "10:00"]),
    );
    assert_eq!(error["message"], "--date: this day is over");
}

#[tokio::test]
async fn what_goes_with_other_commands() {
    let sandbox = Sandbox::start().await.unwrap();
    let rule = [
        "inbound",
        "add-rule",
        "--name",
        "a",
        "--action",
        "transfer",
        "--conditions",
    ];
    for json in [
        "",
        "{bad",
        "[1]",
        "\"canary\"",
        "{\"canary\": 1,}",
        "{} {}",
        "nul\u{1}l",
    ] {
        let error = refused(&sandbox, &[&rule[..], &[json]].concat());
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("--conditions: no JSON"), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let contact = [
        "inbound",
        "add-contact",
        "--name",
        "Ada",
        "--phone",
        "+12025550147",
    ];
    for vip in ["--vip=maybe", "--vip="] {
        let error = refused(&sandbox, &[&contact[..], &[vip]].concat());
        assert!(
            error["message"].as_str().unwrap().contains("--vip"),
            "{error}"
        );
    }
    // A switch takes a value behind an = only: this is an argument of its own.
    for vip in ["maybe", "true"] {
        let error = refused(&sandbox, &[&contact[..], &["--vip", vip]].concat());
        assert!(
            error["hint"].as_str().unwrap().contains("--vip=true"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_goes_with_no_command() {
    let sandbox = Sandbox::start().await.unwrap();
    for line in [
        &["ask", ""][..],
        &["ask", " "],
        &["ask", "\u{1}\u{2}"],
        &["coord", "message", " ", "\t"],
        &["search", " "],
        &["inbound", "update-contact", "k_1", "--vip", "maybe"],
        &["phone", "available", "--country", "Germany"],
        &["phone", "available", "--country", "us"],
        &[
            "actions",
            "calendar",
            "create",
            "--title",
            "x",
            "--start",
            "2026-02-14",
        ],
        &[
            "actions",
            "calendar",
            "create",
            "--title",
            "x",
            "--start",
            "2026-02-14T20:00Z",
        ],
        &[
            "actions",
            "calendar",
            "create",
            "--title",
            "x",
            "--start",
            "2026-02-14 20:00",
        ],
        &["actions", "calendar", "slots", "--duration", "-3"],
        &["actions", "bill", "analyze", "x", "--amount", "12,50"],
        &["actions", "bill", "analyze", "x", "--amount", "NaN"],
        &["actions", "bill", "analyze", "x", "--amount", "1e999"],
        &[
            "outreach",
            "create",
            "x",
            "--channel",
            "email",
            "--target",
            "nobody",
        ],
        &[
            "outreach",
            "create",
            "x",
            "--channel",
            "sms",
            "--target",
            "a@example.com",
        ],
        &["calls", "history", "--limit", "0"],
        &["calls", "history", "--limit", "-1"],
        &["calls", "history", "--limit", "99999999999999999999"],
        &["calls", "history", "--offset", "-1"],
        &["channels", "email-add", "nobody"],
        &["channels", "email-verify", ""],
        &["subscription", "change-plan", "gold"],
        &["login", "--port", "99999"],
        &["completions", "tcsh"],
        &["sandbox", "--clock", "sundial"],
        &["mcp", "--http", "99999"],
        &["calls", "history", "--timeout", "0"],
        &["calls", "history", "--timeout", "-1"],
        &["calls", "history", "--timeout", "1.5"],
        &["calls", "history", "--timeout", "99999999999999999999"],
        &["calls", "history", "--base-url", ""],
        &["calls", "history", "--token-file", ""],
        &["calls", "history", "--profile", ""],
        &["calls", "history", "--profile", "../x"],
    ] {
        refused(&sandbox, line);
    }
}

#[tokio::test]
async fn ids_that_would_lead_elsewhere() {
    let sandbox = Sandbox::start().await.unwrap();
    let long = "a".repeat(100_000);
    let ids = [
        "", " ", ".", "..", "a/b", "../x", "a%2fb", "%2e%2e", "a\nb", "a\u{0}b", &long,
    ];
    for command in [
        &["calls", "info"][..],
        &["calls", "stop"],
        &["coord", "goal"],
        &["inbound", "call"],
        &["--call-info"],
        &["--transcript"],
    ] {
        for id in ids.iter().filter(|id| !id.contains('\0')) {
            let error = refused(&sandbox, &[command, &[*id]].concat());
            assert!(error.to_string().len() < 400, "{error}");
        }
    }
}

#[tokio::test]
async fn a_hint_names_a_help_that_there_is() {
    let sandbox = Sandbox::start().await.unwrap();
    for line in [
        &["--call-info", ""][..],
        &["calls", "info", ""],
        &["calls", "make", "-p", "+12025550199", "-t", "short"],
        &["-p", "+12025550199", "-t", "short"],
        &call_with(&["--category", "pizza"]),
        &["api", "GET", "v1/calls"],
    ] {
        let error = refused(&sandbox, line);
        let hint = error["hint"].as_str().unwrap();
        let (_, help) = hint.split_once("see kallyai").unwrap();
        let ran = crate::support::kallyai(&sandbox)
            .args(help.split_whitespace())
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(0), "{hint}");
    }
}
