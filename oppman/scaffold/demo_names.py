"""What the name of a field or of a resource says about its demo data: words, ranges, and who tells them."""

SUBJECTS = {
    "person": {"name", "full_name", "first_name", "last_name", "email"},
    "company": {"name", "title", "company", "email", "website", "url"},
    "thing": {"name", "title", "description", "category", "price"},
    "place": {"city", "country", "street", "address", "postcode", "zip", "phone", "latitude", "longitude"},
}
"""Which fields each subject can tell."""
ATTRIBUTES = {
    "full_name": "name", "title": "name", "company": "name", "url": "website", "address": "street", "zip": "postcode",
}  # fmt: skip
PEOPLE = {
    "applicant", "artist", "attendee", "author", "candidate", "client", "coach", "colleague", "contact",
    "customer", "director", "doctor", "driver", "editor", "employee", "guest", "manager", "member", "musician",
    "parent", "participant", "patient", "person", "player", "reader", "student", "speaker", "subscriber",
    "supplier_contact", "teacher", "tenant", "trainer", "translator", "visitor", "volunteer", "worker", "writer",
}  # fmt: skip
COMPANIES = {
    "agency", "bank", "brand", "business", "company", "employer", "firm", "manufacturer", "organisation",
    "organization", "partner", "publisher", "restaurant", "seller", "shop", "sponsor", "store", "supplier",
    "vendor",
}  # fmt: skip
LABELS = {
    "area", "category", "channel", "department", "genre", "group", "keyword", "label", "section", "skill", "tag",
    "team", "theme", "topic",
}  # fmt: skip
EVENTS = {
    "appointment", "conference", "concert", "course", "event", "exhibition", "lecture", "meeting", "meetup",
    "talk", "workshop",
}  # fmt: skip
TASKS = {"bug", "issue", "step", "task", "ticket", "todo", "work_item"}
BOUNDS = {
    ("person", "name"): (5, 22), ("person", "first_name"): (2, 9), ("person", "last_name"): (3, 10),
    ("person", "email"): (19, 45), ("company", "name"): (8, 23), ("company", "email"): (25, 55),
    ("company", "website"): (25, 57), ("thing", "name"): (14, 60), ("thing", "description"): (30, 200),
    ("thing", "category"): (4, 8), ("place", "city"): (4, 10), ("place", "country"): (5, 14),
    ("place", "street"): (9, 20), ("place", "postcode"): (5, 5), ("place", "phone"): (13, 16),
}  # fmt: skip
"""The fewest and the most characters of what a subject tells."""

Text = tuple[str, int, int]
SOURCES: dict[str, Text] = {
    "title": ("draw.title()", 10, 46), "event": ("draw.event()", 14, 46), "task": ("draw.task()", 10, 46),
    "label": ("draw.pick(LABELS)", 3, 11), "sentence": ("draw.sentence()", 30, 70), "text": ("draw.text(4)", 30, 290),
    "remark": ("draw.pick(REMARKS)", 17, 31), "person": ("draw.person().name", 5, 22),
    "words": ("draw.words(2)", 6, 17),
    "colour": ("draw.pick(COLOURS)", 3, 10), "job": ("draw.pick(JOBS)", 5, 15),
    "department": ("draw.pick(DEPARTMENTS)", 5, 11), "city": ("draw.place().city", 4, 10),
    "country": ("draw.place().country", 5, 14), "company": ("draw.company().name", 8, 23),
    "thing": ("draw.thing().name", 14, 60), "shelf": ("draw.thing().category", 4, 8),
    "currency": ('draw.pick(("EUR", "USD", "GBP"))', 3, 3), "language": ('draw.pick(("en", "de", "fr", "pt"))', 2, 2),
}  # fmt: skip
"""What draws a text, and the fewest and the most characters of it."""
LISTS = {"label": "LABELS", "colour": "COLOURS", "job": "JOBS", "department": "DEPARTMENTS"}
BY_NAME = {
    "summary": "sentence", "subtitle": "sentence", "excerpt": "sentence", "description": "text", "body": "text",
    "content": "text", "text": "text", "bio": "text", "biography": "text", "about": "text", "abstract": "text",
    "notes": "remark", "note": "remark", "remark": "remark", "remarks": "remark", "comment": "remark",
    "category": "label", "genre": "label", "topic": "label", "tag": "label", "label": "label", "kind": "label",
    "colour": "colour", "color": "colour", "job": "job", "job_title": "job", "position": "job", "role": "job",
    "profession": "job", "department": "department", "team": "department", "city": "city", "venue": "city",
    "location": "city", "country": "country", "company": "company", "publisher": "company", "brand": "company",
    "manufacturer": "company", "supplier": "company", "product": "thing", "product_name": "thing",
    "item": "thing", "author": "person", "editor": "person", "owner": "person", "contact": "person",
    "customer": "person", "host": "person", "speaker": "person", "full_name": "person", "client": "person",
    "currency": "currency", "language": "language", "subject": "title", "headline": "title",
}  # fmt: skip
MASKS = {
    "isbn": "978-#-####-####-#", "sku": "AAA-####", "code": "AA-####", "ean": "40###########",
    "barcode": "40###########",
    "reference": "AA######", "serial_number": "AA-########", "iban": "DE####################", "vat": "DE#########",
    "phone": "+351 21 555 ####", "mobile": "+351 91 555 ####", "fax": "+351 21 555 ####", "zip": "#####",
    "postcode": "#####", "license_plate": "AA-####", "number": "AA-#####", "version": "#.#.#",
}  # fmt: skip
PREFIXES = {"invoice": "INV", "order": "ORD", "ticket": "TIC", "receipt": "REC", "quote": "QUO"}

NUMBERS = {
    "age": (18, 80), "year": (1960, 2025), "pages": (80, 640), "quantity": (1, 40), "stock": (0, 200), "rating": (1, 5),
    "stars": (1, 5), "score": (0, 100), "capacity": (10, 200), "seats": (10, 200), "priority": (1, 5),
    "percent": (0, 100), "discount": (0, 40), "vat": (5, 25), "tax": (5, 25), "weight": (1, 80), "height": (10, 220),
    "width": (10, 220), "length": (10, 220), "depth": (5, 90), "size": (1, 60), "floor": (0, 9), "rooms": (1, 8),
    "price": (4, 249), "cost": (4, 249), "fee": (10, 190), "amount": (20, 2_400), "total": (20, 2_400),
    "subtotal": (20, 2_400), "budget": (2_000, 90_000), "salary": (28_000, 96_000), "balance": (0, 9_000),
    "latitude": (-60, 70), "longitude": (-180, 180), "temperature": (-10, 35), "views": (0, 9_000),
    "likes": (0, 400), "duration": (15, 180), "minutes": (15, 180), "hours": (1, 40), "days": (1, 30),
}  # fmt: skip
"""A usual range by the last word of a field's name."""
WRITTEN_PRICE = (6, 48)
ENDINGS = {"price", "cost", "fee"}
BORN = {"born", "birthday", "birth", "birthdate"}
AHEAD = {"due", "expires", "deadline", "starts", "start", "ends", "ending", "scheduled", "planned", "until", "begins"}
LONG_AGO = {"published", "founded", "hired", "joined", "released", "opened", "since"}
LATER = {"ends_at": "starts_at", "ends_on": "starts_on"}
TOGETHER = "  # FIXME: two rows may come out alike, which their table does not allow"
FIXME = "  # FIXME: the field's rules have no value that could be drawn; write one"
