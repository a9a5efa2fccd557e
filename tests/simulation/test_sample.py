"""The bundled sample is what its documented command makes, and its configuration is complete."""

import csv
import gzip
import inspect
import json
from pathlib import Path

import pytest
import yaml

from wifitrain.simulation import SimulateRun, Simulator

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, LABELS = ROOT / "examples/sample_export.json.gz", ROOT / "examples/sample_labels.csv"


def configured(name: str) -> dict:
    """One option of the configuration group, without its target."""
    options = yaml.safe_load((ROOT / f"conf/simulation/{name}.yaml").read_text(encoding="utf-8"))
    assert options.pop("_target_") == "wifitrain.simulation.Simulator"
    return options


@pytest.mark.parametrize("name", ["default", "sample"])
def test_configuration_names_every_option(name: str) -> None:
    """Whatever the simulator takes can be set, and is there to be seen."""
    options = configured(name)
    assert set(options) == set(inspect.signature(Simulator).parameters)
    assert set(options["background"]) == {
        "sessions_per_day",
        "roaming_share",
        "randomised_share",
        "noise_share",
        "eap",
    }
    Simulator(**options)


def test_defaults_in_the_configuration_are_the_defaults_in_the_code(tmp_path: Path) -> None:
    """Both ways of asking for nothing in particular give the same lines."""
    written = []
    for number, simulator in enumerate((Simulator(**configured("default")), Simulator())):
        path = tmp_path / f"{number}.log"
        SimulateRun(simulation=simulator, path=str(path), shape="E9").run()
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_simulate_configuration_names_every_option_of_the_run() -> None:
    """Every option of the run can be set at the root, beside the simulation group."""
    text = (ROOT / "conf/simulate.yaml").read_text(encoding="utf-8")
    expected = set(inspect.signature(SimulateRun).parameters) - {"simulation"}
    assert expected <= set(yaml.safe_load(text))


def test_the_sample_is_what_the_command_makes(tmp_path: Path) -> None:
    """Committed bytes and simulated bytes are equal, export and labels."""
    path, labels = tmp_path / "sample_export.json.gz", tmp_path / "sample_labels.csv"
    simulator = Simulator(**configured("sample"))
    SimulateRun(simulation=simulator, path=str(path), labels_path=str(labels)).run()
    # Compressed bytes may differ between builds of zlib; what is in them may not.
    assert gzip.decompress(path.read_bytes()) == gzip.decompress(SAMPLE.read_bytes())
    assert labels.read_bytes() == LABELS.read_bytes()


def test_the_sample_is_small_and_has_its_incidents_at_the_end() -> None:
    """Under 2 MB, 15 to 25 thousand rows, three hosts, all incidents in the last quarter."""
    assert SAMPLE.stat().st_size < 2_000_000
    rows = json.loads(gzip.decompress(SAMPLE.read_bytes()))["data"]
    assert 15_000 <= len(rows) <= 25_000
    assert {row["device_ip"] for row in rows} == {"ap-01", "ap-02", "ap-03"}
    with open(LABELS, encoding="utf-8") as file:
        starts = [row["start"] for row in csv.DictReader(file)]
    assert len(starts) == 3
    assert min(starts) >= "2026-03-05T00:00:00"


def test_the_readme_gives_the_command() -> None:
    """Who finds the sample finds how it was made."""
    command = (
        "wifitrain -cn simulate simulation=sample path=examples/sample_export.json.gz"
        " labels_path=examples/sample_labels.csv"
    )
    assert command in (ROOT / "examples/README.md").read_text(encoding="utf-8")
