//! The first generation.

use super::super::Asked;
use super::{LONDON, Machine, refused, understood, wanted};
use crate::surface::{Refusal, parse};

const CALL: [&str; 4] = ["-p", "+12025550199", "-t", "Ask when they open"];

#[test]
fn it_is_known_as_what_never_asks() {
    assert!(wanted(&CALL).first_generation);
    assert!(wanted(&["--history"]).first_generation);
    assert!(!wanted(&["calls", "history"]).first_generation);
    let again = [&["calls", "make"], &CALL[..]].concat();
    assert!(!wanted(&again).first_generation);
}

#[test]
fn signing_in_and_out() {
    assert!(matches!(understood(&["--login"]).asked, Asked::Login(_)));
    assert!(matches!(understood(&["--logout"]).asked, Asked::Logout));
    assert!(matches!(
        understood(&["--auth-status"]).asked,
        Asked::AuthStatus
    ));
    assert!(matches!(understood(&["--auth"]).asked, Asked::AuthStatus));
    assert!(matches!(understood(&["login"]).asked, Asked::Login(_)));
    assert!(matches!(understood(&["logout"]).asked, Asked::Logout));
    assert!(matches!(
        understood(&["auth-status"]).asked,
        Asked::AuthStatus
    ));
}

#[test]
fn the_version_is_on_stdout() {
    for line in [["--version"], ["-v"], ["--vers"]] {
        match parse(line.iter().map(Into::into), LONDON) {
            Err(Refusal::Shown(text)) => {
                assert_eq!(
                    text.to_string().trim(),
                    concat!("kallyai ", env!("CARGO_PKG_VERSION"))
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_call_needs_both() {
    let (message, hint) = refused(&CALL[..2]);
    assert_eq!(message, "--task is missing");
    assert!(hint.contains("--phone and --task"), "{hint}");
    assert_eq!(refused(&CALL[2..]).0, "--phone is missing");
    assert_eq!(refused(&["--name", "Ada"]).0, "--phone, --task is missing");
}

#[test]
fn two_at_once_are_refused() {
    let (message, _) = refused(&["--usage", "--history"]);
    assert_eq!(message, "--usage and --history cannot go together");
    let (message, _) = refused(&[&CALL[..], &["--login"]].concat());
    assert_eq!(message, "--phone and --login cannot go together");
    let (message, _) = refused(&["--usage", "calls", "history"]);
    assert!(
        message.starts_with("--usage is a command of its own"),
        "{message}"
    );
}

#[test]
fn shortened_flags_of_one_meaning_are_not_ambiguous() {
    assert_eq!(wanted(&["--su"]).command.operation, "users_subscription");
    let (message, _) = refused(&["--h"]);
    for name in ["--help", "--history", "--human"] {
        assert!(message.contains(name), "{message}");
    }
    let (message, _) = refused(&["--log"]);
    assert_eq!(message, "--log could be --login or --logout");
}

#[test]
fn language_and_zone_are_the_machines() {
    let line = || CALL.iter().map(Into::into);
    let spanish = Machine {
        locale: || Some("es_MX.UTF-8".to_owned()),
        time_zone: || Some("America/Mexico_City".to_owned()),
    };
    let Ok(Asked::Call {
        wanted,
        wait: None,
        key: None,
    }) = parse(line(), spanish).map(|i| i.asked)
    else {
        panic!("it is no call");
    };
    assert_eq!(wanted.arguments["submission"]["language"], "es");
    assert_eq!(wanted.arguments["submission"]["call_language"], "es");
    assert_eq!(wanted.arguments["timezone"], "America/Mexico_City");
    for odd in [
        || None,
        || Some("de-DE".to_owned()),
        || Some("C".to_owned()),
    ] {
        let machine = Machine {
            locale: odd,
            ..LONDON
        };
        let Ok(Asked::Call { wanted, .. }) = parse(line(), machine).map(|i| i.asked) else {
            panic!("it is no call");
        };
        assert_eq!(wanted.arguments["submission"]["language"], "en");
    }
    for odd in [|| None, || Some("Mars/Olympus".to_owned())] {
        let machine = Machine {
            time_zone: odd,
            ..LONDON
        };
        match parse(line(), machine) {
            Err(Refusal::Usage(usage)) => {
                assert!(usage.hint.unwrap_or_default().contains("--timezone"));
            }
            other => panic!("{other:?}"),
        }
    }
}
