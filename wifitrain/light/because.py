"""Why a window alerts, and which lines of it tell so: the same for notices and for reviewers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.features import feature_of_column

if TYPE_CHECKING:
    import numpy as np

    from wifitrain.edge import Explanation
    from wifitrain.light.model import LightModel

__all__ = ["Because", "because"]

# So many features are shown, and so many decide which lines go first.
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Because:
    """The estimator's explanation of a window, and all that led to its alert, the first first.

    `features` are kinds of line that training never saw, columns that the guard names, and what
    leads in the estimator's score.
    """

    explanation: Explanation
    features: Sequence[str]

    @property
    def leading(self) -> Sequence[str]:
        """The features with the greatest parts of the score, as many as are shown."""
        return list(self.explanation.leading)[:_SHOWN]

    @property
    def telling(self) -> Sequence[str]:
        """Events whose lines go first: of an unseen kind, or that the leading features count."""
        events: list[str] = []
        for name in self.features[:_SHOWN]:
            if name.startswith("event:"):
                events.append(name.removeprefix("event:"))
            elif name.startswith("template:"):
                events.append("unknown")
            else:
                events += feature_of_column(name).inputs
        return events


def because(model: LightModel, values: np.ndarray, *, kinds: Sequence[str], reason: str) -> Because:
    """Of a window with `values` in the order of the model's columns, shape (n_columns,).

    `kinds` are its kinds of line, `reason` is what the guard said of it, or ''.
    """
    explanation = model.explainer.explain(values, kinds=kinds)
    guard = model.edge.guard
    unseen = [] if guard is None else sorted(set(kinds) - guard.kinds)
    features = (*unseen, *_beyond(reason), *explanation.leading)
    return Because(explanation=explanation, features=tuple(dict.fromkeys(features)))


def _beyond(reason: str) -> list[str]:
    """Columns that the guard names: `reconnect_count 7 outside 0..2; ...`."""
    said = [part for part in reason.split("; ") if " outside " in part]
    return [part.split(" ", maxsplit=1)[0] for part in said]
