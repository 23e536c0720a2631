"""What the development server says of the migrations."""

from pathlib import Path

from oppman.project import Project
from oppman.server.banner import migrations


def test_two_heads_are_told_before_they_bite(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.oppman]\n")
    versions = tmp_path / "migrations/versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations/env.py").touch()
    for name, after in (("aaa1", "None"), ("bbb2", '"aaa1"'), ("ccc3", '"aaa1"')):
        (versions / f"{name}.py").write_text(f'revision = "{name}"\ndown_revision = {after}\n')
    told = migrations(Project(tmp_path), "sqlite:///app.db")
    assert told == "2 heads: join them with `oppman db merge` or `oppman db rebase`"
