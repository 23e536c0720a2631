"""Made-up requests against the running API: whatever comes, it answers as its OpenAPI document says, and never 500."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from webapp.db import now
from webapp.main import app
from webapp.models import Product, Registration, Webinar

pytestmark = [pytest.mark.e2e]


@pytest.fixture(scope="module")
def token(server: Any) -> str:
    """A superuser's token for a server with a row of each kind."""
    server.clear()
    server.add_user("boss@example.com", is_superuser=True)
    server.add(*(Product(name=f"Lamp {n}", price=Decimal(n), category="Light") for n in range(1, 30)))
    server.add(*(Webinar(title=f"Joinery {n}", starts_at=now() + timedelta(days=n), capacity=9) for n in range(1, 9)))
    server.add(*(Registration(webinar_id=n, name="Eve", email="eve@example.com") for n in range(1, 9)))
    form = {"username": "boss@example.com", "password": server.password}
    answer = httpx.post(f"{server.url}/api/auth/token", data=form)
    return str(answer.json()["access_token"])


schema = schemathesis.openapi.from_dict(app.openapi())


@schema.parametrize()
@settings(
    max_examples=15,
    derandomize=True,  # the same requests each time: a failure can be looked into
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_its_document_says(case: Case, server: Any, token: str) -> None:
    case.call_and_validate(base_url=server.url, headers={"Authorization": f"Bearer {token}"})
