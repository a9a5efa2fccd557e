"""Stages: what each step took by itself, and what evidence costs beside the training."""

from __future__ import annotations

import time

import pytest

from wifitrain.pipeline.context import Stages


def test_a_stage_inside_another_is_counted_once() -> None:
    """Lines that the bench reads are reading, not evaluation; the sums are the whole."""
    stages = Stages()
    start = time.monotonic()
    with stages.timed("fit"):
        time.sleep(0.02)
    with stages.timed("incidents"):
        time.sleep(0.02)
        with stages.timed("read"):
            time.sleep(0.06)
        with stages.timed("events"):
            time.sleep(0.04)
    with stages.timed("evaluate"):
        time.sleep(0.02)
    whole = time.monotonic() - start
    found = stages.to_json()
    assert list(found["stages_s"]) == ["fit", "read", "events", "incidents", "evaluate"]
    assert found["stages_s"]["read"] >= 0.06
    assert found["evaluation_s"] == pytest.approx(
        found["stages_s"]["incidents"] + found["stages_s"]["evaluate"]
    )
    assert found["training_s"] + found["evaluation_s"] == pytest.approx(whole, abs=0.02)
