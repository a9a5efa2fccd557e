"""A short run of the fuzzer; `make fuzz` is the long one."""

from __future__ import annotations

from tests.edge import fuzz


def test_flipped_bits_are_refused_or_change_nothing() -> None:
    """300 bits, most of them with the digest made right."""
    counts = fuzz.run(fuzz.flipped, 300, seed=1)
    assert counts["refused"] > 200


def test_structured_faults_are_refused_or_scored_as_they_read() -> None:
    """500 artefacts with right digests; some are sound models of another kind."""
    counts = fuzz.run(fuzz.structured, 500, seed=1)
    assert counts["refused"] > 300
    assert counts["right"] > 10
