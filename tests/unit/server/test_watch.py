"""Which files start the app anew."""

from pathlib import Path

import pytest

from oppman.server.watch import counts


@pytest.mark.parametrize("path", ["main.py", "webapp/routes/a.py", "templates/a/list.html", ".env", ".env.local"])
def test_code_templates_and_settings_count(path: str) -> None:
    assert counts(Path(path))


@pytest.mark.parametrize(
    "path",
    [
        "webapp/static/app.css", "webapp/static/app.js", "app.db", "app.db-wal", "README.md", "uploads/a.jpg",
        "webapp/__pycache__/main.cpython-311.pyc", ".git/hooks/a.py", ".venv/lib/a.py", "node_modules/a/b.py",
        "venv/lib/python3.11/site-packages/a.py", "webapp/.#main.py",
    ],
)  # fmt: skip
def test_assets_data_environments_and_the_files_of_editors_do_not(path: str) -> None:
    assert not counts(Path(path))
