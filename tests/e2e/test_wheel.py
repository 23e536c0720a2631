"""The wheel as a stranger gets it: installed in an empty environment, a project made, filled, served and tested."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import pytest

import checkout
from command_line import clean_environment
from servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("wheel")]
PASSWORD = "tidal-orchard-77"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the checkout in which everything lies that must never travel."""
    source = tmp_path_factory.mktemp("source") / "oppman"
    checkout.copy_to(source)
    for trap in (".env", "app.db", "webapp/app.db", "webapp/.env", "uploads/face.jpg", "webapp/__pycache__/x.pyc"):
        (source / trap).parent.mkdir(parents=True, exist_ok=True)
        (source / trap).write_text("secret")
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        ["uv", "build", "--quiet", "--wheel", "--out-dir", str(out), str(source)],
        check=True, capture_output=True, env=clean_environment(),
    )  # fmt: skip
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that holds the wheel and what it requires: the newest that its ranges allow."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    uv = ["uv", "--quiet", "--no-config"]
    subprocess.run([*uv, "venv", "--python", sys.executable, str(environment)], check=True, capture_output=True)
    subprocess.run([*uv, "pip", "install", "--python", str(python), str(wheel)], check=True, capture_output=True)
    return python.parent


@pytest.fixture(scope="module")
def shop(bin_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project made, set up and filled with that wheel."""
    folder = tmp_path_factory.mktemp("work")
    oppman(bin_folder, folder, "new", "shop")
    oppman(bin_folder, folder / "shop", "init", "--yes")
    oppman(
        bin_folder, folder / "shop", "createsuperuser", "--email", "ada@example.com", "--password-stdin", input=PASSWORD
    )
    oppman(bin_folder, folder / "shop", "demo", "load", "--rows", "50", env={"OPPMAN_PASSWORD": PASSWORD})
    return folder / "shop"


def test_the_wheel_holds_exactly_the_tool_and_the_starter(wheel: Path) -> None:
    starter = ("webapp/", "templates/", "migrations/", "tests/webapp/")
    expected = {name for name in checkout.files() if name.startswith("oppman/")}
    expected |= {
        f"oppman/starter/{name}" for name in checkout.files() if name.startswith(starter) or name == ".env.example"
    }
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {name for name in names if ".dist-info/" not in name} == expected
    assert {name.partition(".dist-info/")[2] for name in names - expected} == {
        "METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE",
    }  # fmt: skip


def test_the_project_passes_its_own_tests(bin_folder: Path, shop: Path) -> None:
    subprocess.run(
        ["uv", "--quiet", "--no-config", "pip", "install", "--python", str(bin_folder / "python"), "--group", "dev"],
        cwd=shop, check=True, capture_output=True,
    )  # fmt: skip

    done = oppman(bin_folder, shop, "test", "-q", "--ignore", "tests/e2e", timeout=900)

    assert re.search(r"\d+ passed", done.stdout), done.stdout[-2000:]
    assert " failed" not in done.stdout


def test_the_project_passes_its_own_checks(bin_folder: Path, shop: Path) -> None:
    assert oppman(bin_folder, shop, "db", "check").returncode == 0
    assert oppman(bin_folder, shop, "test", "--collect-only", "-q").returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."], cwd=shop, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_pages_api_and_admin_answer_over_http(bin_folder: Path, shop: Path) -> None:
    oppman_of_the_wheel = [str(bin_folder / "oppman")]
    with Server("runserver", "--no-reload", cwd=shop, env={"PYTHONPATH": ""}, oppman=oppman_of_the_wheel) as server:
        address = f"http://127.0.0.1:{server.port}"
        assert "<h1" in fetch(f"{address}/")
        assert fetch(f"{address}/products").count("/products/") >= 20
        items = json.loads(fetch(f"{address}/api/products?limit=20"))
        assert len(items["items"]) == 20
        assert items["next"]
        assert "openapi" in json.loads(fetch(f"{address}/openapi.json"))
        assert json.loads(fetch(f"{address}/health"))
        assert json.loads(fetch(f"{address}/ready"))

        form = urllib.parse.urlencode({"username": "ada@example.com", "password": PASSWORD}).encode()
        token = json.loads(fetch(f"{address}/api/auth/token", form))["access_token"]
        assert json.loads(fetch(f"{address}/api/me", token=token))["email"] == "ada@example.com"
        assert "/login" in urllib.request.urlopen(f"{address}/admin/").geturl()


def test_the_web_app_runs_without_the_tool(bin_folder: Path, shop: Path) -> None:
    code = (
        "import sys, importlib.abc\n"
        "class Wall(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name.partition('.')[0] in {'oppman', 'typer', 'questionary'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
        "from webapp.main import app\n"
        "print(len(app.routes) > 10)\n"
    )
    done = subprocess.run(
        [str(bin_folder / "python"), "-c", code], cwd=shop, capture_output=True, text=True, env=environment()
    )

    assert done.stdout == "True\n", done.stderr


def environment() -> dict[str, str]:
    """A stranger's: no checkout on the path."""
    return {name: value for name, value in clean_environment().items() if name != "PYTHONPATH"}


def oppman(
    bin_folder: Path, cwd: Path, *args: str, input: str = "", env: dict[str, str] | None = None, timeout: float = 180
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [str(bin_folder / "oppman"), *args], cwd=cwd, input=input, env=environment() | (env or {}),
        capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
    assert done.returncode == 0, f"oppman {' '.join(args)}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done


def fetch(address: str, form: bytes | None = None, token: str = "") -> str:
    request = urllib.request.Request(address, form, {"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return str(response.read().decode())
    except urllib.error.HTTPError as error:
        pytest.fail(f"{address}: {error.code} {error.read()[:500]!r}")
