"""`oppman routes` on a project that oppman did not make and on the starter."""

import json
from pathlib import Path

import pytest

from command_line import Run
from servers import write_project

MAIN = """
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from starlette.staticfiles import StaticFiles


def require(permission):
    def check(): ...
    check.permission = permission
    return check


def nested(_=Depends(require("product.view"))): ...


router = APIRouter(prefix="/products", dependencies=[Depends(nested)])


@router.get("")
async def products(): ...


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(require("product.add"))],
)
async def create_product(): ...


@router.get("/{product_id}")
def product(product_id: int): ...


app = FastAPI(openapi_url=None)
app.include_router(router, prefix="/api")
app.mount("/static", StaticFiles(directory="."), name="static")


@app.websocket("/live")
async def live(socket: WebSocket): ...
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_project(tmp_path / "tiny", MAIN)


def test_every_route_is_listed_with_its_permissions_and_the_line_of_its_function(tiny: Path, run: Run) -> None:
    result = run("routes", "--json", cwd=tiny)
    assert result.code == 0
    assert json.loads(result.stdout) == [
        row("GET", "/api/products", "products", ["product.view"], "main.py:19"),
        row("POST", "/api/products", "create_product", ["product.view", "product.add"], "main.py:27"),
        row("GET", "/api/products/{product_id}", "product", ["product.view"], "main.py:31"),
        row("MOUNT", "/static", "static", [], "starlette.staticfiles"),
        row("WEBSOCKET", "/live", "live", [], "main.py:40"),
    ]


def test_the_table_holds_the_same(tiny: Path, run: Run) -> None:
    lines = run("routes", cwd=tiny).stdout.splitlines()
    assert lines[0].split() == ["method", "path", "name", "permission", "source"]
    assert lines[2].split() == ["POST", "/api/products", "create_product", "product.view,", "product.add", "main.py:27"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--method", "post"], ["create_product"]),
        (["--method", "MOUNT"], ["static"]),
        (["--path", "/api", "--name", "product", "--method", "GET"], ["products", "product"]),
        (["--permission", "product.add"], ["create_product"]),
        (["--permission", "product.*"], ["products", "create_product", "product"]),
        (["--url", "/api/products/3"], ["product"]),
        (["--url", "https://shop.example/api/products?q=lamp"], ["products"]),
        (["--url", "/api/products", "--method", "POST"], ["create_product"]),
        (["--url", "/static/app.css"], ["static"]),
        (["--url", "/live", "--method", "WEBSOCKET"], ["live"]),
        (["--url", "/api/products/3", "--method", "DELETE"], []),
        (["--url", "/nowhere"], []),
    ],
)
def test_filters(tiny: Path, run: Run, options: list[str], names: list[str]) -> None:
    result = run("routes", "--json", *options, cwd=tiny)
    assert [route["name"] for route in json.loads(result.stdout)] == names


def test_nothing_that_fits_is_said_on_stderr(tiny: Path, run: Run) -> None:
    result = run("routes", "--path", "/nowhere", cwd=tiny)
    assert (result.code, result.stdout, result.stderr) == (0, "", "No route fits.\n")


def test_the_starter_guards_what_changes_products(project: Path, run: Run) -> None:
    routes = json.loads(run("routes", "--json", "--path", "/api/products", cwd=project).stdout)
    guards = {(route["methods"][0], tuple(route["permissions"])) for route in routes}
    assert guards >= {("POST", ("product.add",)), ("PATCH", ("product.change",)), ("DELETE", ("product.delete",))}


class TestABrokenProject:
    """Each way of being broken has its own message and hint, and exit code 1."""

    def test_no_project(self, tmp_path: Path, run: Run) -> None:
        refused(run, tmp_path, "There is no project in")

    def test_a_module_that_is_missing(self, tmp_path: Path, run: Run) -> None:
        refused(run, write_project(tmp_path / "tiny", MAIN, 'app = "nowhere:app"'), "There is no module 'nowhere'")

    def test_a_module_that_crashes_shows_the_causes_and_no_line_of_ours(self, tmp_path: Path, run: Run) -> None:
        main = "try:\n    {}['key']\nexcept KeyError as problem:\n    raise RuntimeError('no key') from problem\n"
        stderr = refused(run, write_project(tmp_path / "tiny", main), "it raised RuntimeError")
        assert "KeyError: 'key'" in stderr
        assert 'main.py", line 4, in <module>' in stderr
        assert "oppman/" not in stderr
        assert "importlib" not in stderr

    def test_a_module_that_exits(self, tmp_path: Path, run: Run) -> None:
        refused(run, write_project(tmp_path / "tiny", "raise SystemExit(0)\n"), "it raised SystemExit")

    def test_a_syntax_error(self, tmp_path: Path, run: Run) -> None:
        refused(run, write_project(tmp_path / "tiny", "app = (\n"), "SyntaxError: '(' was never closed")

    def test_an_attribute_that_is_missing(self, tmp_path: Path, run: Run) -> None:
        refused(run, write_project(tmp_path / "tiny", "application = 1\n"), "main has no 'app'")

    def test_a_package_that_is_missing_is_told_with_the_line_that_needs_it(self, tmp_path: Path, run: Run) -> None:
        root = write_project(tmp_path / "tiny", "import inner\n")
        (root / "inner.py").write_text("\nimport a_package_that_nobody_has\n")
        refused(run, root, f"'a_package_that_nobody_has' ({root / 'inner.py'}, line 2), which is not installed")

    def test_settings_that_are_unusable(self, project: Path, run: Run) -> None:
        (project / ".env").write_text("DEBUG=perhaps\nENVIRONMENT=moon\n")
        refused(run, project, "DEBUG: ", "ENVIRONMENT: ")

    def test_a_bad_database_url_is_told_without_its_password(self, project: Path, run: Run) -> None:
        (project / ".env").write_text("DATABASE_URL=mysql://user:hunter2@host/name\n")
        assert "hunter2" not in refused(run, project, "DATABASE_URL")


def refused(run: Run, root: Path, *texts: str) -> str:
    result = run("routes", cwd=root)
    assert (result.code, result.stdout) == (1, "")
    assert all(text in result.stderr for text in texts), result.stderr
    assert "Hint: " in result.stderr
    return result.stderr


def row(method: str, path: str, name: str, permissions: list[str], source: str) -> dict[str, object]:
    return {"methods": [method], "path": path, "name": name, "permissions": permissions, "source": source}
