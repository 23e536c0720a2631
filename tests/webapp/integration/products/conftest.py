"""What the tests of products begin with."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from webapp import auth
from webapp.models import User

NEW: dict[str, Any] = {
    "name": "Oak Lamp",
    "description": "Oiled wood.",
    "price": "89.00",
    "category": "Light",
    "in_stock": True,
}


@pytest.fixture
async def new(database: str) -> dict[str, Any]:
    """The values of a product as JSON has them."""
    return dict(NEW)


@pytest.fixture
async def keeper(make_user: Callable[..., Awaitable[User]]) -> User:
    """Somebody who may do everything with products."""
    return await make_user("keeper@example.com", "product.*")


@pytest.fixture
def token(keeper: User) -> dict[str, str]:
    """The keeper's headers for the API."""
    return {"Authorization": f"Bearer {auth.api_token(keeper)}"}
