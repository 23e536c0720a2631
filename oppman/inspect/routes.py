"""The routes of an application as data: what answers where, who may call it and in which line it is written."""

import functools
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Route:
    """One route. `methods` is ("WEBSOCKET",) for a websocket and ("MOUNT",) for an application that is mounted.

    `permissions` are what its `require(...)` dependencies ask for; `source` is `path:line` relative to the project,
    or the module's name for code that is not the project's.
    """

    methods: tuple[str, ...]
    path: str
    name: str
    permissions: tuple[str, ...]
    source: str


def routes(app: Any, root: Path) -> list[Route]:
    """Every route of `app` in the order in which they are tried; `root` is the project's folder."""
    return [_route(route, root) for route in flat(app.routes)]


def answering(app: Any, root: Path, url: str, method: str = "GET") -> list[Route]:
    """The route that answers `method url`; empty if nothing does."""
    from urllib.parse import unquote, urlsplit

    from starlette.routing import Match

    path = unquote(urlsplit(url).path) or "/"
    kind = "websocket" if method.upper() == "WEBSOCKET" else "http"
    scope = {
        "type": kind, "method": method.upper(), "path": path, "root_path": "",
        "headers": [], "query_string": b"", "app": app,
    }  # fmt: skip
    for route in flat(app.routes):
        match, _ = route.matches(dict(scope))  # the context's own: the route itself knows nothing of a router's prefix
        if match is Match.FULL:
            return [_route(route, root)]
    return []


def select(
    routes: Iterable[Route], *, method: str = "", path: str = "", name: str = "", permission: str = ""
) -> list[Route]:
    """Those `routes` that fit every filter given: `permission` may hold wildcards, `path` and `name` are parts."""
    return [
        route
        for route in routes
        if (not method or method.upper() in route.methods)
        and path in route.path
        and name in route.name
        and (not permission or any(fnmatchcase(asked, permission) for asked in route.permissions))
    ]


def flat(routes: Iterable[Any]) -> Iterator[Any]:
    """The routes with those of included routers in their place. FastAPI keeps included routers as such since 0.137."""
    try:
        from fastapi.routing import iter_route_contexts
    except ImportError:
        yield from routes
    else:
        yield from iter_route_contexts(list(routes))


def _route(route: Any, root: Path) -> Route:
    endpoint = getattr(route, "endpoint", None)
    if endpoint is None:
        methods: tuple[str, ...] = ("MOUNT",)
        endpoint = type(_innermost(getattr(route, "app", route)))
    else:
        methods = tuple(sorted(set(getattr(route, "methods", None) or {"WEBSOCKET"}) - {"HEAD"}))
    return Route(
        methods=methods,
        path=getattr(route, "path", None) or "/",
        name=getattr(route, "name", None) or "",
        permissions=tuple(dict.fromkeys(_permissions(getattr(route, "dependant", None)))),
        source=_source(endpoint, root),
    )


def _permissions(dependant: Any) -> Iterator[str]:
    if dependant is None:
        return
    permission = getattr(dependant.call, "permission", None)
    if isinstance(permission, str):
        yield permission
    for inner in dependant.dependencies:
        yield from _permissions(inner)


def _source(endpoint: Any, root: Path) -> str:
    function = inspect.unwrap(endpoint)
    while isinstance(function, functools.partial):
        function = function.func
    code = getattr(function, "__code__", None)
    module = str(getattr(function, "__module__", ""))
    if code is None:
        return module
    path = Path(code.co_filename)
    if not path.is_relative_to(root) or "site-packages" in path.parts:
        return module
    return f"{path.relative_to(root).as_posix()}:{_first_line(code)}"


def _first_line(code: Any) -> int:
    """The line of the `def`, not of the first decorator, where `co_firstlineno` points."""
    lines, number = inspect.getsourcelines(code)
    for offset, line in enumerate(lines):
        if line.lstrip().startswith(("def ", "async def ", "lambda", "class ")):
            return number + offset
    return number


def _innermost(app: Any) -> Any:
    """The application inside of the middlewares of a mount."""
    while hasattr(app, "app") and not hasattr(app, "routes"):
        app = app.app
    return app
