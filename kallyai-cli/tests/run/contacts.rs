//! Contacts from a file.

use std::fmt::Write as _;
use std::fs;

use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use serde_json::{Value, json};

use crate::support::{Home, Printed};

const HEADER: &str = "Name,Phone,VIP,Notes\n";

/// Runs the import of a file with this in it.
fn import(
    home: &Home,
    sandbox: &Sandbox,
    csv: impl AsRef<[u8]>,
    flags: &[&str],
) -> std::process::Output {
    fs::write(home.path().join("book.csv"), csv).unwrap();
    let mut command = home.kallyai(sandbox);
    let command = command.args(["inbound", "import-contacts", "book.csv"]);
    command.args(flags).output().unwrap()
}

/// The numbers that are there, in order.
fn numbers(home: &Home, sandbox: &Sandbox) -> Vec<String> {
    let mut list = home.kallyai(sandbox);
    let list = list.args(["inbound", "contacts"]).output().unwrap().json();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|contact| contact["phone_number"].as_str().unwrap().to_owned())
        .collect()
}

fn created(sandbox: &Sandbox) -> Vec<Value> {
    let journal = sandbox.journal().into_iter();
    journal
        .filter(|entry| entry.operation_id.as_deref() == Some("inbound_create_contact"))
        .map(|entry| entry.body)
        .collect()
}

fn six() -> String {
    let mut csv = HEADER.to_owned();
    for last in 142..148 {
        writeln!(csv, "Contact {last},+12025550{last},,").unwrap();
    }
    csv
}

#[tokio::test]
async fn a_good_file() {
    let (home, sandbox) = (Home::new(), Sandbox::start().await.unwrap());
    let csv = "\u{feff}notes,phone,name,vip\r\n\"My sister, \"\"Ada\"\"\",+12025550142,Ada,yes\r\n,+12025550143,Grace,\r\n";
    let ran = import(&home, &sandbox, csv, &[]);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    assert_eq!(ran.json(), json!({"created": 2, "skipped": 0, "total": 2}));
    let sister = json!({
        "name": "Ada", "phone_number": "+12025550142", "is_vip": true, "notes": "My sister, \"Ada\"",
    });
    let grace = json!({ "name": "Grace", "phone_number": "+12025550143" });
    assert_eq!(created(&sandbox), [sister, grace]);

    // Who is there already is left out.
    let more = format!("{csv},+12025550144,Alan,no\r\n");
    let ran = import(&home, &sandbox, more, &["--human"]);
    assert_eq!(ran.out(), "1 contact created, 2 there already\n");
    assert_eq!(created(&sandbox).len(), 3);
}

#[tokio::test]
async fn of_a_bad_file_nothing_is_sent() {
    let (home, sandbox) = (Home::new(), Sandbox::start().await.unwrap());
    let csv = format!("{HEADER}Ada,+12025550142,,\n,+12025550143,,\nAlan,5550144,,\n");
    let ran = import(&home, &sandbox, &csv, &[]);
    assert_eq!(ran.status.code(), Some(2));
    let error: Value = serde_json::from_str(&ran.err()).unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("2 rows are wrong"), "{message}");
    assert!(message.contains("line 3: the name is empty"), "{message}");
    assert!(message.contains("line 4: the number"), "{message}");
    assert!(!message.contains("5550144"), "{message}");

    let people = import(&home, &sandbox, &csv, &["--human"]);
    let lines: Vec<String> = people.err().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "line 3: the name is empty");
    assert!(lines[2].starts_with("error: 2 rows are wrong"), "{lines:?}");

    for (csv, why) in [
        (&b""[..], "empty"),
        (b"name,phone\n", "no contacts"),
        (
            b"name,phone,e-mail\nAda,+12025550142,a@b.example\n",
            "e-mail",
        ),
        (b"name,phone\nRen\xe9,+12025550142\n", "line 2"),
    ] {
        let ran = import(&home, &sandbox, csv, &[]);
        assert_eq!(ran.status.code(), Some(2));
        assert!(ran.err().contains(why), "{}", ran.err());
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn an_import_that_broke_off_goes_on() {
    for (broken, code) in [
        (FaultKind::ResetAfter, 7),
        (FaultKind::ResetBefore, 7),
        (FaultKind::ServerError { status: 500 }, 1),
    ] {
        let (home, sandbox) = (Home::new(), Sandbox::start().await.unwrap());
        // Three are created, the fourth goes wrong.
        let odd = Fault::on("inbound_create_contact", FaultKind::UnknownField);
        sandbox.inject(odd.times(3));
        sandbox.inject(Fault::on("inbound_create_contact", broken.clone()));
        let ran = import(&home, &sandbox, six(), &[]);
        assert_eq!(ran.status.code(), Some(code), "{broken:?}: {}", ran.err());
        assert_eq!(ran.out(), "");
        assert!(ran.err().contains("line 5"), "{}", ran.err());
        assert!(ran.err().contains("3 of 6 were created"), "{}", ran.err());
        assert_eq!(created(&sandbox).len(), 4, "{broken:?}");

        let ran = import(&home, &sandbox, six(), &[]);
        assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
        assert_eq!(ran.json()["total"], 6);
        let expected: Vec<_> = (142..148).map(|last| format!("+12025550{last}")).collect();
        assert_eq!(numbers(&home, &sandbox), expected, "{broken:?}");
    }
}

#[tokio::test]
async fn a_dry_run_shows_every_request_and_sends_none() {
    let (home, sandbox) = (Home::new(), Sandbox::start().await.unwrap());
    let mut csv = HEADER.to_owned();
    for number in 0..10_000 {
        writeln!(csv, "Contact {number},+1202{:07},,", 5_550_000 + number).unwrap();
    }
    let ran = import(&home, &sandbox, csv, &["--dry-run"]);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    let requests = ran.lines();
    assert_eq!(requests.len(), 10_000);
    assert_eq!(requests[9_999]["method"], "POST");
    assert_eq!(requests[9_999]["body"]["phone_number"], "+12025559999");
    assert!(sandbox.journal().is_empty());
}
