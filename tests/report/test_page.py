"""The page of a run: what it says, in which order, and that it needs nothing from outside."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pandas as pd
import pytest

from tests.report.made import make_account, make_incidents, make_windows
from tests.report.reading import Page, read
from wifitrain.errors import WifitrainError
from wifitrain.report import render_report, write_report


@pytest.fixture(scope="module")
def html() -> str:
    """The page of a run where everything was measured."""
    windows = make_windows()
    return render_report(
        make_account(windows),
        windows,
        incidents=make_incidents(),
        config={"model": {"n_estimators": 100}, "source": {"path": "export.json"}},
        command="wifitrain source.path=export.json",
    )


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """The same, as its elements."""
    return read(html)


def test_every_element_is_closed_and_every_id_is_its_own(page: Page) -> None:
    """The page is well-formed: a strict reader finds nothing to complain about."""
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))


def test_the_verdict_comes_before_everything_else(page: Page) -> None:
    """The first sentence after the title is the verdict, in words."""
    paragraphs = [one for one in page.elements if one.tag in {"p", "table", "svg"}]
    verdict = next(i for i, one in enumerate(paragraphs) if one.text.startswith("No evidence"))
    assert all(one.tag == "p" for one in paragraphs[:verdict])
    assert page.all("h1")[0].text.split() == ["model_20260302_120000_1a2b3c4d", "candidate"]


def test_sections_come_in_the_order_of_reading(page: Page) -> None:
    """Summary, budget, data, features, scores, incidents, labels, trust, drift, alerts, origin."""
    assert [one.attributes["id"] for one in page.all("section")] == [
        "summary", "budget", "data", "features", "scores", "incidents", "labels", "reliability",
        "drift", "alerts", "origin",
    ]  # fmt: skip


def test_what_was_not_measured_is_not_on_the_page() -> None:
    """An account of a quick run has no empty headings."""
    windows = make_windows(labelled=False)
    account = make_account(windows)
    evaluation = {key: account["evaluation"][key] for key in ("verdict", "alert_volume")}
    page = read(render_report({**account, "evaluation": evaluation, "monitoring": {}}, windows))
    ids = [one.attributes["id"] for one in page.all("section")]
    assert page.faults == []
    assert not {"incidents", "labels", "reliability", "drift"} & set(ids)


def test_an_account_of_nothing_is_still_a_page() -> None:
    """A run that measured nothing says so."""
    page = read(render_report({}, make_windows().iloc[:0]))
    assert page.faults == []
    assert "Nothing was evaluated." in page.all("header")[0].text


def test_nothing_is_fetched(html: str, page: Page) -> None:
    """No script, link, image, font or address of another host; the policy forbids them, too."""
    assert not [one for one in page.elements if one.tag in {"script", "link", "img", "iframe"}]
    assert not re.search(r"https?:|//[a-z]|@import|@font-face|url\((?!#)", html)
    policy = next(m for m in page.all("meta") if "http-equiv" in m.attributes)
    assert policy.attributes["content"].startswith("default-src 'none';")
    refers = [
        one.attributes[a] for one in page.elements for a in ("href", "src") if a in one.attributes
    ]
    assert all(target.startswith("#") for target in refers)


def test_every_reference_leads_somewhere(html: str, page: Page) -> None:
    """Links, labels and clip paths name ids that exist."""
    named = re.findall(r"(?:href=\"#|url\(#)([^\")]+)", html)
    for one in page.elements:
        named += one.attributes.get("aria-labelledby", "").split()
    assert set(named) <= set(page.ids)


def test_every_chart_has_a_title_a_description_and_its_numbers(page: Page) -> None:
    """A screen reader is told what a chart shows, and finds the numbers in a table beside it."""
    figures, charts = page.all("figure"), page.all("svg")
    assert len(figures) == len(charts) >= 10
    for chart in charts:
        assert chart.attributes["role"] == "img"
        assert len(chart.attributes["aria-labelledby"].split()) == 2
    for tag in ("title", "desc", "details"):
        inside = [one for one in page.all(tag) if "figure" in one.inside]
        assert len(inside) == len(figures)
        assert all(one.text.strip() for one in inside)


def test_landmarks_and_headings_lead_through_the_page(page: Page) -> None:
    """One h1, no level skipped, a way past the navigation, every table captioned."""
    assert [len(page.all(tag)) for tag in ("main", "nav", "header", "footer", "h1")] == [1] * 5
    levels = [int(one.tag[1]) for one in page.elements if re.fullmatch(r"h\d", one.tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.all("a")[0].attributes == {"class": "skip", "href": "#main"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in one.attributes for one in page.all("th"))


def test_numbers_are_aligned_right_and_words_left(page: Page) -> None:
    """A column of numbers is marked as one, a column of words is not."""
    cells = {one.text: one.attributes.get("class") for one in page.all("td")}
    assert cells["18,030"] == "num"
    assert cells["too few anomalous windows"] is None


def test_gates_say_their_state_in_words(page: Page) -> None:
    """Passed, failed and not measured are words; colour only repeats them."""
    badges = {one.text: one.attributes["class"] for one in page.all("span") if one.text}
    assert badges["passed"] == "badge good"
    assert badges["failed"] == "badge bad"
    assert badges["not measured"] == "badge open"


def test_alerts_tell_who_raised_them_and_why() -> None:
    """The estimator's alerts, the guard's and those of both are told apart; at most 50 listed."""
    windows = make_windows(("ap-01",), per_entity=600)
    windows.loc[windows["part"] == "test", ["score", "is_anomaly", "reason"]] = [
        0.61,
        True,
        "estimator",
    ]
    first = windows.index[windows["part"] == "test"][:2]
    windows.loc[first, "reason"] = "guard: a first time"
    windows.loc[first, "score"] = [3.0, 2.9]
    windows.loc[first, "estimator_score"] = [0.7, 0.4]
    page = read(render_report({}, windows))
    rows = [one.text.split("\n") for one in page.all("tr") if "figure" not in one.inside]
    listed = [[cell for cell in row if cell] for row in rows if row[1].startswith("2026-")]
    assert len(listed) == 50
    assert listed[0][3:5] == ["both", "a first time"]
    assert listed[1][3:5] == ["guard", "a first time"]
    assert listed[2][3] == "estimator"


def test_parts_that_later_versions_add_to_incidents_are_shown() -> None:
    """What the page does not know of the bench becomes a table, not a gap."""
    windows = make_windows()
    account = make_account(windows)
    account["evaluation"]["incidents"]["weather"] = {"rain_mm": 3.5}
    html = render_report(account, windows)
    assert "Weather" in html
    assert "rain mm" in html


def test_a_better_rule_is_named_as_better(page: Page) -> None:
    """Where a baseline notices more than the model, the overview says which."""
    assert "one rule is better" in [one.text for one in page.all("span")]


def test_passwords_stay_off_the_page() -> None:
    """Neither the command nor the configuration shows a secret."""
    html = render_report(
        {},
        make_windows(),
        config={"source": {"url": "postgresql://me:s3cret@db/logs", "password": "s3cret"}},
        command="wifitrain source.url=postgresql://me:s3cret@db/logs source.password=s3cret",
    )
    assert "postgresql://me:***@db/logs" in html
    assert "s3cret" not in html


def test_the_same_run_gives_the_same_bytes() -> None:
    """Nothing on the page depends on the clock, on chance or on what was drawn before."""
    windows = make_windows()
    account = make_account(windows)
    assert render_report(account, windows) == render_report(account, windows.copy())


def test_thirty_thousand_windows_stay_small_and_keep_their_alerts() -> None:
    """A report of 30,000 windows is under 3 MB; a single peak among them is still drawn."""
    windows = make_windows(tuple(f"ap-{i:02}" for i in range(20)), per_entity=1500)
    html = render_report(make_account(windows), windows)
    assert len(html.encode()) < 3_000_000
    assert len(re.findall(r'id="scores-\d+-name"', html)) == 12


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path: Any) -> None:
    """A folder in the way: one clear line, and no half page beside it."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(WifitrainError, match=r"cannot write .*report\.html"):
        write_report({}, make_windows(), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_entities_without_a_guard_or_label_are_drawn() -> None:
    """Plain scores of one access point need neither guard, label nor calibration part."""
    windows = make_windows(("only",), labelled=False)
    windows["part"] = "test"
    windows["score"] = windows["estimator_score"]
    windows["is_anomaly"] = False
    windows["reason"] = ""
    page = read(render_report({}, windows))
    assert page.faults == []
    assert "No window of the test part was above the threshold." in page.all("main")[0].text
    assert isinstance(windows["start"].iloc[0], pd.Timestamp)
