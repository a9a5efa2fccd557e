"""Which kind of incident a window resembles, by profiles that the model's own bench left.

A profile is the mean direction in which windows of a kind left the ordinary; what is named is a
hint, not a diagnosis: only incidents that the bench plays have a profile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["NEAR", "HeldOut", "Kinship", "Likeness", "Profile", "Ruler", "unit"]

#: A cosine below this is no likeness: nothing is named.
NEAR = 0.75
#: Half of the greatest deviation is reached so many scales from the centre.
_HALF = 5.0


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """What is ordinary: arrays of shape (n_columns,), and kinds of line that training never saw.

    `scale` 0 belongs to a column that never varied: any other value is the greatest deviation.
    """

    columns: tuple[str, ...]
    center: np.ndarray
    scale: np.ndarray
    unseen: tuple[str, ...]  # `event:NAME`

    def deviations(
        self, X: np.ndarray, kinds: Sequence[Collection[str]] | None = None
    ) -> np.ndarray:
        """How windows leave the ordinary, in [-1, 1], shape (n, n_columns + n_unseen).

        X has shape (n, n_columns) in the order of `columns`; an undefined value does not deviate.
        `kinds` are the kinds of line of each window.
        """
        away = np.nan_to_num(np.asarray(X, dtype=np.float64) - self.center, nan=0.0)
        reach = np.hypot(away, _HALF * self.scale)
        share = np.divide(away, reach, out=np.zeros_like(away), where=reach > 0)
        said = np.zeros((len(away), len(self.unseen)))
        place = {kind: number for number, kind in enumerate(self.unseen)}
        for row, found in enumerate(kinds or ()):
            said[row, [place[kind] for kind in found if kind in place]] = 1.0
        return np.hstack([share * np.abs(share), said])


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """How good the naming is on bench windows that alerted and made no profile.

    Of `windows` so many were `named` at all, of these so many `right`.
    """

    windows: int
    named: int
    right: int


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One kind of incident: unit `direction` (n_columns + n_unseen,), and how far to trust it.

    `called` counts held-out windows of any kind that were given this name, `right` those of them
    that were of this kind.
    """

    kind: str
    meaning: str
    direction: np.ndarray
    windows: int
    called: int
    right: int

    def is_trusted(self, *, chance: float) -> bool:
        """Whether the name was right more often than by `chance`; or nothing could be tested."""
        return self.called == 0 or self.right > chance * self.called


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """The profile nearest to a window and the next; similarities are cosines in [-1, 1].

    `is_trusted`: the name was right more often than by chance.
    """

    profile: Profile
    is_trusted: bool
    similarity: float
    second: str | None
    second_similarity: float | None

    @property
    def is_near(self) -> bool:
        """Whether the name is worth telling."""
        return self.similarity >= NEAR and self.is_trusted

    @property
    def hint(self) -> str:
        """In words, with how far to trust them."""
        told = self.profile
        if self.similarity < NEAR:
            return (
                f"resembles no incident of the bench (nearest {self.similarity:.2f}, {NEAR} needed)"
            )
        if not self.is_trusted:
            return (
                f"resembles nothing that its looks can tell (nearest {told.kind}, a name that was"
                f" right in {told.right} of {told.called} windows of the bench)"
            )
        trust = f"right in {told.right} of {told.called} windows of the bench that were called so"
        if not told.called:
            trust = "untested: the bench called no other window so"
        return f"resembles {told.kind}, similarity {self.similarity:.2f}; {trust}"

    def to_json(self) -> dict[str, Json]:
        """For notices: all but `similarity`, `near` and `hint` is null where none is near."""
        told = self.profile if self.is_near else None
        second = self.second_similarity if self.is_near else None
        return {
            "kind": None if told is None else told.kind,
            "meaning": None if told is None else told.meaning,
            "similarity": round(self.similarity, 4),
            "near": NEAR,
            "right": None if told is None else told.right,
            "called": None if told is None else told.called,
            "second": None if second is None else self.second,
            "second_similarity": None if second is None else round(second, 4),
            "hint": self.hint,
        }


@dataclass(frozen=True, kw_only=True)
class Kinship:
    """The profiles of a model's bench with what they were worth there.

    `chance` is the share that the most frequent kind alone would get. `ordinary` are alerts of
    the training's test part, without an incident, of which `ordinary_named` were given a name.
    """

    ruler: Ruler
    profiles: tuple[Profile, ...]
    held_out: HeldOut
    chance: float
    ordinary: int
    ordinary_named: int

    @cached_property
    def directions(self) -> np.ndarray:
        """Shape (n_profiles, n_columns + n_unseen)."""
        return np.array([profile.direction for profile in self.profiles])

    def nearest(self, window: Mapping[str, float], kinds: Iterable[str] = ()) -> Likeness | None:
        """What a window (column -> value, NaN where undefined) resembles; None: no profile at all.

        A window that deviates in nothing has similarity 0.
        """
        if not self.profiles:
            return None
        row = np.array([[window[column] for column in self.ruler.columns]])
        cosines = self.directions @ unit(self.ruler.deviations(row, [set(kinds)]))[0]
        order = np.argsort(-cosines, kind="stable")
        second = self.profiles[order[1]].kind if len(order) > 1 else None
        nearest = self.profiles[order[0]]
        return Likeness(
            profile=nearest,
            is_trusted=nearest.is_trusted(chance=self.chance),
            similarity=float(cosines[order[0]]),
            second=second,
            second_similarity=None if second is None else float(cosines[order[1]]),
        )

    def summary(self) -> dict[str, Json]:
        """What the naming is worth, for reports."""
        return {
            "near": NEAR,
            "held_out": vars(self.held_out),
            "chance": self.chance,
            "ordinary_alerts": {"windows": self.ordinary, "named": self.ordinary_named},
        }


def unit(vectors: np.ndarray) -> np.ndarray:
    """Each row at length 1; zero stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: np.ndarray = vectors / np.where(length > 0, length, 1.0)
    return result
