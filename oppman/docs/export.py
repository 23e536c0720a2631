"""What an export holds, made from the project that the contract loads."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from oppman.contract import Contract
from oppman.docs import commands, diagram, folder, models, openapi, site
from oppman.docs.folder import Change
from oppman.errors import Refused, UsageError
from oppman.inspect.routes import Route, routes

JSON_FILE, YAML_FILE = "openapi.json", "openapi.yaml"
WOULD = {"create": "missing", "update": "stale", "remove": "left over"}


class Format(StrEnum):
    """What to export."""

    ALL = "all"
    SITE = "site"
    OPENAPI_JSON = "openapi-json"
    OPENAPI_YAML = "openapi-yaml"


def run(contract: Contract, output: Path, wanted: str, *, check: bool, force: bool) -> list[Change]:
    """Bring the folder up to date and return what was done with each file.

    With `check` nothing is written: Refused is raised if anything would change.
    """
    parts = build(contract, Format(wanted))
    if not check:
        return folder.write(output, parts, force=force)
    changes = folder.compare(output, parts)
    if stale := [change for change in changes if change.verb != "identical"]:
        raise Refused(
            f"The documentation in {output} is stale.",
            f"Renew it with `oppman docs export{'' if wanted == Format.ALL else f' --format {wanted}'}`.",
            "\n".join(f"{WOULD[change.verb]:>9}  {change.name}" for change in stale),
        )
    return changes


def document(contract: Contract, wanted: str) -> str:
    """The OpenAPI document as text: YAML if that is wanted, else JSON. Raises UsageError for the site."""
    if wanted == Format.SITE:
        raise UsageError("--stdout prints the OpenAPI document, which is one file; the site is many.", "Leave one out.")
    described = contract.app().openapi()
    return openapi.as_yaml(described) if wanted == Format.OPENAPI_YAML else openapi.as_json(described)


def entry(output: Path, wanted: str) -> Path:
    """The file to look at first."""
    return output / {Format.OPENAPI_JSON: JSON_FILE, Format.OPENAPI_YAML: YAML_FILE}.get(Format(wanted), "index.html")


def build(contract: Contract, wanted: Format) -> dict[str, dict[str, str]]:
    """The files of each part of the export: part -> file name -> text. The same project gives the same texts."""
    app = contract.app()
    document = app.openapi()
    parts: dict[str, dict[str, str]] = {}
    if wanted in {Format.ALL, Format.OPENAPI_JSON}:
        parts[Format.OPENAPI_JSON] = {JSON_FILE: openapi.as_json(document)}
    if wanted in {Format.ALL, Format.OPENAPI_YAML}:
        parts[Format.OPENAPI_YAML] = {YAML_FILE: openapi.as_yaml(document)}
    if wanted in {Format.ALL, Format.SITE}:
        parts[Format.SITE] = _site(contract, app, document, downloads=wanted is Format.ALL)
    return parts


def _site(contract: Contract, app: Any, document: Mapping[str, Any], *, downloads: bool) -> dict[str, str]:
    found = routes(app, contract.project.root)
    tables = _tables(contract)
    return site.render(
        site.Content(
            api=openapi.read(document, _permissions(found)),
            tables=tuple(tables),
            diagram=diagram.lay_out(tables),
            routes=tuple(found),
            commands=tuple(commands.read(own=True)),
            downloads=(JSON_FILE, YAML_FILE) if downloads else (),
        )
    )


def _permissions(found: list[Route]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(method, route.path): route.permissions for route in reversed(found) for method in route.methods}


def _tables(contract: Contract) -> list[models.Table]:
    """The project's tables; none if it is not of our making and names no metadata."""
    if not contract.offers("metadata"):
        return []
    metadata = contract.load("metadata")
    module = contract.module(contract.target("metadata").partition(":")[0], "metadata")
    return models.read(metadata, models.mapped(module))
