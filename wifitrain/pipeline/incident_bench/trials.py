"""Which incidents are played, where and when: the same for the same seed, whatever the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError
from wifitrain.records import TEST
from wifitrain.simulation import KINDS, expressible

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.evaluation.incident_settings import IncidentSettings
    from wifitrain.pipeline.incident_bench.speakers import Speaker
    from wifitrain.records import Parts, WindowTable

__all__ = ["Plan", "Trial", "check_kinds", "hosts_of", "plan_trials"]

_SITE_STREAM = 11
_TOO_SHORT = "the test part of every access point that can tell of it is shorter than the incident"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One incident at one access point and time; a control has intensity 0 and no lines."""

    number: int
    kind: str
    intensity: float
    repeat: int
    speaker: Speaker
    start: np.datetime64
    duration_s: float

    @property
    def is_control(self) -> bool:
        """Nothing is injected: its windows must come out as they are."""
        return self.intensity == 0

    @property
    def host(self) -> str:
        """Name that its copy of the background goes under."""
        return f"{self.speaker.name}#bench-{self.number:06d}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The trials, and why some kinds have none."""

    trials: tuple[Trial, ...]
    inexpressible: Mapping[str, Mapping[str, str]]  # kind -> dialect at hand -> reason
    no_place: Mapping[str, str]  # kind -> why


def check_kinds(settings: IncidentSettings) -> None:
    """Refuse names of incidents that nobody knows, before any data is read."""
    named = {"kinds": settings.kinds or (), "durations": settings.durations}
    for key, names in named.items():
        for name in names:
            if name not in KINDS:
                raise ConfigError(
                    f"evaluation.incidents.{key} must be of {', '.join(KINDS)}, got {name!r}"
                )


def hosts_of(index: pd.DataFrame, *, entity: str) -> pd.Series:
    """The access point of each window, shape (n_windows,)."""
    entities = index["entity"].astype(str)
    return entities if entity == "access_point" else entities.str.rpartition("/")[0]


def plan_trials(
    settings: IncidentSettings,
    windows: WindowTable,
    parts: Parts,
    *,
    speakers: Mapping[str, Speaker],
    random_state: int,
) -> Plan:
    """Every kind at `repeats` places of the test part, each place at every intensity.

    The access points that can tell of a kind take turns, in an order drawn for it; at each the
    window is drawn. The first place of each kind is played once more without the incident, as a
    control.
    """
    places = _places(windows, parts, speakers)
    trials: list[Trial] = []
    silent: dict[str, Mapping[str, str]] = {}
    no_place: dict[str, str] = {}
    for kind in settings.kinds or KINDS:
        able = [one for one in speakers.values() if one.voices(kind)]
        duration_s = settings.duration_of(kind)
        fitting = {one.name: _fitting(places[one.name], duration_s) for one in able}
        open_to = [one for one in able if len(fitting[one.name])]
        if not able:
            silent[kind] = _reasons(kind, speakers.values())
        elif not open_to:
            no_place[kind] = _TOO_SHORT
        for repeat in range(settings.repeats if open_to else 0):
            speaker, start = _draw(
                open_to, fitting, seed=(random_state, kind, repeat), window_s=windows.window_s
            )
            trials += [
                Trial(
                    number=len(trials) + place,
                    kind=kind,
                    intensity=intensity,
                    repeat=repeat,
                    speaker=speaker,
                    start=start,
                    duration_s=duration_s,
                )
                for place, intensity in enumerate(_levels(settings, kind, repeat))
            ]
    return Plan(trials=tuple(trials), inexpressible=silent, no_place=no_place)


def _places(
    windows: WindowTable, parts: Parts, speakers: Mapping[str, Speaker]
) -> Mapping[str, np.ndarray]:
    """Access point -> ascending starts of its test windows."""
    import numpy as np

    test = parts.rows(TEST)
    hosts = hosts_of(windows.index, entity=str(windows.account.get("entity", "access_point")))
    starts = windows.index["start"].to_numpy("datetime64[us]")
    return {name: np.unique(starts[test & (hosts == name).to_numpy()]) for name in speakers}


def _fitting(starts: np.ndarray, duration_s: float) -> np.ndarray:
    """Those starts from which the incident ends inside the test part."""
    import numpy as np

    if not len(starts):
        return starts
    last = starts[-1] - np.timedelta64(int(duration_s), "s")
    fitting: np.ndarray = starts[starts <= last]
    return fitting


def _draw(
    open_to: Sequence[Speaker],
    fitting: Mapping[str, np.ndarray],
    *,
    seed: tuple[int, str, int],
    window_s: int,
) -> tuple[Speaker, np.datetime64]:
    """Where and when: a whole second, so that lines stamped in whole seconds lie inside."""
    import numpy as np

    random_state, kind, repeat = seed
    stream = [random_state, _SITE_STREAM, list(KINDS).index(kind)]
    turns = np.random.default_rng(stream).permutation(len(open_to))
    speaker = open_to[int(turns[repeat % len(turns)])]
    rng = np.random.default_rng([*stream, repeat])
    starts = fitting[speaker.name]
    offset = np.timedelta64(int(rng.integers(window_s)), "s")
    return speaker, starts[int(rng.integers(len(starts)))] + offset


def _levels(settings: IncidentSettings, kind: str, repeat: int) -> list[float]:
    """Intensities of one place; 0 is the control."""
    levels = list(settings.intensities)
    if KINDS[kind].silences:
        levels = sorted({min(1.0, level) for level in levels})
    return [*levels, 0.0] if repeat == 0 else levels


def _reasons(kind: str, speakers: Iterable[Speaker]) -> Mapping[str, str]:
    found = {}
    for speaker in speakers:
        for dialect in speaker.dialects:
            reason = expressible(kind, dialect)
            if reason is not None:
                found[dialect] = reason
    return found
