//! What comes out, as a whole.

use std::fs::OpenOptions;

use super::*;

const CALLS: &str = r#"{"calls":[
{"call_id":"call_8f14e45fceea167a","status":"success","cost":"1.20","created_at":"2026-02-14T18:00:00Z","task":"Book a table for four at eight, near the window if that can be had"},
{"call_id":"call_c9f0f895fb98ab91","status":"no_answer","cost":"0.9","created_at":"2026-02-14T23:30:00Z","task":"日本語の\nとても長い\u001b[2J説明文🦀がここに入ります👩‍👩‍👧"}],"total":31}"#;

const COLUMNS: Hints<'_> = Hints {
    noun: Some("calls"),
    items: Some("calls"),
    columns: &["call_id", "status", "cost", "task"],
    picture: Picture::Usual,
};

const PIPE: Surroundings = Surroundings {
    stdin_is_terminal: false,
    stdout_is_terminal: false,
    stderr_is_terminal: false,
    width: None,
    no_color: false,
    is_dumb: false,
    is_ci: false,
};

const TERMINAL: Surroundings = Surroundings {
    stdin_is_terminal: true,
    stdout_is_terminal: true,
    stderr_is_terminal: true,
    width: Some(80),
    no_color: true,
    ..PIPE
};

fn output(wishes: &Wishes, around: Surroundings) -> Output {
    let mut output = Output::decide(wishes, around).unwrap();
    output.look.zone = chrono::FixedOffset::east_opt(3600);
    output
}

fn printed(print: impl FnOnce(&mut Vec<u8>) -> Result<(), Unprinted>) -> String {
    let mut out = Vec::new();
    print(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn shown(wishes: &Wishes, around: Surroundings, hints: &Hints<'_>, body: &str) -> String {
    printed(|out| output(wishes, around).answer_to(out, hints, body.as_bytes()))
}

fn at(width: u16, hints: &Hints<'_>, body: &str) -> String {
    let around = Surroundings {
        width: Some(width),
        ..TERMINAL
    };
    shown(&Wishes::default(), around, hints, body)
}

fn wishes(flag: &str) -> Wishes {
    Wishes {
        json: flag == "json",
        human: flag == "human",
        plain: flag == "plain",
        jq: None,
    }
}

/// Whether this build can do what is wished.
fn can(wishes: &Wishes) -> bool {
    cfg!(feature = "jq") || wishes.jq.is_none()
}

fn jq(expression: &str) -> Wishes {
    Wishes {
        jq: Some(expression.to_owned()),
        ..Wishes::default()
    }
}

#[test]
fn formats() {
    let of = |flag, around| output(&wishes(flag), around).format();
    assert_eq!(of("", TERMINAL), Format::Human);
    assert_eq!(of("", PIPE), Format::Json);
    for around in [TERMINAL, PIPE] {
        assert_eq!(of("json", around), Format::Json);
        assert_eq!(of("human", around), Format::Human);
        assert_eq!(of("plain", around), Format::Plain);
    }
}

#[test]
fn a_pipe_gets_the_bytes() {
    let odd = "{ \"z\":1.50,\n \"a\" : 123456789012345678901234567890, \"t\":\"\\u00e9\u{9b}\" }";
    assert_eq!(shown(&wishes(""), PIPE, &COLUMNS, odd), format!("{odd}\n"));
    let line = format!("{odd}\n");
    assert_eq!(shown(&wishes("json"), PIPE, &COLUMNS, &line), line);
}

#[test]
fn a_pipe_always_gets_a_document() {
    let shown = |body| shown(&wishes(""), PIPE, &Hints::default(), body);
    assert_eq!(shown(""), "{}\n");
    assert_eq!(shown(" \r\n"), "{}\n");
    assert_eq!(shown("OK \"then\""), "\"OK \\\"then\\\"\"\n");
    assert_eq!(shown("{}"), "{}\n");
}

#[test]
fn people_get_done_for_nothing() {
    for nothing in ["", " ", "{}", "null", "{\"a\":null}"] {
        assert_eq!(at(80, &Hints::default(), nothing), "done\n", "{nothing}");
    }
    assert_eq!(at(80, &Hints::default(), "\"Sent.\""), "Sent.\n");
    assert_eq!(at(80, &Hints::default(), "Sent\x1b[2J.\n"), "Sent.\n");
}

#[test]
fn json_for_people_is_laid_out_and_steers_nothing() {
    let body = "{\"z\":1.50,\"a\":[\"\\u001b[2J\u{9b}2J\"]}";
    assert_eq!(
        shown(&wishes("json"), TERMINAL, &COLUMNS, body),
        "{\n  \"z\": 1.50,\n  \"a\": [\n    \"\\u001b[2J\\u009b2J\"\n  ]\n}\n"
    );
}

#[test]
fn a_list_is_a_table() {
    let expected = "\
CALL ID                STATUS     COST  TASK
call_8f14e45fceea167a  success    1.20  Book a table for four at eight, near th…
call_c9f0f895fb98ab91  no_answer   0.9  日本語の とても長い説明文🦀がここに入り…

total  31
";
    assert_eq!(at(80, &COLUMNS, CALLS), expected);
    let expected = "\
CALL ID                STATUS     COST  TASK
call_8f14e45fceea167a  success    1.20  Book a table for four at eight, near the window if that can be had
call_c9f0f895fb98ab91  no_answer   0.9  日本語の とても長い説明文🦀がここに入ります👩‍👩‍👧

total  31
";
    assert_eq!(at(200, &COLUMNS, CALLS), expected);
    // Nothing is cut in a pipe.
    assert_eq!(shown(&wishes("human"), PIPE, &COLUMNS, CALLS), expected);
}

#[test]
fn where_no_table_fits_entries_stand_below_each_other() {
    let expected = "\
call id  call_8f14e45fceea167a
status   success
cost     1.20
task     Book a table for four at eight,
         near the window if that can be
         had

call id  call_c9f0f895fb98ab91
status   no_answer
cost     0.9
task     日本語の とても長い説明文🦀がこ
         こに入ります👩‍👩‍👧

total  31
";
    assert_eq!(at(40, &COLUMNS, CALLS), expected);
    // An id is whole, also where it is wider than the terminal.
    assert!(at(20, &COLUMNS, CALLS).contains("call id  call_8f14e45fceea167a\n"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [40, 60, 80, 100, 200] {
        for line in at(width, &COLUMNS, CALLS).lines() {
            assert!(grid::width(line) <= usize::from(width), "{width}: {line}");
        }
    }
}

#[test]
fn an_empty_list_says_so() {
    assert_eq!(at(80, &COLUMNS, r#"{"calls":[]}"#), "no calls\n");
    assert_eq!(at(80, &Hints::default(), r#"{"rules":[]}"#), "no rules\n");
    assert_eq!(at(80, &Hints::default(), "[]"), "no entries\n");
    assert_eq!(shown(&wishes(""), PIPE, &COLUMNS, "[]"), "[]\n");
}

#[test]
fn an_object_is_lines() {
    let goal = r#"{"id":"5b1f8a0e-2a55-4b6e-8f51-1c9d7e3a4b20","title":"A check-up","urgent":false,"parent_goal_id":null,
        "budget":{"credits_used":1.5,"limits":{"soft":10}},"tags":["a","b"],"created_at":"2026-02-14T18:00:00Z",
        "description":"A check-up at a dentist nearby,\nnext week in the morning.","empty":[],
        "steps":[{"step":1,"description":"Search"},{"step":10,"description":"Ring"}]}"#;
    let steps = "
STEPS
STEP  DESCRIPTION
   1  Search
  10  Ring
";
    let expected = "\
id              5b1f8a0e-2a55-4b6e-8f51-1c9d7e3a4b20
title           A check-up
urgent          no
budget
  credits used  1.5
  limits
    soft        10
tags            a, b
created at      2026-02-14 19:00
description     A check-up at a dentist nearby,
                next week in the morning.
";
    let hints = Hints::default();
    assert_eq!(at(80, &hints, goal), format!("{expected}{steps}"));
    assert_eq!(at(200, &hints, goal), format!("{expected}{steps}"));
    let narrow = expected.replace("dentist nearby,", "dentist\n                nearby,");
    let narrow = narrow.replace("in the morning", "in the\n                morning");
    assert_eq!(at(40, &hints, goal), format!("{narrow}{steps}"));
}

#[test]
fn a_conversation_is_a_conversation_wherever_it_is() {
    let turns = r#"[{"speaker":"AI","content":"Hello?","timestamp":"00:00:02"}]"#;
    let hints = Hints::default();
    assert_eq!(at(40, &hints, turns), "AI:  Hello?\n");
    let wrapped = format!("{{\"entries\":{turns}}}");
    assert_eq!(at(40, &hints, &wrapped), "AI:  Hello?\n");
    let of_a_call = format!("{{\"call_id\":\"c_1\",\"transcript\":{turns}}}");
    assert_eq!(
        at(40, &hints, &of_a_call),
        "call id  c_1\n\nTRANSCRIPT\nAI:  Hello?\n"
    );
}

#[test]
fn nothing_hostile_reaches_a_terminal() {
    let hostile = "\\u001b]52;c;cm0gLXJm\\u0007\\u001b[2J\u{9b}2J\u{202e}\\u0000\\r\u{7f}";
    let bodies = [
        format!("{{\"{hostile}\":\"{hostile}x\"}}"),
        format!("[{{\"{hostile}a\":\"{hostile}x\",\"n\":1}}]"),
        format!("[{{\"speaker\":\"{hostile}x\",\"text\":\"{hostile}x\"}}]"),
        format!(
            "{{\"title\":\"{hostile}x\",\"status\":\"{hostile}x\",\"steps\":[{{\"title\":\"{hostile}\"}}]}}"
        ),
        format!("[\"{hostile}x\"]"),
        format!(
            "{{\"a\":{{\"{hostile}\":1}},\"b\":{{\"{hostile}\":{{\"{hostile}\":[\"{hostile}\"]}}}}}}"
        ),
        format!("no json {hostile}"),
    ];
    let clean = |text: &str| !text.chars().any(clean::is_dangerous);
    // With NO_COLOR, so that every sequence is somebody else's.
    for picture in [Picture::Usual, Picture::Bars, Picture::Tree] {
        for body in &bodies {
            let hints = Hints {
                picture,
                ..Hints::default()
            };
            let all = [
                wishes(""),
                wishes("json"),
                wishes("plain"),
                jq(".. | strings"),
                jq("."),
            ];
            for wishes in all.into_iter().filter(can) {
                let text = shown(&wishes, TERMINAL, &hints, body);
                assert!(clean(&text), "{text:?}");
            }
            let output = output(&wishes(""), TERMINAL);
            let text = printed(|out| output.item_to(out, &hints, body.as_bytes()));
            assert!(clean(&text), "{text:?}");
            assert_eq!(text.lines().count(), 1, "{text:?}");
            let text =
                printed(|out| output.text_to(out, body.replace("\\u001b", "\x1b").as_bytes()));
            assert!(clean(&text), "{text:?}");
        }
    }
}

#[test]
fn colors_are_for_terminals_that_have_them() {
    let terminal = Surroundings {
        no_color: false,
        ..TERMINAL
    };
    let has_color = |around| shown(&wishes("human"), around, &COLUMNS, CALLS).contains('\x1b');
    assert!(has_color(terminal));
    assert!(!has_color(TERMINAL));
    assert!(!has_color(Surroundings {
        is_dumb: true,
        ..terminal
    }));
    assert!(!has_color(PIPE));
    assert!(!shown(&wishes("plain"), terminal, &COLUMNS, CALLS).contains('\x1b'));
}

#[test]
fn streams_are_a_line_an_item() {
    let item = "{\n  \"type\": \"call.ended\",\n  \"at\": \"2026-02-14T18:00:00Z\", \"n\": 1.50\n}";
    let hints = Hints {
        columns: &["at", "type"],
        ..Hints::default()
    };
    let line = |wishes: &Wishes, around, hints: &Hints<'_>| {
        printed(|out| output(wishes, around).item_to(out, hints, item.as_bytes()))
    };
    assert_eq!(
        line(&wishes(""), PIPE, &hints),
        "{\"type\":\"call.ended\",\"at\":\"2026-02-14T18:00:00Z\",\"n\":1.50}\n"
    );
    assert_eq!(
        line(&wishes(""), TERMINAL, &hints),
        "2026-02-14 19:00  call.ended\n"
    );
    assert_eq!(
        line(&wishes(""), TERMINAL, &Hints::default()),
        "type call.ended, at 2026-02-14 19:00, n 1.50\n"
    );
    assert_eq!(
        line(&wishes("plain"), PIPE, &hints),
        "2026-02-14T18:00:00Z\tcall.ended\n"
    );
    if cfg!(feature = "jq") {
        assert_eq!(line(&jq(".type"), PIPE, &hints), "call.ended\n");
    }
}

#[test]
fn text_is_raw_in_a_pipe() {
    let file = "BEGIN:VCALENDAR\r\nSUMMARY:a\x1b[2J\r\nEND:VCALENDAR\r\n";
    let text = |around| printed(|out| output(&wishes(""), around).text_to(out, file.as_bytes()));
    assert_eq!(text(PIPE), file);
    assert_eq!(
        text(TERMINAL),
        "BEGIN:VCALENDAR\nSUMMARY:a\nEND:VCALENDAR\n"
    );
}

#[test]
#[cfg(not(feature = "jq"))]
fn jq_that_was_left_out_says_so() {
    let left_out = Output::decide(&jq("."), PIPE).unwrap_err();
    assert!(left_out.message.contains("feature `jq`"), "{left_out:?}");
}

#[test]
#[cfg(feature = "jq")]
fn jq_of_an_answer() {
    let shown = |expression, around| shown(&jq(expression), around, &COLUMNS, CALLS);
    assert_eq!(
        shown(".calls[].call_id", PIPE),
        "call_8f14e45fceea167a\ncall_c9f0f895fb98ab91\n"
    );
    assert_eq!(
        shown("{total, none}", PIPE),
        "{\"total\":31,\"none\":null}\n"
    );
    assert_eq!(shown("{total}", TERMINAL), "{\n  \"total\": 31\n}\n");
    let failed =
        output(&jq(".total | keys"), PIPE).answer_to(Vec::new(), &COLUMNS, CALLS.as_bytes());
    assert!(matches!(failed, Err(Unprinted::Jq(_))), "{failed:?}");
    let wrong = Output::decide(&jq(".calls["), PIPE).unwrap_err();
    assert_eq!(wrong.code, "usage");
    assert_eq!(wrong.message, "--jq: expected closing bracket at the end");
}

#[test]
fn errors_are_json_where_answers_are() {
    let error = ErrorShown::new("usage", "no such command").with_hint("see `kallyai help`");
    let shown =
        |wishes: &Wishes, around| printed(|out| Ok(output(wishes, around).error_to(out, &error)?));
    let lines = "error: no such command\nhint: see `kallyai help`\n";
    for (wishes, around) in [
        (wishes(""), TERMINAL),
        (wishes("human"), PIPE),
        (wishes("plain"), PIPE),
    ] {
        assert_eq!(shown(&wishes, around), lines);
    }
    let as_json = [
        (wishes(""), PIPE),
        (wishes("json"), TERMINAL),
        (jq("."), TERMINAL),
    ];
    for (wishes, around) in as_json.into_iter().filter(|(wishes, _)| can(wishes)) {
        assert!(shown(&wishes, around).starts_with("{\"error\":{\"code\":\"usage\","));
    }
    let colored = Surroundings {
        no_color: false,
        ..TERMINAL
    };
    assert!(shown(&wishes(""), colored).contains('\x1b'));
    let warned =
        printed(|out| Ok(output(&wishes(""), TERMINAL).warning_to(out, "the status\nis new")?));
    assert_eq!(warned, "warning: the status is new\n");
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = output(&wishes(""), PIPE);
    let out: Box<dyn Write> = Box::new(writer);
    let why = output
        .answer_to(out, &COLUMNS, CALLS.as_bytes())
        .unwrap_err();
    assert_eq!(output.unprinted(&why), Exit::Done);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_one() {
    let all = [wishes(""), wishes("human"), wishes("plain"), jq(".")];
    for wishes in all.into_iter().filter(can) {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = output(&wishes, PIPE);
        let why = output
            .answer_to(full, &COLUMNS, CALLS.as_bytes())
            .unwrap_err();
        assert_eq!(output.unprinted(&why), Exit::Failure);
    }
}

#[test]
fn a_line_of_json_cannot_steer_a_terminal_and_is_untouched_in_a_pipe() {
    let item = "{\"a\": \"\u{9b}2J\u{202e}\"}";
    let line = |around| {
        printed(|out| {
            output(&wishes("json"), around).item_to(out, &Hints::default(), item.as_bytes())
        })
    };
    assert_eq!(line(TERMINAL), "{\"a\":\"\\u009b2J\\u202e\"}\n");
    assert_eq!(line(PIPE), "{\"a\":\"\u{9b}2J\u{202e}\"}\n");
}
