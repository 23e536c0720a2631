"""`oppman db seed`."""

from typing import Annotated

import typer

from oppman import console
from oppman.contract import Contract
from oppman.options import Json, Yes
from oppman.project import Project


def seed(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Run only these.")] = None,
    show: Annotated[bool, typer.Option("--list", help="List the seeds and exit.")] = False,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Put the rows into the database that the project cannot do without.

    A seed is a file in webapp/seeds/ with a function `async def seed(session)`. All run in the order of their names,
    each in one transaction. They run on every call, so each has to be safe to run twice: let it look before it adds.

    \b
    Example:
      oppman db seed
      oppman db seed roles countries
      oppman db seed --list
    """
    from oppman.database import seeds

    contract = Contract(Project.here())
    found = seeds.chosen(seeds.seeds(contract), names or [])
    if show:
        if as_json:
            console.json([{"name": seed.name, "summary": seed.summary, "module": seed.module} for seed in found])
        else:
            console.table(["name", "summary"], [(seed.name, seed.summary) for seed in found])
        return
    seeds.confirm_in_production(contract, yes)
    functions = [(seed, seeds.load(contract, seed)) for seed in found]
    for seed, function in functions:
        seeds.plant(contract, seed, function)
        console.step("seed", seed.name)
    if as_json:
        console.json({"seeded": [seed.name for seed in found]})
    else:
        console.success(f"{len(found)} {'seed has' if len(found) == 1 else 'seeds have'} run.")
