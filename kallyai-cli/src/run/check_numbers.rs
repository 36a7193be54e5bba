//! Phone numbers, judged here.

use std::io::{self, BufRead};

use kallyai_sdk::ErrorCode;
use kallyai_sdk::phone::{E164, Region};
use serde_json::{Value, json};

use super::{Failure, Session, stdin};
use crate::output::{Exit, Hints, Output};
use crate::surface::own::Check;

/// One verdict a number, one line each.
pub(crate) fn run(session: &Session, check: Check) -> Result<Exit, Failure> {
    let mut all_valid = true;
    let mut judge = |text: &str| -> Result<(), Failure> {
        let (verdict, valid) = verdict(text);
        all_valid &= valid;
        let body = verdict.to_string();
        let options = &session.options;
        if !options.human && !options.plain && options.jq.is_none() {
            // Also on a terminal: who checks numbers reads them with a program.
            return Ok(Output::lines(&body)?);
        }
        Ok(session.output.item(&Hints::default(), body.as_bytes())?)
    };
    let given = check.numbers;
    if given.is_empty() || given == ["-"] {
        if given.is_empty() && stdin::is_terminal() {
            return Err(Failure::usage(
                "there is no number",
                "give some, or - to read them from standard input, one a line",
            ));
        }
        for line in io::stdin().lock().lines() {
            let line = line.map_err(|error| stdin::unreadable(&error))?;
            if !line.trim().is_empty() {
                judge(line.trim())?;
            }
        }
    } else {
        for number in &given {
            judge(number)?;
        }
    }
    Ok(if all_valid { Exit::Done } else { Exit::Usage })
}

fn verdict(text: &str) -> (Value, bool) {
    match text.parse::<E164>() {
        Ok(number) => {
            let region = number.region();
            let verdict = json!({
                "number": text,
                "valid": true,
                "e164": number.as_str(),
                "region": region.as_ref().map(Region::as_str),
                "kind": number.kind().to_string(),
                "assigned": number.is_valid(),
            });
            (verdict, true)
        }
        Err(error) => {
            let code = error.code();
            let verdict = json!({
                "number": text,
                "valid": false,
                "error": error.to_string(),
                "code": code.as_ref().map(ErrorCode::as_str),
            });
            (verdict, false)
        }
    }
}
