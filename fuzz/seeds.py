"""Writes the seeds that are made of the document and of the command's own table of examples.

    cargo run -q -p kallyai-openapi -- bundle > /tmp/api.json
    cargo run -q -p kallyai-openapi -- index > /tmp/index.json
    python3 fuzz/seeds.py /tmp/api.json /tmp/index.json

Those written by hand (callback, e164, error_body, events, mcp, numbers, templates, token_file) stay as they are.
"""

import csv
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
ROWS = HERE.parent / "kallyai-cli/tests/surface/rows.tsv"


def write(target, name, content):
    directory = HERE / "seeds" / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(content)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def example(api, schema):
    """The example of a schema, or what can be made of the examples in it."""
    if "$ref" in schema:
        schema = api["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "allOf" in schema and "example" not in schema:
        return example(api, schema["allOf"][0])
    if "example" in schema:
        return schema["example"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: example(api, inner) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(api, schema["items"])]
    return {"integer": 1, "number": 1.5, "boolean": True, "string": "x"}.get(kind)


def main():
    api = json.load(open(sys.argv[1], encoding="utf-8"))
    operations = json.load(open(sys.argv[2], encoding="utf-8"))
    if isinstance(operations, dict):
        operations = operations["operations"]
    for place, operation in enumerate(operations):
        answer = operation["answer"]
        if isinstance(answer, dict) and "json" in answer:
            schema = api["components"]["schemas"][answer["json"]]
            body = compact(example(api, schema)).encode()
            write("answers", operation["id"], bytes([place]) + body)

    rows = list(csv.DictReader(open(ROWS, encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
    seen, requests = set(), {}
    for row in rows:
        if row["operation"] in seen:
            continue
        seen.add(row["operation"])
        argv = json.loads(row["argv"])
        write("command_line", row["operation"], "\n".join(argv).encode())
        path = row["path"]
        if row["query"] != "-":
            query = json.loads(row["query"]).items()
            path += "?" + "&".join(f"{name}={value}".lower().replace(" ", "+") for name, value in query)
        body = "" if row["body"] == "-" else compact(json.loads(row["body"]))
        domain = row["operation"].split("_")[0]
        text = f"{row['method']} {path}\n\n{body}"
        requests.setdefault(domain, []).append(text)
    for domain, texts in requests.items():
        for start in range(0, len(texts), 6):
            several = "\n===\n".join(texts[start : start + 6])
            write("sandbox", f"{domain}_{start // 6}", several.encode())


main()
