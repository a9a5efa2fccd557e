"""The results as a Markdown table with machine and versions, and as a plot."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.measure import Measured

__all__ = ["Results", "machine", "plot", "table"]

Results = Mapping[int, Mapping[str, "Measured"]]  # rows -> task -> measured
_NAMES = {
    "decode": "bare msgspec decode (the limit)",
    "file_to_x": "wifitrain: file to X",
    "growth": "wifitrain: file to X, engine.memory_limit=300MB",
    "design_x": "the design's pipeline: file to X",
    "train": "wifitrain: file to registered model",
    "design": "the design's pipeline: file to registered model",
}
_VERSIONS = ("duckdb", "ibis-framework", "pyarrow", "msgspec", "pandas", "scikit-learn")


def machine() -> str:
    """Where, with what, when and how busy."""
    installed = [f"{name} {found}" for name in _VERSIONS if (found := _version(name))]
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores (load {load:.1f} at the end), Python"
        f" {platform.python_version()}, {', '.join(installed)};"
        f" {datetime.now(UTC):%Y-%m-%d}; `{' '.join(['python -m benchmarks', *sys.argv[1:]])}`"
    )


def table(results: Results, detectors: Mapping[str, Measured]) -> str:
    """Medians; times as fast as the design's, and times as long as the limit, by the clock."""
    lines = ["| rows | what | CPU s | wall s | peak MB | of the design's | of the limit |"]
    lines.append("|---:|---|---:|---:|---:|---:|---:|")
    for rows, measured in results.items():
        for name, shown in _NAMES.items():
            if name in measured:
                lines.append(_row(rows, shown, measured[name], _references(name, measured)))
    lines += ["", *_stages(results), "", "| detector, 100,000 x 20, 100 trees | fit | score | MB |"]
    lines.append("|---|---:|---:|---:|")
    for name, one in detectors.items():
        fit, score = one.stage("fit"), one.stage("score")
        lines.append(f"| {name} | {fit:.2f} | {score:.2f} | {one.peak:.0f} |")
    return "\n".join(lines) + "\n"


def plot(results: Results, path: Path) -> None:
    """CPU seconds and peak memory over rows."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for axis, what in zip(axes, ("cpu", "peak"), strict=True):
        for name, shown in _NAMES.items():
            points = [(rows, getattr(m[name], what)) for rows, m in results.items() if name in m]
            axis.plot(*zip(*points, strict=True), marker="o", label=shown)
        axis.set(xscale="log", yscale="log", xlabel="rows")
    axes[0].set_ylabel("CPU seconds")
    axes[1].set_ylabel("peak memory, MB")
    axes[0].legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})


def _references(name: str, measured: Mapping[str, Measured]) -> Sequence[Measured | None]:
    design = {"file_to_x": "design_x", "growth": "design_x", "train": "design"}.get(name, "")
    limit = "decode" if name in {"file_to_x", "growth", "design_x"} else ""
    return measured.get(design), measured.get(limit)


def _row(rows: int, shown: str, one: Measured, references: Sequence[Measured | None]) -> str:
    design, limit = references
    faster = slower = ""
    if design is not None:
        faster = f"{design.wall / one.wall:.1f} times as fast ({design.cpu / one.cpu:.1f} by CPU)"
        faster += f", {one.peak / design.peak:.2f} of its memory"
    if limit is not None:
        slower = f"{one.wall / limit.wall:.1f} times its time ({one.cpu / limit.cpu:.1f} by CPU)"
    return (
        f"| {rows:,} | {shown} | {one.cpu:.1f} | {one.wall:.1f} | {one.peak:.0f} | {faster}"
        f" | {slower} |"
    )


def _stages(results: Results) -> Sequence[str]:
    lines = ["| rows | read | events | windows |", "|---:|---:|---:|---:|"]
    for rows, measured in results.items():
        one = measured.get("file_to_x", measured.get("growth"))
        if one is None:
            continue
        each = " | ".join(
            f"{one.stage(name):.1f} s ({one.stage(name) / rows * 1e6:.1f} µs a row)"
            for name in ("read", "events", "windows")
        )
        lines.append(f"| {rows:,} | {each} |")
    return lines


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    names = Path("/proc/cpuinfo")
    if not names.exists():
        return platform.processor() or platform.machine()
    lines = (line for line in names.read_text().splitlines() if line.startswith("model name"))
    return next(lines, "").partition(":")[2].strip() or platform.machine()
