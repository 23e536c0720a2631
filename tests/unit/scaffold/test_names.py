import pytest

from oppman.errors import InvalidName
from oppman.scaffold.names import check_project_name


@pytest.mark.parametrize("name", ["shop", "my-shop", "Shop2", "3d.prints", "a", "under_score", "sql_alchemy"])
def test_a_usable_name_passes(name: str) -> None:
    check_project_name(name)


@pytest.mark.parametrize(
    ("name", "reason", "suggestion"),
    [
        ("my shop", "letters, digits", "my-shop"),
        ("-shop", "letters, digits", "shop"),
        ("shop!", "letters, digits", "shop"),
        ("магазин", "letters, digits", "shop"),
        ("", "letters, digits", "shop"),
        ("FastAPI", "require itself", "my-fastapi"),
        ("email_validator", "require itself", "my-email-validator"),
        ("webapp", "a folder inside every project", "my-webapp"),
        ("nul", "Windows", "my-nul"),
    ],
)
def test_an_unusable_name_is_told_why(name: str, reason: str, suggestion: str) -> None:
    with pytest.raises(InvalidName) as caught:
        check_project_name(name)

    assert reason in caught.value.message
    assert f"`oppman new {suggestion}`" in caught.value.hint
