"""From alerts on touched windows to trials that were noticed, and what the guard called them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.evaluation.bench import IncidentTrial
from wifitrain.evaluation.incidents import IncidentAccount
from wifitrain.simulation import KINDS

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.pipeline.incident_bench.injection import Played
    from wifitrain.pipeline.incident_bench.scorers import Verdicts
    from wifitrain.pipeline.incident_bench.touched import Touched

__all__ = ["accounts_of", "trial_frame", "trials_of"]

_MOST_NAMED = 3


def trial_frame(played: Sequence[Played], touched: Touched, verdicts: Verdicts) -> pd.DataFrame:
    """One row for each trial: what it was, and for each scorer `detected_*` and `delay_s_*`.

    A delay runs from the start of the incident to the end of the first window that alerts; it is
    missing where none does. `windows` counts the windows touched.
    """
    import pandas as pd

    trials = [one for one in played if not one.trial.is_control]
    frame = pd.DataFrame(
        [
            {
                "trial": one.trial.number,
                "incident": one.trial.kind,
                "intensity": one.trial.intensity,
                "repeat": one.trial.repeat,
                "access_point": one.trial.speaker.name,
                "dialects": ", ".join(one.dialects),
                "start": one.trial.start,
                "end": one.end,
                "lines": sum(len(part.lines) for part in one.told),
            }
            for one in trials
        ]
    ).astype({"start": "datetime64[us]", "end": "datetime64[us]"})
    frame["windows"] = frame["trial"].map(touched.index.groupby("trial").size()).fillna(0)
    frame["windows"] = frame["windows"].astype("int64")
    for scorer, alerts in verdicts.alerts.items():
        first_end = touched.index[alerts.touched].groupby("trial")["end"].min()
        alerted = first_end.reindex(frame["trial"]).to_numpy("datetime64[us]")
        delay = alerted - frame["start"]
        frame[f"detected_{scorer}"] = delay.notna()
        frame[f"delay_s_{scorer}"] = delay.dt.total_seconds()
    return frame


def trials_of(frame: pd.DataFrame, verdicts: Verdicts) -> list[IncidentTrial]:
    """Each trial as each scorer saw it; a rule speaks of incidents it was made for only."""
    found = []
    for scorer in verdicts.alerts:
        judged = frame
        if scorer == "one_rule":
            judged = frame[frame["incident"].isin(list(verdicts.own_rule))]
        columns = ["incident", "intensity", f"detected_{scorer}", f"delay_s_{scorer}"]
        found += [
            IncidentTrial(
                incident=incident,
                scorer=scorer,
                intensity=intensity,
                detected=bool(detected),
                delay_s=float(delay_s) if detected else None,
            )
            for incident, intensity, detected, delay_s in judged[columns].itertuples(index=False)
        ]
    return found


def accounts_of(
    frame: pd.DataFrame, touched: Touched, verdicts: Verdicts, *, contamination: float
) -> tuple[IncidentAccount, ...]:
    """What each kind of incident was in this log, in the order of the registry."""
    named = _named_by_guard(touched, verdicts)
    found = []
    for kind in KINDS:
        mine = frame[frame["incident"] == kind]
        if not len(mine):
            continue
        dialects = sorted({name for told in mine["dialects"] for name in told.split(", ")})
        quiet = (1 - contamination) ** mine["windows"]
        found.append(
            IncidentAccount(
                incident=kind,
                meaning=KINDS[kind].meaning,
                dialects=tuple(dialects),
                trials=len(mine),
                windows=float(mine["windows"].mean()),
                chance_recall=float(1 - quiet.mean()),
                one_rule=verdicts.own_rule.get(kind, ()),
                named_by_guard=named.get(kind, {}),
            )
        )
    return tuple(found)


def _named_by_guard(touched: Touched, verdicts: Verdicts) -> Mapping[str, Mapping[str, int]]:
    """Incident -> what the guard named most, and in how many windows."""
    counts: dict[str, Counter[str]] = {}
    for kind, reason in zip(touched.index["kind"], verdicts.judgement.reasons, strict=True):
        if reason:
            counts.setdefault(kind, Counter()).update(map(_name, reason.split("; ")))
    # Ties by name, so that the order does not depend on which window came first.
    return {
        kind: dict(sorted(count.items(), key=lambda item: (-item[1], item[0]))[:_MOST_NAMED])
        for kind, count in counts.items()
    }


def _name(reason: str) -> str:
    """``unseen event:dfs_radar`` -> ``event:dfs_radar``, ``x 3 outside 0..1`` -> ``x``."""
    if reason.startswith("unseen "):
        return reason.removeprefix("unseen ").split(" (+", maxsplit=1)[0]
    return reason.split(" ", maxsplit=1)[0]
