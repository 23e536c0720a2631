"""The only module that prints.

Results go to stdout, so that they can be piped; commentary goes to stderr. On a terminal rich draws; in a pipe plain
text is written and rich is not even imported, which keeps a piped command quick.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from oppman.errors import NotAsked, OppmanError, Refused

if TYPE_CHECKING:
    from rich.console import Console

STEP_STYLES = {
    "create": "green", "insert": "green", "restore": "green", "merge": "green", "update": "green", "remove": "green",
    "cut": "green", "identical": "dim", "skip": "yellow", "keep": "yellow", "overwrite": "yellow",
    "manual": "bold yellow", "conflict": "red",
}  # fmt: skip
_DIFF_STYLES = (
    (("diff ", "--- ", "+++ ", "new file", "deleted file"), "bold"), (("@@",), "cyan"), (("+",), "green"),
    (("-",), "red"),
)  # fmt: skip


def decorated(stream: TextIO) -> bool:
    """Whether `stream` is a terminal that wants colours (https://no-color.org is honoured)."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def interactive() -> bool:
    """Whether there is somebody to answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def out(text: str = "", style: str = "") -> None:
    """Write a result to stdout, as it is; in `style` (a rich style) where the terminal can show it."""
    if style and decorated(sys.stdout):
        _rich(sys.stdout).print(text, style=style, markup=False, highlight=False, soft_wrap=True)
    else:
        print(text, flush=True)


def note(text: str = "", style: str = "") -> None:
    """Write commentary to stderr, in `style` (a rich style) where the terminal can show it."""
    if style and decorated(sys.stderr):
        _rich(sys.stderr).print(text, style=style, markup=False, highlight=False, soft_wrap=True)
    else:
        print(text, file=sys.stderr, flush=True)


def success(text: str) -> None:
    """Say on stderr that something was done. Call it after it happened."""
    note(f"✓ {text}" if _speaks_unicode(sys.stderr) else text, "green")


def warn(text: str) -> None:
    """Say on stderr that something deserves attention."""
    note(f"! {text}", "yellow")


def step(verb: str, what: str) -> None:
    """Report one file or row of a longer piece of work: `create  webapp/models.py`."""
    note(f"{verb:>11}  {what}", STEP_STYLES.get(verb, ""))


def next_steps(*commands: str) -> None:
    """End with the commands to type next."""
    note()
    note("Next:", "bold")
    for command in commands:
        note(f"  {command}")


def json(value: Any) -> None:
    """Write one JSON value to stdout and nothing else. Times become ISO 8601, decimals and paths strings."""
    import json as library

    out(library.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "Nothing here yet.", whole: int = 0
) -> None:
    """Write rows to stdout: a drawn table on a terminal, aligned columns in a pipe. `empty` goes to stderr.

    The first `whole` columns are not folded where a terminal is narrow: they are there to be copied.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        note(empty)
    elif decorated(sys.stdout):
        from rich import box
        from rich.table import Column, Table
        from rich.text import Text

        heads = (Column(name, no_wrap=place < whole) for place, name in enumerate(columns))
        drawn = Table(*heads, box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
        for row in cells:
            drawn.add_row(*(Text(cell) for cell in row))
        _rich(sys.stdout).print(drawn)
    else:
        widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
        for row in [list(columns), *cells]:
            out("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def counted(number: int, noun: str) -> str:
    """`1 row`, `1,000 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Write `name  value` lines to stdout, the values aligned."""
    lines = [(name, _cell(value)) for name, value in pairs]
    width = max((len(name) for name, _ in lines), default=0)
    for name, value in lines:
        out(f"{name.ljust(width)}  {value}".rstrip())


def diff(text: str, *, commentary: bool = False) -> None:
    """Write a unified diff to stdout, coloured on a terminal; as `commentary`, to the person at stderr."""
    stream = sys.stderr if commentary else sys.stdout
    if not decorated(stream):
        print(text, end="", file=stream, flush=True)
        return
    rich = _rich(stream)
    for line in text.splitlines():
        style = next((style for starts, style in _DIFF_STYLES if line.startswith(starts)), "")
        rich.print(line, style=style, markup=False, soft_wrap=True)


def error(problem: OppmanError) -> None:
    """Render an error on stderr: the evidence first, then what happened, then what to do."""
    if problem.detail:
        note(problem.detail.rstrip())
        note()
    note(f"Error: {problem.message}", "bold red")
    if problem.hint:
        note(f"Hint: {problem.hint}", "cyan")


class Progress:
    """A count of work done, drawn on a terminal only and not before a second has passed; without a total, the time."""

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total, self.done = label, total, 0
        self._started, self._bar = time.monotonic(), None if not decorated(sys.stderr) else _Bar(label, total)

    def expect(self, total: int) -> None:
        """Say how much there is, where that is known only now."""
        self.total = total
        if self._bar:
            self._bar = _Bar(self.label, total)

    def advance(self, count: int = 1) -> None:
        """Say that `count` more are done."""
        self.done += count
        if self._bar and time.monotonic() - self._started > 1:
            self._bar.show(self.done)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar:
            self._bar.close()


class _Bar:
    """The rich bar behind a `Progress`."""

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total = label, total
        self._bar: Any = None

    def show(self, done: int) -> None:
        if self._bar is None:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            ends = (MofNCompleteColumn(), TimeRemainingColumn()) if self._total else (TimeElapsedColumn(),)
            self._bar = Bar(
                TextColumn("{task.description}"), BarColumn(), *ends, console=_rich(sys.stderr), transient=True
            )
            self._bar.start()
            self._task = self._bar.add_task(self._label, total=self._total or None)
        self._bar.update(self._task, completed=done)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()


def ask(question: str, flag: str, default: str = "") -> str:
    """Ask for a line of text. Raises NotAsked, naming `flag`, where there is no terminal."""
    return str(_question("text", question, flag, default=default))


def ask_secret(question: str, flag: str) -> str:
    """Ask for a text that is not echoed. Raises NotAsked, naming `flag`, where there is no terminal."""
    return str(_question("password", question, flag))


def confirm(question: str, flag: str = "--yes", default: bool = False) -> bool:
    """Ask yes or no. Raises NotAsked, naming `flag`, where there is no terminal."""
    return bool(_question("confirm", question, flag, default=default))


def choose(question: str, choices: Mapping[str, str], flag: str) -> str:
    """Ask for one of `choices`, texts by the key that is pressed for it; the key is returned. Raises NotAsked."""
    if interactive():
        from questionary import Choice

        offered = [Choice(text, key, shortcut_key=key) for key, text in choices.items()]
    else:
        offered = []
    return str(
        _question("select", question, flag, choices=offered, use_shortcuts=True, use_jk_keys=False, instruction=" ")
    )


def _question(kind: str, question: str, flag: str, **options: Any) -> Any:
    if not interactive():
        raise NotAsked(f"This needs an answer: {question}", f"There is no terminal to ask on; give {flag}.")
    import questionary

    if not sys.stdout.isatty():  # the results go elsewhere; the question belongs where the person is
        from prompt_toolkit.output import create_output

        options["output"] = create_output(sys.stderr)
    answer = getattr(questionary, kind)(question, **options).unsafe_ask()
    if answer is None:
        raise Refused("Nothing was answered, so nothing was done.")
    return answer


def _rich(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, emoji=False)  # `day:date:index` is no picture of a calendar


def _speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") in {"utf8", "utf16", "utf32"}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(map(str, value))
    return str(value)


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
