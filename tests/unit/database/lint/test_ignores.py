"""Ignore comments."""

from pathlib import Path

import pytest

from lint_snippets import findings, ids

DROP = 'op.drop_column("books", "title")'
WHY = "# lint: ignore[column-dropped]: because nothing reads it since release 42"


@pytest.mark.parametrize(
    "upgrade",
    [
        f"{DROP}  {WHY}",
        f"{WHY}\n{DROP}",
        f"{WHY}\n# It was never shown.\n\n{DROP}",
        f'{WHY}\nop.drop_column(\n    "books",\n    "title",\n)',
        f'op.drop_column(\n    "books",\n    "title",  {WHY}\n)',
        f"{DROP}  # lint: ignore[table-renamed, column-dropped]: release 42\n".replace("table-renamed, ", ""),
    ],
)
def test_a_comment_with_a_reason_hides_its_rule(tmp_path: Path, upgrade: str) -> None:
    assert not findings(tmp_path, upgrade)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# lint: ignore[column-dropped]", ["column-dropped", "ignore-without-reason"]),
        ("# lint: ignore[column-dropped]: because", ["column-dropped", "ignore-without-reason"]),
        ("# lint: ignore[column-droped]: release 42", ["column-dropped", "ignore-unknown"]),
        ("# lint: ignore: release 42", ["column-dropped", "ignore-unknown"]),
        ("# lint: ignore[column-dropped, table-dropped]: release 42", ["ignore-unused"]),
    ],
)
def test_a_comment_that_is_not_right_is_a_finding(tmp_path: Path, comment: str, expected: list[str]) -> None:
    assert ids(findings(tmp_path, f"{DROP}  {comment}")) == expected


def test_an_unknown_rule_is_told_with_the_nearest(tmp_path: Path) -> None:
    found = findings(tmp_path, f"{DROP}  # lint: ignore[column-droped]: release 42")
    assert found[1].message == "There is no rule column-droped. The nearest is column-dropped."


def test_a_comment_hides_nothing_on_other_lines(tmp_path: Path) -> None:
    found = findings(tmp_path, f"{DROP}\n{WHY}\npass\n{DROP}")
    assert [(finding.rule.id, finding.line) for finding in found] == [
        ("column-dropped", 6), ("ignore-unused", 7), ("column-dropped", 9),
    ]  # fmt: skip


def test_a_string_is_no_comment(tmp_path: Path) -> None:
    assert ids(findings(tmp_path, f'x = """{WHY}"""; {DROP}')) == ["column-dropped"]


def test_a_comment_about_another_database_is_not_unused(tmp_path: Path) -> None:
    comment = "# lint: ignore[index-not-concurrent]: the table is small"
    index = f'op.create_index("ix", "books", ["title"])  {comment}'
    assert not findings(tmp_path, index, "sqlite")
    assert not findings(tmp_path, index)
