"""Demo products: a shop for the home."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from webapp.demo.draw import Draw
from webapp.models import Product

model = Product

_COLLECTIONS = (
    "Alder", "Amrum", "Arden", "Aurora", "Bergen", "Birch", "Bodega", "Bramble", "Brook", "Calder", "Cedar", "Cove",
    "Dale", "Delta", "Dune", "Ember", "Fable", "Fjord", "Flint", "Gable", "Glen", "Grove", "Hazel", "Heath", "Hollow",
    "Isla", "Juniper", "Kiln", "Lark", "Linden", "Loft", "Lowland", "Marlow", "Meadow", "Mistral", "Moor", "Nomad",
    "North", "Ochre", "Orchard", "Otter", "Pebble", "Pico", "Quarry", "Raven", "Reed", "Ridge", "Rowan", "Sable",
    "Sierra", "Skagen", "Solace", "Tarn", "Thicket", "Tide", "Umber", "Vale", "Verano", "Weir", "Wren",
)  # fmt: skip
_COLOURS = (
    "ash grey", "black", "chalk", "clay", "fern green", "honey", "ink blue", "moss", "natural", "rust", "sand",
    "white",
)  # fmt: skip

# Category, the things with their lowest and highest price, what they are made of, and what is said of them.
_SHELVES = (
    ("Kitchen",
     (("Cutting Board", "24", "89"), ("Rolling Pin", "16", "42"), ("Pepper Mill", "29", "79"), ("Salt Box", "18",
      "39")),
     ("Oak", "Beech", "Walnut", "Olive Wood"),
     ("Oil it twice a year and it will outlive you.", "Cut from one piece.", "Wash it by hand and dry it at once.")),
    ("Kitchen",
     (("Frying Pan", "39", "149"), ("Casserole", "69", "249"), ("Kettle", "45", "129"), ("Saucepan", "35", "119")),
     ("Cast Iron", "Steel", "Copper", "Enamel"),
     ("It goes from the stove to the table.", "Works on every stove, induction too.", "Made for daily use.")),
    ("Table",
     (("Dinner Plate", "14", "38"), ("Soup Bowl", "12", "34"), ("Coffee Cup", "11", "28"), ("Cake Stand", "34", "92")),
     ("Stoneware", "Porcelain", "Earthenware"),
     ("Each piece differs a little from the next.", "It stacks, and it survives the dishwasher.",
      "Glazed inside, left raw where the hand holds it.")),
    ("Table",
     (("Carafe", "24", "69"), ("Tumbler", "8", "22"), ("Wine Glass", "14", "39"), ("Vase", "19", "89")),
     ("Clear Glass", "Smoked Glass", "Recycled Glass"),
     ("Blown by mouth, so no two are the same height.", "Thin at the rim and heavy at the foot.",
      "Safe in the dishwasher.")),
    ("Garden",
     (("Hand Trowel", "14", "39"), ("Pruning Shears", "29", "74"), ("Garden Fork", "34", "89"), ("Dibber", "12", "29")),
     ("Steel", "Carbon Steel", "Bronze"),
     ("Made to be repaired: every part can be had alone.", "The handle is ash and fits either hand.",
      "Hang it up dry.")),
    ("Garden",
     (("Planter", "19", "129"), ("Watering Can", "24", "79"), ("Bird Bath", "39", "98"), ("Seed Tray", "12", "32")),
     ("Terracotta", "Zinc", "Copper", "Glazed Clay"),
     ("It may stay outside all year.", "A hole in the base keeps roots from drowning.",
      "It looks better after a winter.")),
    ("Lighting",
     (("Desk Lamp", "59", "189"), ("Pendant", "79", "289"), ("Floor Lamp", "119", "389"), ("Wall Light", "49", "159")),
     ("Brass", "Opal Glass", "Paper", "Linen", "Ash"),
     ("The light is warm and does not dazzle.", "Comes with two metres of cloth-covered cable.",
      "Takes an ordinary bulb, so it never has to be thrown away.")),
    ("Textiles",
     (("Throw", "49", "169"), ("Cushion", "24", "79"), ("Rug", "89", "490"), ("Blanket", "59", "229")),
     ("Wool", "Alpaca", "Cotton", "Felted Wool"),
     ("It gets better with every wash.", "Woven in a mill that has done so since 1924.",
      "Warm, and lighter than it looks.")),
    ("Textiles",
     (("Table Runner", "29", "74"), ("Tea Towel", "9", "24"), ("Apron", "29", "69"), ("Duvet Cover", "79", "219")),
     ("Linen", "Cotton", "Hemp"),
     ("Washed twice before it reaches you, so it is soft from the first day.", "Dries fast and needs no iron.",
      "Hemmed by hand.")),
    ("Bath",
     (("Bath Towel", "24", "59"), ("Bath Mat", "29", "69"), ("Wash Cloth", "6", "16"), ("Bath Robe", "69", "159")),
     ("Cotton", "Linen", "Waffle Cotton"),
     ("It dries quickly and keeps its shape.", "Heavy enough to feel like a hotel's.",
      "Wash it at sixty degrees, for years.")),
    ("Bath",
     (("Soap Dish", "9", "32"), ("Hook Rail", "24", "68"), ("Nail Brush", "8", "19"), ("Bath Stool", "59", "139")),
     ("Beech", "Teak", "Cork", "Bamboo"),
     ("Nothing in it minds water.", "Small, useful, and pleasant to the hand.", "Let it dry between two baths.")),
    ("Study",
     (("Pen Tray", "16", "48"), ("Bookend", "19", "64"), ("Letter Opener", "12", "38"), ("Paper Weight", "14", "44")),
     ("Walnut", "Brass", "Steel", "Marble"),
     ("It keeps the desk clear and the mind with it.", "Heavier than it looks.",
      "Made by four people in one workshop.")),
    ("Study",
     (("Notebook", "8", "28"), ("Desk Pad", "29", "84"), ("Pencil Case", "14", "42"), ("Folder", "12", "36")),
     ("Leather", "Cork", "Canvas"),
     ("Refills are always in stock.", "It gathers marks and wears them well.", "Stitched, not glued.")),
    ("Storage",
     (("Shelf", "59", "249"), ("Coat Rack", "69", "219"), ("Bench", "129", "449"), ("Crate", "22", "64")),
     ("Oak", "Pine", "Ash", "Birch"),
     ("Goes up with four screws, which are in the box.", "It carries more than it looks as if it could.",
      "Comes flat and is put together without tools.")),
    ("Storage",
     (("Basket", "19", "89"), ("Laundry Basket", "39", "119"), ("Box with Lid", "16", "54"), ("Log Basket", "49",
      "129")),
     ("Willow", "Rattan", "Felt", "Seagrass"),
     ("Two of them fit on top of each other.", "The handles are riveted.",
      "Woven by hand, so the size may vary by a finger.")),
)  # fmt: skip
_CENTS = (Decimal("0.00"), Decimal("0.50"), Decimal("0.90"))
_OPENINGS = (
    "{thing} in {material}, from the {collection} series.", "A {thing} of {material} that does one thing well.",
    "Our {collection} {thing}, in {material}.", "{material} and very little else: a {thing} for every day.",
)  # fmt: skip


def row(draw: Draw) -> dict[str, Any]:
    category, things, materials, remarks = draw.pick(_SHELVES)
    thing, low, high = draw.pick(things)
    material, collection, colour = draw.pick(materials), draw.pick(_COLLECTIONS), draw.pick(_COLOURS)
    words = {"thing": thing.lower(), "material": material.lower(), "collection": collection}
    opening = draw.pick(_OPENINGS).format_map(words)
    created = draw.in_order(700)
    return {
        "name": f"{collection} {material} {thing}, {colour}",
        "description": f"{opening[0].upper()}{opening[1:]} {draw.pick(remarks)}",
        "price": draw.decimal(low, high) + draw.pick(_CENTS),
        "category": category,
        "in_stock": draw.chance(88),
        "created_at": created,
        "updated_at": created + timedelta(seconds=draw.below(1 + int((draw.day - created).total_seconds()))),
    }
