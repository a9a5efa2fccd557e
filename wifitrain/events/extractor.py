"""The extractor: log table in, event table out, as one expression made from the grammar tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError
from wifitrain.events.names import (
    public_networks,
    public_stations,
    raw_names,
    with_public_names,
)
from wifitrain.events.texts import distinct_texts
from wifitrain.pseudonyms import Pseudonymiser
from wifitrain.records import EVENT_COLUMNS, EventTable

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from wifitrain.engine import Engine
    from wifitrain.records import Json, LogTable

__all__ = ["EventExtractor"]

_SCRATCH = "events_with_raw_names"


class EventExtractor:
    """Turns log lines into events.

    Parameters
    ----------
    wifi_programs : programs whose lines the grammars read, in lower case. The lines of all others
        become the event ``other``. One grammar serves all of them: wpa_supplicant speaks
        hostapd's words where it runs an access point.
    pseudonymise : station and BSSID addresses and SSIDs leave as keyed pseudonyms.
    pseudonym_key_file : file of the key; None takes the user's own (see `Pseudonymiser`).
    """

    def __init__(
        self,
        *,
        wifi_programs: Sequence[str] = ("hostapd", "wpa_supplicant", "wlceventd"),
        pseudonymise: bool = True,
        pseudonym_key_file: str | None = None,
    ) -> None:
        if (
            isinstance(wifi_programs, str)
            or not isinstance(wifi_programs, Sequence)
            or not wifi_programs
            or not all(isinstance(name, str) and name.strip() for name in wifi_programs)
        ):
            raise ConfigError(
                "database.wifi_programs must be a list of program names such as [hostapd],"
                f" got {wifi_programs!r}"
            )
        if pseudonym_key_file is not None and not isinstance(pseudonym_key_file, str):
            raise ConfigError(
                f"source.pseudonym_key_file must be null or a path, got {pseudonym_key_file!r}"
            )
        self.wifi_programs = tuple(name.strip().lower() for name in wifi_programs)
        self._pseudonymiser = Pseudonymiser(enabled=pseudonymise, key_file=pseudonym_key_file)

    def identity(self) -> Mapping[str, Json]:
        """What the events depend on beside the lines."""
        return {
            "wifi_programs": self.wifi_programs,
            "pseudonyms": self._pseudonymiser.fingerprint,
        }

    def extract(self, engine: Engine, logs: LogTable, *, name: str = "events") -> EventTable:
        """The events of `logs`, one row for each line, kept in the engine as table `name`.

        `account` has wifi_lines, understood_lines, understood_ratio (absent without WiFi lines),
        stations (distinct), station_local_share (of them), unknown_templates (the 50 most
        frequent), and counts by name: events, interfaces, programs.
        """
        import ibis

        from wifitrain.events.account import account_of

        texts = None if logs.apart is None else distinct_texts(engine, logs.apart.texts)
        lines = logs.table if texts is None else texts.lines
        raw = engine.materialise(_SCRATCH, self.raw_events(lines))
        found = [names.to_pyarrow()["raw"] for names in raw_names(raw)]
        stations, networks = map(ibis.memtable, self.public_names(*found))
        events = self.public_events(raw, stations=stations, networks=networks)
        if logs.apart is not None and texts is not None:
            told = texts.understood(events)
            engine.drop(_SCRATCH)
            events = texts.materialise(name, logs.apart, told)
        else:
            events = engine.materialise(name, events)
            engine.drop(_SCRATCH)
        return EventTable(table=events, account=account_of(events))

    def public_names(
        self, addresses: pa.ChunkedArray, networks: pa.ChunkedArray
    ) -> tuple[pa.Table, pa.Table]:
        """Tables from the names in the lines (`raw_names`) to those that leave the room."""
        return (
            public_stations(addresses, self._pseudonymiser),
            public_networks(networks, self._pseudonymiser),
        )

    def public_events(self, raw: ir.Table, *, stations: ir.Table, networks: ir.Table) -> ir.Table:
        """Events from `raw_events`, with their columns typed as in `EVENT_COLUMNS`."""
        public = with_public_names(raw, stations=stations, networks=networks)
        return public.select(
            **{column: public[column].cast(kind) for column, kind in EVENT_COLUMNS.items()}
        )

    def raw_events(self, logs: ir.Table) -> ir.Table:
        """One event for each line of `logs`, with names as the lines have them: not to be shown."""
        import ibis

        from wifitrain.events.heads import strip_heads
        from wifitrain.events.matching import match_rules
        from wifitrain.events.templates import masked
        from wifitrain.events.values import add_events, add_values

        is_wifi = logs.program.isin(self.wifi_programs).fill_null(False)
        lines = strip_heads(
            logs.mutate(is_wifi=is_wifi, line=ibis.ifelse(is_wifi, logs.message, "").fill_null(""))
        )
        lines = add_values(add_events(match_rules(lines)))
        unknown = lines.event == "unknown"
        lines = lines.mutate(template=ibis.ifelse(unknown, masked(lines.text), ibis.null("string")))
        return lines.select(*(name for name in EVENT_COLUMNS if name != "station_is_local"))
