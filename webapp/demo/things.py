"""What rows are about: things of a shop, people, companies, places, each told coherently by several fields."""

from decimal import Decimal
from typing import NamedTuple


class Thing(NamedTuple):
    """Something that is sold. Its price fits it, and its category is the shelf where it stands."""

    name: str
    category: str
    description: str
    price: Decimal


class Person(NamedTuple):
    """A full name, and an address of that person which no other row of the table has."""

    name: str
    email: str

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]


class Company(NamedTuple):
    """A company, with addresses that no other row of the table has."""

    name: str
    email: str
    website: str


class Place(NamedTuple):
    """A house in a city, by its street and by the city's coordinates."""

    city: str
    country: str
    street: str
    postcode: str
    phone: str
    latitude: float
    longitude: float


COLLECTIONS = (
    "Alder", "Amrum", "Arden", "Aurora", "Bergen", "Birch", "Bodega", "Bramble", "Brook", "Calder", "Cedar", "Cove",
    "Dale", "Delta", "Dune", "Ember", "Fable", "Fjord", "Flint", "Gable", "Glen", "Grove", "Hazel", "Heath", "Hollow",
    "Isla", "Juniper", "Kiln", "Lark", "Linden", "Loft", "Lowland", "Marlow", "Meadow", "Mistral", "Moor", "Nomad",
    "North", "Ochre", "Orchard", "Otter", "Pebble", "Pico", "Quarry", "Raven", "Reed", "Ridge", "Rowan", "Sable",
    "Sierra", "Skagen", "Solace", "Tarn", "Thicket", "Tide", "Umber", "Vale", "Verano", "Weir", "Wren",
)  # fmt: skip

COLOURS = (
    "ash grey", "black", "chalk", "clay", "fern green", "honey", "ink blue", "moss", "natural", "rust", "sand",
    "white",
)  # fmt: skip

SHELVES = (
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
"""Category, the things with their lowest and highest price, what they are made of, and what is said of them."""

CENTS = (Decimal("0.00"), Decimal("0.50"), Decimal("0.90"))

OPENINGS = (
    "{thing} in {material}, from the {collection} series.", "A {thing} of {material} that does one thing well.",
    "Our {collection} {thing}, in {material}.", "{material} and very little else: a {thing} for every day.",
)  # fmt: skip

PLACES = (
    ("Lisbon", "Portugal", "+351 21", 38.7223, -9.1393), ("Porto", "Portugal", "+351 22", 41.1579, -8.6291),
    ("Copenhagen", "Denmark", "+45 33", 55.6761, 12.5683), ("Lyon", "France", "+33 4", 45.7640, 4.8357),
    ("Marseille", "France", "+33 4", 43.2965, 5.3698), ("Vienna", "Austria", "+43 1", 48.2082, 16.3738),
    ("Hamburg", "Germany", "+49 40", 53.5511, 9.9937), ("Munich", "Germany", "+49 89", 48.1351, 11.5820),
    ("Turin", "Italy", "+39 011", 45.0703, 7.6869), ("Bologna", "Italy", "+39 051", 44.4949, 11.3426),
    ("Valencia", "Spain", "+34 96", 39.4699, -0.3763), ("Bristol", "United Kingdom", "+44 117", 51.4545, -2.5879),
    ("Leeds", "United Kingdom", "+44 113", 53.8008, -1.5491), ("Dublin", "Ireland", "+353 1", 53.3498, -6.2603),
    ("Warsaw", "Poland", "+48 22", 52.2297, 21.0122), ("Prague", "Czechia", "+420 2", 50.0755, 14.4378),
    ("Nairobi", "Kenya", "+254 20", -1.2921, 36.8219), ("Accra", "Ghana", "+233 30", 5.6037, -0.1870),
    ("Kyoto", "Japan", "+81 75", 35.0116, 135.7681), ("Pune", "India", "+91 20", 18.5204, 73.8567),
    ("Toronto", "Canada", "+1 416", 43.6532, -79.3832), ("Montevideo", "Uruguay", "+598 2", -34.9011, -56.1645),
    ("Wellington", "New Zealand", "+64 4", -41.2866, 174.7756),
    ("Boston", "United States", "+1 617", 42.3601, -71.0589),
)  # fmt: skip
"""City, country, how its phone numbers begin, latitude and longitude."""

STREETS = (
    "Bridge Street", "Cedar Lane", "Chapel Road", "Garden Row", "Harbour Street", "High Street", "Hill Road",
    "Mill Lane", "Market Square", "North Avenue", "Orchard Way", "Park Road", "River Street", "School Lane",
    "Station Road", "Water Lane",
)  # fmt: skip

TRADES = (
    "Paper", "Foods", "Design", "Press", "Tools", "Textiles", "Lighting", "Ceramics", "Logistics", "Studio",
    "Workshop", "Instruments", "Gardens", "Furniture",
)  # fmt: skip

TITLES = (
    "The {adjective} {noun}", "A {noun} for {first}", "{first} and the {noun}", "The {noun} of {city}",
    "{adjective} {noun}, {adjective2} {noun2}", "What the {noun} Knew", "Letters from {city}", "Under the {noun}",
    "The {noun} and the {noun2}", "A Short History of the {noun}",
)  # fmt: skip

ADJECTIVES = (
    "Blue", "Bright", "Broken", "Distant", "Empty", "First", "Forgotten", "Gentle", "Golden", "Hidden", "Hollow",
    "Last", "Little", "Lost", "Narrow", "Open", "Patient", "Quiet", "Secret", "Silent", "Slow", "Small", "Wild",
)  # fmt: skip

EVENTS = (
    "{season} Market, {city}", "{season} Concert, {city}", "An Evening with {person}", "{season} Fair, {city}",
    "{trade} Day in {city}", "A Talk by {person}", "{trade} Meetup {city}", "{season} Workshop with {person}",
)  # fmt: skip
SEASONS = ("Spring", "Summer", "Autumn", "Winter")

TASKS = (
    "Order a new {noun}", "Repair the {noun}", "Ask {first} about the {noun}", "Photograph the {noun}",
    "Write to {first}", "Measure the {noun}", "Find a better {noun}", "Plan the visit to {city}",
    "Send the {noun} to {city}", "Check the price of the {noun}",
)  # fmt: skip

JOBS = (
    "Accountant", "Assistant", "Bookkeeper", "Buyer", "Carpenter", "Designer", "Developer", "Editor", "Engineer",
    "Office Manager", "Photographer", "Product Manager", "Sales Manager", "Technician", "Translator",
)  # fmt: skip
DEPARTMENTS = ("Accounting", "Design", "Development", "Operations", "People", "Purchasing", "Sales", "Support")

REMARKS = (
    "Handle with care.", "Asked for a call back.", "To be checked again next month.", "Nothing to add so far.",
    "Came recommended.", "Prefers to be written to.", "Everything was in order.", "A copy is in the archive.",
    "Needs a second look.", "Agreed on the phone.",
)  # fmt: skip

LABELS = (
    "adventure", "archive", "art", "autumn", "baking", "biography", "ceramics", "children", "classic", "cooking",
    "craft", "design", "essay", "family", "fiction", "film", "garden", "health", "history", "humour", "journey",
    "language", "law", "letters", "light", "memory", "music", "mystery", "nature", "news", "painting", "philosophy",
    "photography", "poetry", "politics", "repair", "science", "sea", "spring", "summer", "technology", "theatre",
    "travel", "winter", "work",
)  # fmt: skip
