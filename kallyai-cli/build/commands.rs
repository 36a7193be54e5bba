//! Joins the commands' file and the document: which flag is what, and whether it all fits.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::document::{Argument, Kind, Known};

/// All that is written into the program.
pub(crate) struct Table<'a> {
    pub(crate) headings: Vec<(String, Vec<String>)>,
    pub(crate) groups: Vec<(Vec<String>, String)>,
    pub(crate) commands: Vec<Command<'a>>,
    pub(crate) first_generation: Vec<Command<'a>>,
}

/// A command that asks for an operation.
pub(crate) struct Command<'a> {
    pub(crate) words: Vec<String>,
    pub(crate) known: &'a Known,
    pub(crate) handler: String,
    pub(crate) columns: Vec<String>,
    pub(crate) note: String,
    pub(crate) examples: Vec<String>,
    pub(crate) flags: Vec<Flag>,
}

/// What a user writes, and what it fills.
pub(crate) struct Flag {
    pub(crate) name: String,
    pub(crate) short: Option<char>,
    pub(crate) feeds: Vec<String>,
    pub(crate) form: &'static str,
    pub(crate) kind: Kind,
    pub(crate) list: bool,
    pub(crate) required: bool,
    pub(crate) vendor: bool,
    pub(crate) default: Option<String>,
    pub(crate) help: String,
}

pub(crate) fn table<'a>(
    file: &Value,
    operations: &'a HashMap<String, Known>,
) -> Result<Table<'a>, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut read = |section: &str| -> Vec<Command<'a>> {
        let read = |(words, entry): (&String, &Value)| match command(words, entry, operations) {
            Ok(command) => Some(command),
            Err(mistake) => {
                mistakes.push(format!("{words}: {mistake}"));
                None
            }
        };
        object(file.get(section)).filter_map(read).collect()
    };
    let commands = read("commands");
    let first_generation = read("first-generation");
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let headings = file.get("headings").and_then(Value::as_array);
    let headings = headings.into_iter().flatten().map(|heading| {
        let name = text(heading.get("name")).unwrap_or_default().to_owned();
        (name, texts(heading.get("groups")))
    });
    let groups = object(file.get("groups")).map(|(words, about)| {
        (
            split(words, ' '),
            text(Some(about)).unwrap_or_default().to_owned(),
        )
    });
    Ok(Table {
        headings: headings.collect(),
        groups: groups.collect(),
        commands,
        first_generation,
    })
}

fn object(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn split(words: &str, at: char) -> Vec<String> {
    words.split(at).map(str::to_owned).collect()
}

/// What an entry may hold.
const KEYS: &[&str] = &[
    "operation",
    "positions",
    "words",
    "list",
    "flags",
    "ours",
    "fixed",
    "leave",
    "columns",
    "handler",
    "help",
    "note",
    "examples",
];

/// What a flag may hold.
const FLAG_KEYS: &[&str] = &["feeds", "short", "choices", "default", "required", "word"];

fn only(known: &[&str], entry: &Map<String, Value>) -> Result<(), String> {
    match entry.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("{key} means nothing here")),
        None => Ok(()),
    }
}

fn command<'a>(
    words: &str,
    entry: &Value,
    operations: &'a HashMap<String, Known>,
) -> Result<Command<'a>, String> {
    let empty = Map::new();
    let map = entry.as_object().unwrap_or(&empty);
    only(KEYS, map)?;
    let id = text(Some(entry)).or_else(|| text(map.get("operation")));
    let id = id.ok_or("it has no operation")?;
    let known = operations
        .get(id)
        .ok_or_else(|| format!("there is no operation {id}"))?;
    let old = words.starts_with("--");
    let mut joining = Joining {
        known,
        fixed: map.get("fixed"),
        help: map.get("help"),
        flags: Vec::new(),
    };
    joining.positions(map, old)?;
    for (name, value) in object(map.get("flags")) {
        joining.flag(name, value, true)?;
    }
    for (name, value) in object(map.get("ours")) {
        joining.flag(name, value, false)?;
    }
    joining.fix()?;
    if !old {
        joining.rest(&texts(map.get("leave")))?;
    }
    joining.complete()?;
    Ok(Command {
        words: split(words, if old { '|' } else { ' ' }),
        known,
        handler: text(map.get("handler")).unwrap_or_default().to_owned(),
        columns: texts(map.get("columns")),
        note: text(map.get("note")).unwrap_or_default().to_owned(),
        examples: texts(map.get("examples")),
        flags: joining.flags,
    })
}

struct Joining<'a> {
    known: &'a Known,
    fixed: Option<&'a Value>,
    help: Option<&'a Value>,
    flags: Vec<Flag>,
}

impl Joining<'_> {
    fn argument(&self, path: &str) -> Result<&Argument, String> {
        let id = &self.known.operation.id;
        self.known
            .argument(path)
            .ok_or_else(|| format!("{id} has no argument {path}"))
    }

    /// What the entry says in place of the document.
    fn said(&self, path: &str) -> Option<&str> {
        text(self.help.and_then(|help| help.get(path)))
    }

    fn fed(&self, path: &str) -> bool {
        self.flags
            .iter()
            .any(|flag| flag.feeds.iter().any(|fed| fed == path))
    }

    /// The arguments of the path, and what the entry puts after them.
    fn positions(&mut self, entry: &Map<String, Value>, old: bool) -> Result<(), String> {
        let path = self.known.operation.path_parameters.clone();
        for name in path.into_iter().chain(texts(entry.get("positions"))) {
            self.place(&name, if old { "Value" } else { "Position" })?;
        }
        for (key, form) in [("words", "Words"), ("list", "List")] {
            if let Some(name) = text(entry.get(key)) {
                self.place(name, form)?;
            }
        }
        Ok(())
    }

    fn place(&mut self, path: &str, form: &'static str) -> Result<(), String> {
        let flag = self.made(path, path, form, true)?;
        self.flags.push(flag);
        Ok(())
    }

    fn made(
        &self,
        name: &str,
        path: &str,
        form: &'static str,
        vendor: bool,
    ) -> Result<Flag, String> {
        let argument = self.argument(path)?;
        Ok(Flag {
            name: name.to_owned(),
            short: None,
            feeds: vec![path.to_owned()],
            form,
            kind: match &argument.kind {
                Kind::Boolean if form == "Flag" => Kind::Switch,
                kind => kind.clone(),
            },
            list: argument.list,
            required: argument.required,
            vendor,
            default: None,
            help: self.said(path).unwrap_or(&argument.help).to_owned(),
        })
    }

    fn flag(&mut self, name: &str, value: &Value, vendor: bool) -> Result<(), String> {
        let empty = Map::new();
        let map = value.as_object().unwrap_or(&empty);
        only(FLAG_KEYS, map)?;
        let mut feeds = texts(map.get("feeds").or(Some(value)));
        if feeds.is_empty() {
            feeds.push(name.replace('-', "_"));
        }
        let first = feeds.first().cloned().unwrap_or_default();
        if self.fixed.and_then(|fixed| fixed.get(&first)).is_some() {
            return Ok(());
        }
        for path in &feeds {
            self.argument(path)?;
            if self.fed(path) {
                return Err(format!("--{name}: {path} is filled twice"));
            }
        }
        let mut flag = self.made(name, &first, "Flag", vendor)?;
        flag.feeds = feeds;
        flag.short = text(map.get("short")).and_then(|short| short.chars().next());
        flag.default = map.get("default").map(plain);
        if map.get("word") == Some(&Value::Bool(true)) {
            flag.kind = Kind::Boolean;
        }
        flag.required |= map.get("required") == Some(&Value::Bool(true));
        if let Some(choices) = map.get("choices") {
            let choices = texts(Some(choices));
            if let Kind::Choice(all) = &flag.kind
                && let Some(odd) = choices.iter().find(|choice| !all.contains(choice))
            {
                return Err(format!("--{name}: {odd} is no value of the document"));
            }
            flag.kind = Kind::Choice(choices);
        }
        self.flags.push(flag);
        Ok(())
    }

    fn fix(&mut self) -> Result<(), String> {
        for (path, value) in object(self.fixed) {
            let mut flag = self.made(path, path, "Fixed", false)?;
            flag.default = Some(plain(value));
            self.flags.push(flag);
        }
        Ok(())
    }

    /// A flag for every argument that has none: named like it, without the `is_` that the published flags lack too.
    fn rest(&mut self, leave: &[String]) -> Result<(), String> {
        for path in leave {
            self.argument(path)?;
        }
        let rest = self.known.arguments.iter().filter(|argument| {
            !argument.left && !leave.contains(&argument.path) && !self.fed(&argument.path)
        });
        let rest: Vec<String> = rest.map(|argument| argument.path.clone()).collect();
        for path in rest {
            let leaf = path.rsplit('.').next().unwrap_or(&path);
            let name = leaf.strip_prefix("is_").unwrap_or(leaf).replace('_', "-");
            let flag = self.made(&name, &path, "Flag", false)?;
            if self.flags.iter().any(|other| other.name == name) {
                return Err(format!(
                    "{path} would be a second --{name}: name it under ours, or leave it"
                ));
            }
            self.flags.push(flag);
        }
        Ok(())
    }

    /// What is required can be given, and what the published command does not ask for has a default.
    fn complete(&self) -> Result<(), String> {
        for (path, _) in object(self.help) {
            self.argument(path)?;
        }
        for argument in self
            .known
            .arguments
            .iter()
            .filter(|argument| argument.required)
        {
            let path = &argument.path;
            let filled = self.flags.iter().find(|flag| flag.feeds.contains(path));
            match filled {
                None => return Err(format!("{path} is required, and nothing fills it")),
                Some(flag) if !flag.vendor && flag.default.is_none() => {
                    return Err(format!(
                        "{path} is required, and the published command has no flag for it: give it a default"
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// A value as a user would write it.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
