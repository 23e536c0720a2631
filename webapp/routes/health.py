"""For whoever watches the app: is the process alive, and can it do its work?"""

import asyncio
import logging
from functools import lru_cache
from typing import Literal

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import text

from webapp.db import reading
from webapp.routing import Router
from webapp.settings import ROOT

TIMEOUT = 5.0  # seconds

logger = logging.getLogger("webapp.health")
router = Router(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: Literal["ready", "unavailable"]


@router.get("/health")
async def health() -> Health:
    """The process answers."""
    return Health()


@router.get("/ready", responses={503: {"model": Readiness, "description": "Send no requests here for now."}})
async def ready(response: Response) -> Readiness:
    """The database answers and has every migration. What is missing stands in the log, not in the answer."""
    response.headers["Cache-Control"] = "no-store"
    try:
        async with asyncio.timeout(TIMEOUT):
            missing = await _what_is_missing()
    except Exception:  # whatever it is: not ready
        missing = "the database cannot be reached"
        logger.warning("Not ready: %s", missing, exc_info=True)
    else:
        if missing:
            logger.warning("Not ready: %s", missing)
    if missing:
        response.status_code = 503
    return Readiness(status="unavailable" if missing else "ready")


async def _what_is_missing() -> str:
    heads = await asyncio.to_thread(_heads)  # reads files
    async with reading() as session:
        applied = set(await session.scalars(text("SELECT version_num FROM alembic_version")))
    return "" if applied == heads else f"migrations: applied {sorted(applied)}, wanted {sorted(heads)}"


@lru_cache
def _heads() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory(str(ROOT / "migrations")).get_heads())
