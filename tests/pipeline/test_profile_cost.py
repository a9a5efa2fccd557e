"""Features of the service are judged beside all features, on the same export and incidents."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from wifitrain.simulation import Simulator, write_export

pytestmark = pytest.mark.slow

_INCIDENTS = [
    {"kind": "wrong_psk", "access_point": "ap-01", "hour": 62, "duration_s": 3600, "intensity": 3.0}
]


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[dict[str, Any], str]]:
    """Train on three days of one access point with a labelled incident; report.json and page."""
    folder = tmp_path_factory.mktemp("cost")
    simulator = Simulator(
        days=3, access_points=1, stations_per_access_point=6, dialects=["hostapd_openwrt"],
        quiet=True, seed=5, incidents=_INCIDENTS,
    )  # fmt: skip
    written = write_export(simulator, folder / "export.json", "E1")
    assert written

    def run(*arguments: str) -> tuple[dict[str, Any], str]:
        command = [
            sys.executable, "-m", "wifitrain", "source.path=export.json",
            "source.labels=export.labels.csv", "evaluation=quick", "model.n_estimators=20",
            "training.early_stopping=false", "evaluation.incidents.enabled=true",
            "evaluation.incidents.kinds=[deauth_flood,wrong_psk]",
            "evaluation.incidents.intensities=[1.0]", "evaluation.incidents.repeats=2", *arguments,
        ]  # fmt: skip
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        newest = max(folder.glob("outputs/2*/*"), key=lambda path: path.stat().st_mtime_ns)
        return json.loads((newest / "report.json").read_text()), (
            newest / "report.html"
        ).read_text()

    return run


def test_report_says_what_the_services_features_cost(
    train: Callable[..., tuple[dict[str, Any], str]],
) -> None:
    """Recall, alert rate and metrics of both; the page has them, and the package."""
    report, page = train("features=service_39", "evaluation.profile_cost=true")
    cost = report["evaluation"]["profile_cost"]
    assert (cost["profile"], cost["reference"]) == ("service_39", "wifi")
    assert {one["incident"] for one in cost["by_incident"]} == {"deauth_flood", "wrong_psk"}
    (model,) = (
        one for one in report["evaluation"]["incidents"]["overall"] if one["scorer"] == "model"
    )
    assert cost["recall"][0] == model["recall"]
    assert cost["trials"] == model["trials"]
    assert all(0 <= share <= 1 for share in [*cost["recall"], *cost["alert_rate"]])
    assert cost["metrics"]["recall"][0] == report["evaluation"]["basic_metrics"]["recall"]
    assert 'id="profile-cost"' in page
    assert "What these features cost" in page


def test_other_features_are_compared_with_nothing(
    train: Callable[..., tuple[dict[str, Any], str]],
) -> None:
    """No second detector where the first sees what it likes, or where nobody asks."""
    report, page = train("features=minimal", "evaluation.profile_cost=true")
    assert "profile_cost" not in report["evaluation"]
    assert 'id="profile-cost"' not in page
    report, _ = train("features=service_5", "evaluation.profile_cost=false")
    assert "profile_cost" not in report["evaluation"]
