"""Loading, unloading and counting demo data, through the functions of the project's demo module."""

import secrets
from datetime import date
from functools import partial
from typing import Any

from oppman import console
from oppman.contract import CONTRACT, Contract
from oppman.database.session import perform, transact
from oppman.errors import AttributeMissing, Refused
from oppman.people.services import Service

DISTINCT = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody takes for one another."""


def load(
    contract: Contract, password: str, *, rows: int | None = None, seed: int | None = None, day: date | None = None
) -> Any:
    """Call the project's `load` with what is given and return what it reports. Raises what `perform` raises."""
    given = {name: value for name, value in {"rows": rows, "seed": seed, "day": day}.items() if value is not None}
    return _with_bars(contract, "load", password=password, **given)


def unload(contract: Contract) -> Any:
    """Call the project's `unload` and return what it reports."""
    return _with_bars(contract, "unload")


def status(contract: Contract) -> list[dict[str, Any]]:
    """How many demo rows each table has, and how many in all."""
    counts = perform(contract, _function(contract, "status"))
    return [{"table": count.table, "demo": count.demo, "total": count.total} for count in counts]


def count_superusers(contract: Contract) -> int:
    """How many active superusers there are."""
    return int(transact(contract, Service(contract, "users").count_superusers))


def fresh_password() -> str:
    """A random password of 92 bits that can be read aloud."""
    return "".join(secrets.choice(DISTINCT) for _ in range(16))


def confirm_in_production(contract: Contract, yes: bool) -> None:
    """Ask before demo data goes into a production database."""
    if yes or getattr(contract.settings(), "environment", "") != "production":
        return
    if not console.confirm("This is a production environment. Put demo data and demo users into its database?"):
        raise Refused("Nothing was loaded.")


class Bars:
    """A progress bar for each table in its turn."""

    def __init__(self) -> None:
        self._table = ""
        self._bar: console.Progress | None = None

    def __call__(self, table: str, done: int, total: int) -> None:
        if self._bar is None or table != self._table:
            self.close()
            self._table, self._bar = table, console.Progress(table, total)
        self._bar.advance(done - self._bar.done)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.close()


def _with_bars(contract: Contract, name: str, **options: Any) -> Any:
    bars = Bars()
    try:
        return perform(contract, partial(_function(contract, name), progress=bars, **options))
    finally:
        bars.close()


def _function(contract: Contract, name: str) -> Any:
    module = contract.load("demo")
    if not hasattr(module, name):
        raise AttributeMissing(
            f"{contract.target('demo')} has no {name!r}, which oppman needs for this command.",
            f"Define it there; 'demo' in oppman's contract is {CONTRACT['demo'].meaning}.",
        )
    return getattr(module, name)
