"""Search by a part of a text."""

ESCAPE = "/"


def pattern(text: str) -> str:
    """The pattern for `column.ilike(pattern, escape=ESCAPE)` that finds the text anywhere, its % and _ as they are."""
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return f"%{text}%"
