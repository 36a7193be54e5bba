//! The commands that are ours.

use std::path::Path;

use super::super::Asked;
use super::super::own::ConfigAction;
use super::{refused, understood};

#[test]
fn a_call_waits_as_it_is_told() {
    for (flag, said) in [
        (None, None),
        (Some("--wait"), Some(true)),
        (Some("--no-wait"), Some(false)),
    ] {
        let line = [
            "calls",
            "make",
            "-p",
            "+12025550199",
            "-t",
            "Ask when they open",
        ];
        let line: Vec<&str> = line.into_iter().chain(flag).collect();
        match understood(&line).asked {
            Asked::Call { wait, .. } => assert_eq!(wait, said),
            other => panic!("{other:?}"),
        }
    }
    let line = [
        "calls",
        "make",
        "-p",
        "+12025550199",
        "-t",
        "Ask when",
        "--wait",
        "--no-wait",
    ];
    assert!(refused(&line).0.contains("--no-wait"));
}

#[test]
fn what_is_watched() {
    match understood(&["calls", "watch", "c-1"]).asked {
        Asked::WatchCall(watch) => assert_eq!(watch.call_id, "c-1"),
        other => panic!("{other:?}"),
    }
    match understood(&["coord", "watch", "g-1"]).asked {
        Asked::WatchGoal(watch) => assert_eq!(watch.goal_id, "g-1"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        understood(&["inbound", "watch"]).asked,
        Asked::WatchInbound
    ));
    match understood(&["chat", "--conversation-id", "c_1"]).asked {
        Asked::Chat(chat) => assert_eq!(chat.conversation_id.as_deref(), Some("c_1")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn any_request() {
    let line = [
        "api",
        "post",
        "/v1/search",
        "-f",
        "query=a=b",
        "-F",
        "deep={\"a\": [1]}",
        "-q",
        "limit=5",
        "--paginate",
        "--dry-run",
    ];
    let invocation = understood(&line);
    assert!(invocation.options.dry_run);
    match invocation.asked {
        Asked::Api(api) => {
            assert_eq!(
                (api.method.as_str(), api.path.as_str()),
                ("POST", "/v1/search")
            );
            assert_eq!(api.fields, [("query".to_owned(), "a=b".to_owned())]);
            assert_eq!(api.json_fields[0].1["a"][0], 1);
            assert_eq!(api.query, [("limit".to_owned(), "5".to_owned())]);
            assert!(api.paginate);
        }
        other => panic!("{other:?}"),
    }
    match understood(&["api", "PUT", "/v1/x", "--input", "-"]).asked {
        Asked::Api(api) => assert_eq!(api.input.as_deref(), Some(Path::new("-"))),
        other => panic!("{other:?}"),
    }
    assert!(refused(&["api", "BREW", "/v1/x"]).0.contains("METHOD"));
    assert!(
        refused(&["api", "GET", "/v1/x", "-q", "limit"])
            .0
            .contains("no =")
    );
    assert!(
        refused(&["api", "POST", "/v1/x", "-F", "a={"])
            .0
            .contains("JSON")
    );
    assert!(
        refused(&["api", "POST", "/v1/x", "-f", "a=b", "--input", "-"])
            .0
            .contains("--input")
    );
}

#[test]
fn contacts_come_from_a_file_or_a_source() {
    for file in ["contacts.csv", "./contacts", "dir/contacts", "contacts.CSV"] {
        match understood(&["inbound", "import-contacts", file]).asked {
            Asked::ImportContacts(path) => assert_eq!(path, Path::new(file)),
            other => panic!("{file}: {other:?}"),
        }
    }
    // Cargo runs tests in the folder of the crate, where src is a folder.
    for source in ["google", "csv", "src"] {
        let asked = understood(&["inbound", "import-contacts", source]).asked;
        assert!(matches!(asked, Asked::Operation(_)), "{source}");
    }
}

#[test]
fn numbers_to_check_may_be_anything() {
    match understood(&["phone", "check", "+12025550199", "-", "call me"]).asked {
        Asked::CheckNumbers(check) => assert_eq!(check.numbers, ["+12025550199", "-", "call me"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn programs_in_the_program() {
    match understood(&["sandbox", "--port", "4010", "--auto-approve"]).asked {
        Asked::Sandbox(options) => assert!(options.port == 4010 && options.auto_approve),
        other => panic!("{other:?}"),
    }
    match understood(&["mcp", "--all", "--calls-per-hour", "3"]).asked {
        Asked::Mcp(options) => assert!(options.all && options.calls_per_hour == Some(3)),
        other => panic!("{other:?}"),
    }
    match understood(&["config", "path"]).asked {
        Asked::Config(config) => assert_eq!(config.action, ConfigAction::Path),
        other => panic!("{other:?}"),
    }
    match understood(&["login", "--no-browser", "--port", "8976"]).asked {
        Asked::Login(login) => assert!(login.no_browser && login.port == Some(8976)),
        other => panic!("{other:?}"),
    }
}
