"""The pages in a real browser: no complaint on its console, light and dark, no text that acts.

With WIFITRAIN_UPDATE_SCREENSHOTS=1 the pages are of real trainings on the bundled sample, and their
pictures go to docs/.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.report.made import make_account, make_incidents, make_sweep, make_windows
from tests.report.made_scored import make_scored
from tests.report.reading import read
from wifitrain.report import write_report, write_score_report, write_sweep_report

ROOT = Path(__file__).resolve().parents[2]
UPDATE = os.environ.get("WIFITRAIN_UPDATE_SCREENSHOTS") == "1"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--enable-logging=stderr",
)  # fmt: skip


class Browser:
    """Headless Chromium with a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        self.program = program
        self.profile = profile

    def run(self, page: Path, *flags: str) -> tuple[str, list[str]]:
        """What Chromium prints of the page, and the lines of its console."""
        done = subprocess.run(
            [self.program, *FLAGS, f"--user-data-dir={self.profile}", *flags, page.as_uri()],
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
        )
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    def picture(self, page: Path, to: Path, *flags: str, size: str = "1280,2400") -> list[str]:
        """Take a picture of the page; the lines of its console."""
        return self.run(page, f"--screenshot={to}", f"--window-size={size}", *flags)[1]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser, or the reason why there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if program := shutil.which(name):
            return Browser(program, tmp_path_factory.mktemp("profile"))
    pytest.skip("no chromium, chromium-browser or google-chrome on PATH")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of a run, of a sweep and of a scored export."""
    folder = tmp_path_factory.mktemp("pages")
    write_score_report(make_scored(), folder / "scored.html")
    if UPDATE:
        return {**_trained(folder), "scored": folder / "scored.html"}
    windows = make_windows()
    write_report(make_account(windows), windows, folder / "report.html", incidents=make_incidents())
    write_sweep_report(make_sweep(), folder / "sweep.html")
    return {name: folder / f"{name}.html" for name in ("report", "sweep", "scored")}


def _trained(folder: Path) -> dict[str, Path]:
    """One run and one sweep of the bundled sample."""
    common = [sys.executable, "-m", "wifitrain", f"storage.directory={folder}/models"]
    run, sweep = folder / "run", folder / "sweep"
    commands = (
        [*common, f"hydra.run.dir={run}"],
        [*common, "experiment=sweep", f"hydra.sweep.dir={sweep}"],
    )
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True, timeout=900)
    return {"report": run / "report.html", "sweep": sweep / "sweep.html"}


def _brightness(picture: Path) -> float:
    from matplotlib.image import imread

    return float(np.asarray(imread(picture))[..., :3].mean())


@pytest.mark.parametrize("name", ["report", "sweep", "scored"])
def test_the_page_opens_without_a_complaint(
    browser: Browser, pages: dict[str, Path], tmp_path: Path, name: str
) -> None:
    """Chromium draws the page, light and dark, and its console stays empty."""
    folder = ROOT / "docs" if UPDATE and name != "scored" else tmp_path
    light, dark = folder / f"{name}.png", tmp_path / f"{name}-dark.png"
    height = 2400 if name == "report" else 1700
    assert browser.picture(pages[name], light, size=f"1280,{height}") == []
    assert browser.picture(pages[name], dark, "--force-dark-mode") == []
    assert _brightness(light) > 0.8
    assert _brightness(dark) < 0.3


def test_what_the_browser_reads_is_what_was_written(
    browser: Browser, pages: dict[str, Path]
) -> None:
    """The browser repairs nothing: its elements are those of the file."""
    dom, _ = browser.run(pages["report"], "--dump-dom")
    written = read(pages["report"].read_text(encoding="utf-8"))
    assert [one.tag for one in read(dom).elements] == [one.tag for one in written.elements]


def test_a_hostile_name_is_text_to_the_browser(browser: Browser, tmp_path: Path) -> None:
    """A station that closes tags and opens scripts adds no element, and nothing runs."""
    name = "</title></svg><script>console.log('ran')</script><img src=x onerror=console.log(1)>"
    windows = make_windows((name, "ap-02"))
    account = make_account(windows)
    account["evaluation"]["feature_importance"] = {name: 1.0}
    write_report(account, windows, tmp_path / "report.html")
    dom, console = browser.run(tmp_path / "report.html", "--dump-dom")
    assert console == []
    assert not [one for one in read(dom).elements if one.tag in {"script", "img"}]


def test_the_console_would_tell(browser: Browser, tmp_path: Path) -> None:
    """The check itself: a page that breaks its own policy is complained about."""
    page = tmp_path / "bad.html"
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
    page.write_text(f"<!DOCTYPE html><title>x</title>{policy}<script>1</script>")
    assert browser.run(page, "--dump-dom")[1] != []


@pytest.mark.parametrize("name", ["report", "scored"])
def test_a_phone_is_wide_enough(
    browser: Browser, pages: dict[str, Path], tmp_path: Path, name: str
) -> None:
    """At 500 pixels nothing sticks out of the page: its right edge is all paper."""
    from matplotlib.image import imread

    picture = tmp_path / "phone.png"
    browser.picture(pages[name], picture, size="500,2600")
    edge = np.asarray(imread(picture))[:, -6:, :3]
    assert float(edge.std(axis=(0, 1)).max()) < 0.01
