"""What the commands that write code have in common: answering conflicts, writing, and the report."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oppman import console

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oppman.project import Project
    from oppman.scaffold.generate import Generated
    from oppman.scaffold.plan import Action, Plan
    from oppman.scaffold.record import Run

Answer = Literal["keep", "overwrite", ""]

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the changes as a diff; write nothing.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that have other content.")]
Skip = Annotated[bool, typer.Option("--skip", help="Keep files that have other content.")]


def carry_out(
    project: Project,
    made: Generated,
    answer: Answer,
    *next_steps: str,
    dry_run: bool = False,
    verify: bool = False,
) -> None:
    """Write what was generated and report it, a line for each file; with `dry_run` only show it.

    With `verify` what is written is tried, and taken back if it does not hold. Raises Refused.
    """
    from oppman.scaffold import journal

    if dry_run:
        _show(made.plan)
        return
    plan = _settle(made.plan, answer)
    done = journal.apply(project.root, plan, sys.argv[1:], made.notes)
    _report(plan)
    if done is None:
        console.note("Nothing to do: every file is as it would be made.")
    else:
        if verify:
            _verify(project, done)
        console.success(f"Run {done.number} is done; `oppman scaffold undo` takes it back.")
        console.next_steps(*next_steps)


def _verify(project: Project, run: Run) -> None:
    """Try what `run` wrote, each check told before it begins. Raises Refused, with the run undone, if one fails."""
    from oppman.errors import Refused
    from oppman.scaffold.verify import checks

    try:
        for check in checks(project, run):
            console.step("verify", check.name)
            if evidence := check.run():
                raise Refused(
                    f"The {check.name} failed, so run {run.number} was taken back: the project is as it was.",
                    f"`oppman scaffold redo {run.number}` writes it again, to look at it.",
                    evidence,
                )
    except BaseException:  # an interrupted check proves nothing either
        _take_back(project, run)
        raise


def _take_back(project: Project, run: Run) -> None:
    from functools import partial

    from oppman.scaffold import chain, journal
    from oppman.scaffold.insert import from_json

    journal.undo(project.root, from_json, run.number, also=partial(chain.without, project))


def answer(context: typer.Context, force: bool, skip: bool) -> Answer:
    """What to do with every conflict; "" to ask. An option that was typed beats one of the configuration."""
    from oppman.errors import UsageError

    if force and skip:
        typed = {name for name in ("force", "skip") if _is_typed(context, name)}
        if len(typed) == 2:
            raise UsageError("--force and --skip exclude each other.", "Give one of them.")
        force = "force" in typed
    return "overwrite" if force else "keep" if skip else ""


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _show(plan: Plan) -> None:
    for action in plan.actions:
        console.step(action.outcome, action.path)
    console.note("Nothing was written.\n")
    console.diff(plan.diff())
    _paste(plan)


def _settle(plan: Plan, given: Answer) -> Plan:
    """The plan without conflicts: by `answer`, or by asking about each file. Raises Refused."""
    from oppman.errors import Refused

    if not plan.conflicts:
        return plan
    if given:
        return plan.settle(lambda _: given)
    if not console.interactive():
        for action in plan.conflicts:
            console.step("conflict", action.path)
        count = "A file is" if len(plan.conflicts) == 1 else f"{len(plan.conflicts)} files are"
        raise Refused(
            f"{count} there with other content. Nothing was written.",
            "--force overwrites, --skip keeps, --dry-run shows the difference.",
        )
    questions = Questions("is there with other content", _CHOICES, "--force or --skip", "written")
    return plan.settle(lambda action: "keep" if questions.ask(action) == "k" else "overwrite")


_CHOICES = {
    "k": "keep it as it is",
    "o": "overwrite it",
    "d": "show the difference",
    "a": "overwrite it, and all the rest",
    "q": "quit; nothing is written",
}


@dataclass
class Questions:
    """Asks about one file after the other, until "a" holds for the rest; "d" shows the difference and "q" quits."""

    about: str
    """What is to be said of each file."""
    choices: Mapping[str, str]
    """The answers, by the key that is pressed for each."""
    flag: str
    """What answers them all on the command line."""
    undone: str
    """What was not done yet: "Nothing was ..."."""
    _all: bool = False

    def ask(self, action: Action) -> str:
        """The key of the answer. Raises Refused if the person quits."""
        from oppman.errors import Refused

        while not self._all:
            answer = console.choose(f"{action.path} {self.about}.", self.choices, self.flag)
            if answer == "q":
                raise Refused(f"You have quit. Nothing was {self.undone}.")
            if answer == "d":
                console.diff(action.diff(), commentary=True)
                continue
            self._all = answer == "a"
            return answer
        return "a"


def _report(plan: Plan) -> None:
    for action in plan.actions:
        console.step(action.outcome, action.path)
    _paste(plan)


def _paste(plan: Plan) -> None:
    """The lines that a person has to add, since there is no place in the file that they could be put at."""
    for action in plan.actions:
        if action.lines:
            console.warn(f"{action.path} was left alone: it has changed too much. Add this to it:")
            console.note("\n".join(f"    {line}".rstrip() for line in action.lines.split("\n")))
