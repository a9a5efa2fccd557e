"""Simulated lines of every dialect: the engine and the slow reference say the same."""

from __future__ import annotations

from tests.events.million import agree


def test_the_engine_and_the_reference_agree_on_simulated_lines() -> None:
    """In every column, of whole lines and bruised ones; `make agree` does it with a million."""
    agreement = agree(20_000, seed=7)
    assert agreement.differing == 0, agreement.examples
    assert agreement.compared >= 22_000
    assert len(agreement.lines) > 50  # kinds of event
