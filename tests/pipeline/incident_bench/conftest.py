"""A small simulated house, trained once, into which the tests play incidents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from wifitrain.assembly import build, config_dir
from wifitrain.calibration import AlertBudget
from wifitrain.engine import Engine
from wifitrain.evaluation import Evaluator
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource
from wifitrain.labels import IntervalLabels
from wifitrain.pipeline import Learning, Preparation
from wifitrain.pipeline.context import RunContext, Stages
from wifitrain.pipeline.incident_bench import BenchResult, run_bench
from wifitrain.pipeline.learning import Learned
from wifitrain.pipeline.preparation import Prepared
from wifitrain.simulation import Simulator, write_export
from wifitrain.splitting import TimeSplit
from wifitrain.training import GuardSettings, Trainer, isolation_forest

CONTAMINATION = 0.05
#: Cheap: no refit, few rounds. The bench needs none of them.
QUICK = {
    "cross_validation": False,
    "stability_seeds": 2,
    "stability_sizes": [],
    "subsample_rounds": 0,
    "bootstrap_rounds": 100,
    "importance": False,
}


@dataclass(frozen=True)
class House:
    """A training up to the bench, its engine open."""

    preparation: Preparation
    prepared: Prepared
    learned: Learned

    def play(self, *, learned: Learned | None = None, **incidents: Any) -> BenchResult:
        """The bench with these settings, on this model or another one."""
        result = run_bench(
            self.prepared,
            learned or self.learned,
            preparation=self.preparation,
            evaluator=Evaluator(**QUICK, incidents=incidents),
        )
        assert result is not None
        return result

    def learning(self, *, guard: bool = True) -> Learning:
        """How its model is made."""
        return learning(guard=guard)


def learning(*, guard: bool = True) -> Learning:
    """A small forest."""
    forest = isolation_forest(
        type="isolation_forest",
        n_estimators=50,
        max_samples="auto",
        contamination=CONTAMINATION,
        random_state=1,
        bootstrap=False,
        max_features=1.0,
    )
    return Learning(
        splitter=TimeSplit(test_size=0.3, validation_size=0.2),
        trainer=Trainer(model=forest, n_jobs=1, early_stopping=False),
        guard=GuardSettings(enabled=guard, ignore=[]),
        budget=AlertBudget(contamination=CONTAMINATION),
    )


def wifi_features(**changed: Any) -> Any:
    """The default features."""
    text = (config_dir() / "features/wifi.yaml").read_text(encoding="utf-8")
    return build({**yaml.safe_load(text), **changed}, name="features")


def prepare(path: Path, run_dir: Path, engine: Engine, **features: Any) -> House:
    """Everything up to the bench; the engine must be open."""
    preparation = Preparation(
        engine=engine,
        source=FileSource(path=str(path)),
        events=EventExtractor(pseudonymise=False),
        features=wifi_features(**features),
        labels=IntervalLabels(path=None),
    )
    prepared = preparation.prepare(RunContext(run_dir=run_dir, config={}), Stages())
    return House(preparation, prepared, learning().learn(prepared.windows, Stages()))


def write_log(path: Path, *dialects: str, days: float = 3, hosts: int = 2) -> Path:
    """A quiet log of `hosts` that speak `dialects` in turn."""
    simulator = Simulator(
        days=days,
        access_points=hosts,
        stations_per_access_point=12,
        dialects=dialects,
        seed=3,
        quiet=True,
    )
    write_export(simulator, path, "E10")
    return path


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An OpenWrt and a Broadcom access point, three days."""
    folder = tmp_path_factory.mktemp("house")
    path = write_log(folder / "log.json", "hostapd_openwrt", "hostapd_broadcom", "wlceventd")
    with Engine(threads=1) as engine:
        yield prepare(path, folder, engine)


@pytest.fixture(scope="session")
def unguarded(house: House) -> House:
    """The same house, its model without a guard."""
    learned = learning(guard=False).learn(house.prepared.windows, Stages())
    return replace(house, learned=learned)


@pytest.fixture(scope="session")
def played(house: House) -> BenchResult:
    """A bench of six kinds."""
    return house.play(
        kinds=[
            "deauth_flood",
            "slow_deauth",
            "sae_commit_flood",
            "access_point_silent",
            "beacon_loss_weak_signal",
            "clock_reset",
        ],
        repeats=4,
        intensities=[0.001, 0.01, 0.1, 1.0],
    )
