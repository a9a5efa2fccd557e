"""ADBench's unsupervised protocol with this trainer: python -m benchmarks.adbench DIR

For every npz file in DIR (arrays X and y, as ADBench publishes them): fit on 70 % of the rows
without their labels, stratified by them; AUCROC and AUCPR on the other 30 %; means over seeds
(Han et al., ADBench, NeurIPS 2022). No number of the paper is kept here: `--published FILE` (CSV:
dataset, aucroc, aucpr) prints those that you bring beside ours.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import train_test_split

from wifitrain.errors import WifitrainError
from wifitrain.export import TableSource
from wifitrain.training import Trainer, isolation_forest

if TYPE_CHECKING:
    import pandas as pd

_TEST_SHARE = 0.3
_MOST_ROWS = 10_000  # as in ADBench: larger sets are sampled


@dataclass(frozen=True, kw_only=True)
class Result:
    """Means over seeds, as shares of 1."""

    dataset: str
    rows: int
    features: int
    anomalies: float
    aucroc: float
    aucpr: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line for each data set and the means; 1 where there is no data set."""
    parser = argparse.ArgumentParser(prog="benchmarks.adbench", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--published", type=Path, help="CSV: dataset, aucroc, aucpr")
    chosen = parser.parse_args(arguments)
    try:
        published = _published(chosen.published) if chosen.published else {}
        paths = sorted(chosen.folder.glob("*.npz"))
        if not paths:
            raise WifitrainError(f"{chosen.folder}: no npz file there")
        results = [judge(path, seeds=chosen.seeds, trees=chosen.trees) for path in paths]
    except (WifitrainError, OSError) as error:
        sys.stderr.write(f"adbench: {error}\n")
        return 1
    Console(width=None if sys.stdout.isatty() else 120).print(_table(results, published))
    return 0


def judge(path: Path, *, seeds: int, trees: int) -> Result:
    """One data set."""
    windows = TableSource(path=str(path)).read_table().windows
    X, y = windows.X, windows.index["label"].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(y).any() or len(set(y)) < 2:
        raise WifitrainError(f"{path}: y must label every row, and both classes must be there")
    found = np.array([_once(X, y, seed=seed, trees=trees) for seed in range(seeds)])
    roc, precision = found.mean(axis=0)
    return Result(
        dataset=path.stem,
        rows=len(X),
        features=X.shape[1],
        anomalies=float(y.mean()),
        aucroc=float(roc),
        aucpr=float(precision),
    )


def _once(X: pd.DataFrame, y: np.ndarray, *, seed: int, trees: int) -> tuple[float, float]:
    rows = np.arange(len(X))
    if len(rows) > _MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _MOST_ROWS, replace=False))
    fit, test = train_test_split(
        rows, test_size=_TEST_SHARE, stratify=y[rows], shuffle=True, random_state=seed
    )
    trainer = Trainer(
        model=isolation_forest(
            type="isolation_forest",
            n_estimators=trees,
            max_samples="auto",
            contamination=0.1,  # a threshold: areas do not depend on it
            random_state=seed,
            bootstrap=False,
            max_features=1.0,
        ),
        n_jobs=1,
        early_stopping=False,
    )
    scores = trainer.fit(X.iloc[fit]).detector.score(X.iloc[test])
    return roc_auc_score(y[test], scores), average_precision_score(y[test], scores)


def _published(path: Path) -> Mapping[str, tuple[float, float]]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        try:
            return {
                row["dataset"]: (float(row["aucroc"]), float(row["aucpr"]))
                for row in csv.DictReader(file)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise WifitrainError(f"{path}: expected dataset, aucroc, aucpr: {error}") from error


def _table(results: Sequence[Result], published: Mapping[str, tuple[float, float]]) -> Table:
    heads = ["data set", "rows", "features", "anomalies", "AUCROC", "AUCPR"]
    if published:
        heads += ["published AUCROC", "published AUCPR"]
    table = Table(*heads, title="isolation forest", title_justify="left")
    for one in results:
        cells = [one.dataset, str(one.rows), str(one.features), f"{one.anomalies:.2%}"]
        beside = published.get(one.dataset, ())
        table.add_row(*cells, *(f"{area:.4f}" for area in (one.aucroc, one.aucpr, *beside)))
    means = (np.mean([getattr(one, key) for one in results]) for key in ("aucroc", "aucpr"))
    table.add_section()
    table.add_row(f"mean of {len(results)}", "", "", "", *(f"{mean:.4f}" for mean in means))
    return table


if __name__ == "__main__":
    sys.exit(main())
