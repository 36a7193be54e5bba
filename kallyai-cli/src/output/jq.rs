//! `--jq EXPR`: what an expression makes of an answer, a line each.
//!
//! A filter of the user's that calls itself without end overflows the stack, or never ends: the interpreter has no
//! bound for it.
//!
//! As `gh --jq` prints it: texts without quotes, null as an empty line, all else as JSON.

use std::fmt;

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Exn, Filter, Vars};
use jaq_json::{Val, read};

/// How deep an answer may be: the interpreter recurses.
const DEEPEST: usize = 256;

/// An expression that can be run.
pub(super) struct Jq {
    filter: Filter<JustLut<Val>>,
}

impl fmt::Debug for Jq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jq")
    }
}

impl Jq {
    /// Reads an expression, or says what is wrong with it and where. It can include no files.
    pub(super) fn new(expression: &str) -> Result<Self, String> {
        let defs = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs());
        let funs = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs());
        let arena = Arena::default();
        let program = File {
            code: expression,
            path: (),
        };
        let modules = Loader::new(defs)
            .load(&arena, program)
            .map_err(|errors| not_read(expression, &errors))?;
        let compiled = Compiler::default().with_funs(funs).compile(modules);
        let filter = compiled.map_err(|errors| not_compiled(expression, &errors))?;
        Ok(Self { filter })
    }

    /// What it makes of a document; each is a text that is printed raw, or a document.
    pub(super) fn run(&self, document: &str) -> impl Iterator<Item = Result<Made, String>> {
        let (input, refused) = match input(document) {
            Ok(input) => (Some(input), None),
            Err(why) => (None, Some(Err(why))),
        };
        let made = input.into_iter().flat_map(|input| {
            let context = Ctx::<JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
            let values = self.filter.id.run((context, input));
            values.map(|value| match value {
                Ok(value) => Ok(Made::of(&value)),
                Err(thrown) => Err(failed(thrown)),
            })
        });
        refused.into_iter().chain(made)
    }
}

/// One thing that an expression has made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Made {
    Text(String),
    Json(String),
}

impl Made {
    fn of(value: &Val) -> Self {
        match value {
            Val::Null => Self::Text(String::new()),
            Val::TStr(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            other => Self::Json(other.to_string()),
        }
    }
}

/// The longest text of an error that is repeated: more could be an answer.
const LONGEST: usize = 120;

/// Why it failed, without what it failed on. `halt` ends no process.
fn failed(thrown: Exn<'_, Val>) -> String {
    let Ok(error) = thrown.get_err() else {
        return "the filter halts".to_owned();
    };
    let text = error.to_string();
    if text.starts_with("cannot use ") {
        let kind = text.rsplit_once(" as ").map_or("", |(_, kind)| kind);
        return format!("the filter cannot use what it is given as {kind}");
    }
    if text.starts_with("cannot ") || text.starts_with("invalid path") {
        let words = text.split_whitespace().take(2).collect::<Vec<_>>();
        return format!("the filter fails on what it is given: {}", words.join(" "));
    }
    if text.len() > LONGEST {
        return "the filter raises an error".to_owned();
    }
    text
}

fn input(document: &str) -> Result<Val, String> {
    let mut depth = 0_usize;
    for token in super::json::Tokens::of(document) {
        match token {
            "{" | "[" => depth += 1,
            "}" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err("the answer is nested too deeply".to_owned());
        }
    }
    read::parse_single(document.as_bytes()).map_err(|error| error.to_string())
}

fn not_read(expression: &str, errors: &jaq_core::load::Errors<&str, ()>) -> String {
    use jaq_core::load::Error;
    let first =
        errors.iter().find_map(|(file, error)| match error {
            Error::Io(errors) => errors
                .first()
                .map(|(part, why)| (file.code, why.clone(), *part)),
            Error::Lex(errors) => (errors.first())
                .map(|(missing, part)| (file.code, expected(missing.as_str()), *part)),
            Error::Parse(errors) => (errors.first())
                .map(|(missing, part)| (file.code, expected(missing.as_str()), *part)),
        });
    place(expression, first)
}

fn expected(what: &str) -> String {
    match what {
        "nothing" => "unexpected token".to_owned(),
        what => format!("expected {what}"),
    }
}

fn not_compiled(expression: &str, errors: &jaq_core::compile::Errors<&str, ()>) -> String {
    let first = errors.iter().find_map(|(file, errors)| {
        let (part, what) = errors.first()?;
        Some((
            file.code,
            format!("there is no {} {part}", what.as_str()),
            *part,
        ))
    });
    place(expression, first)
}

/// What is wrong, and where: the place counts from 1.
fn place(expression: &str, found: Option<(&str, String, &str)>) -> String {
    let Some((code, what, part)) = found else {
        return "it cannot be read".to_owned();
    };
    let offset = part.as_ptr().addr().checked_sub(code.as_ptr().addr());
    let before = offset.and_then(|offset| code.get(..offset));
    match before.map(|before| before.chars().count()) {
        Some(count) if count < expression.chars().count() => {
            let found: String = part.chars().take(20).collect();
            format!("{what} at character {}: {found}", count + 1)
        }
        Some(_) => format!("{what} at the end"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(expression: &str, document: &str) -> Vec<Result<Made, String>> {
        Jq::new(expression).unwrap().run(document).collect()
    }

    fn made(expression: &str, document: &str) -> Vec<Made> {
        let made = run(expression, document).into_iter();
        made.collect::<Result<_, _>>().unwrap()
    }

    fn text(text: &str) -> Made {
        Made::Text(text.to_owned())
    }

    fn json(json: &str) -> Made {
        Made::Json(json.to_owned())
    }

    #[test]
    fn texts_are_raw_and_the_rest_is_json() {
        let document = r#"{"z":[{"id":"a\nb"},{"id":null}],"a":1.50,"t":true}"#;
        assert_eq!(made(".z[].id", document), [text("a\nb"), text("")]);
        assert_eq!(made(".a, .t", document), [json("1.50"), json("true")]);
        assert_eq!(made(".", document), [json(document)]);
        assert_eq!(made(".z | map(.id) | length", document), [json("2")]);
        assert_eq!(made("empty", document), []);
        assert_eq!(made("@base64 \"x\"", document), [text("x")]);
    }

    #[test]
    fn what_cannot_be_compiled_says_where() {
        let wrong = |expression: &str| Jq::new(expression).unwrap_err();
        assert_eq!(
            wrong(".calls[] | nosuch"),
            "there is no filter nosuch at character 12: nosuch"
        );
        assert_eq!(
            wrong("\"é\" | $x"),
            "there is no variable $x at character 7: $x"
        );
        assert_eq!(wrong(".calls["), "expected closing bracket at the end");
        assert_eq!(wrong(".calls |"), "expected term at the end");
        assert_eq!(wrong("\"abc"), "expected closing quote at the end");
        assert_eq!(wrong(". %% 2"), "unexpected token at character 3: %%");
        assert_eq!(wrong(""), "expected term at the end");
        // No file is read.
        assert_eq!(
            wrong("include \"a\"; ."),
            "module loading not supported at character 10: a"
        );
    }

    #[test]
    fn failures_come_after_what_was_made() {
        let made = run(".[] | ascii_downcase", r#"["A",1]"#);
        assert_eq!(made.first(), Some(&Ok(text("a"))));
        assert!(made.get(1).unwrap().is_err());
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(run(".", &deep).first().unwrap().is_err());
    }

    #[test]
    fn it_can_be_held_while_others_work() {
        fn held<T: Send + Sync>() {}
        held::<Jq>();
    }
}
