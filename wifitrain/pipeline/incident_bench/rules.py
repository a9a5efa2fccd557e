"""Rate thresholds: what an operator would watch without any model, at the same alert budget.

The rule of an incident is fixed here, by what the incident is, and never chosen by its outcome.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["RULES", "RateRules", "rule_of"]

_LEAVING = ("forced_deauth_count", "deauth_ratio", "departure_count", "deauth_count")
_JOINING = ("association_count", "reconnect_count")
_RESTARTING = ("interface_restart_count", "daemon_restart_count", "association_count")

#: Incident -> the features whose rise an operator would watch for it.
RULES: Mapping[str, Sequence[str]] = {
    "deauth_flood": _LEAVING,
    "slow_deauth": _LEAVING,
    "assoc_flapping": _JOINING,
    "roaming_storm": ("roam_count", "bss_transition_count", *_JOINING),
    # Broadcom names no passphrase: its access point throws the guesser out each time.
    "wrong_psk": (
        *("psk_mismatch_count", "auth_failure_count", "auth_failure_ratio"),
        "forced_deauth_count",
    ),
    "wps_pin_brute_force": ("wps_failure_count", "auth_failure_ratio"),
    "sae_commit_flood": ("sae_commit_count", "link_failure_count"),
    "eap_failure_burst": ("eap_failure_count", "auth_failure_ratio"),
    "radius_outage": ("radius_failure_count", "eap_failure_count"),
    "mac_randomising_probe_client": ("probe_count", "authentication_count", "unique_mac_count"),
    "dfs_channel_hopping": ("channel_change_count",),
    "beacon_loss_weak_signal": ("beacon_loss_count", "beacon_count"),
    "access_point_silent": ("silence_s",),
    "restart_loop": _RESTARTING,
    "clock_reset": _RESTARTING,
}
_ANYTHING = ("n_events",)


def rule_of(kind: str | None, columns: Sequence[str]) -> tuple[str, ...]:
    """Features of `columns` that the rule of `kind` watches; of all rules together for None."""
    names = RULES[kind] if kind else [*(n for rule in RULES.values() for n in rule), *_ANYTHING]
    return tuple(dict.fromkeys(name for name in names if name in columns))


@dataclass(frozen=True, kw_only=True)
class RateRules:
    """An alert when any feature exceeds its threshold.

    Every feature may exceed its own threshold in equally many calibration windows: in as many as
    keep all of them together within the budget. A joint calibration gives a set of rules more
    power than Bonferroni's share of the budget for each.
    """

    features: tuple[str, ...]
    thresholds: np.ndarray  # shape (n_features,)

    @classmethod
    def calibrate(
        cls, X: pd.DataFrame, features: Sequence[str], *, contamination: float
    ) -> RateRules:
        """Thresholds from calibration windows X for a share of windows that may alert."""
        import numpy as np

        values = _values(X, features)
        n = len(values)
        most = n - min(n, math.ceil((n + 1) * (1 - contamination) - 1e-9))
        falling = -np.sort(-values, axis=0)
        # Alerts never fall as thresholds do: look for the lowest that the budget allows.
        low, high = 0, n - 1
        while low < high:
            middle = (low + high + 1) // 2
            alerts = int((values > falling[middle]).any(axis=1).sum())
            low, high = (middle, high) if alerts <= most else (low, middle - 1)
        return cls(features=tuple(features), thresholds=falling[low])

    def alerts(self, X: pd.DataFrame) -> np.ndarray:
        """Which windows alert, shape (n_windows,)."""
        import numpy as np

        beyond: np.ndarray = _values(X, self.features) > self.thresholds
        raised: np.ndarray = np.any(beyond, axis=1)
        return raised


def _values(X: pd.DataFrame, features: Sequence[str]) -> np.ndarray:
    """The features as numbers; what is undefined in a window exceeds nothing there."""
    import numpy as np

    values = X[list(features)].to_numpy("float64")
    defined: np.ndarray = np.where(np.isnan(values), -np.inf, values)
    return defined
