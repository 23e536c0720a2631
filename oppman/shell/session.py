"""The session of the prompt: it commits only when it is told to, and holds no lock while somebody thinks."""

from typing import TYPE_CHECKING, Any

from oppman.contract import Contract

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

# Statements after which nothing has to be kept. WITH may write, on PostgreSQL, and is none of them.
_READING = ("SELECT", "BEGIN", "PRAGMA", "EXPLAIN", "SHOW", "VALUES", "SAVEPOINT", "RELEASE")


class Transaction:
    """An AsyncSession and the end of its transactions.

    In a `sandbox` its `commit()` writes to the transaction and keeps nothing: at the end all of it is rolled back.
    """

    def __init__(self, session: "AsyncSession", real_commit: Any) -> None:
        from sqlalchemy import event

        self.session = session
        self._real_commit = real_commit
        self._written = False
        event.listen(session.sync_session, "after_commit", self._ended)
        event.listen(session.sync_session, "after_rollback", self._ended)
        event.listen(session.sync_session.get_bind(), "before_cursor_execute", self._executed)

    @classmethod
    async def open(cls, contract: Contract, *, sandbox: bool) -> "Transaction":
        """A session like the project's own, on the project's own engine. Connects at its first statement."""
        async with contract.load("session")() as its_own:
            kind, bind = type(its_own), its_own.bind

        class Session(kind):  # type: ignore[misc, valid-type]
            """The session of the prompt."""

            async def commit(self) -> None:
                await (self.flush() if sandbox else super().commit())

        session = Session(bind, expire_on_commit=False)
        return cls(session, super(Session, session).commit)

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost by a rollback."""
        pending = self.session.new or self.session.dirty or self.session.deleted
        return bool(pending) or (self._written and self.session.in_transaction())

    async def rest(self) -> None:
        """End a transaction that has only read: an open one on SQLite would keep every writer waiting."""
        if self.session.in_transaction() and not self.unsaved:
            await self._real_commit()

    async def close(self) -> None:
        """Roll back what was not committed."""
        await self.session.close()

    def _executed(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip(" \n\t(").upper().startswith(_READING):
            self._written = True

    def _ended(self, _session: Any) -> None:
        self._written = False
