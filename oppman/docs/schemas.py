"""JSON schemas as rows that a person can read: a type in words, the rules beside it, and links to named schemas."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]

DEEPEST = 3
RULES = (
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("pattern", "matches {}"),
    ("minimum", "≥ {}"),
    ("exclusiveMinimum", "> {}"),
    ("maximum", "≤ {}"),
    ("exclusiveMaximum", "< {}"),
    ("multipleOf", "a multiple of {}"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
)


@dataclass(frozen=True)
class Part:
    """A word of a type; `schema` names the component that it links to ("" for none)."""

    text: str
    schema: str = ""


Type = tuple[Part, ...]


@dataclass(frozen=True)
class Field:
    """A property or parameter. `depth` is how far it lies within inline objects; texts are Markdown."""

    name: str
    type: Type
    required: bool
    description: str
    rules: tuple[str, ...]
    values: tuple[str, ...]
    default: str
    example: str
    depth: int = 0
    deprecated: bool = False

    @classmethod
    def of(cls, name: str, schema: Mapping[str, Any], required: bool, document: Document, depth: int = 0) -> "Field":
        """The row for `schema`, which may be a reference."""
        target = resolve(schema, document)
        options = [resolve(option, document) for option in (*_options(target), target)]
        examples = schema.get("examples") or [schema[key] for key in ("example",) if key in schema]
        description = schema.get("description") or ("" if "$ref" in schema else target.get("description", ""))
        return cls(
            name=name,
            type=type_of(schema),
            required=required,
            description=description,
            rules=tuple(dict.fromkeys(rule for option in options for rule in _rules(option))),
            values=tuple(dict.fromkeys(shown(value) for option in options for value in option.get("enum", []))),
            default=shown(schema["default"]) if schema.get("default") is not None else "",
            example=shown(examples[0]) if examples else "",
            depth=depth,
            deprecated=schema.get("deprecated", False),
        )


@dataclass(frozen=True)
class Schema:
    """A named component; `values` are the only ones allowed, `sample` is JSON."""

    name: str
    type: Type
    description: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]
    sample: str


def resolve(schema: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    """`schema`, or what its `$ref` points to within the document. What stands beside a `$ref` comes first."""
    seen = set()
    while "$ref" in schema and schema["$ref"] not in seen:
        seen.add(schema["$ref"])
        target: Any = document
        for key in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target.get(key.replace("~1", "/").replace("~0", "~"), {})
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**target, **beside}
    return schema


def internal(name: str) -> bool:
    """Whether the component only holds the parts of one body, which FastAPI gives a name that nobody wrote."""
    return name.startswith("Body_")


def fields(schema: Mapping[str, Any], document: Document, depth: int = 0) -> Iterator[Field]:
    """The properties of an object, those of inline objects right below their own; of an array, those of its items."""
    target = resolve(schema, document) if depth == 0 else schema
    if target.get("type") == "array":
        target = resolve(target.get("items", {}), document) if depth == 0 else target.get("items", {})
    for part in target.get("allOf", []):
        yield from fields(part, document, depth)
    required = target.get("required", [])
    for name, child in target.get("properties", {}).items():
        yield Field.of(name, child, name in required, document, depth)
        if depth < DEEPEST and "$ref" not in child:
            yield from fields(child, document, depth + 1)


def type_of(schema: Mapping[str, Any]) -> Type:
    """The type in words: `string (email)`, `array of Product`, `integer or null`."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return (Part("object") if internal(name) else Part(name, name),)
    if len(schema.get("allOf", [])) == 1:
        return type_of(schema["allOf"][0])
    if options := _options(schema):
        shown = list(dict.fromkeys(type_of(option) for option in options))
        if decimal(options):  # said in one word
            shown = [
                (Part("decimal"),),
                *(kind for kind in shown if kind not in {(Part("number"),), (Part("string"),)}),
            ]
        parts = list(shown[0])
        for option in shown[1:]:
            parts += [Part(" or "), *option]
        return tuple(parts)
    return _plain_type(schema)


def _plain_type(schema: Mapping[str, Any]) -> Type:
    kind = schema.get("type")
    if kind == "array":
        return (Part("array of "), *type_of(schema.get("items", {})))
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping) and "properties" not in schema:
        return (Part("map of "), *type_of(schema["additionalProperties"]))
    if "const" in schema:
        return (Part(shown(schema["const"])),)
    name = " or ".join(kind) if isinstance(kind, list) else kind or ("object" if "properties" in schema else "any")
    detail = schema.get("format") or schema.get("contentMediaType", "").replace("application/octet-stream", "binary")
    return (Part(f"{name} ({detail})" if detail else name),)


def decimal(options: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a choice is how a Decimal is described: a number, or a text so that nothing is rounded."""
    return [option.get("type") for option in options][:2] == ["number", "string"]


def _options(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(schema.get("anyOf") or schema.get("oneOf") or [])


def _rules(schema: Mapping[str, Any]) -> Iterator[str]:
    for key, wording in RULES:
        if key in schema and (key, schema[key]) == ("minLength", 1):
            yield "not empty"
        elif key in schema:
            value = f"`{schema[key]}`" if key == "pattern" else schema[key]
            yield wording.format(f"{value:g}" if isinstance(value, float) else value)


def shown(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
