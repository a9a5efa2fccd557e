"""``make bench``: generate, measure, write the table and the plot.

The variable BENCH_ROWS is the size that is compared (1,000,000), and a tenth of it; the sizes of
BENCH_GROWTH ("5000000 10000000", 9 GB of disk, most of the time) show the growth,
where only this pipeline runs, once. Of one file alone: ``python -m benchmarks.tasks growth FILE``.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.generate import export_of
from benchmarks.measure import Measured, measure
from benchmarks.report import Results, machine, plot, table

_COMPARED = ("decode", "file_to_x", "design_x", "train", "design")
_GROWTH = "5000000 10000000"
_DETECTORS = {"ours": "", "sklearn": "sklearn", "pyod": "pyod", "isotree": "isotree"}
_BEGIN, _END = "<!-- results -->", "<!-- end of results -->"


def main() -> None:
    """Run everything and put the results between the marks of README.md."""
    rows = int(os.environ.get("BENCH_ROWS", "1000000"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "3"))
    folder = Path(os.environ.get("BENCH_FOLDER", Path(tempfile.gettempdir()) / "wifitrain-bench"))
    folder.mkdir(parents=True, exist_ok=True)
    results: dict[int, dict[str, Measured]] = {}
    for wanted, tasks, times in (
        (rows // 10, _COMPARED, rounds),
        (rows, (*_COMPARED, "growth"), rounds),
        *((int(more), ("growth",), 1) for more in os.environ.get("BENCH_GROWTH", _GROWTH).split()),
    ):
        path, written = export_of(wanted, folder)
        measured = measure([(name, path) for name in tasks], rounds=times)
        results[written] = dict(zip(tasks, measured, strict=True))
    names = [name for name, needs in _DETECTORS.items() if not needs or _installed(needs)]
    ran = measure([(f"detector_{name}", folder) for name in names], rounds=rounds)
    _publish(results, dict(zip(names, ran, strict=True)))


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _publish(results: Results, detectors: dict[str, Measured]) -> None:
    here = Path(__file__).parent
    text = table(results, detectors)
    readme = here / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    readme.write_text(
        f"{before}{_BEGIN}\n{machine()}\n\n{text}\n![growth](growth.svg)\n{_END}{after}",
        encoding="utf-8",
    )
    if _installed("matplotlib"):
        plot(results, here / "growth.svg")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
