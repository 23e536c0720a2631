"""The search: what it finds, and that it finds what is stored now."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from webapp.commands.embed import embed
from webapp.db import now, reader, transaction
from webapp.demo.loading import load
from webapp.demo.unloading import unload
from webapp.errors import Invalid
from webapp.models import Product, ProductVector, Webinar
from webapp.schemas.product import ProductCreate, ProductUpdate
from webapp.schemas.search import LONGEST
from webapp.services import product_service
from webapp.services.embedding_service import AT_ONCE, embed_all
from webapp.services.search_service import Found, search
from webapp.settings import get_settings

products = Product.__table__  # type: ignore[attr-defined]
vectors = ProductVector.__table__  # type: ignore[attr-defined]


def _row(name: str, description: str = "", category: str = "") -> dict[str, Any]:
    return {"name": name, "description": description, "category": category, "price": Decimal(1)}


async def _add(*names: str, **values: str) -> list[Product]:
    async with transaction() as session:
        new = [Product(**_row(name, **values)) for name in names]
        session.add_all(new)
    return new


async def _load(*names: str) -> None:
    """Around the sessions, as rows come in bulk."""
    async with transaction() as session:
        await session.execute(insert(products), [_row(name) for name in names])


async def _find(text: str, **options: Any) -> Found:
    return await search(reader(), text, **options)


async def _titles(text: str, **options: Any) -> list[str]:
    return [hit.title for hit in (await _find(text, **options)).items]


async def test_products_and_webinars_are_found_together_the_best_first(database: str) -> None:
    await _add("Brass Floor Lamp", "Oak Shelf", "Linen Cushion")
    async with transaction() as session:
        starts = now() + timedelta(days=1)
        session.add(
            Webinar(title="Which lamp for which room", starts_at=starts, capacity=3, description="About light.")
        )
    found = await _find("a lamp for the floor")
    assert [(hit.kind, hit.id, hit.title) for hit in found.items] == [
        ("product", 1, "Brass Floor Lamp"),
        ("webinar", 1, "Which lamp for which room"),
    ]
    assert found.complete
    assert [hit.page for hit in found.items] == ["/products/1", "/webinars/1"]
    assert found.items[1].text == "About light."
    assert 1 > found.items[0].score > found.items[1].score > 0


async def test_a_kind_leaves_the_others_out_and_has_to_be_one(database: str) -> None:
    await _add("Oak Lamp")
    async with transaction() as session:
        session.add(Webinar(title="Oak", starts_at=now(), capacity=3))
    assert await _titles("oak", kind="webinar") == ["Oak"]
    assert await _titles("oak", kind="product") == ["Oak Lamp"]
    with pytest.raises(Invalid) as refusal:
        await _find("oak", kind="user")
    assert refusal.value.fields == {"kind": "Search for one of: product, webinar."}


async def test_an_exact_name_comes_first_among_many_that_are_like_it(database: str) -> None:
    await _add(*(f"Oak Lamp {number}" for number in range(150)))
    await _add("Oak Lamp", description="Something about a garden, a kitchen, knives, wool and all the rest. " * 20)
    for text in ("Oak Lamp", "oak lamp", "OAK LAMP", " oak lamp "):
        (first, second) = (await _find(text, limit=2)).items
        assert (first.title, first.score) == ("Oak Lamp", 1.0)
        assert second.score < 1


async def test_other_forms_of_a_word_and_slips_of_the_fingers_are_found(database: str) -> None:
    await _add("Leather Notebook", "Copper Watering Can", "Café Table")
    assert await _titles("notebooks") == ["Leather Notebook"]
    assert await _titles("wattering can") == ["Copper Watering Can"]
    assert await _titles("CAFE") == ["Café Table"]


@pytest.mark.parametrize("text", ["", "   ", "?!", "\x00", "\n\t"])
async def test_a_search_for_no_word_finds_nothing(database: str, text: str) -> None:
    await _add("Oak Lamp")
    assert await _find(text) == Found([])


async def test_signs_alone_find_what_is_called_so(database: str) -> None:
    await _add("???", "!!!")
    assert await _titles("???") == ["???"]


async def test_what_is_about_something_else_is_not_found(database: str) -> None:
    await _add("Oak Lamp", "Linen Cushion", description="Woven by hand.")
    assert await _titles("quantum chromodynamics") == []


async def test_a_long_text_is_searched_by_its_beginning(database: str) -> None:
    await _add("Oak Lamp", "Linen Cushion")
    assert (await _titles("oak lamp " + "x" * 100_000))[:1] == ["Oak Lamp"]
    assert await _titles("z" * LONGEST + " cushion") == []


async def test_the_limit_is_kept(database: str) -> None:
    await _add(*(f"Oak Lamp {number}" for number in range(9)))
    assert len(await _titles("oak lamp", limit=4)) == 4


async def test_an_edit_counts_at_once_and_what_is_deleted_is_gone(database: str) -> None:
    async with transaction() as session:
        product = await product_service.create_product(session, ProductCreate.model_validate(_row("Oak Lamp")))
    assert await _titles("oak lamp") == ["Oak Lamp"]
    async with transaction() as session:
        await product_service.update_product(session, product.id or 0, ProductUpdate(name="Linen Cushion"))
    assert await _titles("linen cushions") == ["Linen Cushion"]
    assert await _titles("oak lamps") == []
    async with transaction() as session:
        await product_service.update_product(session, product.id or 0, ProductUpdate(description="Filled with wool."))
    assert await _titles("wool") == ["Linen Cushion"]
    async with transaction() as session:
        await product_service.delete_product(session, product.id or 0)
    assert await _titles("linen cushions") == []
    assert await reader().scalar(select(func.count()).select_from(vectors)) == 0


async def test_an_edit_of_something_else_makes_no_new_vector(database: str) -> None:
    (product,) = await _add("Oak Lamp")
    before = await reader().scalar(select(vectors.c.id))
    async with transaction() as session:
        await product_service.update_product(session, product.id or 0, ProductUpdate(price=Decimal(9)))
    assert await reader().scalar(select(vectors.c.id)) == before


async def test_what_was_rolled_back_is_not_found_and_does_not_stand_in_the_way(database: str) -> None:
    async with transaction() as session:
        session.add(Product(**_row("Oak Lamp")))
        await session.flush()
        assert await _titles("lamp") == []
        await session.rollback()
    await _add("Brass Lamp")
    assert await _titles("lamp") == ["Brass Lamp"]


async def test_many_deleted_rows_do_not_hide_the_others(database: str) -> None:
    await _add(*(f"Oak Lamp {number}" for number in range(300)), "Oak Lamp with a shade of green linen")
    assert len(await _titles("oak lamp", limit=50)) == 50
    async with transaction() as session:
        for number in range(299):
            await product_service.delete_product(session, number + 1)
    assert await _titles("oak lamp") == ["Oak Lamp 299", "Oak Lamp with a shade of green linen"]


async def test_rows_that_came_in_bulk_are_found_some_at_a_time(database: str) -> None:
    await _add("Brass Lamp")
    assert await _titles("lamp") == ["Brass Lamp"]
    await _load("Oak Lamp", *(f"Cushion {number}" for number in range(AT_ONCE)))
    found = await _find("lamp")
    assert {hit.title for hit in found.items} == {"Brass Lamp", "Oak Lamp"}
    assert not found.complete
    assert (await _find("lamp")).complete
    assert await _titles(f"cushion {AT_ONCE - 1}", limit=1) == [f"Cushion {AT_ONCE - 1}"]


async def test_the_command_makes_what_is_missing_and_what_is_of_another_text(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await _add("Brass Lamp", "Oak Shelf")
    async with transaction() as session:  # around the session's knowledge of what it writes
        await session.execute(update(products).where(products.c.id == 2).values(name="Copper Can"))
    (before,) = (await _find("copper cans")).items  # by its words, with the vector of a shelf
    await _load(*(f"Cushion {number}" for number in range(AT_ONCE)))

    await embed()
    printed = f"products: {AT_ONCE + 2} rows, {AT_ONCE + 1} vectors made\nwebinars: 0 rows, 0 vectors made\n"
    assert capsys.readouterr().out == printed
    (after,) = (await _find("copper cans", limit=1)).items
    assert after.id == before.id
    assert after.score > before.score + 0.2
    assert (await _find("lamp")).complete
    assert [table.made for table in await embed_all()] == [0, 0]


async def test_vectors_of_another_embedder_do_not_count(database: str) -> None:
    await _add("Brass Lamp", "Oak Shelf")
    async with transaction() as session:
        await session.execute(update(vectors).values(embedder="another"))
        await session.execute(update(products).where(products.c.id == 2).values(name="Copper Can"))
    assert await _titles("lamp") == ["Brass Lamp"]
    assert await _titles("copper") == ["Copper Can"]
    assert set(await reader().scalars(select(vectors.c.embedder))) == {"hashed-1"}


async def test_searches_at_the_same_time_see_the_same(database: str) -> None:
    await _load(*(f"Oak Lamp {number}" for number in range(40)))
    found = await asyncio.gather(*(_titles("oak lamp 7", limit=1) for _ in range(8)))
    assert found == [["Oak Lamp 7"]] * 8


async def test_what_another_process_stores_is_found(
    database: str, run_processes: Callable[[int, str], list[str]]
) -> None:
    await _add("Brass Lamp")
    assert await _titles("lamp") == ["Brass Lamp"]
    code = """
import asyncio
from decimal import Decimal
from webapp.db import dispose, transaction
from webapp.models import Product
async def main():
    async with transaction() as session:
        session.add(Product(name="Oak Lamp", price=Decimal(1)))
    await dispose()
asyncio.run(main())
"""
    await asyncio.to_thread(run_processes, 2, code)
    assert sorted(await _titles("lamp")) == ["Brass Lamp", "Oak Lamp", "Oak Lamp"]


async def test_a_model_of_the_language_finds_what_has_none_of_the_words(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tokenizers")
    await _add("Brass Lamp", "Leather Sofa", "Linen Throw", "Copper Watering Can")
    assert await _titles("couch") == []
    monkeypatch.setenv("EMBEDDER", "wordllama")
    get_settings.cache_clear()
    assert (await _titles("couch"))[:1] == ["Leather Sofa"]
    assert await reader().scalar(select(vectors.c.embedder).distinct()) == "wordllama-l2_supercat_256"


async def test_vectors_keep_no_row_of_the_demo(database: str) -> None:
    await load(rows=20)
    made = {table.table: table.made for table in await embed_all()}
    assert made["products"] == 20
    removed = await unload()
    assert removed.kept["products"] == removed.kept["webinars"] == 0
    assert await reader().scalar(select(func.count()).select_from(vectors)) == 0
