"""A long check: over a million simulated lines, one meaning of every feature.

    python -m tests.light.long_follow            (FOLLOW_LINES=1000000)

The windows that training builds, those of a scored export and those of a follower that takes the
lines in pieces of chance sizes are compared bit by bit, for every feature of the catalogue.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from tests.features.made_up import every_feature
from wifitrain.edge import DOCUMENT, NPZ, EdgeFacts, canary_windows, edge_files, read_model
from wifitrain.engine import Engine
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource, LineStream
from wifitrain.features import x_digest
from wifitrain.light import AlertTeller, Follower, FollowSettings, LightModel
from wifitrain.pseudonyms import Pseudonymiser
from wifitrain.records import WindowTable
from wifitrain.scoring import AlertSettings, Exceptions
from wifitrain.simulation import Simulator, write_export

__all__ = ["main"]

_LINES_A_DAY = 84_000  # that the site below writes
_MOST_IN_A_PIECE = 60_000
_MEMORY_DAYS = 366  # as an export has: with the default of 7, longer sessions are forgotten


def main() -> int:
    """Compare; 0 = all equal."""
    os.environ.setdefault("WIFITRAIN_PSEUDONYM_KEY", "0123456789abcdef0123")
    wanted = int(os.environ.get("FOLLOW_LINES", "1000000"))
    with tempfile.TemporaryDirectory(prefix="long-follow-") as folder:
        log = Path(folder) / "site.log"
        site = Simulator(
            access_points=24,
            stations_per_access_point=60,
            days=wanted / _LINES_A_DAY,
            dialects=["hostapd_broadcom", "hostapd_openwrt", "wlceventd"],
            seed=7,
        )
        lines = write_export(site, log, "E9")
        trained, scored = _whole(log)
        followed, pieces = _followed(log, _model(scored))
    return _compare(trained, scored, followed, said=f"{lines:,} lines in {pieces} pieces")


def _whole(log: Path) -> tuple[WindowTable, WindowTable]:
    """As training builds the windows, and as an export is scored."""
    features = every_feature(window_s=300, entity="access_point")
    with Engine() as engine:
        logs = _source(log).read(engine, quarantine=engine.scratch / "quarantine")
        events = EventExtractor().extract(engine, logs)
        trained = features.build(engine, events)
        return trained, features.build(engine, events, columns=features.columns)


def _followed(log: Path, model: LightModel) -> tuple[WindowTable, int]:
    draw, steps = random.Random(3), []
    lines = log.read_bytes().splitlines()
    with Engine(memory_limit="512MB") as engine:
        follower = Follower(
            engine,
            model,
            stream=LineStream(source=_source(log), name="log"),
            events=EventExtractor(),
            pseudonymiser=Pseudonymiser(),
            teller=AlertTeller(model, AlertSettings(), Exceptions()),
            settings=FollowSettings(memory_days=_MEMORY_DAYS),
        )
        at, began = 0, time.monotonic()
        while at < len(lines):
            size = draw.randint(1, _MOST_IN_A_PIECE)
            steps.append(follower.take(lines[at : at + size], last=at + size >= len(lines)))
            at += size
            sys.stderr.write(f"  {min(at, len(lines)):,} in {time.monotonic() - began:.0f} s\n")
        assert follower.late == 0
    index = pd.concat([one.windows for one in steps if one.windows is not None])
    X = pd.concat([one.X for one in steps if one.X is not None])
    order = index.reset_index(drop=True).sort_values(["entity", "start"]).index
    return WindowTable(
        X=X.iloc[order].reset_index(drop=True),
        index=index.iloc[order].reset_index(drop=True),
        kinds=pd.DataFrame(),
        unavailable={},
        window_s=model.features.window_s,
        account={},
    ), len(steps)


def _model(windows: WindowTable) -> LightModel:
    """A model over every feature; what it alerts on does not matter here."""
    X = windows.X.to_numpy()
    forest = IsolationForest(n_estimators=10, random_state=1)
    fitted = make_pipeline(VarianceThreshold(), SimpleImputer(keep_empty_features=True), forest)
    scores = -fitted.fit(X).score_samples(X)
    facts = EdgeFacts(
        features=[{"name": name} for name in windows.X.columns],
        canaries=canary_windows(X, scores),
        calibration_scores=scores, threshold=float(scores.max()), contamination=0.01,
        window_s=windows.window_s, guard=None, model_digest="0" * 64,
    )  # fmt: skip
    files = edge_files(fitted, facts)
    return LightModel(
        version="long_follow",
        edge=read_model(files[NPZ], files[DOCUMENT]),
        features=every_feature(window_s=windows.window_s, entity="access_point"),
        source={},
    )


def _compare(trained: WindowTable, scored: WindowTable, followed: WindowTable, *, said: str) -> int:
    shared = list(trained.X.columns)
    pd.testing.assert_frame_equal(trained.X, scored.X[shared], check_exact=True)
    for name in scored.X.columns:
        left, right = followed.X[name], scored.X[name]
        differ = (left != right) & ~(left.isna() & right.isna())
        if differ.any():
            sys.stderr.write(f"  {name}: {int(differ.sum())} windows differ\n")
    same = x_digest(followed) == x_digest(scored)
    sys.stdout.write(
        f"{said}: {len(scored.X):,} windows, {scored.X.shape[1]} columns of X"
        f" ({len(shared)} of them fed by these lines): training, batch and --follow are"
        f" {'equal' if same else 'NOT equal'} (digest {x_digest(scored)[:16]})\n"
    )
    return 0 if same else 1


def _source(log: Path) -> FileSource:
    return FileSource(path=str(log), year=2026)


if __name__ == "__main__":
    sys.exit(main())
