"""Words to make things of: what `Draw` and the resources choose from."""

from functools import lru_cache
from unicodedata import normalize

FIRST_NAMES = (
    "Ada", "Adriana", "Aiko", "Alba", "Amara", "Amir", "Anders", "Anika", "Anton", "Asha", "Astrid", "Aurélie", "Bao",
    "Beatriz", "Ben", "Bilal", "Bruno", "Camille", "Carlos", "Chiara", "Chidi", "Clara", "Dalia", "Daniel", "Daria",
    "David", "Deepa", "Diego", "Dina", "Elena", "Elias", "Emeka", "Emil", "Emma", "Enzo", "Esther", "Eva", "Farid",
    "Fatima", "Felix", "Femi", "Finn", "Freya", "Gita", "Greta", "Hana", "Hassan", "Helen", "Hiro", "Hugo", "Ida",
    "Ines", "Ingrid", "Iris", "Isaac", "Ivan", "Jana", "Jasper", "Joana", "Johan", "Jonas", "Jun", "Kaito", "Karim",
    "Katja", "Kenji", "Kofi", "Lars", "Laura", "Leila", "Lena", "Leo", "Lin", "Lucía", "Luka", "Maite", "Malik",
    "Marek", "Margot", "Maria", "Mateo", "Maya", "Mei", "Mila", "Mina", "Mira", "Nadia", "Naomi", "Nia", "Nikhil",
    "Nils", "Noah", "Noor", "Nora", "Olga", "Omar", "Oscar", "Otto", "Paula", "Pedro", "Petra", "Priya", "Rafael",
    "Rahul", "Rania", "René", "Rosa", "Ruth", "Sami", "Sana", "Sara", "Selma", "Signe", "Simon", "Sofia", "Stefan",
    "Sunita", "Tara", "Tariq", "Teresa", "Theo", "Thandi", "Tomas", "Uma", "Valentin", "Vera", "Viktor", "Wen",
    "Xavier", "Yara", "Yasmin", "Yuki", "Yusuf", "Zara", "Zoë",
)  # fmt: skip

LAST_NAMES = (
    "Abara", "Adeyemi", "Aguilar", "Ahmadi", "Almeida", "Andersson", "Arslan", "Bakker", "Banerjee", "Barros",
    "Becker", "Bergström", "Bianchi", "Boateng", "Brandt", "Brennan", "Castillo", "Chandra", "Chen", "Cohen", "Conti",
    "Costa", "Dahl", "Desai", "Diallo", "Dubois", "Duarte", "Ekström", "Eriksen", "Farah", "Fernandes", "Ferrari",
    "Fischer", "Fontaine", "Fujita", "Gallo", "Garcia", "Ghosh", "Gruber", "Haddad", "Hansen", "Hartmann", "Hayashi",
    "Herrera", "Hoffmann", "Horvat", "Hughes", "Ibrahim", "Ito", "Iyer", "Jansen", "Jensen", "Johansson", "Kamara",
    "Kaplan", "Kato", "Keller", "Khan", "Kim", "Kowalski", "Kumar", "Lambert", "Larsen", "Lehmann", "Lindqvist",
    "Lopez", "Mahmoud", "Marino", "Martins", "Mbeki", "Medina", "Mendes", "Meyer", "Mishra", "Moreau", "Morgan",
    "Müller", "Mwangi", "Nakamura", "Navarro", "Nguyen", "Nielsen", "Novak", "Nowak", "Okafor", "Okoye", "Olsen",
    "Ortiz", "Osei", "Owens", "Park", "Patel", "Pereira", "Petrov", "Popescu", "Quinn", "Ramos", "Reddy", "Ricci",
    "Rivera", "Romano", "Rossi", "Roux", "Ruiz", "Sahin", "Salazar", "Santos", "Sato", "Schneider", "Sharma", "Silva",
    "Singh", "Soto", "Suzuki", "Takeda", "Tanaka", "Torres", "Usman", "Valdez", "Vargas", "Varga", "Visser", "Vogel",
    "Wagner", "Walsh", "Wang", "Weber", "Wong", "Yamada", "Yilmaz", "Zhang", "Ziegler",
)  # fmt: skip

DOMAINS = ("example.com", "example.org", "example.net")
"""Domains that nobody can have: mail to them reaches no one (RFC 2606)."""

NOUNS = (
    "apron", "basket", "bench", "blanket", "board", "bottle", "bowl", "box", "branch", "brush", "candle", "chair",
    "clock", "copper", "cork", "curtain", "desk", "door", "drawer", "fern", "frame", "garden", "glass", "grain",
    "hook", "jar", "kettle", "key", "ladder", "lamp", "lantern", "leaf", "linen", "loom", "map", "mirror", "moss",
    "needle", "notebook", "oak", "oven", "paper", "pebble", "pepper", "pillow", "pine", "pocket", "pot", "quilt",
    "ribbon", "river", "rope", "rug", "saddle", "salt", "shelf", "shore", "spoon", "stone", "stool", "string", "table",
    "thread", "tile", "towel", "tray", "vase", "wheel", "willow", "window", "wool", "workshop",
)  # fmt: skip

VERBS = (
    "carries", "cleans", "colours", "covers", "fills", "finds", "follows", "frames", "holds", "joins", "keeps",
    "lights", "matches", "mends", "moves", "opens", "polishes", "shades", "shapes", "steadies", "suits", "supports",
    "turns", "warms",
)  # fmt: skip


@lru_cache(maxsize=1_000)
def plain(text: str) -> str:
    """The text as part of an address: lower case, without accents."""
    return normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
