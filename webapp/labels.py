"""What a model is called where people read it: the words of its class, and those of its table for several rows."""

import re

from sqlmodel import SQLModel


def label(model: type[SQLModel]) -> str:
    """One row: "Book review" for BookReview, "API key" for APIKey."""
    return _sentence(words_of(model.__name__))


def plural_label(model: type[SQLModel]) -> str:
    """Several rows, as their table has it: "Book reviews", "People", "API keys"."""
    words = [word for word in str(model.__tablename__).split("_") if word]
    for place, written in enumerate(words_of(model.__name__)[: len(words)]):
        if _is_abbreviation(written) and words[place].startswith(written.lower()):
            words[place] = written + words[place][len(written) :]
    return _sentence(words)


def words_of(class_name: str) -> list[str]:
    """API and Key for APIKey."""
    return re.split("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", class_name)


def _sentence(words: list[str]) -> str:
    first, *rest = (word if _is_abbreviation(word) else word.lower() for word in words)
    return " ".join([first[0].upper() + first[1:], *rest])


def _is_abbreviation(word: str) -> bool:
    return len(word) > 1 and word[:2].isupper()
