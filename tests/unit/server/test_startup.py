"""The supervisors start quickly and stay small: they import neither the app nor what it is made of."""

import subprocess
import sys

import pytest

HEAVY = "fastapi starlette uvicorn pydantic sqlalchemy sqlmodel alembic rich watchfiles"


@pytest.mark.parametrize("module", ["development", "production"])
def test_a_supervisor_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, oppman.server.{module}; print(*(name for name in '{HEAVY}'.split() if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
