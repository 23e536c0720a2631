"""Texts as vectors: the same everywhere, and near each other where the texts are."""

import os
import subprocess
import sys

import pytest

from webapp.embedding import DIMENSIONS, Embedder, Hashed, WordLlama, embedder, unit, words_of
from webapp.settings import ROOT, get_settings


def _cosine(by: Embedder, one: str, other: str) -> float:
    first, second = by.embed([one, other])
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_a_vector_has_length_one_and_the_dimensions_of_the_columns() -> None:
    for vector in Hashed().embed(["Oak Lamp", "the", "Ü", "word " * 2_000]):
        assert len(vector) == DIMENSIONS
        assert sum(value * value for value in vector) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", " ", "?!", "\n"])
def test_a_text_without_a_word_has_no_direction(text: str) -> None:
    assert Hashed().embed([text]) == [[0.0] * DIMENSIONS]


def test_another_process_makes_the_same_vectors() -> None:
    code = "from webapp.embedding import Hashed; print(Hashed().embed(['An oak lamp, oiled: Größe']))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True,
            text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert printed == {f"{Hashed().embed(['An oak lamp, oiled: Größe'])}\n"}


def test_what_is_stored_under_this_name_does_not_change() -> None:
    # A vector of another version cannot be compared with those in somebody's database: give it another `name`.
    (vector,) = Hashed().embed(["Oak lamps"])
    assert Hashed.name == "hashed-1"
    assert [round(value, 4) for value in vector if value][:6] == [-0.2041, 0.1443, 0.2041, 0.1443, 0.1443, 0.1443]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Oak Lamp", "OAK lamp"), ("café", "Cafe"), ("Straße", "STRASSE"), ("lamps", "the lamp"), ("a chair", "chairs!")],
)
def test_case_accents_plurals_and_common_words_hardly_count(one: str, other: str) -> None:
    assert _cosine(Hashed(), one, other) > 0.7


def test_a_slip_of_the_fingers_is_nearer_than_another_word() -> None:
    assert _cosine(Hashed(), "watering can", "wattering can") > 0.6
    assert abs(_cosine(Hashed(), "watering can", "linen cushion")) < 0.2


def test_words_are_folded_and_common_ones_left_out_unless_there_are_no_others() -> None:
    assert words_of("The Crème brûlée, and a SPOON_2") == ["creme", "brulee", "spoon", "2"]
    assert words_of("To be or ...") == ["to", "be", "or"]


def test_zeros_stay_zeros() -> None:
    assert unit([0.0, 0.0]) == [0.0, 0.0]
    assert unit([3.0, 4.0]) == [0.6, 0.8]


def test_the_setting_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedder().name == Hashed.name
    monkeypatch.setenv("EMBEDDER", "magic")
    get_settings.cache_clear()
    with pytest.raises(ValueError, match="EMBEDDER"):
        embedder()


def test_a_model_that_is_not_installed_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wordllama", None)  # as if it were not there
    monkeypatch.setenv("EMBEDDER", "wordllama")
    get_settings.cache_clear()
    with pytest.raises(ValueError, match=r"^EMBEDDER=wordllama needs its package: pip install 'wordllama"):
        embedder()
    with pytest.raises(ModuleNotFoundError):
        WordLlama()


def test_a_model_of_the_language_knows_what_words_mean() -> None:
    pytest.importorskip("tokenizers")
    by = WordLlama()
    assert by.embed(["", "x"])[0] == [0.0] * DIMENSIONS
    assert len(by.embed(["lamp"])[0]) == DIMENSIONS
    assert _cosine(by, "sofa", "couch") > 2 * abs(_cosine(by, "sofa", "hammer")) > 0
    assert "wordllama" not in sys.modules  # to import it would change the app's logging
