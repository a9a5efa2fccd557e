"""What the incident bench is asked to do; who plays it is not this room's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wifitrain.errors import ConfigError
from wifitrain.evaluation import schema

__all__ = ["IncidentSettings"]

_DAY_S = 86_400
_SILENT_S = 7_200


class IncidentSettings:
    """Scripted incidents in the test part: which, how loud, how often, how long.

    Parameters
    ----------
    enabled : False leaves the bench out.
    kinds : names of the incidents to play; None plays every kind.
    intensities : factors on a kind's usual rate, in [.001, 1000]; for a silent access point the
        share of lines that is lost, where factors above 1 mean all.
    repeats : places and times that each kind is played at, the same for every intensity; at
        least 1.
    duration_s : length of an incident in seconds, 60 to a day.
    durations : kind -> another length.
    context_h : hours of background before an incident that its windows are computed from, 3 to
        168; sessions that are older lose their length.
    max_context_rows : most lines and windows of background that are computed again; contexts
        shrink (to 3 h at least) to keep it.
    gate : whether the thresholds on metrics hold for the labelled mixture where nobody else
        has labels.
    """

    def __init__(
        self,
        *,
        enabled: bool = True,
        kinds: Sequence[str] | None = None,
        intensities: Sequence[float] = (0.01, 0.1, 0.3, 1.0),
        repeats: int = 5,
        duration_s: float = 1200,
        durations: Mapping[str, float] | None = None,
        context_h: float = 12,
        max_context_rows: int = 600_000,
        gate: bool = False,
    ) -> None:
        self.enabled = schema.flag("incidents.enabled", enabled)
        self.kinds = None if kinds is None else _kinds(kinds)
        self.intensities = _intensities(intensities)
        self.repeats = schema.whole("incidents.repeats", repeats, low=1)
        self.duration_s = _seconds("duration_s", duration_s)
        self.durations = {"access_point_silent": _SILENT_S, **_durations(durations)}
        self.context_h = schema.share("incidents.context_h", context_h, low=3, high=168)
        self.max_context_rows = schema.whole(
            "incidents.max_context_rows", max_context_rows, low=1000
        )
        self.gate = schema.flag("incidents.gate", gate)

    def duration_of(self, kind: str) -> float:
        """Length of an incident of `kind` in seconds."""
        return self.durations.get(kind, self.duration_s)


def _kinds(value: object) -> tuple[str, ...]:
    good = isinstance(value, Sequence) and not isinstance(value, str)
    if not good or not value or not all(isinstance(name, str) for name in value):  # type: ignore[attr-defined]
        raise ConfigError(
            f"evaluation.incidents.kinds must be null or a list of names, got {value!r}"
        )
    return tuple(dict.fromkeys(value))  # type: ignore[call-overload]


def _intensities(value: object) -> tuple[float, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise ConfigError(
            f"evaluation.incidents.intensities must be a list of numbers, got {value!r}"
        )
    numbers = (schema.share("incidents.intensities", one, low=0.001, high=1000) for one in value)
    return tuple(sorted(set(numbers)))


def _seconds(key: str, value: object) -> float:
    return schema.share(f"incidents.{key}", value, low=60, high=_DAY_S)


def _durations(value: object) -> Mapping[str, float]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"evaluation.incidents.durations must be a mapping, got {value!r}")
    return {str(kind): _seconds(f"durations.{kind}", one) for kind, one in value.items()}
