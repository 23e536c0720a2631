"""What a field is on the pages of a resource: a cell and a filter of the list, a fact of the detail, a form's input."""

from collections.abc import Iterator
from typing import Any

from oppman.scaffold import page_parents
from oppman.scaffold.fields import Field
from oppman.scaffold.form_examples import refused, typed_source
from oppman.scaffold.kinds import UPLOADS, Kind
from oppman.scaffold.labels import label
from oppman.scaffold.model_code import NUMBERS, TEXTS, is_nullable, length, rules
from oppman.scaffold.naming import plural_of
from oppman.scaffold.resource import Resource

MONEY = frozenset(
    """
    amount balance budget charge cost deposit expense fee fees fine income price rent revenue salary subtotal tax total
    wage
    """.split()  # noqa: SIM905
)
"""What a decimal of two places is called by its last word if it is money."""

COLUMNS = 6
"""A list shows no more fields than these beside the name; a row's own page has them all."""

NAMES_OF_TEMPLATES = frozenset(
    """
    address asset badge belongs_to breadcrumb button caller check choices cycler dict empty field filtered filters first
    flash flashed form form_error icon joiner label lipsum loop may name names namespace navigation next options
    page_head pager problem range reference row search section select self sorts super table textarea title unsure
    upload user
    """.split()  # noqa: SIM905
)
"""What a template calls by this name already, so that no row can be called so in it."""

_LABELLED = {Kind.BOOL, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.UUID, Kind.REF}
_HINTS = {
    Kind.DATETIME: "In UTC.",
    Kind.SLUG: "Small letters, digits and hyphens, such as oak-lamp.",
    Kind.JSON: r"An object of JSON, such as {\"size\": \"large\"}.",
}
_INPUTS = {
    Kind.DATE: "date", Kind.DATETIME: "datetime-local", Kind.TIME: "time", Kind.EMAIL: "email", Kind.URL: "url",
    Kind.SECRET: "password",
}  # fmt: skip


def words(r: Resource) -> dict[str, Any]:
    """The values of the stubs of the pages."""
    name, title = r.names.singular, title_of(r)
    one = f"{name}_row" if name in NAMES_OF_TEMPLATES else name
    pages = {parent.field: page_parents.address_of_rows(r, parent) for parent in r.parents}
    return {
        "address": page_parents.address(r), "route": name.replace("_", "-"), "routes": r.names.slug,
        "row": one, "rows": f"{r.names.many}_rows" if r.names.many in NAMES_OF_TEMPLATES else r.names.many,
        "row_name": f"{one}.{title.name}" if title else f'"{r.names.label} " ~ {one}.id',
        "row_text": _text_of(r, one),
        "belongs_to": [(parent.field.column, page_parents.named(parent)) for parent in r.parents],
        "linked": [(link.field.key, page_parents.named_model(link.model)) for link in r.links],
        "refers": " | ".join(["BELONGS_TO"] * bool(r.parents) + ["LINKED_TO"] * bool(r.links)),
        **_list_words(r, pages), **_detail_words(r, one, pages), **_form_words(r, one),
    }  # fmt: skip


def title_of(r: Resource) -> Field | None:
    """The field that names a row on its pages."""
    return None if r.title is None or r.title.hidden else r.title


def _text_of(r: Resource, row: str) -> str:
    title = title_of(r)
    return f"{{{{ {row}.{title.name} }}}}" if title else f"{r.names.label} {{{{ {row}.id }}}}"


# the list


def _list_words(r: Resource, pages: dict[Field, str]) -> dict[str, Any]:
    title, listed, sorts, filters = title_of(r), _listed(r), dict(_sorts(r)), _filters(r)
    by_words, by_order = bool(r.searched), len(sorts) > 1
    q, sort = ['"q": q'] * by_words, ['"sort": sort'] * by_order
    refs = [field.column for field in filters if field.type is Kind.REF]
    return {
        "row_link": _text_of(r, "row"), "row_heading": label(title) if title else r.names.label,
        "subtitle": next((field for field in r.fields if field.type is Kind.TEXT and not field.hidden), None),
        "headings": "".join(f'("{label(field)}", "{_column_class(field)}"), ' for field in listed),
        "cells": [_cell(field, pages.get(field, "")) for field in listed],
        "page_sorts": sorts, "has_filters": bool(filters) or by_words or by_order,
        "page_facets": [(field, _constant(field)) for field in filters if field.type in TEXTS],
        "parameters": [
            *['q: Annotated[str, Query(max_length=100)] = ""'] * by_words, *(_parameter(r, field) for field in filters)
        ],
        "filter_arguments": ", ".join(["q=q or None"] * by_words + [_argument(field) for field in filters]),
        "form_values": ", ".join([*q, *map(_form_value, filters), *sort]),
        "filter_refs": ", ".join(f'"{column}": {column}' for column in refs),
        "filter_options": ", ".join(_options(r, filters)),
        "filtered": " or ".join(["q"] * by_words + [field.column for field in filters]),
        "controls": list(_controls(r, filters, by_order=by_order)),
    }  # fmt: skip


def _filters(r: Resource) -> list[Field]:
    """Those with few values; a range is for the API alone."""
    return [field for field in r.filters if not field.hidden and field.type in {*_FILTERED, *TEXTS}]


def _listed(r: Resource) -> list[Field]:
    """The columns beside the name: what a row belongs to and its state before the rest, as long as there is room."""
    possible = [f for f in r.fields if f in r.listed and f is not title_of(r) and f.type not in {Kind.UUID, Kind.URL}]
    names = {Kind.REF, Kind.ENUM}
    first = sorted(possible, key=lambda f: f.type not in names or f.target in {"self", r.names.class_name})[:COLUMNS]
    return [field for field in r.listed if field in first]


def _column_class(field: Field) -> str:
    return "num" if field.type in NUMBERS else ""


def _is_money(field: Field) -> bool:
    return field.type is Kind.DECIMAL and field.places == 2 and field.name.split("_")[-1] in MONEY


def _cell(field: Field, page: str) -> str:
    attributes = ' class="num"' if field.type in NUMBERS else ""
    if field.type in _LABELLED and not _is_money(field):
        attributes += f' data-label="{label(field)}"'
    place = f"row.{field.column}"
    value = _value(field, place, page)
    if field.type is Kind.BOOL:  # not the `badge` macro: a list has many rows
        no = f"{{% elif {place} is not none %}}" if is_nullable(field) else "{% else %}"
        badge = '<span class="badge{}">{}</span>'.format
        value = f"{{% if {place} %}}{badge(' good', 'Yes')}{no}{badge('', 'No')}{{% endif %}}"
    elif field.type is Kind.ENUM:
        value = f'<span class="badge">{value}</span>'
    elif field.optional and field.type in {Kind.EMAIL, Kind.URL}:
        value = f"{{% if {place} %}}{value}{{% endif %}}"
    elif is_nullable(field) and field.type in TEXTS:
        value = f'{{{{ {place} or "" }}}}'
    if is_nullable(field) and field.type not in {*TEXTS, Kind.BOOL}:
        value = f"{{% if {place} is not none %}}{value}{{% endif %}}"
    return f"<td{attributes}>{value}</td>"


def _value(field: Field, place: str, page: str) -> str:
    """The HTML of a value that is there. `page`: where the pages are of what it belongs to."""
    shown = {
        Kind.DECIMAL: f"{place}|{'money' if _is_money(field) else 'number'}", Kind.DATE: f"{place}|date",
        Kind.DATETIME: f"{place}|time", Kind.TIME: f'{place}.strftime("%H:%M")', Kind.JSON: f"{place}|pretty",
        Kind.ENUM: f"{place}|label", Kind.REF: f'names["{field.column}"][{place}]',
    }  # fmt: skip
    value = f"{{{{ {shown.get(field.type, place)} }}}}"
    around = {
        Kind.UUID: f"<code>{value}</code>", Kind.JSON: f"<pre>{value}</pre>",
        Kind.EMAIL: f'<a href="mailto:{value}">{value}</a>', Kind.URL: f'<a href="{value}" rel="nofollow">{value}</a>',
        Kind.REF: f'<a href="{page}/{{{{ {place} }}}}">{value}</a>' if page else value,
    }  # fmt: skip
    return around.get(field.type, value)


# the filters of a list

_FILTERED = (Kind.BOOL, Kind.ENUM, Kind.REF)


def _constant(field: Field) -> str:
    return plural_of(field.name).upper()


def _parameter(r: Resource, field: Field) -> str:
    kinds = {
        Kind.BOOL: 'Literal["", "true"]', Kind.ENUM: f'{r.enum(field)} | Literal[""]',
        Kind.REF: f'{"Key" if field.target_key == "int" else "UUID"} | Literal[""]',
    }  # fmt: skip
    kind = kinds.get(field.type) or f"Annotated[str, Query(max_length={length(field)})]"
    return f'{field.column}: {kind} = ""'


def _argument(field: Field) -> str:
    given = f"bool({field.name})" if field.type is Kind.BOOL else field.column
    return f"{field.column}={given} or None"


def _form_value(field: Field) -> str:
    given = f"str({field.column})" if field.type is Kind.REF else field.column
    return f'"{field.column}": {given}'


def _options(r: Resource, filters: list[Field]) -> Iterator[str]:
    for field in filters:
        if field.type in TEXTS:
            found = f"{_constant(field)}(session)"
            if r.options.owned:
                found = f"{r.names.singular}_service.{plural_of(field.name)}(session, owner_id)"
            yield f'"{field.name}": [("", "All"), *((name, name) for name in await {found})]'
        elif field.type is Kind.ENUM:
            yield f'"{field.name}": page.options({r.enum(field)}, "All")'


def _controls(r: Resource, filters: list[Field], *, by_order: bool) -> Iterator[str]:
    if r.searched:
        yield "{{ search(form) }}"
    for field in filters:
        if field.type is Kind.REF:
            yield f'{{{{ belongs_to(form, "{field.column}", "{label(field)}", choices["{field.column}"]) }}}}'
        elif field.type is not Kind.BOOL:
            yield f'{{{{ select(form, "{field.name}", "{label(field)}", options["{field.name}"]) }}}}'
    if by_order:
        yield '{{ select(form, "sort", "Sort by", sorts) }}'
    for field in filters:
        if field.type is Kind.BOOL:
            text = label(field).removeprefix("Is ")
            yield f'{{{{ check(form, "{field.name}", "{text[0].upper() + text[1:]} only") }}}}'


def _sorts(r: Resource) -> Iterator[tuple[str, str]]:
    yield "", "Newest first"
    for field in r.sorts:
        if field.hidden:
            continue
        if field is r.title:
            yield field.name, label(field)
            continue
        up, down = ("low to high", "high to low") if field.type in NUMBERS else ("earliest first", "latest first")
        yield field.name, f"{label(field)}, {up}"
        yield f"-{field.name}", f"{label(field)}, {down}"


# a row's own page


def _detail_words(r: Resource, row: str, pages: dict[Field, str]) -> dict[str, Any]:
    title = title_of(r)
    picture = next((f for f in r.uploads if f.type is Kind.IMAGE and not f.hidden), None)
    shown = [
        f for f in r.fields if f not in (title, picture) and not f.hidden and f.type not in {Kind.SECRET, Kind.VECTOR}
    ]
    places = {f: f"{page_parents.address(r)}/{{{{ {row}.id }}}}/{f.name}" for f in r.uploads}
    return {
        "monogram": f"{{{{ {row}.{title.name}[:1] }}}}" if title else r.names.label[0],
        "picture": picture, "picture_html": picture and _picture(picture, places[picture], _text_of(r, row)),
        "facts": [
            (label(f), _stored(f, row, places[f], _text_of(r, row)))
            if f.type in UPLOADS
            else (label(f), _fact(f, f"{row}.{f.key}", pages.get(f, "")))
            for f in shown
        ],
        "upload_forms": [_upload(field, row, page_parents.address(r)) for field in r.uploads],
        "related": [
            page_parents.related(r, parent, row) for parent in r.parents
            if page_parents.is_own(r, parent) and not parent.field.hidden
        ],
    }  # fmt: skip


def _fact(field: Field, place: str, page: str) -> str:
    value = _value(field, place, page)
    if field.type is Kind.MANY:
        badges = f'{{% for key in {place} %}}{{{{ badge(names["{field.key}"][key]) }}}} {{% else %}}—{{% endfor %}}'
        return f"<dd>{badges}</dd>"
    if field.type is Kind.BOOL:
        value = f'{{{{ badge("Yes", "good") if {place} else badge("No") }}}}'
    elif field.type is Kind.ENUM:
        value = f"{{{{ badge({place}|label) }}}}"
    if field.type in {Kind.STR, Kind.TEXT, Kind.SLUG} and (field.optional or field.has_default):
        value = f'{{{{ {place} or "—" }}}}'
    elif field.type is Kind.JSON or (field.optional and field.type in TEXTS):
        value = f"{{% if {place} %}}{value}{{% else %}}—{{% endif %}}"
    elif is_nullable(field):
        value = f"{{% if {place} is none %}}—{{% else %}}{value}{{% endif %}}"
    return f'<dd class="prose">{value}</dd>' if field.type is Kind.TEXT else f"<dd>{value}</dd>"


def _stored(field: Field, row: str, address: str, name: str) -> str:
    """A file or a picture that is kept for the row: nothing is said of it until it is sent."""
    place = f"{row}.{field.name}"
    shown = f'<a href="{address}">{{{{ {place}|filename }}}}</a>'
    if field.type is Kind.IMAGE:
        shown = _picture(field, address, name)
    return f"<dd>{{% if {place} %}}{shown}{{% else %}}—{{% endif %}}</dd>"


def _picture(field: Field, address: str, name: str) -> str:
    return f'<img class="picture" src="{address}" alt="{label(field)} of {name}">'


def _upload(field: Field, row: str, address: str) -> str:
    more = [", picture=true"] * (field.type is Kind.IMAGE) + [', hint="It is never shown here."'] * field.hidden
    where = f'"{address}/" ~ {row}.id ~ "/{field.name}"'
    return f'{{{{ upload(form, "{field.name}", "{label(field)}", {where}, {row}.{field.name}{"".join(more)}) }}}}'


# the form


def _form_words(r: Resource, row: str) -> dict[str, Any]:
    new = {parent.field: page_parents.address_of_new(parent) for parent in r.parents}
    return {
        "inputs": [_input(field, new.get(field, ""), row) for field in r.sent],
        "has_hidden": any(field.hidden for field in r.fields),
        "typed": {f.key: typed_source(f) for f in r.sent if f.type not in {Kind.REF, Kind.MANY}},
        "refused": [(field.key, refused(field)) for field in r.sent if _shows_mistakes(field)],
        "needs_parents": any(not parent.field.optional for parent in r.parents),
    }


def _shows_mistakes(field: Field) -> bool:
    """A box that is ticked or not cannot be wrong."""
    return field.type is not Kind.MANY and (field.type is not Kind.BOOL or is_nullable(field))


def _input(field: Field, new: str, row: str) -> str:
    """The macro that draws the field's input. `row` is what the template calls the row that is edited, if one is."""
    if field.type is Kind.BOOL and not is_nullable(field):
        return f'{{{{ check(form, "{field.key}", "{label(field)}") }}}}'
    macro, more = _macro(field)
    optional, hint = [] if _is_required(field) else ["required=false"], _hint(field)
    hints = [f'hint="{hint}"'] if hint else []
    if field.type is Kind.MANY:
        optional = []
    elif field.type is Kind.REF and new and not optional:
        optional = [f"new={new}"]
    elif field.type is Kind.SECRET:
        hints = [f'hint="Leave it empty to keep the one there is." if {row} else "{hint}"']
        optional = optional or [f"required=not {row}"]
    arguments = [f'"{field.key}"', f'"{label(field)}"', *more, *hints, *optional, *_limits(field)]
    return f"{{{{ {macro}(form, {', '.join(arguments)}) }}}}"


def _is_required(field: Field) -> bool:
    if field.type in TEXTS:
        return "min_length" in rules(field)
    return field.type is not Kind.JSON and not is_nullable(field)


def _macro(field: Field) -> tuple[str, list[str]]:
    """The macro of `components/form.html`, and what it takes beside the name and the label."""
    match field.type:
        case Kind.BOOL:
            return "select", ['[("", "Not said"), ("true", "Yes"), ("false", "No")]']
        case Kind.ENUM:
            first = "" if field.has_default else '[("", "Choose one")] + '
            none = first if _is_required(field) else '[("", "None")] + '
            pairs = ", ".join(f'("{word}", "{_sentence(word)}")' for word in field.choices)
            return "select", [f"{none}[{pairs}]"]
        case Kind.REF:
            return "reference", [f'choices["{field.key}"]']
        case Kind.MANY:
            return "several", [f'choices["{field.key}"]']
        case Kind.TEXT | Kind.JSON | Kind.VECTOR:
            return "textarea", []
    return "field", [f'type="{_INPUTS[field.type]}"'] if field.type in _INPUTS else []


def _limits(field: Field) -> list[str]:
    if field.type is Kind.SECRET:
        return [f"maxlength={field.maximum or 128}", 'autocomplete="new-password"']
    if field.type in TEXTS:
        return [f"maxlength={length(field)}"]
    if field.type in NUMBERS and field.minimum is not None and field.minimum >= 0:  # those keyboards have no minus
        return [f'inputmode="{"numeric" if field.type is Kind.INT else "decimal"}"']
    return ['spellcheck="false"'] if field.type in {Kind.JSON, Kind.VECTOR} else []


def _sentence(word: str) -> str:
    return word.replace("_", " ").capitalize()


def _hint(field: Field) -> str:
    low, high = field.minimum, field.maximum
    if field.type in NUMBERS:
        if low is not None and high is not None:
            return f"From {low} to {high}."
        if high is not None:
            return f"At most {high}."
        return "" if low is None or low in (0, 1) else f"At least {low}."
    if field.type in {*TEXTS, Kind.SECRET} and low is not None and low > 1:
        return f"At least {low} characters."
    if field.type is Kind.VECTOR:
        return f"Numbers with commas between them, {field.dimensions} in all."
    return _HINTS.get(field.type, "")
