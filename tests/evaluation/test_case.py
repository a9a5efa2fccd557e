"""What jobs of a sweep share of their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from wifitrain.cache import forget, memory
from wifitrain.evaluation.conformal import measure_conformal

from .made_up import case_of, noise


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Before and after."""
    forget()
    yield
    forget()


def test_sizes_outgrow_their_room_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five sizes of two forests in turn, room for six: each size is given to every job."""
    monkeypatch.setattr(memory, "_MOST_IN_ROOM", 6)
    case, sizes = case_of(noise(60)), [10, 20, 30, 40, 50]
    for recipe in ("one", "other") * 3:
        vars(case.trained.detector)["made_of"] = {"recipe": recipe, "trees": 50}
        make = partial(_told, recipe)
        found = case.shared_by_sizes("evaluation.of sizes", None, sizes, make)
        assert found == [(recipe, size) for size in sizes]


def _told(recipe: str, sizes: Sequence[int | None]) -> list[tuple[str, int | None]]:
    return [(recipe, size) for size in sizes]


def test_each_rate_of_discoveries_has_its_own_evidence() -> None:
    """Two rates on the same scores, each asked for twice: shared by rate, never across."""
    case = case_of(noise(400))
    first, second = measure_conformal(case, alpha=0.1), measure_conformal(case, alpha=0.2)
    assert (first.alpha, second.alpha) == (0.1, 0.2)
    assert measure_conformal(case, alpha=0.1) is first
