"""Small tables from the names in the lines to the names that leave the room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from wifitrain.printable import printable

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from wifitrain.pseudonyms import Pseudonymiser

__all__ = [
    "NETWORKS",
    "STATIONS",
    "public_networks",
    "public_stations",
    "raw_names",
    "with_public_names",
]

#: From the names in the lines to those that leave the room: column -> Ibis type.
STATIONS = {"raw": "string", "name": "string", "is_local": "boolean"}
NETWORKS = {"raw": "string", "name": "string"}

_BATCH = 65_536
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_NOBODY = {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}  # unknown BSSID, broadcast
_LOCAL_DIGITS = "2367abef"  # second digit with the locally administered bit, IEEE 802-2014 8.2


def raw_names(lines: ir.Table) -> tuple[ir.Table, ir.Table]:
    """The distinct addresses, and the distinct SSIDs of `lines`, as tables of one column raw."""
    return _distinct(lines, ("station", "bssid")), _distinct(lines, ("ssid",))


def with_public_names(lines: ir.Table, *, stations: ir.Table, networks: ir.Table) -> ir.Table:
    """`lines` with `station`, `bssid` and `ssid` as they may be seen, and `station_is_local`.

    `stations` and `networks` are what `public_stations` and `public_networks` make of the names
    that occur. What is not a whole MAC address (masked, an alias, cut off) names no station: null.
    """
    named = lines.rename(raw_station="station", raw_bssid="bssid", raw_ssid="ssid")
    named = _joined(named, stations, station="name", station_is_local="is_local")
    named = _joined(named, stations.drop("is_local"), bssid="name")
    return _joined(named, networks, ssid="name")


def public_stations(raw: pa.ChunkedArray, pseudonymiser: Pseudonymiser) -> pa.Table:
    """Addresses as they are -> those that are whole, with their public names (`STATIONS`)."""
    import pyarrow as pa

    schema = pa.schema({"raw": pa.string(), "name": pa.string(), "is_local": pa.bool_()})
    batches = []
    for names in _in_batches(raw):
        addresses = [name for name in names if _MAC.fullmatch(name) and name not in _NOBODY]
        public = pseudonymiser.stations(addresses)
        columns = (
            addresses,
            [public[address] for address in addresses],
            [address[1] in _LOCAL_DIGITS for address in addresses],
        )
        batches.append(_batch(columns, schema))
    return pa.Table.from_batches(batches, schema=schema)


def public_networks(raw: pa.ChunkedArray, pseudonymiser: Pseudonymiser) -> pa.Table:
    """SSIDs as they are -> with their public names (`NETWORKS`)."""
    import pyarrow as pa

    schema = pa.schema({"raw": pa.string(), "name": pa.string()})
    batches = []
    for names in _in_batches(raw):
        public = pseudonymiser.networks(names)
        batches.append(_batch((names, [printable(public[name]) for name in names]), schema))
    return pa.Table.from_batches(batches, schema=schema)


def _joined(lines: ir.Table, names: ir.Table, **columns: str) -> ir.Table:
    """`lines` with `columns` of `names`; the first one is looked up by its raw name."""
    raw = f"raw_{next(iter(columns))}"
    return lines.left_join(names.rename(key="raw", **columns), [(raw, "key")]).drop(raw, "key")


def _distinct(lines: ir.Table, columns: Sequence[str]) -> ir.Table:
    raw = lines.select(raw=columns[0])
    for column in columns[1:]:
        raw = raw.union(lines.select(raw=column))
    return raw.filter(raw.raw.notnull()).distinct()


def _in_batches(raw: pa.ChunkedArray) -> Iterator[list[str]]:
    for start in range(0, len(raw), _BATCH):
        yield raw.slice(start, _BATCH).to_pylist()


def _batch(columns: Iterable[Sequence[object]], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)],
        schema=schema,
    )
