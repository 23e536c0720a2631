"""Fields that are unique or indexed together, by their names."""

import pytest

from oppman.errors import UsageError
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.together import together

FIELDS = parse_fields(["title", "edition:int", "author:ref:Author", "text:text", "pin:secret", "weight:float"])


def test_names_become_columns() -> None:
    assert together("--unique", [("title", "author")], FIELDS) == (("title", "author_id"),)
    assert together("--index", [("author_id", "created_at")], FIELDS) == (("author_id", "created_at"),)


@pytest.mark.parametrize(
    ("option", "said", "message", "hint"),
    [
        ("--unique", [("title", "editon")], "there is no field 'editon'", "`edition` is one."),
        ("--unique", [("title", "xyz")], "there is no field 'xyz'", "There are title, edition, author"),
        ("--unique", [("title", "created_at")], "there is no field 'created_at'", ""),
        ("--unique", [("title", "text")], "text cannot be a part of it: a long text", "Leave it out."),
        ("--index", [("title", "pin")], "pin cannot be a part of it", "Leave it out."),
        ("--unique", [("title", "weight")], "weight is a float", "decimal"),
        ("--unique", [("title",)], "names one field", "`title:...:unique`"),
        ("--index", [()], "names no field", "a,b"),
        ("--unique", [("author", "author_id")], "names a field twice", "once"),
        ("--index", [("title", "edition"), ("title", "edition")], "is said twice", "once"),
    ],
)
def test_a_mistake_is_told_with_what_would_do(
    option: str, said: list[tuple[str, ...]], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        together(option, said, FIELDS)
    assert message in caught.value.message
    assert hint in caught.value.hint
