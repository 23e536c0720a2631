"""Random resources that the grammar takes: every type, modifier and option, relations among themselves, odd names."""

from random import Random

from oppman.errors import InvalidField
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.kinds import ARGUMENTS, TYPES, Kind

CLASSES = (
    "Author", "Book", "News", "Person", "Series", "Status", "Category", "BookReview", "APIKey", "Address", "Section",
    "Rule", "Entry", "Loan", "Box", "Child", "Sheep", "HTMLPage", "Badge", "Pattern",
)  # fmt: skip
NAMES = (
    "title", "name", "label", "price", "amount", "category", "state", "kind", "notes", "body", "email", "url", "slug",
    "code", "isbn", "rank", "rating", "weight", "born", "starts_at", "ends_at", "opens_at", "is_open", "done", "colour",
    "summary", "reference", "size", "level", "data", "value", "values", "key", "items", "keys", "status", "text",
    "number", "user_name", "first_name", "city", "country", "phone", "due", "published", "parent", "owner", "author",
    "rows", "names", "form", "filters", "model", "row", "address", "row_id", "version", "event", "pages", "tags",
)  # fmt: skip
ARGUMENT = {
    Kind.DECIMAL: ("10.2", "3.3", "5.0", "15.6", "2.1"), Kind.ENUM: ("draft/live", "on", "name/value/none", "a/b/c/d"),
    Kind.VECTOR: ("1", "3", "64"),
}  # fmt: skip
BOUNDS = {
    Kind.INT: ("-3", "0", "7", "100", "2147483647"), Kind.FLOAT: ("-0.5", "0", "3.25", "1e20"),
    Kind.DECIMAL: ("-1", "0", "0.5", "9"), Kind.DATE: ("1990-01-01", "2030-05-01", "2099-12-31"),
    Kind.DATETIME: ("2001-05-01T1800", "2030-05-01", "2099-12-31"), Kind.TIME: ("0000", "0930", "2359"),
    Kind.BOOL: ("true", "false"), Kind.UUID: ("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",),
}  # fmt: skip
DEFAULTS = {
    Kind.STR: ("draft", "it%27s", "a%20%22b%22", "back%5Cslash"), Kind.TEXT: ("long%20text", "%C3%A9"),
    Kind.EMAIL: ("ann@example.org",), Kind.URL: ("https%3A//example.org",), Kind.SLUG: ("first-steps",),
} | BOUNDS  # fmt: skip
PATTERNS = ("%5BA-Z%5D%7B3%7D", "%5Ba-z0-9%5D%2B", r"%5Cd%7B2,6%7D", "x?%5BA-F%5D")
OPTIONS = ("--owned", "--soft-delete", "--uuid")


def commands(seed: int, count: int = 8) -> list[list[str]]:
    """The arguments of `count` commands `scaffold resource`, in an order in which each may refer to those before."""
    random = Random(seed)
    classes = random.sample(CLASSES, count)
    made: list[list[str]] = []
    for number, name in enumerate(classes):
        options = [option for option in OPTIONS if random.random() < 0.25]
        plural = ["--plural", "NewsItems"] if name == "News" and random.random() < 0.5 else []
        fields = _fields(random, ["User", *classes[:number], "self"])
        owned = {command[0] for command in made if "--owned" in command}
        if "--owned" not in options and any(owned.intersection(field.split(":")) for field in fields):
            options.append("--no-pages")  # they would show everybody what is somebody's own
        made.append([name, *fields, *options, *plural])
    return made


def _fields(random: Random, targets: list[str]) -> list[str]:
    texts: list[str] = []
    for name in random.sample(NAMES, random.randint(1, 9)):
        text = _field(random, name, targets)
        try:
            parse_fields([*texts, text])
        except InvalidField:
            continue
        texts.append(text)
    return texts or ["title:str"]


def _field(random: Random, name: str, targets: list[str]) -> str:
    kind = random.choice(list(Kind))
    words = [name, kind.value]
    if kind in {Kind.REF, Kind.MANY}:
        words.append(random.choice(targets))
    elif kind in ARGUMENTS:
        words.append(random.choice(ARGUMENT[kind]))
    for word in random.sample(TYPES[kind].modifiers, min(len(TYPES[kind].modifiers), random.randint(0, 3))):
        if word in {"min", "max"}:
            least, most = (0, 9) if word == "min" else (10, 90)
            bound = str(random.randint(least, most)) if TYPES[kind].longest else random.choice(BOUNDS[kind])
            words.append(f"{word}={bound}")
        elif word == "default":
            choices = words[2].split("/") if kind is Kind.ENUM else DEFAULTS[kind]
            words.append(f"default={random.choice(choices)}")
        elif word == "pattern":
            words.append(f"pattern={random.choice(PATTERNS)}")
        else:
            words.append(word)
    return ":".join(words)
