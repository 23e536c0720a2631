"""A State as `oppman info` shows it."""

from collections.abc import Iterator
from typing import Any

from oppman.database.faults import masked
from oppman.database.server.place import OWN_SERVER, looks_embedded
from oppman.inspect.state import State


def as_data(state: State) -> dict[str, Any]:
    """For `--json`."""
    return {
        "versions": state.versions,
        "project": state.project,
        "settings": state.settings,
        "database": {"url": masked(state.database), "reachable": state.reachable},
        "migrations": {"current": state.current, "pending": state.pending},
        "problems": [
            {"error": type(problem).__name__, "message": problem.message, "hint": problem.hint}
            for problem in state.problems
        ],
    }


def as_text(state: State) -> Iterator[tuple[str, list[tuple[str, object]]]]:
    """Titles with their lines; a part about which nothing is known is left out."""
    yield "Project", list(state.project.items())
    yield "Versions", list(state.versions.items())
    if state.settings:
        yield "Settings", list(state.settings.items())
    if state.database:
        lines: list[tuple[str, object]] = [("url", masked(state.database)), ("reachable", _reachable(state))]
        if looks_embedded(state.database):
            lines.insert(1, ("server", OWN_SERVER))
        if state.current is not None:
            lines.append(("at revision", state.current or "none"))
        if state.pending is not None:
            lines.append(("migrations", _migrations(state.pending)))
        yield "Database", lines


def _reachable(state: State) -> str:
    if state.reachable is None:
        return "unknown"
    if state.reachable:
        return "yes"
    return "no" if state.problems else "not created yet: `oppman init`"


def _migrations(pending: tuple[str, ...]) -> str:
    return f"{len(pending)} pending: {', '.join(pending)}" if pending else "up to date"
