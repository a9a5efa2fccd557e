"""The raw counts that the service feeds a model: its 5 and its 39 columns, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.feature import Feature, Formula, plain
from wifitrain.features.lines import CODES
from wifitrain.features.vocabulary import COUNTED

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["SERVICE_FEATURES"]


def _count(
    name: str, fact: str, meaning: str, inputs: tuple[str, ...], *, formula: Formula | None = None
) -> Feature:
    return Feature(
        name=name,
        group="counts",
        meaning=meaning,
        unit="count",
        range="[0, inf)",
        feed="lines",
        inputs=inputs,
        facts=(fact,),
        columns={name: formula or plain(fact)},
    )


def _nothing(facts: ir.Table) -> ir.Value:
    return facts.n_events * 0


SERVICE_FEATURES = (
    _count("log_count", "n_events", "lines of WiFi programs", ()),
    _count("error_count", "errors", "WiFi lines of level error or worse", ("level",)),
    _count("warning_count", "warnings", "WiFi lines of level warning", ("level",)),
    *(
        _count(
            f"unused_{place}",
            "n_events",
            "always 0, as the service feeds it",
            (),
            formula=_nothing,
        )
        for place in (1, 2)
    ),
    _count("auth_failures", "auth_failures", "failed authentications", COUNTED["auth_failures"]),
    _count("deauth_count", "all_deauths", "deauthentications of any cause", COUNTED["all_deauths"]),
    _count("beacon_count", "beacon_losses", "lines about beacons", COUNTED["beacon_losses"]),
    *(
        _count(f"{kind}_code_{code}", f"{kind}_code_{code}", f"lines with {kind} code {code}", ())
        for kind in ("reason", "status")
        for code in CODES
    ),
)
