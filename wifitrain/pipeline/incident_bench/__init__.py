"""The incident bench: scripted incidents as log lines, played into held-out background."""

from wifitrain.pipeline.incident_bench.trials import check_kinds
from wifitrain.pipeline.incident_bench.walk import BenchResult, run_bench

__all__ = ["BenchResult", "check_kinds", "run_bench"]
