"""States, history, rollback, and the index read strictly after each step."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.made import contents
from wifitrain.errors import RegistryError

if TYPE_CHECKING:
    from wifitrain.storage import ModelStore

STATUS_WORDS = {"available", "imported", "deployed", "inactive"}


def _index(models: Path) -> dict[str, str]:
    """Version -> status; fails where the flat form is broken, as the service would."""
    entries = json.loads((models / "model_registry.json").read_text())
    assert all(isinstance(entry, dict) for entry in entries.values())
    assert {entry["status"] for entry in entries.values()} <= STATUS_WORDS
    return {version: entry["status"] for version, entry in entries.items()}


def _live(models: Path) -> list[str]:
    return [version for version, status in _index(models).items() if status == "deployed"]


def _five(store: ModelStore) -> list[str]:
    return [store.write(contents(seed)).version for seed in range(5)]


def test_deploy_and_rollback_over_five_versions(store: ModelStore, models: Path) -> None:
    """One version is live at a time; each rollback goes one further back, then there is no more."""
    versions = _five(store)
    for version in versions:
        store.deploy(version, by="ops", why="trial")
        assert _live(models) == [version]
    for version in reversed(versions[:-1]):
        assert store.rollback(by="ops").version == version
        assert _live(models) == [version]
    with pytest.raises(RegistryError, match="no earlier deployed version is left"):
        store.rollback()
    actions = [record.action for record in store.history().records]
    assert actions == ["written"] * 5 + ["deployed"] * 5 + ["rolled_back"] * 4


def test_rollback_passes_over_what_is_retired(store: ModelStore) -> None:
    """A version out of use is no way back."""
    first, second, third, *_ = _five(store)
    for version in (first, second, third):
        store.deploy(version)
    store.retire(second, why="leaks")
    assert store.rollback().version == first


def test_history_says_who_when_why_and_from_where(store: ModelStore) -> None:
    """Each record names the actor, the host, the reason and the version before."""
    first, second, *_ = _five(store)
    store.deploy(first)
    store.deploy(second, by="anna", why="fewer alerts")
    record = store.history().records[-1]
    assert (record.action, record.version, record.previous) == ("deployed", second, first)
    assert (record.by, record.why) == ("anna", "fewer alerts")
    assert record.host
    assert datetime.now(UTC) - datetime.fromisoformat(record.at) < timedelta(minutes=1)


def test_as_of_tells_which_version_was_live(store: ModelStore) -> None:
    """Before the first deployment none; between two the first; after a rollback the first again."""
    first, second, *_ = _five(store)
    moments = [datetime.now(UTC)]
    for step in (lambda: store.deploy(first), lambda: store.deploy(second), store.rollback):
        step()
        moments.append(datetime.now(UTC))
    live = [store.as_of(moment).get("wifi_anomaly_detector") for moment in moments]
    assert live == [None, first, second, first]
    assert store.as_of(moments[1].replace(tzinfo=None)) == store.as_of(moments[1])


def test_one_version_of_each_name_is_live(store: ModelStore) -> None:
    """Two models side by side; rollback then has to be told which."""
    counts = {"training_samples": 1, "n_samples": 1}
    named: dict[str, list[str]] = {"full": [], "service_5": []}
    for name, versions in named.items():
        sections = {"model_info": {"model_name": name}, "training_info": counts}
        versions += [store.write(contents(n, metadata=sections)).version for n in range(2)]
    for versions in named.values():
        for version in versions:
            store.deploy(version)
    states = {m.version: m.state for m in store.versions()}
    assert [v for v, state in states.items() if state == "deployed"] == [
        named["full"][1],
        named["service_5"][1],
    ]
    with pytest.raises(RegistryError, match="must be one of full, service_5, got None"):
        store.rollback()
    assert store.rollback(name="full").version == named["full"][0]


def test_a_candidate_is_deployed_only_with_acceptance_and_reason(store: ModelStore) -> None:
    """Its gates failed or were not measured: nobody deploys it by accident."""
    version = store.write(contents(), candidate=True).version
    for given in ({}, {"accept_candidate": True}, {"why": "because"}):
        with pytest.raises(RegistryError, match="is a candidate: its gates failed or were not"):
            store.deploy(version, **given)
    assert store.deploy(version, accept_candidate=True, why="lab only").state == "deployed"
    store.deploy(store.write(contents(1)).version)
    demoted = store.find(version)
    assert (demoted.state, demoted.standing["status"]) == ("candidate", "inactive")


def test_what_cannot_be_deployed_or_retired_is_refused(store: ModelStore) -> None:
    """Deployed twice, retired, live, unknown: one line each."""
    first, second, *_ = _five(store)
    with pytest.raises(RegistryError, match="nothing was ever deployed here"):
        store.rollback()
    store.deploy(first)
    with pytest.raises(RegistryError, match="is deployed already"):
        store.deploy(first)
    with pytest.raises(RegistryError, match="deploy another version or roll back first"):
        store.retire(first)
    assert store.retire(second).status == "inactive"
    with pytest.raises(RegistryError, match="is retired"):
        store.deploy(second)
    with pytest.raises(RegistryError, match="model_x: there is none in this folder"):
        store.deploy("model_x")


def test_a_deployment_by_the_service_itself_is_taken_over(store: ModelStore, models: Path) -> None:
    """The service writes deployment_info only: the next command makes history and index agree."""
    first, second, *_ = _five(store)
    store.deploy(first)
    path = models / second / "metadata.json"
    metadata = json.loads(path.read_text())
    later = (datetime.now(UTC) + timedelta(hours=2)).replace(tzinfo=None).isoformat()
    metadata["deployment_info"] |= {
        "status": "deployed",
        "deployed_at": later,
        "deployed_by": "api",
    }
    path.write_text(json.dumps(metadata))
    assert [m.version for m in store.versions() if m.state == "deployed"] == [second]
    store.rebuild_index()
    assert _live(models) == [second]
    record = store.history().records[-1]
    assert (record.action, record.version, record.by) == ("deployed", second, "api")
    # Its clock runs two hours ahead of ours: the way back must work all the same.
    assert store.rollback().version == first
    assert _live(models) == [first]


def test_folders_and_records_that_lost_each_other_are_settled(
    store: ModelStore, models: Path
) -> None:
    """A folder removed by hand is recorded as missing, a foreign one as found."""
    gone, kept, *_ = _five(store)
    (models / gone).rename(models / "elsewhere")
    history = models / ".history.ndjson"
    lines = [line for line in history.read_text().splitlines() if kept not in line]
    history.write_text("\n".join(lines) + "\n")
    assert store.rebuild_index() == 4
    records = {(record.action, record.version) for record in store.history().records}
    assert {("missing", gone), ("found", kept)} <= records
    assert store.rebuild_index() == 4
    assert len(store.history().records) == len(lines) + 2


def test_a_torn_last_line_of_the_history_is_forgotten(store: ModelStore, models: Path) -> None:
    """What a kill cut short was never acknowledged; a damaged line within is named and skipped."""
    version = store.write(contents()).version
    path = models / ".history.ndjson"
    path.write_bytes(b"not JSON\n" + path.read_bytes() + b'{"at":"2026')
    assert (len(store.history().records), store.history().damaged) == (1, [1])
    store.deploy(version)
    assert [record.action for record in store.history().records] == ["written", "deployed"]
    assert path.read_bytes().endswith(b"}\n")


def test_foreign_folders_are_named_and_left_alone(store: ModelStore, models: Path) -> None:
    """They are no versions, and their entry in the index stays as the service wrote it."""
    version = store.write(contents()).version
    (models / "model_of_somebody").mkdir()
    (models / "model_link").symlink_to(models / version)
    (models / "notes.txt").write_text("mine")
    index = json.loads((models / "model_registry.json").read_text())
    index |= {"model_of_somebody": {"path": "x", "status": "imported"}, "model_text": "broken"}
    (models / "model_registry.json").write_text(json.dumps(index))
    store.rebuild_index()
    assert _index(models) == {"model_of_somebody": "imported", version: "available"}
    foreign = store.catalogue().foreign
    assert "metadata.json: No such file" in foreign["model_of_somebody"]
    assert foreign["model_link"].endswith("not a folder")
    assert (models / "notes.txt").read_text() == "mine"


def test_a_damaged_index_is_derived_again(store: ModelStore, models: Path) -> None:
    """The folders are the truth: whatever stood in the index, the next command repairs it."""
    version = store.write(contents()).version
    (models / "model_registry.json").write_bytes(b'{"model_')
    store.rebuild_index()
    assert _index(models) == {version: "available"}


def test_diff_shows_what_changed(store: ModelStore) -> None:
    """Places, values of both, and nothing that is equal."""
    training = {"training_samples": 90, "n_samples": 120, "seed": 4}
    first = store.write(contents(1)).version
    second = store.write(contents(2, metadata={"training_info": training})).version
    found = {d.place: (d.first, d.second) for d in store.diff(first, second)}
    assert found["training_info.training_samples"] == (100, 90)
    assert found["training_info.seed"] == (None, 4)
    assert "training_info.n_samples" not in found
