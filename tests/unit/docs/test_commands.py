from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer

from oppman.docs import commands
from oppman.docs.commands import Command, Parameter
from oppman.manifest import MANIFEST


@pytest.fixture(scope="module")
def ours() -> dict[str, Command]:
    return {command.name: command for top in commands.read(own=False) for command in top.walk()}


def test_every_summary_of_the_manifest_is_the_first_line_of_the_commands_own_help(ours: dict[str, Command]) -> None:
    assert {entry.name: entry.summary for entry in MANIFEST} == {
        entry.name: ours[entry.name].summary for entry in MANIFEST
    }


def test_every_command_ends_its_help_with_an_example_of_itself(ours: dict[str, Command]) -> None:
    leaves = [command for command in ours.values() if not command.children]
    without = [c.name for c in leaves if not any(f"oppman {c.name}" in line for line in c.examples)]

    assert without == []


def test_every_argument_and_option_says_what_it_means(ours: dict[str, Command]) -> None:
    mute = [
        f"{command.name}: {parameter.declaration}"
        for command in ours.values()
        for parameter in (*command.arguments, *command.options)
        if not parameter.meaning
    ]

    assert mute == []


def test_the_projects_own_commands_are_read_only_when_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "sweep_harbour.py").write_text('def sweep_harbour() -> None:\n    """Sweep the harbour."""\n')
    (tmp_path / "pyproject.toml").write_text('[tool.oppman]\ncommands = "jobs"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])

    assert commands.read(own=True)[-1].summary == "Sweep the harbour."
    assert "sweep-harbour" not in [command.name for command in commands.read(own=False)]


def read(function: object) -> Command:
    app = typer.Typer(add_completion=False)
    app.command("mend")(function)  # type: ignore[type-var]
    return commands._command(typer.main.get_command(app), "mend", "See")


def test_help_becomes_a_summary_markdown_and_examples() -> None:
    def mend() -> None:
        """Mend the nets.

        All *nets*, and `those *too*`.

        \b
        They are:
          small
          big

        \b
        Example:
          oppman mend
          oppman mend --all
        """

    command = read(mend)

    assert command.summary == "Mend the nets."
    assert command.description == (
        "All \\*nets\\*, and `those *too*`.\n\nThey are:\n\n```text\n  small\n  big\n```"
    ).replace("  small\n  big", "small\nbig")
    assert command.examples == ("oppman mend", "oppman mend --all")


def test_parameters_tell_their_values_bounds_and_defaults() -> None:
    def mend(
        name: Annotated[str, typer.Argument(help="Which.")],
        rest: Annotated[list[str] | None, typer.Argument(help="More.")] = None,
        kind: Annotated[Literal["small", "big"], typer.Option(help="Size.")] = "small",
        knots: Annotated[int, typer.Option("--knots", "-k", min=1, max=9, help="Knots.")] = 3,
        colour: Annotated[list[str] | None, typer.Option(help="A colour.", envvar="COLOUR")] = None,
        dry: Annotated[bool, typer.Option("--dry/--wet", help="Dry it.")] = True,
        out: Annotated[Path, typer.Option(help="Where.")] = Path("a/b"),
        hidden: Annotated[bool, typer.Option(hidden=True)] = False,
    ) -> None:
        """Mend."""

    command = read(mend)

    assert command.usage == "oppman mend [OPTIONS] NAME [REST...]"
    assert command.arguments == (
        Parameter("NAME", "Which.", "", True),
        Parameter("[REST...]", "More.", "", False),
    )
    assert command.options == (
        Parameter("--kind small|big", "Size.", "small", False),
        Parameter("--knots, -k INTEGER", "Knots. From 1 to 9.", "3", False),
        Parameter("--colour TEXT", "A colour. Can be given several times. Or the variable `COLOUR`.", "", False),
        Parameter("--dry / --wet", "Dry it.", "--dry", False),
        Parameter("--out PATH", "Where.", "a/b", False),
    )
