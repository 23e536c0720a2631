"""What the demo data draws for each field, by its name and type: the lines of the resource's module in `webapp/demo`.

Fields that tell of one subject (a person's name and address, a thing's name and price) are drawn together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from oppman.scaffold.demo_names import (
    AHEAD,
    ATTRIBUTES,
    BORN,
    BOUNDS,
    BY_NAME,
    COMPANIES,
    ENDINGS,
    EVENTS,
    FIXME,
    LABELS,
    LATER,
    LISTS,
    LONG_AGO,
    MASKS,
    NUMBERS,
    PEOPLE,
    PREFIXES,
    SOURCES,
    SUBJECTS,
    TASKS,
    TOGETHER,
    WRITTEN_PRICE,
    Text,
)
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.masks import MILLION, mask_of, room_of
from oppman.scaffold.model_code import INTEGER, TEXTS, is_nullable, length, number
from oppman.scaffold.resource import Resource


@dataclass(frozen=True)
class Line:
    """An element of the row: its key and what draws it, as Python source."""

    key: str
    value: str
    note: str = ""


def words(r: Resource) -> dict[str, Any]:
    """What the stub of the demo module says beside the resource's names."""
    r = _unique_together(r)
    alike = {columns[0] for columns in r.options.uniques if not any(f.unique and f.column in columns for f in r.fields)}
    lines = [replace(line, note=line.note or TOGETHER if line.key in alike else line.note) for line in _lines(r)]
    source = " ".join(line.value for line in lines)
    subjects = [subject for subject in SUBJECTS if f"{subject}." in source.replace(f"draw.{subject}", "")]
    before = [f"{subject} = draw.{subject}()" for subject in subjects]
    belongings = _belongings(r)
    if r.options.owned:
        lines.append(Line("owner_id", f"draw.owner({'number' if belongings else 'draw.number'})"))
        before += [f"number = draw.number_of({belongings[0]})"] if belongings else []
    return {
        "demo_before": before + list(_starts(r)), "demo_lines": lines,
        "demo_models": sorted({r.names.class_name, *_models(r)}),
    }  # fmt: skip


def _unique_together(r: Resource) -> Resource:
    """The resource with one field of each set that is unique together unique by itself: so the sets differ too."""
    alone = {field.column for field in r.fields if field.unique}
    for columns in r.options.uniques:
        fields = [field for field in r.fields if field.column in columns]
        if alone.isdisjoint(columns) and any(map(_can_differ, fields)):
            alone.add(max(fields, key=_can_differ).column)
    return replace(r, fields=tuple(replace(field, unique=field.column in alone) for field in r.fields))


def _can_differ(field: Field) -> int:
    """How well the field can have another value in every row; 0 if it cannot."""
    if field.optional or field.pattern:
        return 0
    if field.type in {Kind.STR, Kind.SLUG, Kind.EMAIL, Kind.URL}:
        return 5 if length(field) >= 40 else 0
    if field.minimum is not None and field.maximum is not None:
        return 0
    return {Kind.DATETIME: 4, Kind.DATE: 3, Kind.INT: 2, Kind.DECIMAL: 1, Kind.REF: 1}.get(field.type, 0)


def _belongings(r: Resource) -> list[str]:
    """The models of an owner's rows that such a row belongs to: both have to be the same owner's."""
    return [parent.model.name for parent in r.parents if r.options.owned and "owner_id" in parent.model.columns]


def _models(r: Resource) -> Iterator[str]:
    for field in r.fields:
        if field.type is Kind.ENUM:
            yield r.enum(field)
        if field.type in {Kind.REF, Kind.MANY}:
            yield _target(r, field)


def _target(r: Resource, field: Field) -> str:
    return r.names.class_name if field.target == "self" else field.target


def _lines(r: Resource) -> Iterator[Line]:
    subject = _subject(r)
    starts = {variable for _, variable in _pairs(r)} | {later for later, _ in _pairs(r)}
    for field in r.fields:
        if field.name in starts:
            hours = "hours" if field.type is Kind.DATETIME else "days"
            start = LATER.get(field.name)
            yield Line(field.name, f"{start} + timedelta({hours}=draw.between(1, 4))" if start else field.name)
        elif told := _told(r, field, subject):
            yield Line(field.column, told)
        else:
            yield _line(r, field)


def _pairs(r: Resource) -> Iterator[tuple[str, str]]:
    """The fields that end what another one starts, with that one."""
    fields = {field.name: field for field in r.fields}
    for later, earlier in LATER.items():
        both = [fields[name] for name in (later, earlier) if name in fields]
        plain = all(f.type in {Kind.DATE, Kind.DATETIME} and not f.unique and f.minimum is f.maximum for f in both)
        if len(both) == 2 and plain and both[0].type is both[1].type:
            yield later, earlier


def _starts(r: Resource) -> Iterator[str]:
    for _, name in _pairs(r):
        kind = next(field.type for field in r.fields if field.name == name)
        yield f"{name} = draw.half_hour(180)" if kind is Kind.DATETIME else f"{name} = draw.day_from(1, 180)"


def _subject(r: Resource) -> str:
    """What the resource is: a person, a company or a thing of a shop; "" for what is none of them."""
    name, names = r.names.singular, {field.name for field in r.fields}
    if name.rpartition("_")[2] in PEOPLE or {"first_name", "last_name"} & names:
        return "person"
    if name.rpartition("_")[2] in COMPANIES:
        return "company"
    named = {field.name for field in r.columns if field.type is Kind.STR} & {"name", "title"}
    return "thing" if named and "price" in names and not _by_name(r) else ""


def _by_name(r: Resource) -> str:
    """What draws the name of such a resource, if it has one of its own."""
    word = r.names.singular.rpartition("_")[2]
    kinds = (("label", LABELS), ("event", EVENTS), ("task", TASKS))
    found = next((source for source, words in kinds if word in words), "")
    return found or ("title" if word in _WRITTEN else "")


_WRITTEN = {
    "album",
    "article",
    "book",
    "chapter",
    "document",
    "episode",
    "essay",
    "film",
    "movie",
    "newsletter",
    "note",
    "page",
    "paper",
    "poem",
    "post",
    "report",
    "review",
    "song",
    "story",
}


def _told(r: Resource, field: Field, subject: str) -> str:
    """The value as an attribute of the resource's subject, or of a place; "" if neither tells it as the rules want."""
    for who in (subject, "place"):
        if not who or field.name not in SUBJECTS[who] or field.pattern or (who == "place" and not _has_place(r)):
            continue
        attribute = ATTRIBUTES.get(field.name, field.name)
        source = f"{who}.{attribute}"
        if attribute == "price":
            return source if _takes_prices(field) else ""
        if attribute in {"latitude", "longitude"}:
            return source if field.type is Kind.FLOAT and field.minimum is None and field.maximum is None else ""
        low, high = BOUNDS[who, attribute]
        if attribute in {"email", "website"}:
            fitting = Kind.EMAIL if attribute == "email" else Kind.URL
            return source if field.type is fitting and _keeps(field, low, high) else ""
        if field.type in {Kind.STR, Kind.TEXT}:
            return _text(field, (source, low, high))
    return ""


def _has_place(r: Resource) -> bool:
    return len({field.name for field in r.fields} & SUBJECTS["place"] - {"phone"}) > 0


def _takes_prices(field: Field) -> bool:
    fits = field.type is Kind.DECIMAL and field.places >= 2 and field.digits - field.places >= 3
    low, high = field.minimum, field.maximum
    return fits and not field.unique and (low is None or low <= 6) and (high is None or high >= 491)


def _line(r: Resource, field: Field) -> Line:
    """The element of a field that is drawn by itself."""
    key = f"{field.name}_hash" if field.type is Kind.SECRET else field.column or field.name
    value = _value(r, field)
    if value is None:
        empty = "None" if is_nullable(field) else '""'
        return Line(key, empty, "" if field.optional and field.minimum in {None, 0} else FIXME)
    empty = _empty(field)
    return Line(key, f"{value} if draw.chance(70) else {empty}" if empty else value)


def _empty(field: Field) -> str:
    """What stands for nothing in some rows; "" if something always has to be there."""
    if not field.optional or field.type in {Kind.SECRET, Kind.FILE, Kind.IMAGE, Kind.MANY}:
        return ""
    if field.type is Kind.JSON:
        return "{}"
    if is_nullable(field):
        return "None"
    return '""' if field.type in TEXTS and not field.minimum and not field.pattern else ""


def _value(r: Resource, field: Field) -> str | None:  # noqa: PLR0911 - one for each group of types
    match field.type:
        case Kind.STR | Kind.TEXT | Kind.SLUG | Kind.URL | Kind.EMAIL:
            return _word(r, field)
        case Kind.INT | Kind.DECIMAL | Kind.FLOAT:
            return _number(r, field)
        case Kind.DATE | Kind.DATETIME | Kind.TIME:
            return _moment(field)
        case Kind.REF if field.target in _belongings(r):
            return f"draw.key({_target(r, field)}, number)"
        case Kind.REF if field.unique:
            return f"draw.key({_target(r, field)}, draw.number)"
        case Kind.BOOL:
            return f"draw.chance({50 if field.default is None else 88 if field.default else 12})"
        case Kind.ENUM:
            return f"draw.choice({r.enum(field)})"
        case Kind.FILE | Kind.IMAGE:
            return "None"
    return {
        Kind.UUID: "draw.uuid()", Kind.JSON: "draw.facts()", Kind.SECRET: "NO_PASSWORD",
        Kind.VECTOR: f"draw.vector({field.dimensions})", Kind.REF: f"draw.some({_target(r, field)})",
        Kind.MANY: f"draw.several({_target(r, field)})",
    }[field.type]  # fmt: skip


def _word(r: Resource, field: Field) -> str | None:  # noqa: PLR0911 - one for each sort of word
    if field.pattern:
        mask = mask_of(field)
        return _masked(mask, field) if mask is not None else None
    if field.type is Kind.EMAIL:
        return "draw.person().email"
    least, most = int(field.minimum or 0), length(field)
    if field.type is Kind.URL:
        return _address(least, most)
    if field.type is Kind.SLUG:
        if most < 26:
            return f'draw.serial("{"*" * max(min(most, 6), least)}").lower()'
        return f'draw.slug().rjust({least}, "0")' if least > 6 else "draw.slug()"
    last = field.name.rpartition("_")[2]
    if mask := MASKS.get(field.name) or MASKS.get(last):
        prefix = PREFIXES.get(r.names.singular)
        if prefix and field.unique and least <= len(prefix) + 8 <= most:
            return f'f"{prefix}-{{draw.number + 1:07}}"'
        if least <= len(mask) <= most and (not field.unique or room_of(mask) >= MILLION):
            return _masked(mask, field)
        return _masked("*" * max(min(most, 8), least), field)
    return _text(field, SOURCES[_source(r, field)])


def _source(r: Resource, field: Field) -> str:
    if field.name in {"name", "title"}:
        subject = {"person": "person", "company": "company", "thing": "thing"}.get(_subject(r), "")
        return _by_name(r) or subject or ("title" if field.name == "title" else "words")
    last = field.name.rpartition("_")[2]
    found = BY_NAME.get(field.name) or BY_NAME.get(last)
    if not found and last in {"name", "title"}:
        found = "person" if field.name.rpartition("_")[0] in PEOPLE else "title" if last == "title" else "words"
    return found or ("text" if field.type is Kind.TEXT else "words")


def _masked(mask: str, field: Field) -> str:
    return f'draw.{"serial" if field.unique else "mask"}("{mask}")'.replace("\\", "\\\\")


def _text(field: Field, source: Text) -> str:
    """The text, changed as far as the field's rules make it necessary."""
    value, low, high = source
    least, most = int(field.minimum or 0), length(field)
    if field.unique:
        if most < 16:
            return f'draw.serial("{"*" * max(min(most, 6), least)}")'
        for name, listed in LISTS.items():
            if value == SOURCES[name][0] and high + 6 <= most and least <= low:
                return f"draw.once({listed})"
        wanted = (max(least - 2, 0), most - 8)
        return f'f"{{{_fitted(value, low, high, *wanted)}}} {{draw.number + 1}}"'
    return _fitted(value, low, high, least, most)


def _fitted(value: str, low: int, high: int, least: int, most: int) -> str:
    return value if least <= low and high <= most else f"fit({value}, {least}, {most})"


def _keeps(field: Field, low: int, high: int) -> bool:
    return int(field.minimum or 0) <= low and high <= length(field)


def _address(least: int, most: int) -> str | None:
    if most >= 40:
        return f'draw.url().ljust({least}, "/")' if least > 24 else "draw.url()"
    free = most - len("http://a.co/")
    if free < 1:
        return None
    mask = "*" * max(min(free, 5), least - len("http://a.co/"))
    return f"f\"http://a.co/{{draw.serial('{mask}')}}\""


def _number(r: Resource, field: Field) -> str:
    last = next((word for word in reversed(field.name.split("_")) if word in NUMBERS), "")
    step = Decimal(1).scaleb(-field.places) if field.type is Kind.DECIMAL else Decimal(1)
    least, most = _limits(field)
    usual = WRITTEN_PRICE if last in ENDINGS and _by_name(r) == "title" else NUMBERS.get(last, (1, 100))
    low, high = map(Decimal, usual)
    if field.type is Kind.FLOAT:
        first, final = _within(Decimal(repr(float(least))), Decimal(repr(float(most))), low, high, Decimal(100))
        return f"draw.real({float(first)!r}, {float(final)!r})"
    if field.unique:
        first = max(least, min(low, most - MILLION * step))
        room = int((most - first) / step) + 1
        row = "draw.number" if room >= MILLION else f"draw.number % {number(room)}"
        if field.type is Kind.INT:
            return f"{number(int(first))} + {row}" if first else row
        return f'Decimal("{first.quantize(step)}") + Decimal({row}).scaleb({-field.places})'
    low, high = _within(least, most, low, high, Decimal(100) * step)
    if field.type is Kind.INT:
        return f"draw.between({number(int(low))}, {number(int(high))})"
    whole = low == low.to_integral_value() and high == high.to_integral_value()
    if last in ENDINGS and field.places >= 2 and whole and high - low >= 2:
        return f'draw.price("{low:f}", "{high:f}")'
    return f'draw.decimal("{low.quantize(step):f}", "{high.quantize(step):f}")'


def _limits(field: Field) -> tuple[Decimal, Decimal]:
    """The least and the most that the field's column takes, in its own steps."""
    least, most = field.minimum, field.maximum
    if field.type is Kind.FLOAT:
        return Decimal(repr(-1e300 if least is None else least)), Decimal(repr(1e300 if most is None else most))
    if field.type is Kind.INT:
        return Decimal(INTEGER[0] if least is None else least), Decimal(INTEGER[1] if most is None else most)
    step = Decimal(1).scaleb(-field.places)
    end = Decimal(10) ** (field.digits - field.places) - step
    low = -end if least is None else Decimal(least).quantize(step, ROUND_CEILING)
    return low, end if most is None else Decimal(most).quantize(step, ROUND_FLOOR)


def _within(least: Decimal, most: Decimal, low: Decimal, high: Decimal, span: Decimal) -> tuple[Decimal, Decimal]:
    """The usual range as far as it is allowed, or one at the end of what is."""
    if low > most:
        return max(least, most - span), most
    if high < least:
        return least, min(most, least + span)
    return max(low, least), min(high, most)


def _moment(field: Field) -> str:
    if field.type is Kind.TIME:
        return _clock(field)
    bounded = field.minimum is not None or field.maximum is not None
    is_date, words_ = field.type is Kind.DATE, set(field.name.split("_"))
    if bounded:
        return _between(field)
    if field.unique:
        return (
            "draw.day.date() - timedelta(days=draw.number % 100_000)" if is_date
            else "draw.day - timedelta(minutes=draw.number)"
        )  # fmt: skip
    if words_ & AHEAD:
        return "draw.day_from(1, 180)" if is_date else "draw.half_hour(180)"
    if is_date:
        days = (-29_000, -6_600) if words_ & BORN else (-7_000, -30) if words_ & LONG_AGO else (-700, -1)
        return f"draw.day_from({number(days[0])}, {number(days[1])})"
    return "draw.past(700)"


def _between(field: Field) -> str:
    """A date or moment of the span that the field allows, or of two years at its one end."""
    is_date = field.type is Kind.DATE
    first = date.min if is_date else datetime(2000, 1, 1, tzinfo=UTC)
    last = date.max if is_date else datetime(2099, 12, 31, tzinfo=UTC)
    low = first if field.minimum is None else max(first, field.minimum)
    high = last if field.maximum is None else min(last, field.maximum)
    step = (
        timedelta(days=1)
        if is_date or (field.unique is False and high - low > timedelta(days=20))
        else timedelta(minutes=1)
    )
    room = max((high - low) // step, 0) + 1
    start = low
    if not field.unique and (field.minimum is None or field.maximum is None):
        room = min(room, 730 if step >= timedelta(days=1) else 1_440)
        start = low if field.minimum is not None else high - step * (room - 1)
    index = f"draw.number % {number(room)}" if field.unique else f"draw.below({number(room)})"
    return f"{_literal(start)} + timedelta({'days' if step >= timedelta(days=1) else 'minutes'}={index})"


def _clock(field: Field) -> str:
    if field.minimum is None and field.maximum is None and not field.unique:
        return "draw.clock(8, 20)"
    low, high = field.minimum or time.min, field.maximum or time(23, 59, 59)
    day = datetime(2000, 1, 1, tzinfo=UTC)
    step = timedelta(microseconds=1) if field.unique else timedelta(minutes=1)
    room = (datetime.combine(day, high, UTC) - datetime.combine(day, low, UTC)) // step + 1
    index = f"draw.number % {number(room)}" if field.unique else f"draw.below({number(room)})"
    unit = "microseconds" if field.unique else "minutes"
    return f"({_literal(datetime.combine(day, low, UTC))} + timedelta({unit}={index})).time()"


def _literal(value: date | datetime) -> str:
    return (
        repr(value)
        .replace("datetime.timezone.utc", "UTC")
        .removeprefix("datetime.")
        .replace("tzinfo=datetime.timezone.utc", "tzinfo=UTC")
    )
