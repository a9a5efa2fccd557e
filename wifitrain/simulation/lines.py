"""Log lines as columns: a journal renders whole arrays of them at once, in order of arrival."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SECOND", "Journal", "Voice", "line_schema", "mac_numbers", "mac_texts", "merge"]

#: Times are whole microseconds since 1970 in UTC, as int64.
SECOND = 1_000_000

_PAIRS = np.array([f"{octet:02x}" for octet in range(256)], dtype="S2")
_COLON_PAIRS = np.array([f"{octet:02x}:" for octet in range(256)], dtype="S3")


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Who speaks, and how loud: what syslog knows of a line beside its text."""

    program: str = "hostapd"
    level: str = "info"
    pid: int | None = None
    facility: int = 3  # daemon


class Journal:
    """Collects the lines of one host.

    Parameters
    ----------
    host : name of the device that logs.
    rng : source of every delay and repeat that the writer of lines adds.
    whole_seconds : the device stamps whole seconds; the order of arrival stays finer.
    """

    def __init__(self, host: str, rng: np.random.Generator, *, whole_seconds: bool = False) -> None:
        self.host = host
        self.rng = rng
        self.whole_seconds = whole_seconds
        self._pieces: list[pa.Table] = []

    def write(self, at: np.ndarray, voice: Voice, text: str, **fields: np.ndarray | str) -> None:
        """Add one line for each time in `at`, shape (n,), in microseconds since 1970.

        `text` names its varying parts in braces. `mac`, `MAC`, `bssid` and `target` are numbers
        written as addresses, `session` as 16 hexadecimal digits, other numbers as they are;
        every field has the shape of `at` or is one word for all.
        """
        import pyarrow as pa

        if len(at):
            message = _render(text, len(at), fields)
            columns = [_voice_columns(voice, len(at)), {"arrived": at, "message": message}]
            self._pieces.append(pa.table(columns[0] | columns[1]))

    def table(self) -> pa.Table:
        """Every line so far as `line_schema()`, in order of arrival, ties in order of writing."""
        import pyarrow as pa

        if not self._pieces:
            return line_schema().empty_table()
        lines = pa.concat_tables(self._pieces)
        arrived = lines["arrived"].to_numpy()
        order = np.argsort(arrived, kind="stable")
        arrived = arrived[order]
        stamped = arrived - arrived % SECOND if self.whole_seconds else arrived
        taken = lines.take(order)
        columns = {name: taken[name] for name in ("facility", "level", "program", "pid", "message")}
        columns["arrived"] = pa.array(arrived).cast(pa.timestamp("us"))
        columns["time"] = pa.array(stamped).cast(pa.timestamp("us"))
        columns["host"] = pa.repeat(pa.scalar(self.host), len(order))
        return pa.table({name: columns[name] for name in line_schema().names}, line_schema())


def line_schema() -> pa.Schema:
    """Columns of every batch of lines; `time` is the device's stamp, `arrived` the true moment."""
    import pyarrow as pa

    return pa.schema(
        [
            ("arrived", pa.timestamp("us")),
            ("time", pa.timestamp("us")),
            ("host", pa.string()),
            ("facility", pa.int64()),
            ("level", pa.string()),
            ("program", pa.string()),
            ("pid", pa.int64()),
            ("message", pa.string()),
        ]
    )


def merge(tables: list[pa.Table]) -> pa.Table:
    """Lines of several hosts as one table in order of arrival; ties keep the order given."""
    import pyarrow as pa

    lines = pa.concat_tables([line_schema().empty_table(), *tables])
    arrived = lines["arrived"].cast(pa.int64()).to_numpy()
    return lines.take(np.argsort(arrived, kind="stable"))


def mac_numbers(texts: list[str]) -> np.ndarray:
    """Addresses as 48-bit numbers, uint64, shape (n,)."""
    return np.array([int(text.replace(":", ""), 16) for text in texts], dtype=np.uint64)


def mac_texts(macs: np.ndarray) -> list[str]:
    """48-bit numbers as lower-case addresses."""
    return [text.decode("ascii") for text in _addresses(macs)]


def _addresses(macs: np.ndarray) -> np.ndarray:
    pairs = np.ascontiguousarray(_COLON_PAIRS[_octets(macs, 6)])
    # A cut by one byte drops the colon that ends each row.
    return pairs.view("S18").ravel().astype("S17")


def _octets(numbers: np.ndarray, count: int) -> np.ndarray:
    shifts = np.arange(8 * (count - 1), -8, -8, dtype=np.uint64)
    return (numbers.astype(np.uint64)[:, None] >> shifts) & np.uint64(0xFF)


def _voice_columns(voice: Voice, count: int) -> dict[str, pa.Array]:
    import pyarrow as pa

    return {
        "facility": pa.repeat(pa.scalar(voice.facility), count),
        "level": pa.repeat(pa.scalar(voice.level), count),
        "program": pa.repeat(pa.scalar(voice.program), count),
        "pid": pa.repeat(pa.scalar(voice.pid, pa.int64()), count),
    }


def _render(text: str, count: int, fields: dict[str, np.ndarray | str]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    parts: list[pa.Array | str] = []
    for literal, name, _, _ in string.Formatter().parse(text):
        if literal:
            parts.append(literal)
        if name is not None:
            parts.append(_column(name, fields[name]))
    if all(isinstance(part, str) for part in parts):
        return pa.repeat(pa.scalar("".join(parts)), count)
    return pc.binary_join_element_wise(*parts, "")


def _column(name: str, values: np.ndarray | str) -> pa.Array | str:
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values, str):
        return values
    if name in {"mac", "bssid", "target"}:
        return pa.array(_addresses(values)).cast(pa.string())
    if name == "MAC":
        return pc.ascii_upper(pa.array(_addresses(values)).cast(pa.string()))
    if name == "session":
        pairs = np.ascontiguousarray(_PAIRS[_octets(values, 8)])
        return pc.ascii_upper(pa.array(pairs.view("S16").ravel()).cast(pa.string()))
    return pa.array(values).cast(pa.string())
