"""Feeds definitions of tools to the types of the providers' own packages. Nothing is sent anywhere.

    providers.py openai|anthropic|gemini FILE
"""

import copy
import json
import re
import sys

from pydantic import TypeAdapter

# As short and plain as all providers take it.
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def read(kind, value):
    """Reads a value as a type of the package, which drops what it does not know: nothing may be dropped."""
    known = TypeAdapter(kind).validate_python(value)
    assert known == value, "a field that the type does not have"
    return known


def openai(tools):
    from openai.lib._pydantic import _ensure_strict_json_schema
    from openai.types.chat import ChatCompletionFunctionToolParam
    from openai.types.shared_params import FunctionDefinition

    for tool in tools:
        read(ChatCompletionFunctionToolParam, tool)
        function = read(FunctionDefinition, tool["function"])
        schema = function["parameters"]
        # What makes schemas strict finds nothing to change.
        strict = copy.deepcopy(schema)
        strict = _ensure_strict_json_schema(strict, path=(), root=strict)
        assert strict == schema, function["name"]
        yield function["name"]


def anthropic(tools):
    from anthropic.types import ToolParam
    from anthropic.types.tool_param import InputSchemaTyped

    for tool in tools:
        read(ToolParam, tool)
        # The service takes all of JSON Schema; the type names type, properties and required.
        TypeAdapter(InputSchemaTyped).validate_python(tool["input_schema"])
        yield tool["name"]


def gemini(tools):
    from google.genai import types

    for tool in tools:
        # The types refuse what they do not know, in schemas too.
        read = types.Tool.model_validate(tool)
        for declaration in read.function_declarations:
            yield declaration.name


def main(provider, path):
    with open(path, encoding="utf-8") as file:
        tools = json.load(file)
    check = {"openai": openai, "anthropic": anthropic, "gemini": gemini}[provider]
    names = list(check(tools))
    assert names and all(NAME.fullmatch(name) for name in names)
    assert len(set(names)) == len(names)
    # An oracle that takes everything proves nothing: what is wrong must be refused.
    for wrong in broken(provider, tools):
        try:
            list(check(wrong))
        except Exception:  # Each package has errors of its own.
            continue
        sys.exit(f"{provider}: a broken definition was taken")
    print(f"{provider}: {len(names)} tools")


def broken(provider, tools):
    """Definitions with one thing wrong."""
    def changed(change):
        copied = copy.deepcopy(tools)
        change(copied[0])
        return copied

    if provider == "openai":
        yield changed(lambda tool: tool["function"].pop("name"))
        yield changed(lambda tool: tool["function"].update(surplus=1))
        yield changed(lambda tool: tool["function"]["parameters"].update(required=[]))
        yield changed(lambda tool: tool["function"]["parameters"].pop("additionalProperties"))
    elif provider == "anthropic":
        yield changed(lambda tool: tool.pop("name"))
        yield changed(lambda tool: tool.update(surplus=1))
        yield changed(lambda tool: tool["input_schema"].update(type="string"))
    else:
        yield changed(lambda tool: tool["function_declarations"][0].update(surplus=1))
        yield changed(lambda tool: tool["function_declarations"][0]["parameters"].update(surplus=1))
        yield changed(lambda tool: tool["function_declarations"][0]["parameters"].update(type=7))


if __name__ == "__main__":
    main(*sys.argv[1:])
