"""The page of a sweep: heat maps, the choice, all jobs, and why some failed."""

from __future__ import annotations

import re

from tests.report.made import make_sweep
from tests.report.reading import read
from wifitrain.report import render_sweep_report, write_sweep_report


def test_every_measure_has_its_map_with_all_numbers() -> None:
    """Recall, stability, alert rate and threshold: one map each, nine cells beside it."""
    page = read(render_sweep_report(make_sweep()))
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    titles = [one.text for one in page.all("h3")]
    assert titles == [
        "Incident recall",
        "Agreement of seeds",
        "Alert rate on the test part",
        "Threshold",
    ]
    rows = [one for one in page.all("tr") if "figure" in one.inside and "tbody" in one.inside]
    assert len(rows) == 4 * 9


def test_without_incidents_there_is_no_map_of_them() -> None:
    """A sweep that never measured recall shows three maps."""
    sweep = make_sweep()
    for job in sweep["jobs"]:
        job.pop("incident_recall", None)
    assert len(read(render_sweep_report(sweep)).all("svg")) == 3


def test_the_choice_is_said_first_and_framed() -> None:
    """The headline tells why; the chosen cell is framed in every map."""
    html = render_sweep_report(make_sweep())
    assert "Job 4 is the cheapest of the best group." in read(html).all("header")[0].text
    assert len(re.findall(r"stroke: var\(--ink\); stroke-width: 2", html)) == 4
    assert "stroke: var(--ink); stroke-width: 2" not in render_sweep_report(
        {"jobs": make_sweep()["jobs"]}
    )


def test_failed_jobs_are_listed_with_their_errors() -> None:
    """A failed job is in the table of jobs and has its error below."""
    page = read(render_sweep_report(make_sweep()))
    assert "1 failed" in page.all("h1")[0].text
    failures = next(one for one in page.all("section") if one.attributes["id"] == "failures")
    assert "model.contamination must be in (0, 0.5]" in failures.text


def test_jobs_that_share_a_cell_show_their_median() -> None:
    """Where another setting was swept as well, the map says that it shows medians."""
    job = {"contamination": 0.1, "n_estimators": 50, "threshold": 0.5, "status": "available"}
    rates = [{**job, "job": i, "alert_rate": rate} for i, rate in enumerate((0.1, 0.2, 0.6))]
    text = read(render_sweep_report({"jobs": rates})).all("main")[0].text
    assert "20.0 %" in text
    assert "Cells of several jobs show their median." in text


def test_models_without_trees_have_a_map_of_one_column() -> None:
    """A sweep over budgets alone, of a model that has no trees, is drawn all the same."""
    jobs = [
        {"job": i, "contamination": c, "n_estimators": None, "threshold": c, "status": "available"}
        for i, c in enumerate((0.01, 0.1))
    ]
    page = read(render_sweep_report({"jobs": jobs}))
    assert page.faults == []
    assert len(page.all("svg")) == 1


def test_a_sweep_without_jobs_or_with_failures_only_is_a_page(tmp_path) -> None:
    """Nothing ran, or nothing ended well: the page says so and has no maps."""
    write_sweep_report({"jobs": []}, tmp_path / "sweep.html")
    empty = read((tmp_path / "sweep.html").read_text(encoding="utf-8"))
    failed = read(render_sweep_report({"jobs": [{"job": 0, "status": "failed", "error": "no"}]}))
    assert "No job ran." in empty.all("header")[0].text
    assert "0 of 1 jobs ended well." in failed.all("header")[0].text
    assert not empty.faults + failed.faults + empty.all("svg") + failed.all("svg")


def test_the_same_sweep_gives_the_same_bytes() -> None:
    """Nothing on the page depends on the clock or on chance."""
    assert render_sweep_report(make_sweep()) == render_sweep_report(make_sweep())
