"""What shells offer while a field is typed, through the protocol that they speak."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import clean_environment

PREFIX = ["oppman", "scaffold", "resource", "Book"]
HEAVY = {"alembic", "fastapi", "jinja2", "pydantic", "sqlalchemy", "sqlmodel", "webapp"}


def offered(cwd: Path, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "oppman"],
        cwd=cwd, env=clean_environment() | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def in_bash(cwd: Path, *words: str) -> list[str]:
    """What bash gets with the cursor at the end of the last of `words`, which it has parted at each `:` and `=`."""
    line = [*PREFIX, *words]
    return offered(
        cwd, {"_OPPMAN_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(line), "COMP_CWORD": str(len(line) - 1)}
    )


def in_fish(cwd: Path, *words: str) -> list[str]:
    line = " ".join([*PREFIX, *words])
    return offered(
        cwd,
        {
            "_OPPMAN_COMPLETE": "complete_fish",
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["title", ":", "s"], ["str", "slug", "secret"]),
        (["title", ":", "str", "price", ":", "dec"], ["decimal"]),
        (["title", ":", "str", ":", "max", "=", "20", "size", ":", "enum", ":", "a/b", ":", "def"], ["default="]),
        (["title", ":", "str", ":", "unique", ":", "m"], ["min=", "max="]),
        (["place", ":", "ref", ":", "Reg"], ["Registration"]),
        (["tit"], []),
    ],
)
def test_bash_is_offered_the_last_part(project: Path, words: list[str], answer: list[str]) -> None:
    assert in_bash(project, *words) == answer


def test_bash_is_offered_every_type_and_model_right_behind_the_colon(project: Path) -> None:
    types, models = in_bash(project, "title", ":"), in_bash(project, "title", ":", "many", ":")

    assert {"str", "decimal", "enum:", "ref:Product", "many:Webinar"} <= set(types)
    assert {"Product", "Webinar", "User"} <= set(models)


def test_fish_is_offered_whole_fields(project: Path) -> None:
    assert in_fish(project, "title:str", "size:de") == ["size:decimal"]
    assert in_fish(project, "place:ref:Reg") == ["place:ref:Registration"]


def test_zsh_is_offered_whole_fields_with_their_colons_escaped(project: Path) -> None:
    line = " ".join([*PREFIX, "size:de"])

    answer = offered(project, {"_OPPMAN_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line})

    assert '"size\\\\:decimal"' in " ".join(answer)


def test_no_model_is_offered_outside_a_project(tmp_path: Path) -> None:
    assert in_bash(tmp_path, "webinar", ":", "ref", ":") == []


def test_completing_reads_the_models_without_importing_the_app(project: Path) -> None:
    code = (
        "import json, sys\nfrom oppman.commands.scaffold.completion import continuations\n"
        "print(json.dumps([list(continuations('place:ref:Reg')), list(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=clean_environment(), capture_output=True, text=True, check=True
    )

    found, modules = json.loads(done.stdout)
    assert found == ["place:ref:Registration"]
    assert not {name.partition(".")[0] for name in modules} & HEAVY
