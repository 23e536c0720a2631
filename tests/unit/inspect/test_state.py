"""What `oppman info` shows of the settings."""

from pathlib import Path

from pydantic import SecretStr

from oppman.inspect.state import without_secrets


def test_secrets_are_masked_wherever_they_stand() -> None:
    values = {
        "secret_key": SecretStr("hunter2"),
        "SMTP_PASSWORD": "hunter2",
        "api_key": "hunter2",
        "tokens": ["hunter2"],
        "mail": {"password": "hunter2", "host": "localhost"},
        "database_url": "postgresql://shop:hunter2@db/shop",
        "caches": ["redis://:hunter2@cache/0"],
    }
    shown = without_secrets(values)
    assert "hunter2" not in repr(shown)
    assert shown["database_url"] == "postgresql://shop:***@db/shop"
    assert shown["mail"] == {"password": "***", "host": "localhost"}


def test_other_values_are_shown_as_they_are() -> None:
    values = {"debug": False, "session_days": 14, "token_hours": 24, "hosts": ["a.org"], "none": None}
    assert without_secrets(values) == values
    assert without_secrets({"upload_dir": Path("uploads"), "secret_key": ""}) == {
        "upload_dir": "uploads",
        "secret_key": "",
    }
