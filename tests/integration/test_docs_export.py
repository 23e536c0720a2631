"""`oppman docs export` on a small project of another making, and on the starter."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from command_line import Run

FILES = {
    "pyproject.toml": """
        [tool.oppman]
        app = "harbour.main:app"
        metadata = "harbour.main:metadata"
        commands = "harbour.jobs"
        """,
    "harbour/__init__.py": "",
    "harbour/main.py": '''
        from typing import Annotated

        from fastapi import Depends, FastAPI, Query
        from fastapi.security import HTTPBearer
        from pydantic import Field
        from sqlmodel import Field as Column, SQLModel

        metadata = SQLModel.metadata


        class Port(SQLModel, table=True):
            """Where boats lie."""

            id: int | None = Column(default=None, primary_key=True)


        class Boat(SQLModel, table=True):
            id: int | None = Column(default=None, primary_key=True)
            port_id: int = Column(foreign_key="port.id", ondelete="CASCADE")


        class BoatCreate(SQLModel):
            name: str = Field(max_length=40, description="Painted on the hull.", examples=["Albatross"])


        def require(permission: str):
            def check() -> None: ...

            check.permission = permission
            return Depends(check)


        app = FastAPI(title="Harbour", description="Boats & ports. <img src=https://example.com/pixel.png>")


        @app.post("/boats", tags=["boats"], dependencies=[require("boat.add"), Depends(HTTPBearer())])
        def add_boat(boat: BoatCreate, dry: Annotated[bool, Query(description="Only try.")] = False) -> BoatCreate:
            """Add a boat.

            ![logo](https://example.com/logo.png)
            """
            return boat


        @app.get("/", include_in_schema=False)
        def home() -> str:
            return ""
        ''',
    "harbour/jobs/__init__.py": "",
    "harbour/jobs/sweep.py": '''
        def sweep(deep: bool = False) -> None:
            """Sweep the harbour."""
        ''',
}


class Page(HTMLParser):
    """What a page refers to, and what can be referred to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name == "href":
                (self.links if tag == "a" else self.loaded).append(str(value))
            if name in {"src", "srcset", "data", "poster", "style", "action"}:
                self.loaded.append(str(value))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    root = tmp_path / "harbour"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.strip("\n").splitlines()
        margin = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
        path.write_text("\n".join(line[margin:] for line in lines) + "\n")
    return root


def test_the_export_is_complete_and_stays_the_same_until_the_project_changes(run: Run, harbour: Path) -> None:
    first = run("docs", "export", cwd=harbour, env={"PYTHONHASHSEED": "1"})
    folder = harbour / "docs" / "export"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert (first.code, first.stdout) == (0, f"{folder / 'index.html'}\n")
    assert set(files) == {
        ".oppman-docs", "api.html", "commands.html", "docs.css", "docs.js", "index.html", "models.html", "models.svg",
        "openapi.json", "openapi.yaml", "routes.html",
    }  # fmt: skip
    assert json.loads(files["openapi.json"]) == yaml.safe_load(files["openapi.yaml"])
    assert json.loads(files["openapi.json"])["info"]["title"] == "Harbour"

    again = run("docs", "export", "--json", cwd=harbour / "harbour", env={"PYTHONHASHSEED": "2"})
    assert {file["verb"] for file in json.loads(again.stdout)["files"]} == {"identical"}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files

    assert run("docs", "export", "--check", cwd=harbour).code == 0
    main = harbour / "harbour" / "main.py"
    main.write_text(main.read_text().replace("Painted on the hull.", "Painted on the stern."))
    stale = run("docs", "export", "--check", cwd=harbour)
    assert (stale.code, stale.stdout) == (1, "")
    assert "stale  api.html" in stale.stderr
    assert "stale  openapi.yaml" in stale.stderr
    assert "routes.html" not in stale.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_the_pages_show_the_api_the_models_the_routes_and_the_commands(run: Run, harbour: Path) -> None:
    run("docs", "export", "-o", "out", cwd=harbour)
    pages = {path.name: " ".join(Page(path.read_text()).words) for path in (harbour / "out").glob("*.html")}

    for word in (
        "Add Boat",
        "/boats",
        "boat.add",
        "HTTPBearer",
        "Only try.",
        "Painted on the hull.",
        "Albatross",
        "422",
    ):
        assert word in pages["api.html"]
    for word in ("port", "Where boats lie.", "boat.port_id", "on delete: cascade"):
        assert word in pages["models.html"]
    for word in ("boat.add", "add_boat", "harbour/main.py", "/openapi.json"):
        assert word in pages["routes.html"]
    for word in ("oppman docs export", "oppman sweep", "Sweep the harbour.", "--deep"):
        assert word in pages["commands.html"]
    assert "<img src=https://example.com/pixel.png>" in pages["index.html"], "a tag is shown, not obeyed"
    ElementTree.parse(harbour / "out" / "models.svg")


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_outside_the_folder(run: Run, project: Path) -> None:
    exported = run("docs", "export", "-o", "out", cwd=project)
    assert exported.code == 0, exported.stderr
    folder = project / "out"
    pages = {path.name: Page(path.read_text()) for path in folder.glob("*.html")}

    assert len(pages) == 5
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), f"{name} has an id twice"
        assert {link for link in page.loaded if link != "data:,"} == {"docs.css", "docs.js"}
        for link in page.links:
            file, _, anchor = link.partition("#")
            assert (folder / (file or name)).is_file(), f"{name} links to {link}"
            assert not anchor or anchor in pages[file or name].ids, f"{name} links to {link}"
    assert not re.search(r"url\(|@import|https?:", (folder / "docs.css").read_text())
    assert not re.search(r"fetch\(|import\(|https?:|XMLHttp", (folder / "docs.js").read_text())


def test_the_openapi_document_can_be_piped(run: Run, harbour: Path) -> None:
    as_json = run("docs", "export", "--stdout", cwd=harbour)
    as_yaml = run("docs", "export", "--stdout", "--format", "openapi-yaml", cwd=harbour)

    assert json.loads(as_json.stdout) == yaml.safe_load(as_yaml.stdout)
    assert not (harbour / "docs").exists()
    refused = run("docs", "export", "--stdout", "--format", "site", cwd=harbour)
    assert (refused.code, refused.stdout) == (2, "")


def test_one_format_leaves_the_files_of_the_others_alone(run: Run, harbour: Path) -> None:
    run("docs", "export", cwd=harbour)
    folder = harbour / "docs" / "export"
    (folder / "openapi.json").unlink()
    (folder / "api.html").write_text("edited")

    result = run("docs", "export", "--format", "openapi-json", cwd=harbour)

    assert result.stdout == f"{folder / 'openapi.json'}\n"
    assert result.stderr == "     create  openapi.json\n"
    assert (folder / "api.html").read_text() == "edited"


def test_a_folder_with_other_files_is_refused_and_not_touched(run: Run, harbour: Path) -> None:
    (harbour / "docs").mkdir()
    (harbour / "docs" / "index.html").write_text("mine")

    refused = run("docs", "export", "--output", "docs", cwd=harbour)

    assert refused.code == 1
    assert "is not empty" in refused.stderr
    assert "--force" in refused.stderr
    assert [path.name for path in (harbour / "docs").iterdir()] == ["index.html"]
    assert run("docs", "export", "--output", "docs", "--force", cwd=harbour).code == 0
    assert (harbour / "docs" / "index.html").read_text() != "mine"


def test_a_project_without_models_gets_no_page_about_them(run: Run, harbour: Path) -> None:
    settings = harbour / "pyproject.toml"
    settings.write_text(settings.read_text().replace('metadata = "harbour.main:metadata"\n', ""))

    assert run("docs", "export", cwd=harbour).code == 0
    folder = harbour / "docs" / "export"
    assert not (folder / "models.html").exists()
    assert "models.html" not in (folder / "index.html").read_text()
