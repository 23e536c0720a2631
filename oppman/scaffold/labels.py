"""What a person calls a field."""

from oppman.scaffold.fields import Field

_ABBREVIATIONS = {"api", "html", "http", "id", "ip", "iban", "isbn", "pdf", "sku", "url", "uuid", "vat"}


def label(field: Field) -> str:
    """What a person calls the field: "In stock", "ISBN"."""
    first, *rest = [word.upper() if word in _ABBREVIATIONS else word for word in field.name.split("_")]
    return " ".join([first[0].upper() + first[1:], *rest])
