"""People and `oppman init` on a PostgreSQL server."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command_line import Run

PASSWORD = {"OPPMAN_PASSWORD": "tulip garden fence"}


def execute(url: str, *statements: str) -> None:
    """Run statements in autocommit."""
    import asyncpg

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture
def missing(postgres_server: Any) -> Iterator[str]:
    """The address of a database that is not there yet; its name needs quotes."""
    name = f"Shop-{secrets.token_hex(6)}"
    yield postgres_server.get_uri(database=name)
    execute(postgres_server.get_uri(), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_init_creates_the_database_and_the_rules_hold_there(run: Run, project: Path, missing: str) -> None:
    env = PASSWORD | {"DATABASE_URL": missing}
    before = run("users", "list", cwd=project, env=env)
    assert before.code == 1
    assert "Hint: `oppman init` creates it." in before.stderr

    first = run("init", cwd=project, env=env)
    assert (first.code, first.stdout) == (0, "")
    assert "     create  database postgresql://postgres:" in first.stderr
    again = run("init", cwd=project, env=env)
    assert "nothing was changed" in again.stderr

    assert run("createsuperuser", "--email", "ada@example.com", cwd=project, env=env).code == 0
    taken = run("createsuperuser", "--email", "ada@example.com", cwd=project, env=env)
    assert "ada@example.com has an account already" in taken.stderr
    for args in (("delete", "1", "--yes"), ("deactivate", "1"), ("ensure", "ada@example.com", "--no-superuser")):
        refused = run("users", *args, cwd=project, env=env)
        assert refused.code == 1
        assert "ada@example.com is the last active superuser" in refused.stderr

    ensured = run("users", "ensure", "grace@example.com", "--role", "sales", "--superuser", cwd=project, env=env)
    assert "grace@example.com: created." in ensured.stderr
    assert run("users", "delete", "ada@example.com", "--yes", cwd=project, env=env).code == 0
    left = json.loads(run("users", "list", "--json", cwd=project, env=env).stdout)["items"]
    assert [(user["email"], user["roles"]) for user in left] == [("grace@example.com", ["sales"])]


def test_init_says_that_the_server_lets_it_create_nothing(
    run: Run, project: Path, postgres_server: Any, missing: str
) -> None:
    role = f"limited_{secrets.token_hex(6)}"
    execute(postgres_server.get_uri(), f"CREATE ROLE {role} LOGIN")
    try:
        url = missing.replace("//postgres:", f"//{role}:")
        result = run("init", cwd=project, env={"DATABASE_URL": url})
    finally:
        execute(postgres_server.get_uri(), f"DROP ROLE {role}")

    assert (result.code, result.stdout) == (1, "")
    assert "Error: The server does not let us create the database 'Shop-" in result.stderr
    assert "createdb --owner" in result.stderr
