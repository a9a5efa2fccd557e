"""The page of a scored export: every incident with all that somebody on call asks, and no more."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.made_scored import LINE, make_scored, make_told
from tests.report.reading import Page, read
from tests.report.test_hostile_names import INVISIBLE, NAMES
from wifitrain.report import render_score_report, write_score_report


@pytest.fixture(scope="module")
def html() -> str:
    """The page with two incidents."""
    return render_score_report(make_scored())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """The same, as its elements."""
    return read(html)


def section(page: Page, name: str) -> str:
    """The text of a section."""
    (found,) = [one.text for one in page.all("section") if one.attributes["id"] == name]
    return " ".join(found.split())


def test_the_page_is_whole_and_needs_nothing_from_outside(html: str, page: Page) -> None:
    """Well-formed, every id once, every link to a place on it, the same bytes each time."""
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    links = {one.attributes["href"] for one in page.all("a")}
    assert {link.removeprefix("#") for link in links} <= set(page.ids)
    assert not re.search(r"https?://(?!www\.w3\.org)", html)
    assert html == render_score_report(make_scored())


def test_the_overview_leads_to_each_incident_and_back(page: Page) -> None:
    """The latest first, linked; each section ends with the way back."""
    overview = section(page, "overview")
    assert overview.index("2026-03-02 23:40") > overview.index("Incidents, the latest first")
    rows = [
        one.attributes["href"]
        for one in page.all("a")
        if "table" in one.inside and "section" in one.inside
    ]
    assert rows == ["#incident-00cd", "#incident-00ab"]
    backs = [one for one in page.all("a") if one.text == "All incidents"]
    assert [one.attributes["href"] for one in backs] == ["#overview", "#overview"]


def test_an_incident_says_all_that_is_known(page: Page) -> None:
    """When, where, why with exact parts, what would quieten it, what it resembles, its lines."""
    told = section(page, "incident-00ab")
    for text in (
        "ap-01, 2026-03-02", "Resembles deauth flood: spoofed frames against all. A hint, not a",
        "right in 31 of 36 windows", "slow deauth, 0.81", "raised by estimator",
        "not alerted with forced_deauth_count <= 7", "forced deauth count",
        "clients that were thrown out", "Score over time", "2 of 90 lines", LINE,
    ):  # fmt: skip
        assert text in told, text


def test_the_parts_add_up_to_the_score(page: Page) -> None:
    """Base, features and the rest: the last row is log2 of the estimator's score, and its power."""
    told = section(page, "incident-00ab")
    total = -1.25 + 0.0995 + 0.35 + 0.2
    assert f"together \N{EN DASH} {total:#.3g} \N{MULTIPLICATION SIGN} {2**total:.3g}" in told


def test_the_guard_is_not_mistaken_for_the_forest(page: Page) -> None:
    """Its reason, no single quiet value, no name without profiles."""
    told = section(page, "incident-00cd")
    assert "guard: forced_deauth_count 40 outside 0..4" in told
    assert "with no change of a single value" in told
    assert "The guard raised it; this is what the forest saw." in told
    assert "Resembles" not in told
    assert "compared with the bench" not in told


def test_what_is_not_known_is_not_said() -> None:
    """An incident that was told without an explanation: no answer to who, why and what else."""
    known = make_told(make_scored().windows)
    for key in ("raised_by", "reason", "because", "base", "others", "quiet", "nearest", "lines"):
        del known[key]
    told = section(read(render_score_report(make_scored(incidents=[known]))), "incident-00ab")
    for text in ("raised by", "would be quiet", "compared with", "What made the score"):
        assert text not in told
    assert "Score over time" in told


def test_only_the_highest_have_pages_of_their_own() -> None:
    """The others stay in the table, without a link."""
    page = read(render_score_report(make_scored(pages=1)))
    assert [one.attributes["id"] for one in page.all("section")] == ["overview", "incident-00cd"]
    assert "Those with the highest scores have a page" in section(page, "overview")
    assert section(page, "overview").count("2026-03-02 2") >= 1


def test_without_an_incident_the_page_says_so() -> None:
    """One section, and a state that is good."""
    windows = make_scored().windows.assign(is_anomaly=False)
    page = read(render_score_report(make_scored(incidents=[], windows=windows)))
    assert page.faults == []
    assert "No incident" in page.all("h1")[0].text
    assert len(page.all("section")) == 1


@pytest.mark.parametrize("turn", [0, 11])
def test_hostile_names_and_lines_stay_text(turn: int) -> None:
    """In every place that a log reaches: the structure is that of plain names."""

    def everywhere(names: list[str]) -> str:
        scored = make_scored()
        frame = scored.windows
        frame["entity"] = frame["entity"].replace("ap-01", names[0])
        told = make_told(
            frame, reason=names[1], quiet=names[2], lines=names[3:40], lines_in_window=99,
            because=[{"feature": names[41], "value": 1.0, "part": 1.0, "unit": names[42]}],
            nearest={**make_told(frame)["nearest"], "kind": names[43], "meaning": names[44],
                     "hint": names[45], "second": names[46]},
        )  # fmt: skip
        changed = replace(
            scored, windows=frame, incidents=[told], version=names[47], meanings={names[41]: "<b>"}
        )
        return render_score_report(changed)

    names = NAMES[turn:] + NAMES[:turn]
    html = everywhere(names)
    hostile, plain = read(html), read(everywhere([f"n{i}" for i in range(100)]))
    assert hostile.faults == []
    assert [one.tag for one in hostile.elements if "svg" not in one.inside] == [
        one.tag for one in plain.elements if "svg" not in one.inside
    ]
    assert not [one for one in hostile.elements for a in one.attributes if a.startswith("on")]
    assert not INVISIBLE.search(html)


def test_the_page_is_written_whole(tmp_path: Path) -> None:
    """Nothing else is left beside it."""
    write_score_report(make_scored(), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert "incident-00ab" in (tmp_path / "report.html").read_text(encoding="utf-8")
