"""The starter offers every name of the contract, and another project may name its own."""

from pathlib import Path

import pytest

from command_line import ROOT
from oppman.contract import CONTRACT, Contract
from oppman.errors import AttributeMissing, BadConfiguration, ModuleCrashed, ModuleMissing, WrongEnvironment
from oppman.project import Project


@pytest.mark.parametrize("key", [key for key, name in CONTRACT.items() if not name.optional])
def test_the_starter_offers(key: str) -> None:
    assert Contract(Project(ROOT)).load(key) is not None


class TestAnotherProject:
    """A folder with modules of its own, named in [tool.oppman]. Each test's module has a name of its own."""

    def test_names_what_it_has(self, tmp_path: Path) -> None:
        (tmp_path / "shop_a.py").write_text("class Base:\n    metadata = 7\n")

        assert Contract(Project(tmp_path, {"metadata": "shop_a:Base.metadata"})).load("metadata") == 7

    def test_a_missing_module_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ModuleMissing, match="There is no module 'shop_b'"):
            Contract(Project(tmp_path, {"app": "shop_b:app"})).load("app")

    def test_a_missing_attribute_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "shop_c.py").write_text("application = 1\n")

        with pytest.raises(AttributeMissing, match="shop_c has no 'app'") as caught:
            Contract(Project(tmp_path, {"app": "shop_c:app"})).load("app")
        assert '[tool.oppman] app = "module:attribute"' in caught.value.hint

    def test_a_crash_on_import_shows_its_own_traceback(self, tmp_path: Path) -> None:
        (tmp_path / "shop_d.py").write_text("def broken():\n    raise RuntimeError('no')\n\nbroken()\n")

        with pytest.raises(ModuleCrashed, match="shop_d could not be imported: it raised RuntimeError") as caught:
            Contract(Project(tmp_path, {"app": "shop_d:app"})).load("app")
        assert f'File "{tmp_path / "shop_d.py"}", line 2, in broken' in caught.value.detail
        assert "contract.py" not in caught.value.detail
        assert "importlib" not in caught.value.detail

    def test_a_package_that_is_elsewhere_is_told_with_the_way_to_it(self, tmp_path: Path) -> None:
        (tmp_path / "shop_e.py").write_text("import a_package_that_nobody_has\n")

        with pytest.raises(WrongEnvironment, match="needs the package 'a_package_that_nobody_has'") as caught:
            Contract(Project(tmp_path, {"app": "shop_e:app"})).load("app")
        assert "uv run oppman" in caught.value.hint

    @pytest.mark.parametrize("target", ["", 7, "shop f:app", "shop:"])
    def test_a_target_of_another_shape_is_refused(self, tmp_path: Path, target: object) -> None:
        with pytest.raises(BadConfiguration, match=r"tool\.oppman\.app"):
            Contract(Project(tmp_path, {"app": target})).target("app")

    def test_unusable_settings_are_told_without_their_values(self, tmp_path: Path) -> None:
        (tmp_path / "shop_g.py").write_text(
            "from pydantic import BaseModel, Field\n\n\n"
            "class Settings(BaseModel):\n    key: str = Field(max_length=3)\n\n\n"
            "def get_settings():\n    return Settings(key='hunter2')\n"
        )

        with pytest.raises(BadConfiguration, match="KEY: String should have at most 3 characters") as caught:
            Contract(Project(tmp_path, {"settings": "shop_g:get_settings"})).settings()
        assert "hunter2" not in caught.value.message + caught.value.hint + caught.value.detail
