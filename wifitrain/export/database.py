"""A PostgreSQL server through Arrow: short read-only transactions, and errors in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from wifitrain.errors import ConfigError, ExportError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ConnectionLost", "Server", "Transaction", "driver"]

_NO_COPY = {"adbc.postgresql.use_copy": "false"}  # the rows of a cursor cannot be copied
_BEGIN = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL datestyle = ISO",
    "SET LOCAL timezone = UTC",
    "SET LOCAL standard_conforming_strings = on",
)
#: Shutdowns, and a standby that had to cancel: the same question may be answered a moment later.
_PASSING = ("08", "57P0", "40001")
_REASONS = {
    "57014": "a statement took longer than source.statement_timeout_s {timeout} allows",
    "42P01": "no such table: see database.table_name",
    "42501": "the user may not read it",
}


class ConnectionLost(Exception):  # it says what happened
    """The server or the way to it has gone; what had arrived by then is good."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A database by its URL, which carries no password; `password` is kept out of every text."""

    url: str
    password: str | None
    statement_timeout_s: int

    def __repr__(self) -> str:
        return f"Server({self.name})"

    @property
    def name(self) -> str:
        """What may be shown: host and database, without the user."""
        parts = urlsplit(self.url)
        return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @contextmanager
    def transaction(self, *, about: str) -> Iterator[Transaction]:
        """A read-only transaction with one snapshot; `about` names the table in messages.

        Raises
        ------
        ConnectionLost : the server cannot be reached or went away.
        ExportError : the server refuses a statement.
        """
        try:
            connection = self.connect()
        except driver().Error as error:
            raise self.fault(error, about=about) from None  # the cause holds the whole URL
        try:
            with connection.cursor() as cursor:
                transaction = Transaction(cursor=cursor, server=self, about=about)
                for statement in _BEGIN:
                    transaction.run(statement)
                transaction.run(f"SET LOCAL statement_timeout = {self.statement_timeout_s * 1000}")
                yield transaction
        finally:
            with suppress(Exception):  # a lost connection cannot be closed well
                connection.close()

    def fault(self, error: Exception, *, about: str) -> Exception:
        """`error` of the driver as one of ours."""
        code = getattr(error, "sqlstate", None) or ""
        gone = getattr(getattr(error, "status_code", None), "name", "") == "IO"
        said = self.said(error)
        if gone or code.startswith(_PASSING):
            return ConnectionLost(said)
        reason = _REASONS.get(code, said).format(timeout=self.statement_timeout_s)
        return ExportError(f"{about}: {reason}")

    def connect(self) -> Any:  # noqa: ANN401 - the driver's own type
        """A connection that opens a transaction with its first statement.

        Raises the driver's own error, whose text may hold the password: `said` tells it without.
        """
        url = self.url
        if self.password is not None:
            mark = "&" if "?" in url else "?"
            url = f"{url}{mark}password={quote(self.password, safe='')}"
        return driver().connect(url, autocommit=False)

    def said(self, error: Exception) -> str:
        """The server's own sentence, or the library's, without the password."""
        text = str(error)
        found = re.search(r"(?:ERROR|FATAL|PANIC): +(.+)", text)
        line = found[1] if found else re.sub(r"^[A-Z_]+: (?:\[libpq\] )?", "", text).split("\n")[0]
        return line.replace(self.password, "***") if self.password else line


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """Runs statements and gives Arrow tables."""

    cursor: Any
    server: Server
    about: str

    def run(self, statement: str) -> pa.Table:
        """The rows of `statement`, all of them."""
        try:
            self.cursor.adbc_statement.set_options(**_NO_COPY)
            self.cursor.execute(statement)
            return self.cursor.fetch_arrow_table()
        except driver().Error as error:
            raise self.server.fault(error, about=self.about) from error


def driver() -> Any:  # noqa: ANN401 - a module
    """The driver's module; ConfigError where it is not installed."""
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise ConfigError("PostgreSQL needs the extra: pip install 'wifitrain[postgres]'") from None
    return dbapi
