"""Examples: the author's own where there is one, otherwise made from the schema, always the same ones."""

import re
from collections.abc import Mapping
from typing import Any

from oppman.docs.schemas import decimal, resolve

Document = Mapping[str, Any]

TEXTS = {
    "date-time": "2026-03-14T09:30:00Z",
    "date": "2026-03-14",
    "time": "09:30:00",
    "duration": "PT30M",
    "email": "ada@example.com",
    "uuid": "0190a6f2-8c5e-7d3a-9b41-5f6e7a8b9c0d",
    "uri": "https://example.com/",
    "password": "correct horse battery",
    "binary": "@file",
    "decimal": "19.90",
}


def sample(schema: Mapping[str, Any], document: Document, name: str = "", within: frozenset[str] = frozenset()) -> Any:
    """A value that fits `schema`; `name` is the property's, which helps to choose.

    `within` holds the references that lead here: where a schema would hold itself, the value ends in null or [].
    """
    target = resolve(schema, document)
    if (given := _given(target)) is not None:
        return given
    if schema.get("$ref") in within:
        return None
    within |= {schema["$ref"]} if "$ref" in schema else set()
    if target.get("allOf"):
        return _combined(target, document, within)
    if options := target.get("anyOf") or target.get("oneOf"):
        if decimal(options):
            return TEXTS["decimal"]
        real = [option for option in options if resolve(option, document).get("type") != "null"]
        return sample(real[0], document, name, within) if real else None
    kind = target.get("type", "object" if "properties" in target else None)
    return _value(kind[0] if isinstance(kind, list) else kind, target, document, name, within)


def _given(schema: Mapping[str, Any]) -> Any:
    """What the author wrote: an example, the only value, the default or the first of the allowed ones."""
    for key in ("example", "examples", "const", "default", "enum"):
        value = schema.get(key)
        if value is not None and value != []:
            return value[0] if key in {"examples", "enum"} else value
    return None


def _combined(schema: Mapping[str, Any], document: Document, within: frozenset[str]) -> Any:
    parts = [sample(part, document, "", within) for part in schema["allOf"]]
    if not all(isinstance(part, dict) for part in parts):
        return parts[0]
    own = {"type": "object", "properties": schema.get("properties", {})}
    return {key: value for part in [*parts, sample(own, document, "", within)] for key, value in part.items()}


def _value(kind: Any, schema: Mapping[str, Any], document: Document, name: str, within: frozenset[str]) -> Any:
    if kind == "object":
        return {
            key: sample(child, document, key, within)
            for key, child in schema.get("properties", {}).items()
            if not resolve(child, document).get("deprecated")
        }
    if kind == "array":
        items = schema.get("items", {})
        return [] if not items or items.get("$ref") in within else [sample(items, document, name, within)]
    if kind in {"integer", "number"}:
        low, above, high = schema.get("minimum"), schema.get("exclusiveMinimum"), schema.get("maximum")
        least = low if low is not None else above + 1 if above is not None else 1
        return max(least, 1) if high is None or high >= 1 else high
    if kind == "boolean":
        return True
    if kind == "string" and _decimal_elsewhere(name, document):
        return TEXTS["decimal"]
    return _text(schema, name) if kind == "string" else None


def _decimal_elsewhere(name: str, document: Document) -> bool:
    """Whether some schema says that a property of this name is a Decimal: in answers it is an ordinary text."""
    schemas = document.get("components", {}).get("schemas", {}).values()
    alike = (schema["properties"][name] for schema in schemas if name in schema.get("properties", {}))
    return any(decimal(schema.get("anyOf", [])) for schema in alike)


def _text(schema: Mapping[str, Any], name: str) -> str:
    known = TEXTS.get(schema.get("format", "")) or ("@file" if "contentMediaType" in schema else "")
    if known:
        return known
    if schema.get("pattern"):
        return next((text for text in ("19.90", "1", "abc", "ABC") if _matches(schema["pattern"], text)), "string")
    text = name.replace("_", " ").capitalize() or "string"
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 200)]


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # the dialect of JSON Schema is not Python's
        return False
