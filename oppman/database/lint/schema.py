"""What the revisions so far have made of the database, as far as the rules ask."""

from dataclasses import dataclass, field

from oppman.database.lint import sql
from oppman.database.lint.change import Change


@dataclass
class Schema:
    """Tables and what is known of them. It changes with every change that is told to it."""

    types: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of columns, by table and column."""
    new: set[str] = field(default_factory=set)
    """The tables that were made by what is looked at: nobody uses them yet."""
    index_tables: dict[str, str] = field(default_factory=dict)
    cascades: dict[str, set[str]] = field(default_factory=dict)
    """The tables whose rows go with those of a table."""
    uncommitted: set[str] = field(default_factory=set)
    """Constraints that were added NOT VALID in the transaction that is open."""
    _checked: dict[str, tuple[str, str]] = field(default_factory=dict)
    _valid: set[str] = field(default_factory=set)

    def is_never_null(self, table: str, column: str) -> bool:
        """Whether a valid check constraint says so."""
        return any(place == (table, column) for name, place in self._checked.items() if name in self._valid)

    def table_of(self, change: Change) -> str:
        """The table that a change is about; an index can be dropped without naming it."""
        return change.table or (self.index_tables.get(change.name, "") if change.kind == "drop_index" else "")

    def begin(self) -> None:
        """A new transaction begins."""
        self.uncommitted.clear()

    def apply(self, change: Change) -> None:
        """Remember what a change makes."""
        if change.kind == "create_table":
            self.new.add(change.table)
            for owner in change.refers_to.split():
                self.cascades.setdefault(owner, set()).add(change.table)
        elif change.kind == "drop_table":
            self._forget(change.table)
        elif change.kind == "rename_table":
            self._rename(change.table, change.new_name)
        elif change.kind == "rename_column" and (kind := self.types.pop((change.table, change.name), "")):
            self.types[change.table, change.new_name] = kind
        elif change.kind == "change_type":
            self.types[change.table, change.name] = change.type
        elif change.kind == "create_index":
            self.index_tables[change.name] = change.table
        self._constraint(change)
        for column in change.columns:
            self.types[change.table, column.name] = column.type

    def _constraint(self, change: Change) -> None:
        if change.kind in {"add_foreign_key", "add_check"} and change.not_valid:
            self.uncommitted.add(change.name)
        if change.kind == "add_foreign_key" and change.cascade:
            self.cascades.setdefault(change.refers_to, set()).add(change.table)
        elif change.kind == "add_check" and (column := sql.is_not_null_check(change.condition)):
            self._checked[change.name] = (change.table, column)
            self._valid -= {change.name}
            if not change.not_valid:
                self._valid.add(change.name)
        elif change.kind == "validate":
            self._valid.add(change.name)
        elif change.kind == "drop_constraint":
            self._checked.pop(change.name, None)

    def _forget(self, table: str) -> None:
        self.new.discard(table)
        self.cascades.pop(table, None)
        for children in self.cascades.values():
            children.discard(table)

    def _rename(self, old: str, new: str) -> None:
        if old in self.new:
            self.new = self.new - {old} | {new}
        self.types |= {(new, column): kind for (table, column), kind in self.types.items() if table == old}
        if old in self.cascades:
            self.cascades[new] = self.cascades.pop(old)
        for children in self.cascades.values():
            if old in children:
                children.remove(old)
                children.add(new)
