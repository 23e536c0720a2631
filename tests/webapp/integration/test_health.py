"""Is the process alive, and can it do its work?"""

import gc
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from webapp.db import dispose, transaction
from webapp.settings import get_settings


async def test_the_process_answers(client: httpx.AsyncClient) -> None:
    response = await client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_what_is_loaded_at_the_start_is_no_work_for_the_garbage_collector(app: FastAPI) -> None:
    async with app.router.lifespan_context(app):
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


async def test_it_is_ready_with_a_database_and_every_migration(client: httpx.AsyncClient) -> None:
    response = await client.get("/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("statement", ["DELETE FROM alembic_version", "UPDATE alembic_version SET version_num = 'old'"])
async def test_it_is_not_ready_while_migrations_are_missing(client: httpx.AsyncClient, statement: str) -> None:
    async with transaction() as session:
        before = await session.scalar(text("SELECT version_num FROM alembic_version"))
        await session.execute(text(statement))
    response = await client.get("/ready")
    assert (response.status_code, response.json()) == (503, {"status": "unavailable"})
    assert (await client.get("/health")).status_code == 200
    async with transaction() as session:
        await session.execute(text("DELETE FROM alembic_version"))
        await session.execute(text("INSERT INTO alembic_version VALUES (:before)"), {"before": before})


async def test_it_is_not_ready_without_a_database_and_says_no_more(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{(tmp_path / 'no' / 'folder' / 'app.db').as_posix()}")
    get_settings.cache_clear()
    await dispose()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        response = await client.get("/ready")
    assert (response.status_code, response.json()) == (503, {"status": "unavailable"})
