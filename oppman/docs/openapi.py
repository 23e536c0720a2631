"""The OpenAPI document: as text, and as the operations and schemas that the API reference shows."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oppman.docs.curl import command_line
from oppman.docs.samples import sample
from oppman.docs.schemas import Field, Schema, Type, fields, internal, resolve, shown, type_of

Document = Mapping[str, Any]
Permissions = Mapping[tuple[str, str], tuple[str, ...]]

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
PLACES = {"path": "Path", "query": "Query", "header": "Header", "cookie": "Cookie"}


@dataclass(frozen=True)
class Content:
    """A body of one media type; `samples` are (title, text) pairs, the text as it would be sent."""

    media_type: str
    type: Type
    fields: tuple[Field, ...]
    samples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Response:
    """One answer of an operation."""

    status: str
    description: str
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class Operation:
    """One method of one path; `permissions` are needed all together, of `security` any one."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    permissions: tuple[str, ...]
    security: tuple[str, ...]
    parameters: tuple[tuple[str, tuple[Field, ...]], ...]
    bodies: tuple[Content, ...]
    responses: tuple[Response, ...]
    command_line: str


@dataclass(frozen=True)
class Group:
    """The operations of one tag."""

    anchor: str
    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Api:
    """The whole document, in its own order."""

    title: str
    version: str
    description: str
    servers: tuple[str, ...]
    security: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    schemas: tuple[Schema, ...]


def as_json(document: Document) -> str:
    """The document as JSON, in its own order."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_yaml(document: Document) -> str:
    """The document as YAML, in its own order; texts of several lines stay readable."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    plain = json.loads(json.dumps(document))  # without subclasses of str and dict, which YAML would tag
    return str(yaml.dump(plain, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120))


def read(document: Document, permissions: Permissions) -> Api:
    """Everything that the reference shows. `permissions` are those of (method, path)."""
    info = document.get("info", {})
    components = document.get("components", {})
    schemes = components.get("securitySchemes", {})
    return Api(
        title=info.get("title", "API"),
        version=info.get("version", ""),
        description="\n\n".join(filter(None, [info.get("summary"), info.get("description")])),
        servers=tuple(server["url"] for server in document.get("servers", [])),
        security=tuple((name, _scheme(resolve(scheme, document))) for name, scheme in schemes.items()),
        groups=tuple(_groups(document, permissions)),
        schemas=tuple(
            Schema(name, type_of(schema), schema.get("description", ""), tuple(fields(schema, document)),
                   tuple(map(shown, schema.get("enum", []))), _pretty(sample(schema, document)))
            for name, schema in sorted(components.get("schemas", {}).items())
            if not internal(name)
        ),
    )  # fmt: skip


def slug(*parts: str) -> str:
    """An anchor made of `parts`."""
    return re.sub(r"[^a-z0-9_]+", "-", "-".join(parts).lower()).strip("-")


def _groups(document: Document, permissions: Permissions) -> Iterator[Group]:
    described = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    grouped: dict[str, list[Operation]] = {name: [] for name in described}
    for path, item in document.get("paths", {}).items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                operation = _operation(method, path, item[method], shared, document, permissions)
                name = next(iter(item[method].get("tags", [])), "") or _first_segment(path)
                grouped.setdefault(name, []).append(operation)
    for name, operations in grouped.items():
        if operations:
            yield Group(slug("group", name), name[:1].upper() + name[1:], described.get(name, ""), tuple(operations))


def _first_segment(path: str) -> str:
    """What operations without a tag are grouped by: `/api/products/{id}` belongs to products."""
    segments = [part for part in path.split("/") if part and not part.startswith("{")]
    return next((part for part in segments if part not in {"api", "v1", "v2"}), "general")


def _operation(
    method: str, path: str, raw: Mapping[str, Any], shared: Sequence[Any], document: Document, permissions: Permissions
) -> Operation:
    parameters = {}
    for reference in [*shared, *raw.get("parameters", [])]:
        parameter = resolve(reference, document)
        parameters[parameter["name"], parameter["in"]] = parameter
    body = resolve(raw.get("requestBody", {}), document)
    security = raw.get("security", document.get("security", []))
    schemes = document.get("components", {}).get("securitySchemes", {})
    return Operation(
        anchor=slug(method, path),
        method=method.upper(),
        path=path,
        summary=raw.get("summary", "") or f"{method.upper()} {path}",
        description=raw.get("description", ""),
        deprecated=raw.get("deprecated", False),
        permissions=permissions.get((method.upper(), path), ()),
        security=tuple(dict.fromkeys(" and ".join(option) for option in security if option)),
        parameters=tuple(
            (title, own)
            for place, title in PLACES.items()
            if (own := tuple(_parameter(p, document) for p in parameters.values() if p["in"] == place))
        ),
        bodies=tuple(_merged(_contents(body, document))),
        responses=tuple(
            Response(status, answer.get("description", ""), tuple(_contents(answer, document)))
            for status, answer in ((s, resolve(a, document)) for s, a in sorted(raw.get("responses", {}).items()))
        ),
        command_line=command_line(method, path, list(parameters.values()), body, security, schemes, document),
    )


def _parameter(parameter: Mapping[str, Any], document: Document) -> Field:
    alternatives = [media.get("schema", {}) for media in parameter.get("content", {}).values()]
    schema: Mapping[str, Any] = parameter.get("schema") or next(iter(alternatives), {})
    described = {**schema, "description": parameter.get("description") or schema.get("description", "")}
    examples = parameter.get("examples")
    if "example" in parameter:
        described["examples"] = [parameter["example"]]
    elif isinstance(examples, Mapping):
        described["examples"] = [resolve(one, document).get("value") for one in examples.values()]
    return Field.of(parameter["name"], described, parameter.get("required", False), document)


def _contents(holder: Mapping[str, Any], document: Document) -> Iterator[Content]:
    for media_type, media in holder.get("content", {}).items():
        schema = media.get("schema", {})
        yield Content(
            media_type, type_of(schema), tuple(fields(schema, document)), _samples(media_type, media, document)
        )


def _merged(contents: Iterable[Content]) -> Iterator[Content]:
    """Bodies that differ in nothing but their media type as one, with the samples of the one that is JSON."""
    alike: dict[tuple[Type, tuple[Field, ...]], list[Content]] = {}
    for content in contents:
        alike.setdefault((content.type, content.fields), []).append(content)
    for (kind, own), members in alike.items():
        samples = next((member.samples for member in members if "json" in member.media_type), members[0].samples)
        yield Content(" or ".join(member.media_type for member in members), kind, own, samples)


def _samples(media_type: str, media: Mapping[str, Any], document: Document) -> tuple[tuple[str, str], ...]:
    named = media.get("examples") or {}
    values = [(one.get("summary") or name, one.get("value")) for name, raw in named.items()
              if (one := resolve(raw, document)) and "value" in one]  # fmt: skip
    if "example" in media:
        values = [("", media["example"])]
    if not values and media.get("schema"):
        values = [("", sample(media["schema"], document))]
    if "json" not in media_type:
        values = [(title, value) for title, value in values if isinstance(value, str) and value != "string"]
    return tuple((str(title), _pretty(value) if "json" in media_type else str(value)) for title, value in values)


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _scheme(scheme: Mapping[str, Any]) -> str:
    """A security scheme in words."""
    kind = scheme.get("type", "")
    words = {
        "http": f"HTTP {str(scheme.get('scheme', '')).capitalize()} in the header `Authorization`",
        "apiKey": f"The {scheme.get('in', '')} `{scheme.get('name', '')}`",
        "oauth2": "A bearer token in the header `Authorization`",
        "openIdConnect": "OpenID Connect",
    }.get(kind, kind)
    flow = scheme.get("flows", {}).get("password", {}).get("tokenUrl")
    where = f", from `POST /{flow.lstrip('/')}`" if flow else ""
    return ". ".join(filter(None, [words + where, scheme.get("description", "")]))
