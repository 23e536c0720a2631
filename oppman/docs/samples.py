"""Examples: the author's own where there is one, otherwise made from the schema, always the same ones."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from oppman.docs.schemas import resolve

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
}
DEEPEST = 6


def sample(schema: Mapping[str, Any], document: Document, depth: int = 0, name: str = "") -> Any:
    """A value that fits `schema`; `name` is the property's, which helps to choose. A cycle ends in null."""
    target = resolve(schema, document)
    if (given := _given(target)) is not None or depth > DEEPEST:
        return given
    if target.get("allOf"):
        return _combined(target, document, depth)
    if options := target.get("anyOf") or target.get("oneOf"):
        real = [option for option in options if resolve(option, document).get("type") != "null"]
        return sample(real[0], document, depth + 1, name) if real else None
    kind = target.get("type", "object" if "properties" in target else None)
    return _value(kind[0] if isinstance(kind, list) else kind, target, document, depth, name)


def _given(schema: Mapping[str, Any]) -> Any:
    """What the author wrote: an example, the only value, the default or the first of the allowed ones."""
    for key in ("example", "examples", "const", "default", "enum"):
        value = schema.get(key)
        if value is not None and value != []:
            return value[0] if key in {"examples", "enum"} else value
    return None


def _combined(schema: Mapping[str, Any], document: Document, depth: int) -> Any:
    parts = [sample(part, document, depth + 1) for part in schema["allOf"]]
    if not all(isinstance(part, dict) for part in parts):
        return parts[0]
    own = {"type": "object", "properties": schema.get("properties", {})}
    return {key: value for part in [*parts, sample(own, document, depth + 1)] for key, value in part.items()}


def _value(kind: Any, schema: Mapping[str, Any], document: Document, depth: int, name: str) -> Any:
    if kind == "object":
        return {
            key: sample(child, document, depth + 1, key)
            for key, child in schema.get("properties", {}).items()
            if not resolve(child, document).get("deprecated")
        }
    if kind == "array":
        return [] if "items" not in schema else [sample(schema["items"], document, depth + 1, name)]
    if kind in {"integer", "number"}:
        low, above, high = schema.get("minimum"), schema.get("exclusiveMinimum"), schema.get("maximum")
        least = low if low is not None else above + 1 if above is not None else 1
        return max(least, 1) if high is None or high >= 1 else high
    if kind == "boolean":
        return True
    return _text(schema, name) if kind == "string" else None


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


def command_line(
    method: str, path: str, parameters: Sequence[Mapping[str, Any]], body: Mapping[str, Any],
    security: Sequence[Mapping[str, Any]], schemes: Mapping[str, Any], document: Document,
) -> str:  # fmt: skip
    """The call with curl, for a POSIX shell with BASE_URL (and TOKEN) set; only what is required is filled in."""
    url, query = path, []
    lines = []
    for parameter in parameters:
        schema = {**parameter.get("schema", {}), **{k: parameter[k] for k in ("example",) if k in parameter}}
        value = sample(schema, document, name=parameter["name"])
        if parameter["in"] == "path":
            url = url.replace(f"{{{parameter['name']}}}", _plain(value))
        elif parameter["in"] == "query" and parameter.get("required"):
            query.append(f"{parameter['name']}={_plain(value)}")
        elif parameter["in"] == "header" and parameter.get("required"):
            lines.append(f"-H {_quoted(parameter['name'] + ': ' + _plain(value))}")
    lines += _credentials(security, schemes, document)
    lines += _body(body, document)
    verb = "" if method == "get" else f"-X {method.upper()} "
    target = f'"$BASE_URL{url}{"?" if query else ""}{"&".join(query)}"'
    return " \\\n  ".join([f"curl {verb}{target}", *lines])


def _credentials(security: Sequence[Mapping[str, Any]], schemes: Mapping[str, Any], document: Document) -> list[str]:
    names = [name for option in security for name in option]
    if not names or any(not option for option in security):
        return []
    offered = [resolve(schemes.get(name, {}), document) for name in names]
    for scheme in offered:
        if scheme.get("type") in {"oauth2", "openIdConnect"} or str(scheme.get("scheme", "")).lower() == "bearer":
            return ['-H "Authorization: Bearer $TOKEN"']
    scheme = offered[0]
    if scheme.get("type") == "http":
        return ['-u "$USER:$PASSWORD"']
    key = f"{scheme.get('name', 'key')}"
    return [f'-b "{key}=$KEY"' if scheme.get("in") == "cookie" else f'-H "{key}: $KEY"'] if scheme.get("name") else []


def _body(body: Mapping[str, Any], document: Document) -> list[str]:
    for media_type, media in body.get("content", {}).items():
        named = [resolve(one, document).get("value") for one in (media.get("examples") or {}).values()]
        value = media.get("example") or next(iter(named), None) or sample(media.get("schema", {}), document)
        if "json" in media_type:
            text = json.dumps(value, indent=2, ensure_ascii=False)
            return [f"-H {_quoted(f'Content-Type: {media_type}')}", f"-d {_quoted(text)}"]
        if isinstance(value, Mapping):
            flag = "-F" if "multipart" in media_type else "--data-urlencode"
            needed = resolve(media.get("schema", {}), document).get("required", list(value))
            return [f"{flag} {_quoted(f'{key}={_plain(value[key])}')}" for key in value if key in needed]
        return [f"-H {_quoted(f'Content-Type: {media_type}')}", "--data-binary @file"]
    return []


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
