//! What a model is told: one tool an operation, in the part of JSON Schema that everybody takes.

use kallyai_sdk::OPERATIONS;
use kallyai_sdk::tools::{Policy, Tool, Toolbox, Tools, anthropic, gemini, openai, plain};
use serde_json::Value;

use crate::{all, client, quick};

/// What may stand in a schema of arguments.
const KEYWORDS: &[&str] = &[
    "type",
    "description",
    "enum",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "minimum",
    "maximum",
    "anyOf",
];

/// What is wrong with a schema of arguments, everywhere in it.
fn lint(schema: &Value, place: &str, problems: &mut Vec<String>) {
    let mut say = |what: &str| problems.push(format!("{place}: {what}"));
    let Some(object) = schema.as_object() else {
        say("is no object");
        return;
    };
    for keyword in object.keys() {
        if !KEYWORDS.contains(&keyword.as_str()) {
            say(&format!("{keyword} is not portable"));
        }
    }
    if let Some(schemas) = schema.get("anyOf") {
        let [inner, null] = schemas.as_array().unwrap().as_slice() else {
            say("anyOf is for null only");
            return;
        };
        if null["type"] != "null" {
            say("anyOf is for null only");
        }
        lint(inner, place, problems);
        return;
    }
    let Some(kind) = schema["type"].as_str() else {
        say("has no type, or several");
        return;
    };
    match kind {
        "object" => {
            if schema["additionalProperties"] != false {
                say("is open");
            }
            let properties = schema["properties"]
                .as_object()
                .expect("an object has properties");
            for name in schema["required"]
                .as_array()
                .expect("and says which it needs")
            {
                if !properties.contains_key(name.as_str().unwrap()) {
                    problems.push(format!("{place}: needs {name}, which is not there"));
                }
            }
            for (name, property) in properties {
                lint(property, &format!("{place}.{name}"), problems);
            }
        }
        "array" => lint(&schema["items"], &format!("{place}[]"), problems),
        "string" | "integer" | "number" | "boolean" => {}
        other => problems.push(format!("{place}: {other} is no portable type")),
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[tokio::test]
async fn there_is_a_portable_tool_for_every_operation() {
    let sandbox = quick().start().await.unwrap();
    let names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let tools = Tools::builder(client(&sandbox))
        .tools(names)
        .build()
        .unwrap();
    // And calls_wait, which is no operation.
    assert_eq!(tools.definitions().len(), OPERATIONS.len() + 1);
    let mut problems = Vec::new();
    for tool in tools.definitions() {
        let name = tool.name();
        if !is_name(name) || tool.title().is_empty() || tool.description().is_empty() {
            problems.push(format!("{name}: its name or its words are wrong"));
        }
        let input = tool.input_schema();
        if input["type"] != "object" || input.get("anyOf").is_some() {
            problems.push(format!("{name}: is not an object at the root"));
        }
        lint(input, name, &mut problems);
        assert_eq!(tool.output_schema()["type"], "object", "{name}");
        jsonschema::draft202012::new(tool.output_schema()).unwrap();
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test]
async fn the_lint_finds_what_is_wrong() {
    for wrong in [
        serde_json::json!({ "$ref": "#/a" }),
        serde_json::json!({ "type": ["string", "null"] }),
        serde_json::json!({ "type": "object", "properties": {}, "required": [] }),
        serde_json::json!({ "type": "string", "const": "a" }),
        serde_json::json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
        serde_json::json!({ "type": "array", "items": {} }),
        serde_json::json!({
            "type": "object", "properties": {}, "required": ["a"], "additionalProperties": false
        }),
    ] {
        let mut problems = Vec::new();
        lint(&wrong, "it", &mut problems);
        assert!(!problems.is_empty(), "{wrong}");
    }
}

#[tokio::test]
async fn a_dozen_is_there_by_default_and_fits_into_a_context() {
    let sandbox = quick().start().await.unwrap();
    let tools = Tools::builder(client(&sandbox)).build().unwrap();
    let names: Vec<&str> = tools.definitions().iter().map(Tool::name).collect();
    assert_eq!(names.len(), 13, "{names:?}");
    assert!(names.contains(&"calls_create") && names.contains(&"calls_wait"));
    // Four characters are taken for a token.
    let bytes = plain(tools.definitions()).to_string().len();
    assert!(bytes / 4 < 5_000, "{bytes}");
    println!(
        "{} tools, {bytes} bytes, some {} tokens",
        names.len(),
        bytes / 4
    );
}

#[tokio::test]
async fn schemas_of_answers_say_nothing_twice() {
    let sandbox = quick().start().await.unwrap();
    let tools = Tools::builder(client(&sandbox)).build().unwrap();
    let of = |name: &str| {
        let tools = tools.definitions().iter();
        let mut tools = tools.filter(|tool| tool.name() == name);
        tools.next().unwrap().output_schema()
    };
    let page = &of("calls_list")["properties"];
    let call = &page["calls"]["items"];
    assert_eq!(call, of("calls_get"));
    assert_eq!(call["required"], serde_json::json!(["call_id", "status"]));
    assert!(call.get("description").is_none());
    assert_eq!(
        call["properties"]["status"]["description"],
        "How a call ended."
    );
    // The same list under its other name.
    assert!(page["items"].get("items").is_none());
    assert_eq!(page["items"]["description"], "As `calls`.");
    assert!(of("calls_wait").to_string().len() < 400);
}

#[tokio::test]
async fn tools_are_chosen_by_domain_and_name() {
    let sandbox = quick().start().await.unwrap();
    let build = || Tools::builder(client(&sandbox));
    let names = |tools: &Tools| -> Vec<String> {
        let tools = tools.definitions().iter();
        tools.map(|tool| tool.name().to_owned()).collect()
    };
    let budget = build().domains(["budget"]).build().unwrap();
    assert_eq!(names(&budget).len(), 4);
    let some = build()
        .domains(["users"])
        .tools(["calls_get"])
        .without(["users_statistics"]);
    assert_eq!(
        names(&some.build().unwrap()),
        ["calls_get", "users_subscription"]
    );
    // Tokens are nothing for a model, unless they are asked for by name.
    let all = names(&all(&sandbox, Policy::new()));
    let signs_in = |id: &str| id.starts_with("auth_");
    let rest = OPERATIONS
        .iter()
        .filter(|operation| !signs_in(operation.id));
    assert_eq!(all.len(), rest.count() + 1);
    assert!(!all.iter().any(|name| signs_in(name)));
    let by_name = build().tools(["auth_refresh_token"]).build().unwrap();
    assert_eq!(names(&by_name), ["auth_refresh_token"]);
    for wrong in [
        build().domains(["nothing"]).build(),
        build().tools(["calls_nothing"]).build(),
        build().without(["calls_nothing"]).build(),
    ] {
        assert!(wrong.unwrap_err().is_invalid_input());
    }
    let reading = build()
        .all()
        .policy(Policy::new().read_only())
        .build()
        .unwrap();
    assert!(
        reading
            .definitions()
            .iter()
            .all(|tool| tool.hints().read_only)
    );
    assert!(names(&reading).contains(&"calls_get".to_owned()));
}

#[tokio::test]
async fn hints_follow_the_document() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new());
    let hints = |name: &str| {
        let tools = tools.definitions();
        tools
            .iter()
            .find(|tool| tool.name() == name)
            .unwrap()
            .hints()
    };
    let create = hints("calls_create");
    assert!(create.destructive && create.costs_credits && create.open_world && !create.read_only);
    let get = hints("calls_get");
    assert!(get.read_only && get.idempotent && !get.destructive && get.untrusted);
    assert!(hints("calls_transcript").untrusted);
    assert!(!hints("credits_balance").untrusted);
    assert!(hints("phone_release").destructive);
    let search = hints("search_run");
    assert!(search.costs_credits && !search.read_only);
    let wait = hints("calls_wait");
    assert!(wait.read_only && !wait.costs_credits);
}

/// Every object of a schema.
fn objects<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
    match schema {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) && fields.contains_key("type")
            {
                found.push(schema);
            }
            fields.values().for_each(|value| objects(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| objects(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn each_dialect_gets_what_it_takes() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new());
    let definitions = tools.definitions();

    let strict = openai(definitions);
    let mut found = Vec::new();
    objects(&strict, &mut found);
    assert!(found.len() >= definitions.len());
    for object in found {
        let properties = object["properties"].as_object().unwrap();
        let required = object["required"].as_array().unwrap();
        assert_eq!(properties.len(), required.len(), "{object}");
        assert_eq!(object["additionalProperties"], false);
    }
    assert_eq!(strict[0]["function"]["strict"], true);
    let limit = strict
        .as_array()
        .unwrap()
        .iter()
        .find(|tool| tool["function"]["name"] == "calls_list")
        .unwrap();
    let limit = &limit["function"]["parameters"]["properties"]["limit"];
    assert_eq!(limit["anyOf"][1]["type"], "null");

    let gemini = gemini(definitions).to_string();
    assert!(!gemini.contains("additionalProperties") && !gemini.contains("anyOf"));
    let anthropic = anthropic(definitions);
    assert_eq!(anthropic.as_array().unwrap().len(), definitions.len());
    assert!(anthropic[0]["input_schema"].is_object());
}
