import os
from pathlib import Path

import pytest

from oppman.dotenv import fresh_secrets, write_missing


def test_secrets_are_fresh_and_long() -> None:
    first, second = fresh_secrets(), fresh_secrets()

    assert first["SECRET_KEY"] != second["SECRET_KEY"]
    assert len(first["SECRET_KEY"]) >= 64


def test_what_is_set_keeps_its_value_and_the_rest_of_the_file_its_bytes(
    tmp_path: Path,
) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nexport SECRET_KEY = kept\nDEBUG=true")

    assert write_missing(path, {"SECRET_KEY": "new", "OTHER": "x"}) == ["OTHER"]
    assert path.read_text() == "# mine\nexport SECRET_KEY = kept\nDEBUG=true\nOTHER=x\n"


def test_a_commented_out_name_counts_as_missing(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# SECRET_KEY=old\n")

    assert write_missing(path, {"SECRET_KEY": "new"}) == ["SECRET_KEY"]


def test_an_empty_value_is_filled_in_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\nexport SECRET_KEY=  # none yet\n\nB=2")

    assert write_missing(path, {"SECRET_KEY": "new"}) == ["SECRET_KEY"]
    assert path.read_text() == "A=1\nSECRET_KEY=new\n\nB=2"


def test_nothing_missing_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("SECRET_KEY=kept\n")
    before = path.stat().st_mtime_ns

    assert write_missing(path, {"SECRET_KEY": "new"}) == []
    assert path.stat().st_mtime_ns == before


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"

    write_missing(path, {"SECRET_KEY": "new"})

    assert path.stat().st_mode & 0o777 == 0o600
