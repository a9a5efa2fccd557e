"""What computes a model adds numbers up in one order."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from wifitrain.provenance import use_one_blas_thread

_PROGRAM = """
import sys
import wifitrain.cli
assert "numpy" not in sys.modules, "NumPy is imported before the number of threads is set"
wifitrain.cli.use_one_blas_thread()
import numpy
from threadpoolctl import threadpool_info
print(*{pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"})
"""


@pytest.mark.parametrize(("asked", "found"), [(None, "1"), ("2", "2")])
def test_linear_algebra_has_one_thread_unless_it_is_told(asked: str | None, found: str) -> None:
    """As the command line starts: before NumPy, and a user's own number stays."""
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    if asked is not None:
        environment["OPENBLAS_NUM_THREADS"] = asked
    command = [sys.executable, "-c", _PROGRAM]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    if not said.stdout.strip():
        pytest.skip("NumPy computes with another library than OpenBLAS here")
    assert said.stdout.strip() == min(found, str(os.cpu_count()))


def test_a_set_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process too."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    use_one_blas_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7"
