"""The project's own seeds: `webapp/seeds/*.py`, each with a function `async def seed(session)`.

They are run in the order of their names, each in one transaction. A seed is run on every `oppman db seed`, so it has
to be safe to run twice: it looks before it adds.
"""

import ast
import inspect
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman import console
from oppman.contract import Contract
from oppman.database.session import transact
from oppman.errors import AttributeMissing, OppmanError, Refused, SeedFailed, UsageError
from oppman.files import file_names

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

EXAMPLE = '''\
"""The roles that the shop cannot do without."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.models import Role


async def seed(session: AsyncSession) -> None:
    if await session.scalar(select(Role).where(Role.name == "editor")) is None:
        session.add(Role(name="editor", description="Edits everything"))
'''


@dataclass(frozen=True)
class Seed:
    """One file of the package: `module` is what is imported, `summary` the first line of its docstring."""

    name: str
    module: str
    path: Path
    summary: str


def seeds(contract: Contract) -> list[Seed]:
    """The seeds of the project in the order in which they run, not imported. Raises Refused if there are none."""
    package = contract.target("seeds")
    folder = contract.project.root.joinpath(*package.split("."))
    names = [name.removesuffix(".py") for name in file_names(folder) if name.endswith(".py") and name[0] not in "_."]
    if not names:
        raise Refused(
            f"There are no seeds yet: no file in {folder.relative_to(contract.project.root).as_posix()}/.",
            f"Write one, such as {folder.relative_to(contract.project.root).as_posix()}/roles.py. "
            "It runs each time, so let it look before it adds.",
            EXAMPLE,
        )
    return [Seed(name, f"{package}.{name}", folder / f"{name}.py", _summary(folder / f"{name}.py")) for name in names]


def chosen(found: list[Seed], names: Iterable[str]) -> list[Seed]:
    """Those of the seeds that are named, in their own order; all if none is. Raises UsageError."""
    from difflib import get_close_matches

    wanted = [name.removesuffix(".py").replace("-", "_") for name in names]
    known = [seed.name for seed in found]
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise UsageError(
                f"There is no seed {name!r}.", f"The nearest is {near[0]}." if near else f"Those: {', '.join(known)}."
            )
    return [seed for seed in found if seed.name in wanted or not wanted]


def load(contract: Contract, seed: Seed) -> Any:
    """The function `seed` of the file. Raises ModuleCrashed and AttributeMissing."""
    function = getattr(contract.module(seed.module, "seeds"), "seed", None)
    if not inspect.iscoroutinefunction(function):
        raise AttributeMissing(
            f"{seed.module} has no function `async def seed(session)`.", f"Define it in {seed.path}.", EXAMPLE
        )
    return function


def confirm_in_production(contract: Contract, yes: bool) -> None:
    """Ask before rows go into a production database."""
    if yes or getattr(contract.settings(), "environment", "") != "production":
        return
    if not console.confirm("This is a production environment. Run the seeds in its database?"):
        raise Refused("Nothing was seeded.")


def plant(contract: Contract, seed: Seed, function: Any) -> None:
    """Run one seed in one transaction of the project; all of it is rolled back if it raises.

    Raises SeedFailed, with the project's own traceback, and what `transact` raises.
    """

    kept = "nothing of it was kept"

    async def work(session: "AsyncSession") -> None:
        nonlocal kept
        try:
            await function(session)
        except Exception:
            if not session.in_transaction():
                kept = "what it had committed by itself stays: leave that to the transaction which it gets"
            raise

    try:
        transact(contract, work)
    except Refused as refused:
        raise SeedFailed(f"The seed {seed.name} was refused, and {kept}: {refused.message}", refused.hint) from None
    except OppmanError:
        raise
    except Exception as problem:
        frames = traceback.extract_tb(problem.__traceback__)
        own = [frame for frame in frames if contract.project.root in Path(frame.filename).parents]
        own = [frame for frame in own if "site-packages" not in frame.filename]
        detail = ["Traceback (most recent call last):\n", *traceback.format_list(own)]
        detail += traceback.format_exception_only(type(problem), getattr(problem, "orig", None) or problem)
        raise SeedFailed(
            f"The seed {seed.name} failed, and {kept}. Those before it have run.",
            f"Mend {seed.path.name} and run them again.",
            "".join(detail),
        ) from None


def _summary(path: Path) -> str:
    """The first line of the file's docstring."""
    try:
        text = ast.get_docstring(ast.parse(path.read_bytes()))
    except SyntaxError:
        return "(cannot be read: a syntax error)"
    return (text or "").partition("\n")[0]
