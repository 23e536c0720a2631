import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import ROOT, Run, clean_environment
from oppman.errors import BadConfiguration
from oppman.project import Project


def test_a_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.oppman]\napp = "shop:app"\n')
    (tmp_path / "src/deep").mkdir(parents=True)

    found = Project.find(tmp_path / "src/deep")

    assert found == Project(tmp_path, {"app": "shop:app"})


def test_the_conventional_place_needs_no_table(tmp_path: Path) -> None:
    (tmp_path / "webapp").mkdir()
    (tmp_path / "webapp/main.py").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')

    assert Project.find(tmp_path) == Project(tmp_path)


def test_another_pyproject_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "library"\n')

    assert Project.find(tmp_path) is None


def test_a_broken_pyproject_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.oppman]\napp = \n")

    with pytest.raises(BadConfiguration, match="is not valid TOML"):
        Project.find(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="a link to the interpreter needs POSIX")
class TestAnotherEnvironment:
    """A project with a .venv of its own, seen by an oppman that is installed elsewhere."""

    @pytest.fixture
    def project_with_environment(self, project: Path) -> Path:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(project / ".venv")], check=True)
        site = next(project.glob(".venv/lib/python*/site-packages"))
        site.joinpath("ours.pth").write_text(f"{ROOT}\n{Path(pytest.__file__).parent.parent}\n")
        commands = project / "webapp/commands"
        commands.mkdir(exist_ok=True)
        commands.joinpath("where.py").write_text("import sys\n\n\ndef where() -> None:\n    print(sys.prefix)\n")
        return project

    def test_takes_over_when_it_has_oppman(self, run: Run, project_with_environment: Path) -> None:
        site = next(project_with_environment.glob(".venv/lib/python*/site-packages"))
        (site / "oppman-0.1.0.dist-info").mkdir()

        result = run("where", cwd=project_with_environment)

        assert (result.code, result.stdout) == (0, f"{project_with_environment / '.venv'}\n")

    def test_is_left_alone_without_oppman(self, run: Run, project_with_environment: Path) -> None:
        assert run("where", cwd=project_with_environment).stdout == f"{sys.prefix}\n"

    def test_gets_the_arguments_and_gives_the_exit_code(self, run: Run, project_with_environment: Path) -> None:
        site = next(project_with_environment.glob(".venv/lib/python*/site-packages"))
        (site / "oppman-0.1.0.dist-info").mkdir()
        script = "import sys\n\n\ndef fail(code: int) -> None:\n    sys.exit(code)\n"
        (project_with_environment / "webapp/commands/fail.py").write_text(script)

        assert run("fail", "7", cwd=project_with_environment).code == 7


def test_the_environment_of_the_tests_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///mine.db")

    assert "DATABASE_URL" not in clean_environment()
