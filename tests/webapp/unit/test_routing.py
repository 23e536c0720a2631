"""Which routers look through their routes for an address."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from webapp.routing import Router


def _app() -> FastAPI:
    things, everything = Router(prefix="/things"), Router()

    @things.get("")
    async def list_things() -> str:
        return "things"

    @things.get("/{key}")
    async def show_thing(key: int) -> int:
        return key

    @everything.get("/{name}")
    async def show(name: str) -> str:
        return name

    app = FastAPI()
    app.include_router(things)
    app.include_router(everything)
    return app


async def _ask(path: str, method: str = "GET", root_path: str = "") -> httpx.Response:
    transport = httpx.ASGITransport(_app(), root_path=root_path)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("path", "answer"), [("/things", "things"), ("/things/3", 3), ("/other", "other"), ("/thingsx", "thingsx")]
)
async def test_an_address_finds_its_route(path: str, answer: object) -> None:
    assert (await _ask(path)).json() == answer


async def test_another_method_of_an_address_is_refused() -> None:
    response = await _ask("/things", "POST")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("path", ["/shop/things/3", "/things/3"])
async def test_an_app_under_a_root_path_finds_them_too(path: str) -> None:
    assert (await _ask(path, root_path="/shop")).json() == 3


async def test_the_routes_of_another_prefix_are_not_even_tried() -> None:
    tried: list[str] = []

    class Watched(APIRoute):
        def matches(self, scope: Any) -> Any:
            tried.append(scope["path"])
            return super().matches(scope)

    things = Router(prefix="/things", route_class=Watched)

    @things.get("/{key}")
    async def show_thing(key: int) -> int:
        return key

    app = FastAPI()
    app.include_router(things)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/other")).status_code == 404
        assert tried == []
        assert (await client.get("/things/3")).json() == 3
    assert set(tried) == {"/things/3"}
