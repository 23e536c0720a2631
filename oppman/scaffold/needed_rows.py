"""Which rows cannot be there without others: the required foreign keys of the models, one after the other."""

from collections.abc import Mapping

from oppman.scaffold.models import Model


def needing(model: Model, table: str, models: Mapping[str, Model]) -> str:
    """The model, `model` itself or one whose rows it needs, that needs a row of the table; "" if none does."""
    by_table = {one.table: one for one in models.values()}
    seen: set[str] = set()
    left = [model]
    while left:
        one = left.pop()
        if one.name in seen:
            continue
        seen.add(one.name)
        keys = {key.refers_to for key in one.attributes if key.refers_to and not key.optional}
        if table in keys:
            return one.name
        left += [by_table[key] for key in keys if key in by_table]
    return ""
