"""Where the pages of a resource and those of its parents meet: names, links, and where a parent is created."""

import re
from collections.abc import Collection, Iterator

from oppman.errors import Refused
from oppman.scaffold.fields import Field
from oppman.scaffold.labels import label
from oppman.scaffold.models import Model
from oppman.scaffold.naming import module_of
from oppman.scaffold.resource import Link, Parent, Resource


def address(r: Resource) -> str:
    """Where its list is."""
    return f"/{r.names.slug}"


def refuse_private(r: Resource, fields: Collection[Field] | None = None) -> None:
    """Raises Refused if pages that everybody sees would name rows which only their owners may see.

    `fields` are those to look at; without them, all.
    """
    if r.options.owned or not r.options.pages:
        return
    others: list[Parent | Link] = [*r.parents, *r.links]
    for other in others:
        if "owner_id" in other.model.columns and (fields is None or other.field in fields):
            raise Refused(
                f"{other.field.name}: a {other.model.name} is its owner's alone, and the pages of "
                f"{r.names.plural_label.lower()} would show everybody what they are called.",
                "Add --owned, so that each has an owner too; or --no-pages.",
            )


def related(r: Resource, parent: Parent, row: str) -> str:
    """The link on a parent's page to the rows that belong to it."""
    plain = parent.field.name == module_of(parent.model.name)
    text = r.names.plural_label if plain else f"{r.names.plural_label} ({label(parent.field).lower()})"
    return f'<p><a href="{address(r)}?{parent.field.column}={{{{ {row}.id }}}}">{text}</a></p>'


def links(r: Resource) -> Iterator[tuple[str, str, str]]:
    """Where a parent's page can link to its rows: the template in the project, a line of it, and the new line."""
    for parent in r.parents:
        root, row = parent.model.root, module_of(parent.model.name)
        path = f"templates/{row}/detail.html"
        if parent.field.hidden or is_own(r, parent) or not (root / path).is_file():
            continue
        text = (root / path).read_text(encoding="utf-8")
        row = next((name for name in (row, f"{row}_row") if re.search(rf"\b{name}\.id\b", text)), "")
        if row and text.count("</dl>") == 1:
            yield path, "</dl>", related(r, parent, row)


def _pages(parent: Parent) -> tuple[str, str]:
    """Where the parent's pages are and the source of their routes; twice "" if it has none."""
    path = parent.model.root / "webapp" / "routes" / f"{module_of(parent.model.name)}.py"
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"""\bpages = Router\(prefix=["'](/[\w/-]+)["']""", source)
    return (found[1], source) if found else ("", "")


def address_of_rows(r: Resource, parent: Parent) -> str:
    """Where the pages of the parent's rows are, each by its key; "" if they have none."""
    if is_own(r, parent):
        return address(r)
    prefix, source = _pages(parent)
    return prefix if f'"/{{{module_of(parent.model.name)}_id}}"' in source else ""


def address_of_new(parent: Parent) -> str:
    """What a form shows to those who may create the parent, as an expression of Jinja."""
    prefix, source = _pages(parent)
    return f'"{prefix}/new" if may("{module_of(parent.model.name)}.add")' if '"/new"' in source else ""


def is_own(r: Resource, parent: Parent) -> bool:
    """Whether a row belongs to another one of its own table."""
    return parent.model.name == r.names.class_name


def named(parent: Parent) -> str:
    """The `references.Named` of the parent, as Python source."""
    return named_model(parent.model)


def named_model(model: Model) -> str:
    """The `references.Named` of a model, as Python source. Not everybody may see who the users are."""
    column = "" if model.label == "id" else f', "{model.label}"'
    return f"references.Named({model.name}{column}{', private=True' if model.name == 'User' else ''})"
