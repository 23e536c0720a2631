"""`oppman shell` from its beginning to its end."""

import asyncio
import sys
from typing import Any

from oppman import console
from oppman.contract import Contract
from oppman.database.faults import explain, masked
from oppman.project import Project
from oppman.shell import namespace, prompt
from oppman.shell.session import Transaction

CODE, STDIN = "<command>", "<stdin>"


def shell(project: Project, code: str | None, *, sandbox: bool) -> None:
    """Run `code`, else what comes through a pipe, else ask at a prompt.

    Code that raises ends with its traceback and SystemExit(1). Raises what loading the project raises.
    """
    contract = Contract(project)
    settings = contract.settings() if contract.offers("settings") else None
    models = namespace.models(project)
    services = namespace.services(project)
    with asyncio.Runner() as runner:
        transaction = runner.run(Transaction.open(contract, sandbox=sandbox)) if contract.offers("session") else None
        at_hand: dict[str, Any] = {"__name__": "__console__", "__builtins__": __builtins__}
        at_hand |= namespace.conveniences() | models
        for name, value in (("settings", settings), ("services", services)):
            if value is not None:
                at_hand[name] = value
        if transaction is not None:
            at_hand["session"] = transaction.session
        try:
            if code is None and console.interactive():
                banner = _banner(project, settings, list(models), services, transaction, sandbox=sandbox)
                prompt.interact(banner, at_hand, runner, transaction.rest if transaction else _nothing)
            else:
                source, name = (sys.stdin.read(), STDIN) if code is None else (code, CODE)
                _execute(source, name, at_hand, runner, str(getattr(settings, "database_url", "")))
        finally:  # exit() raises, too
            if transaction is not None:
                _say_what_was_lost(transaction, sandbox=sandbox)
            runner.run(_end(contract, transaction))


def _execute(source: str, name: str, at_hand: dict[str, Any], runner: asyncio.Runner, url: str) -> None:
    try:
        prompt.execute(source, name, at_hand, runner)
    except Exception as problem:
        if explained := explain(problem, url):
            raise explained from None
        console.note(prompt.traceback_of(problem, name))
        raise SystemExit(1) from None


def _banner(
    project: Project, settings: Any, models: list[str], services: Any, transaction: Transaction | None, *, sandbox: bool
) -> str:
    title = [
        project.root.name,
        getattr(settings, "environment", ""),
        masked(str(getattr(settings, "database_url", ""))),
    ]
    lines = [f"Python {sys.version.split()[0]}: {', '.join(filter(None, title))}. `await` works at the prompt."]
    if transaction is not None:
        lines.append(
            "  session   a sandbox: whatever it does is rolled back at the end; commit() keeps nothing"
            if sandbox
            else "  session   nothing is kept before `await session.commit()`"
        )
    lines.append(f"  models    {', '.join(models)}")
    if services is not None:
        lines.append(f"  services  {', '.join(namespace.names_in(services))}")
    lines.append("  also      " + ", ".join((["settings"] if settings is not None else []) + ["select", "func"]))
    return "\n".join(lines)


def _say_what_was_lost(transaction: Transaction, *, sandbox: bool) -> None:
    if transaction.unsaved:
        console.note(
            "Everything was rolled back."
            if sandbox
            else "What was not committed was rolled back: await session.commit()"
        )


async def _end(contract: Contract, transaction: Transaction | None) -> None:
    if transaction is not None:
        await transaction.close()
    if contract.offers("dispose"):
        await contract.load("dispose")()


async def _nothing() -> None:
    pass
