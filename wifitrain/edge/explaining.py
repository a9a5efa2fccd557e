"""Why a window scores as it does, and what would have kept it quiet.

Parts are Shapley values of the path length where a feature that is left out sends a window down
both sides in the shares of the training windows (Lundberg et al., From local explanations to
global understanding for trees, 2020, path-dependent). With leaves as boxes the Shapley value is an
integral of a polynomial, which Gauss-Legendre quadrature of enough points gives exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.edge.boxes import boxes_of
from wifitrain.edge.quieting import Change, nearest_quiet

if TYPE_CHECKING:
    from wifitrain.edge.boxes import Boxes
    from wifitrain.edge.model import EdgeModel

__all__ = ["Explainer", "Explanation"]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What made the estimator's score of one window.

    log2(score) = `base` + the sum of `parts`, to rounding. A positive part shortened the paths and
    so raised the score: doubled it where it is 1. `quiet` is the nearest change of a single value
    that ends the alert, None for a window that does not alert or that none would quieten.
    """

    score: float
    base: float
    parts: Mapping[str, float]  # feature -> part, the largest first; features that the forest saw
    values: Mapping[str, float]  # feature -> value in the window, NaN where undefined
    quiet: Change | None

    @property
    def leading(self) -> Sequence[str]:
        """Features that raised the score, the strongest first."""
        return [name for name, part in self.parts.items() if part > 0]


@dataclass(frozen=True, kw_only=True)
class Explainer:
    """Explains windows of one model."""

    model: EdgeModel

    @cached_property
    def boxes(self) -> Boxes:
        """Leaves of the forest."""
        return boxes_of(self.model.forest)

    def explain(self, window: np.ndarray, *, kinds: Iterable[str] = ()) -> Explanation:
        """One window, shape (n_columns,) in the order of the model's `columns`.

        `kinds` are its kinds of line, as for `EdgeModel.judge`.
        """
        model = self.model
        window = np.asarray(window, dtype=np.float64)
        seen = [set(kinds)]
        judged = model.judge(window[np.newaxis], kinds=seen)
        x = model.preparation.apply(window[np.newaxis, : len(model.features)])[0]
        parts, base = _parts(self.boxes, x)
        scale = model.forest.normaliser or np.inf
        named = {
            model.feature_names[column]: float(-part / scale)
            for column, part in zip(model.preparation.used, parts, strict=True)
        }
        quiet = None
        if judged.is_anomaly[0]:
            quiet = nearest_quiet(model, self.boxes, window, kinds=seen[0])
        return Explanation(
            score=float(judged.estimator_score[0]),
            base=float(-base / scale) if np.isfinite(scale) else -1.0,
            parts=dict(sorted(named.items(), key=lambda item: (-item[1], item[0]))),
            values=dict(zip(model.columns, window.tolist(), strict=True)),
            quiet=quiet,
        )


def _parts(boxes: Boxes, x: np.ndarray) -> tuple[np.ndarray, float]:
    """What each feature of `x` adds to the path length, shape (n_features,), and to what."""
    inside, share = boxes.holds(x).astype(np.float64), boxes.share
    width = share.shape[1]
    points, weights = np.polynomial.legendre.leggauss(width // 2 + 1)
    integral = np.zeros_like(share)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        factor = share * (1 - point) + inside * point
        integral += weight * factor.prod(axis=1, keepdims=True) / factor
    of_leaf = boxes.path_length[:, np.newaxis] * (inside - share) * integral
    parts = np.zeros(len(x))
    np.add.at(parts, np.maximum(boxes.feature, 0).ravel(), of_leaf.ravel())
    base = float((boxes.path_length * share.prod(axis=1)).sum())
    return parts, base
