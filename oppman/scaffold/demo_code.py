"""What the demo data draws for each field, by its name and type: the lines of the resource's module in `webapp/demo`.

Fields that tell of one subject (a person's name and address, a thing's name and price) are drawn together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.masks import MILLION, mask_of, room_of
from oppman.scaffold.model_code import INTEGER, TEXTS, is_nullable, length, number
from oppman.scaffold.resource import Resource

_SUBJECTS = {
    "person": {"name", "full_name", "first_name", "last_name", "email"},
    "company": {"name", "title", "company", "email", "website", "url"},
    "thing": {"name", "title", "description", "category", "price"},
    "place": {"city", "country", "street", "address", "postcode", "zip", "phone", "latitude", "longitude"},
}
"""Which fields each subject can tell."""
_ATTRIBUTES = {
    "full_name": "name", "title": "name", "company": "name", "url": "website", "address": "street", "zip": "postcode",
}  # fmt: skip
_PEOPLE = {
    "applicant",
    "artist",
    "attendee",
    "author",
    "candidate",
    "client",
    "coach",
    "colleague",
    "contact",
    "customer",
    "director",
    "doctor",
    "driver",
    "editor",
    "employee",
    "guest",
    "manager",
    "member",
    "musician",
    "parent",
    "participant",
    "patient",
    "person",
    "player",
    "reader",
    "student",
    "speaker",
    "subscriber",
    "supplier_contact",
    "teacher",
    "tenant",
    "trainer",
    "translator",
    "visitor",
    "volunteer",
    "worker",
    "writer",
}
_COMPANIES = {
    "agency",
    "bank",
    "brand",
    "business",
    "company",
    "employer",
    "firm",
    "manufacturer",
    "organisation",
    "organization",
    "partner",
    "publisher",
    "restaurant",
    "seller",
    "shop",
    "sponsor",
    "store",
    "supplier",
    "vendor",
}
_LABELS = {
    "area",
    "category",
    "channel",
    "department",
    "genre",
    "group",
    "keyword",
    "label",
    "section",
    "skill",
    "tag",
    "team",
    "theme",
    "topic",
}
_EVENTS = {
    "appointment",
    "conference",
    "concert",
    "course",
    "event",
    "exhibition",
    "lecture",
    "meeting",
    "meetup",
    "talk",
    "workshop",
}
_TASKS = {"bug", "issue", "step", "task", "ticket", "todo", "work_item"}
BOUNDS = {
    ("person", "name"): (5, 22), ("person", "first_name"): (2, 9), ("person", "last_name"): (3, 10),
    ("person", "email"): (19, 45), ("company", "name"): (8, 23), ("company", "email"): (25, 55),
    ("company", "website"): (25, 57), ("thing", "name"): (14, 60), ("thing", "description"): (30, 200),
    ("thing", "category"): (4, 8), ("place", "city"): (4, 10), ("place", "country"): (5, 14),
    ("place", "street"): (9, 20), ("place", "postcode"): (5, 5), ("place", "phone"): (13, 16),
}  # fmt: skip
"""The fewest and the most characters of what a subject tells."""

_Text = tuple[str, int, int]
SOURCES: dict[str, _Text] = {
    "title": ("draw.title()", 10, 46), "event": ("draw.event()", 14, 46), "task": ("draw.task()", 10, 46),
    "label": ("draw.pick(LABELS)", 3, 11), "sentence": ("draw.sentence()", 30, 70), "text": ("draw.text(4)", 30, 290),
    "remark": ("draw.pick(REMARKS)", 17, 31), "person": ("draw.person().name", 5, 22),
    "words": ("draw.words(2)", 6, 17),
    "colour": ("draw.pick(COLOURS)", 3, 10), "job": ("draw.pick(JOBS)", 5, 15),
    "department": ("draw.pick(DEPARTMENTS)", 5, 11), "city": ("draw.place().city", 4, 10),
    "country": ("draw.place().country", 5, 14), "company": ("draw.company().name", 8, 23),
    "thing": ("draw.thing().name", 14, 60), "shelf": ("draw.thing().category", 4, 8),
    "currency": ('draw.pick(("EUR", "USD", "GBP"))', 3, 3), "language": ('draw.pick(("en", "de", "fr", "pt"))', 2, 2),
}  # fmt: skip
"""What draws a text, and the fewest and the most characters of it."""
_LISTS = {"label": "LABELS", "colour": "COLOURS", "job": "JOBS", "department": "DEPARTMENTS"}
_BY_NAME = {
    "summary": "sentence", "subtitle": "sentence", "excerpt": "sentence", "description": "text", "body": "text",
    "content": "text", "text": "text", "bio": "text", "biography": "text", "about": "text", "abstract": "text",
    "notes": "remark", "note": "remark", "remark": "remark", "remarks": "remark", "comment": "remark",
    "category": "label", "genre": "label", "topic": "label", "tag": "label", "label": "label", "kind": "label",
    "colour": "colour", "color": "colour", "job": "job", "job_title": "job", "position": "job", "role": "job",
    "profession": "job", "department": "department", "team": "department", "city": "city", "venue": "city",
    "location": "city", "country": "country", "company": "company", "publisher": "company", "brand": "company",
    "manufacturer": "company", "supplier": "company", "product": "thing", "product_name": "thing",
    "item": "thing", "author": "person", "editor": "person", "owner": "person", "contact": "person",
    "customer": "person", "host": "person", "speaker": "person", "full_name": "person", "client": "person",
    "currency": "currency", "language": "language", "subject": "title", "headline": "title",
}  # fmt: skip
_MASKS = {
    "isbn": "978-#-####-####-#", "sku": "AAA-####", "code": "AA-####", "ean": "40###########",
    "barcode": "40###########",
    "reference": "AA######", "serial_number": "AA-########", "iban": "DE####################", "vat": "DE#########",
    "phone": "+351 21 555 ####", "mobile": "+351 91 555 ####", "fax": "+351 21 555 ####", "zip": "#####",
    "postcode": "#####", "license_plate": "AA-####", "number": "AA-#####", "version": "#.#.#",
}  # fmt: skip
_PREFIXES = {"invoice": "INV", "order": "ORD", "ticket": "TIC", "receipt": "REC", "quote": "QUO"}

_NUMBERS = {
    "age": (18, 80), "year": (1960, 2025), "pages": (80, 640), "quantity": (1, 40), "stock": (0, 200), "rating": (1, 5),
    "stars": (1, 5), "score": (0, 100), "capacity": (10, 200), "seats": (10, 200), "priority": (1, 5),
    "percent": (0, 100), "discount": (0, 40), "vat": (5, 25), "tax": (5, 25), "weight": (1, 80), "height": (10, 220),
    "width": (10, 220), "length": (10, 220), "depth": (5, 90), "size": (1, 60), "floor": (0, 9), "rooms": (1, 8),
    "price": (4, 249), "cost": (4, 249), "fee": (10, 190), "amount": (20, 2_400), "total": (20, 2_400),
    "subtotal": (20, 2_400), "budget": (2_000, 90_000), "salary": (28_000, 96_000), "balance": (0, 9_000),
    "latitude": (-60, 70), "longitude": (-180, 180), "temperature": (-10, 35), "views": (0, 9_000),
    "likes": (0, 400), "duration": (15, 180), "minutes": (15, 180), "hours": (1, 40), "days": (1, 30),
}  # fmt: skip
"""A usual range by the last word of a field's name."""
_WRITTEN_PRICE = (6, 48)
_ENDINGS = {"price", "cost", "fee"}
_BORN = {"born", "birthday", "birth", "birthdate"}
_AHEAD = {"due", "expires", "deadline", "starts", "start", "ends", "ending", "scheduled", "planned", "until", "begins"}
_LONG_AGO = {"published", "founded", "hired", "joined", "released", "opened", "since"}
_LATER = {"ends_at": "starts_at", "ends_on": "starts_on"}
_FIXME = "  # FIXME: the field's rules have no value that could be drawn; write one"


@dataclass(frozen=True)
class Line:
    """An element of the row: its key and what draws it, as Python source."""

    key: str
    value: str
    note: str = ""


def words(r: Resource) -> dict[str, Any]:
    """What the stub of the demo module says beside the resource's names."""
    lines = list(_lines(r))
    source = " ".join(line.value for line in lines)
    subjects = [subject for subject in _SUBJECTS if f"{subject}." in source.replace(f"draw.{subject}", "")]
    before = [f"{subject} = draw.{subject}()" for subject in subjects]
    return {
        "demo_before": before + list(_starts(r)), "demo_lines": lines,
        "demo_models": sorted({r.names.class_name, *_models(r)}),
    }  # fmt: skip


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
            start = _LATER.get(field.name)
            yield Line(field.name, f"{start} + timedelta({hours}=draw.between(1, 4))" if start else field.name)
        elif told := _told(r, field, subject):
            yield Line(field.column, told)
        else:
            yield _line(r, field)


def _pairs(r: Resource) -> Iterator[tuple[str, str]]:
    """The fields that end what another one starts, with that one."""
    fields = {field.name: field for field in r.fields}
    for later, earlier in _LATER.items():
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
    if name.rpartition("_")[2] in _PEOPLE or {"first_name", "last_name"} & names:
        return "person"
    if name.rpartition("_")[2] in _COMPANIES:
        return "company"
    named = {field.name for field in r.columns if field.type is Kind.STR} & {"name", "title"}
    return "thing" if named and "price" in names and not _by_name(r) else ""


def _by_name(r: Resource) -> str:
    """What draws the name of such a resource, if it has one of its own."""
    word = r.names.singular.rpartition("_")[2]
    kinds = (("label", _LABELS), ("event", _EVENTS), ("task", _TASKS))
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
        if not who or field.name not in _SUBJECTS[who] or field.pattern or (who == "place" and not _has_place(r)):
            continue
        attribute = _ATTRIBUTES.get(field.name, field.name)
        source = f"{who}.{attribute}"
        if attribute == "price":
            return source if _takes_prices(field) else ""
        if attribute in {"latitude", "longitude"}:
            return source if field.type is Kind.FLOAT and field.minimum is None and field.maximum is None else ""
        low, high = BOUNDS[who, attribute]
        if attribute in {"email", "website"}:
            return source if field.type in {Kind.EMAIL, Kind.URL} and _keeps(field, low, high) else ""
        if field.type in {Kind.STR, Kind.TEXT}:
            return _text(field, (source, low, high))
    return ""


def _has_place(r: Resource) -> bool:
    return len({field.name for field in r.fields} & _SUBJECTS["place"] - {"phone"}) > 0


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
        return Line(key, empty, "" if field.optional and field.minimum in {None, 0} else _FIXME)
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
        case Kind.REF if field.unique:
            return f"draw.key({_target(r, field)}, draw.number)"
        case Kind.BOOL:
            return f"draw.chance({50 if field.default is None else 88 if field.default else 12})"
        case Kind.ENUM:
            return f"draw.choice({r.enum(field)})"
        case Kind.FILE | Kind.IMAGE:
            return None if is_nullable(field) else '""'
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
    if mask := _MASKS.get(field.name) or _MASKS.get(last):
        prefix = _PREFIXES.get(r.names.singular)
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
    found = _BY_NAME.get(field.name) or _BY_NAME.get(last)
    if not found and last in {"name", "title"}:
        found = "person" if field.name.rpartition("_")[0] in _PEOPLE else "title" if last == "title" else "words"
    return found or ("text" if field.type is Kind.TEXT else "words")


def _masked(mask: str, field: Field) -> str:
    return f'draw.{"serial" if field.unique else "mask"}("{mask}")'.replace("\\", "\\\\")


def _text(field: Field, source: _Text) -> str:
    """The text, changed as far as the field's rules make it necessary."""
    value, low, high = source
    least, most = int(field.minimum or 0), length(field)
    if field.unique:
        if most < 16:
            return f'draw.serial("{"*" * max(min(most, 6), least)}")'
        for name, listed in _LISTS.items():
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
    last = next((word for word in reversed(field.name.split("_")) if word in _NUMBERS), "")
    step = Decimal(1).scaleb(-field.places) if field.type is Kind.DECIMAL else Decimal(1)
    least, most = _limits(field)
    usual = _WRITTEN_PRICE if last in _ENDINGS and _by_name(r) == "title" else _NUMBERS.get(last, (1, 100))
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
    if last in _ENDINGS and field.places >= 2 and whole and high - low >= 2:
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
    if words_ & _AHEAD:
        return "draw.day_from(1, 180)" if is_date else "draw.half_hour(180)"
    if is_date:
        days = (-29_000, -6_600) if words_ & _BORN else (-7_000, -30) if words_ & _LONG_AGO else (-700, -1)
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
    day = datetime(2000, 1, 1)  # noqa: DTZ001 - a time of the day has no zone
    step = timedelta(microseconds=1) if field.unique else timedelta(minutes=1)
    room = (datetime.combine(day, high) - datetime.combine(day, low)) // step + 1
    index = f"draw.number % {number(room)}" if field.unique else f"draw.below({number(room)})"
    unit = "microseconds" if field.unique else "minutes"
    return f"({_literal(datetime.combine(day, low))} + timedelta({unit}={index})).time()"


def _literal(value: date | datetime) -> str:
    return (
        repr(value)
        .replace("datetime.timezone.utc", "UTC")
        .removeprefix("datetime.")
        .replace("tzinfo=datetime.timezone.utc", "tzinfo=UTC")
    )
