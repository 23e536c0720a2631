"""A call of an operation as a command line with curl."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from oppman.docs.samples import sample
from oppman.docs.schemas import resolve

Document = Mapping[str, Any]


def command_line(
    method: str, path: str, parameters: Sequence[Mapping[str, Any]], body: Mapping[str, Any],
    security: Sequence[Mapping[str, Any]], schemes: Mapping[str, Any], document: Document,
) -> str:  # fmt: skip
    """The call with curl, for a POSIX shell with BASE_URL (and TOKEN) set; only what is required is filled in."""
    url, query = path, []
    lines = []
    for parameter in parameters:
        schema = {**parameter.get("schema", {}), **{k: parameter[k] for k in ("example",) if k in parameter}}
        value = sample(schema, document, parameter["name"])
        if parameter["in"] == "path":
            url = url.replace(f"{{{parameter['name']}}}", quote(_plain(value), safe=""))
        elif parameter["in"] == "query" and parameter.get("required"):
            query.append(f"{parameter['name']}={quote(_plain(value), safe='')}")
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
            text = json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\n  ")
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
