//! Every rule of the linter, on a small spec with one mistake, and the spec of this crate, which has
//! none.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used
)]

use kallyai_openapi::{Problem, Spec};

/// What the bundler refers to, and what every spec shares.
const COMMON: &str = include_str!("small/common.yaml");
/// One domain with one operation, without a mistake.
const DOMAIN: &str = include_str!("small/things.yaml");

fn lint(common: &str, domain: &str) -> Vec<Problem> {
    match Spec::merge(&[("common.yaml", common), ("things.yaml", domain)]) {
        Ok(spec) => spec.lint(),
        Err(problems) => problems,
    }
}

/// Replaces one piece of the domain's file; the linter must say so, at the line of `at`.
fn finds(from: &str, to: &str, message: &str, at: &str) {
    assert!(DOMAIN.contains(from), "the small spec has no {from:?}");
    let broken = DOMAIN.replacen(from, to, 1);
    let problems = lint(COMMON, &broken);
    let line = broken.lines().position(|line| line.contains(at)).unwrap() + 1;
    assert!(
        problems
            .iter()
            .any(|problem| problem.message.contains(message)
                && problem.position.file == "things.yaml"
                && problem.position.line == line),
        "{from:?} -> {to:?}: expected {message:?} at line {line}, found {problems:#?}",
    );
}

#[test]
fn the_small_spec_has_no_mistake() {
    assert_eq!(lint(COMMON, DOMAIN), []);
}

#[test]
fn the_spec_has_no_mistake() {
    let spec = Spec::load().unwrap();
    assert_eq!(spec.lint(), []);
    assert_eq!(spec.operations().len(), 146);
}

#[test]
fn operations() {
    let at = "    post:";
    let cases = [
        ("      operationId: things_change\n", "", "no operationId"),
        (
            "operationId: things_change\n      summary",
            "operationId: others_change\n      summary",
            "does not start with its domain",
        ),
        ("      summary: Change a thing\n", "", "no summary"),
        ("      description: It changes.\n", "", "no description"),
        (
            "      x-provenance: documented\n      x-effects",
            "      x-effects",
            "x-provenance",
        ),
        (
            "x-provenance: documented\n      x-effects",
            "x-provenance: rumour\n      x-effects",
            "x-provenance",
        ),
        ("dials: none", "dials: maybe", "x-effects.dials"),
        ("spend: none, ", "", "x-effects.spend"),
        (
            "irreversible: false",
            "irreversible: 0",
            "x-effects.irreversible",
        ),
        ("      x-errors: [thing_not_found]\n", "", "no x-errors"),
        ("[thing_not_found]", "[thing_lost]", "no such error code"),
        ("[\"things:read\"]", "[\"things:write\"]", "no such scope"),
        (
            "      security:\n        - oauth: [\"things:read\"]\n",
            "",
            "no security",
        ),
        ("        - name: dry", "        - name: limit", "x-pages"),
        ("name: dry", "name: kind", "is a parameter and a field"),
        (
            "      x-errors:",
            "      x-agent: {secret: true}\n      x-errors:",
            "x-agent knows no secret",
        ),
        (
            "      x-errors:",
            "      x-agent: {omit: [nothing]}\n      x-errors:",
            "the body has no field",
        ),
        ("tag: {name: things, description: Things.}\n", "", "no tag"),
    ];
    for (from, to, message) in cases {
        finds(from, to, message, at);
    }
    let twice = "    put:\n      operationId: things_change\n      summary: s\n";
    let both = format!("{twice}    post:\n");
    finds(
        "    post:\n",
        &both,
        "is taken in things.yaml:",
        "    post:",
    );
}

#[test]
fn input() {
    let at = "    post:";
    let body = "            schema: {$ref: '#/components/schemas/ThingInput'}";
    let cases = [
        ("in: query", "in: cookie", "cookie parameters"),
        (
            "in: query",
            "in: query\n          style: deepObject",
            "parameter styles",
        ),
        ("name: dry", "name: body", "must not be named body"),
        (
            "schema: {type: boolean}",
            "schema: {type: array, items: {type: string}}",
            "a parameter is a scalar",
        ),
        (
            "          example: true\n",
            "",
            "needs description and example",
        ),
        (
            "/v1/things/{thing_id}:",
            "/v1/things/{thing_id}/{part}:",
            "part is not described",
        ),
        (
            "        required: true\n        content",
            "        content",
            "optional body",
        ),
        (
            "          application/json:\n            schema: {$ref: '#/components/schemas/ThingI",
            "          multipart/form-data:\n            schema: {$ref: '#/components/schemas/ThingI",
            "requests are not understood",
        ),
        (
            body,
            &format!("{body}\n          text/plain: {{}}"),
            "exactly one content type",
        ),
        (
            "schema: {$ref: '#/components/schemas/ThingInput'}",
            "schema: {type: object}",
            "needs a named schema",
        ),
    ];
    for (from, to, message) in cases {
        finds(from, to, message, at);
    }
}

#[test]
fn answers() {
    let at = "    post:";
    let success = "        \"200\":";
    let with = |before: &str| format!("{before}{success}");
    let other_error = with(
        "        \"418\":\n          description: d\n          content:\n            application/json:\n              \
         schema: {$ref: '#/components/schemas/Thing'}\n",
    );
    finds(
        success,
        &with("        default: {description: d}\n"),
        "default beside",
        at,
    );
    finds(
        success,
        &with("        \"202\": {description: d}\n"),
        "exactly one success",
        at,
    );
    finds(
        success,
        &with("        2XX: {description: d}\n"),
        "exactly one success",
        at,
    );
    finds(success, &other_error, "one error schema", at);
    finds(
        "      responses:\n",
        "      x-responses:\n",
        "has no responses",
        at,
    );
    finds(
        "              schema: {$ref: '#/components/schemas/Thing'}",
        "              example: {}",
        "a JSON answer needs",
        at,
    );
    finds(
        "{operationId: things_change}",
        "{operationId: things_lose}",
        "a link to no operation",
        "again:",
    );
    finds(
        "        size:\n",
        "        odd:\n          oneOf: [{$ref: '#/components/schemas/Size'}]\n        size:\n",
        "a choice in an answer",
        "oneOf:",
    );
    finds(
        "{$ref: '#/components/schemas/ThingInput'}",
        "{$ref: '#/components/schemas/Thing'}",
        "both sent and received",
        "    Thing:",
    );
}

#[test]
fn schemas() {
    let thing = "    Thing:";
    let width = "        width: {type: number}";
    let cases = [
        (
            "      description: A thing.\n",
            "",
            "Thing has no description",
            thing,
        ),
        (
            "      example: {id: t1, parts: [a], size: {width: 1}}\n",
            "",
            "Thing has no example",
            thing,
        ),
        (
            "x-provenance: documented\n      x-bare",
            "x-bare",
            "x-provenance",
            thing,
        ),
        (
            "x-bare: parts",
            "x-bare: pieces",
            "x-bare names no field",
            thing,
        ),
        (
            "required: [id]",
            "required: [name]",
            "required names no field",
            thing,
        ),
        (
            "    Thing:\n      type: object",
            "    Thing:\n      type: array",
            "a list is an object",
            thing,
        ),
        (
            "    Size:",
            "    size_of:",
            "not PascalCase",
            "    size_of:",
        ),
        (
            width,
            "        width: {type: string, enum: [a, b]}",
            "inline enum",
            "        width:",
        ),
        (
            width,
            "        width: {type: object, properties: {a: {type: string}}}",
            "inline object",
            "        width:",
        ),
        (
            width,
            "        access_token: {type: string}",
            "looks like a secret",
            "access_token:",
        ),
        (
            width,
            "        caller_phone: {type: string}",
            "looks personal",
            "caller_phone:",
        ),
        (
            "enum: [big, small]",
            "enum: [big, Big]",
            "differ by case",
            "    Kind:",
        ),
        (
            "      type: string\n      description: Which kind.",
            "      description: Which kind.",
            "an enum has type: string",
            "    Kind:",
        ),
        (
            width,
            "        width: {anyOf: [{$ref: '#/components/schemas/Kind'}, {type: string}]}",
            "anyOf with an enum",
            "        width:",
        ),
        (
            "    Kind:\n",
            "    Spare:\n      type: object\n      description: d\n      x-provenance: assumed\n      \
             example: {}\n    Kind:\n",
            "Spare is used nowhere",
            "    Spare:",
        ),
    ];
    for (from, to, message, at) in cases {
        finds(from, to, message, at);
    }
}

#[test]
fn everywhere() {
    finds(
        "allOf: [{$ref: '#/components/schemas/Size'}]",
        "$ref: '#/components/schemas/Size'",
        "nothing stands beside a $ref",
        "        size:",
    );
    finds(
        "$ref: '#/components/schemas/Kind'",
        "$ref: '#/components/schemas/Sort'",
        "dangling reference",
        "        kind:",
    );
    finds(
        "      description: A thing.\n",
        "      description: |\n        ```\n        {}\n        ```\n",
        "code fence",
        "    Thing:",
    );
    let problems = lint(&COMMON.replace("3.0.3", "3.1.0"), DOMAIN);
    assert!(
        problems
            .iter()
            .any(|p| p.message.contains("only OpenAPI 3.0") && p.position.line == 1)
    );
}

#[test]
fn what_keeps_files_from_being_merged() {
    let twice = Spec::merge(&[
        ("common.yaml", COMMON),
        ("things.yaml", DOMAIN),
        (
            "more.yaml",
            "components:\n  schemas:\n\n    Thing: {type: object}\n",
        ),
    ])
    .unwrap_err();
    assert_eq!(
        twice[0].to_string(),
        "more.yaml:4: schemas Thing is defined twice"
    );
    let path = Spec::merge(&[
        ("things.yaml", DOMAIN),
        ("more.yaml", "paths:\n  /v1/things/{thing_id}: {}\n"),
    ])
    .unwrap_err();
    assert_eq!(
        path[0].to_string(),
        "more.yaml:2: path /v1/things/{thing_id} is defined twice"
    );
    let key = Spec::merge(&[("one.yaml", "a: 1\nb: 2\na: 3\n")]).unwrap_err();
    assert_eq!(key[0].position.line, 3, "{key:?}");
    for text in ["", "- a list", "a: [", "1: number", "a: !tag b"] {
        assert!(Spec::merge(&[("bad.yaml", text)]).is_err(), "{text:?}");
    }
}

#[test]
fn checks() {
    let kind = "    Kind:";
    let input = "    ThingInput:";
    let cases = [
        (
            "        width: {type: number}",
            "        width: {type: string, format: timezone}",
            "no such format: timezone",
            "        width:",
        ),
        (
            "        kind: {$ref: '#/components/schemas/Kind'}",
            "        kind: {type: string}",
            "kind is sent and has no description",
            "        kind:",
        ),
        (
            "      enum: [big, small]\n",
            "      enum: [big, small]\n      x-closed: too_big\n",
            "x-closed names no published error code",
            kind,
        ),
        (
            "      enum: [big, small]\n",
            "      x-closed: thing_not_found\n",
            "x-closed stands beside an enum",
            kind,
        ),
        (
            "      description: What is to change.\n",
            "      description: What is to change.\n      x-not-past: {date: day}\n",
            "x-not-past names no field: \"day\"",
            input,
        ),
        (
            "      description: What is to change.\n",
            "      description: What is to change.\n      x-not-past: {time: kind}\n",
            "x-not-past names at least the field of the date",
            input,
        ),
        (
            "      description: What is to change.\n",
            "      description: What is to change.\n      x-not-past: {date: kind, hour: kind}\n",
            "x-not-past has no hour",
            input,
        ),
        (
            "      x-errors: [thing_not_found]\n",
            "      x-errors: [thing_not_found]\n      x-price: thing\n",
            "x-price is not in the price list",
            "    post:",
        ),
    ];
    for (from, to, message, at) in cases {
        finds(from, to, message, at);
    }
}
