"""Demo products."""

from typing import Any

from webapp.demo.draw import Draw
from webapp.models import Product

model = Product


def row(draw: Draw) -> dict[str, Any]:
    thing = draw.thing()
    created = draw.in_order(700)
    return {
        "name": thing.name,
        "description": thing.description,
        "price": thing.price,
        "category": thing.category,
        "in_stock": draw.chance(88),
        "created_at": created,
        "updated_at": draw.later(created),
    }
