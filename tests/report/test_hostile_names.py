"""Names from logs are text on the page, whatever they hold."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.report.made import make_account, make_incidents, make_sweep, make_windows
from tests.report.reading import read
from wifitrain.report import render_report, render_sweep_report

PIECES = (
    "<script>alert(1)</script>", "</title></svg><img src=x onerror=alert(1)>", "&lt;b&gt;",
    "\x1b[31mred\x1b[0m", "\u202egnp.exe", "\u2066\u2069", "\ufeffbom", "\x00null", "\x85\x9b2J",
    "javascript:alert(1)", "' onmouseover='x", '" style="x', "--><!--", "]]>", "<!DOCTYPE x>",
    "{{ 7 * 7 }}", "{% raw %}", "=cmd|' /C calc'!A0", "$\\frac{1}{2}$", "url(#x)", "日本語",
    "line\nbreak", "tab\there", "</style><style>*{display:none}", "a" * 400,
)  # fmt: skip
NAMES = [f"{piece}-{i}" for i, piece in enumerate(PIECES * 4)]
INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def _everywhere(names: list[str]) -> str:
    """A page with `names` in every place that a log reaches."""
    windows = make_windows((names[0], names[1]))
    account = make_account(windows)
    windows.loc[windows["reason"].str.startswith("guard"), "reason"] = f"guard: {names[2]}"
    data, evaluation = account["data"], account["evaluation"]
    data["unknown_templates"] = [{"template": name, "count": 1} for name in names[:25]]
    for key in ("events", "programs", "interfaces"):
        data[key] = dict.fromkeys(names, 1)
    data["files"][0]["path"] = names[3]
    data["warnings"][0]["examples"] = names[:3]
    volume = evaluation["alert_volume"]
    volume["by_access_point"] = [
        {"entity": name, "windows": 1, "alerts": 1, "alerts_per_day": 1.0} for name in names
    ]
    volume["guard_reasons"] = dict.fromkeys(names, 1)
    features: dict[str, Any] = account["features"]
    features["used"] = [*features["used"], names[4]]
    features["constant"] = names[:20]
    features["unavailable"] = dict.fromkeys(names, "no such line")
    features["distributions"][names[4]] = features["distributions"]["n_events"]
    evaluation["feature_importance"] = dict.fromkeys(names, 0.1)
    evaluation["verdict"] = names[5]
    evaluation["incidents"]["recalls"][0]["incident"] = names[6]
    account["model"]["version"] = names[7]
    return render_report(
        account,
        windows,
        incidents=make_incidents(),
        config={"source": {"path": names[8], "ssids": names[:5]}},
        command=names[9],
    )


@pytest.mark.parametrize("turn", [0, 13])
def test_a_hundred_hostile_names_stay_text(turn: int) -> None:
    """The page with hostile names has exactly the structure of the page with plain ones."""
    names = NAMES[turn:] + NAMES[:turn]
    hostile, plain = read(_everywhere(names)), read(_everywhere([f"n{i}" for i in range(100)]))
    assert hostile.faults == []
    assert [one.tag for one in hostile.elements if "svg" not in one.inside] == [
        one.tag for one in plain.elements if "svg" not in one.inside
    ]
    assert not [one for one in hostile.elements for a in one.attributes if a.startswith("on")]


def test_no_control_or_bidi_character_reaches_the_page() -> None:
    """ESC, NUL, bidi marks and zero-width characters are shown as escapes."""
    html = _everywhere(NAMES)
    assert not INVISIBLE.search(html)
    assert r"\x1b[31mred" in html
    assert r"\u202egnp.exe" in html


def test_dollar_signs_are_no_formulas() -> None:
    """A station named like TeX is not set as mathematics in a chart."""
    windows = make_windows()
    account = make_account(windows)
    account["evaluation"]["feature_importance"] = {r"$\frac{1}{2$": 1.0}
    assert r">$\frac{1}{2$<" in render_report(account, windows)


def test_a_sweep_with_hostile_errors_stays_text() -> None:
    """Errors of failed jobs and unknown keys of a sweep are text, too."""
    sweep = make_sweep()
    jobs = [{"job": 10 + i, "status": "failed", "error": name} for i, name in enumerate(NAMES)]
    plain = [{**job, "error": "plain"} for job in jobs]
    hostile_page = read(render_sweep_report({**sweep, "jobs": sweep["jobs"] + jobs}))
    plain_page = read(render_sweep_report({**sweep, "jobs": sweep["jobs"] + plain}))
    assert hostile_page.faults == []
    assert [one.tag for one in hostile_page.elements] == [one.tag for one in plain_page.elements]
