"""A log that is followed tells what the same log tells as a whole, whatever happens meanwhile."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from tests.light.made import Show, environment, follower_of
from wifitrain.engine import Engine
from wifitrain.errors import ConfigError
from wifitrain.light import Output, load_light, write

_CONSOLE = "wifitrain.light.console"
_KILLS = 3


def _lines(show):
    return show.log.read_bytes().splitlines()


def _sorted(told):
    return sorted(json.dumps(one, sort_keys=True) for one in told)


@pytest.mark.parametrize("pieces", [1, 4])
def test_pieces_give_the_features_scores_and_notices_of_the_whole(show, scored, pieces):
    """Every feature bit by bit, every verdict, every explanation: in one piece or in several."""
    lines = _lines(show)
    size = -(-len(lines) // pieces)
    steps = []
    with Engine(memory_limit="512MB") as engine:
        follower = follower_of(show, engine)
        steps += [
            follower.take(lines[start : start + size], last=start + size >= len(lines))
            for start in range(0, len(lines), size)
        ]
    frame = pd.concat([step.windows for step in steps], ignore_index=True)
    X = pd.concat([step.X for step in steps], ignore_index=True)
    order = frame.sort_values(["entity", "start"]).index
    pd.testing.assert_frame_equal(
        frame.loc[order].reset_index(drop=True), scored.frame, check_exact=True
    )
    pd.testing.assert_frame_equal(
        X.loc[order].reset_index(drop=True), scored.windows.X, check_exact=True
    )
    assert _sorted(one for step in steps for one in step.told) == _sorted(scored.told)
    assert follower.late == 0


def test_stopped_follower_goes_on_from_its_state(show, scored):
    """Saved after some pieces, restored into another engine: the same notices, each once."""
    lines = _lines(show)
    told, state, kept = [], None, None
    for start in range(0, len(lines), size := len(lines) // 3 + 1):
        with Engine() as engine:
            follower = follower_of(show, engine)
            if state is not None:
                follower.restore(json.loads(state), kept)
            told += follower.take(lines[start : start + size], last=start + size >= len(lines)).told
            state, kept = json.dumps(follower.to_json()), follower.remembered()
            assert kept.num_rows < len(lines) / 10
    assert _sorted(told) == _sorted(scored.told)
    assert b"\xff" not in state.encode()


def test_state_holds_no_address_in_clear(show):
    """Rows and texts that are remembered are pseudonymised."""
    with Engine() as engine:
        follower = follower_of(show, engine)
        follower.take(_lines(show)[:500])
        text = str(follower.remembered().to_pylist()) + json.dumps(follower.to_json())
    addresses = {
        word.lower()
        for line in _lines(show)[:500]
        for word in line.decode().split()
        if word.count(":") == 5
    }
    assert addresses
    assert not [address for address in addresses if address in text.lower()]


def _said(clock, *, at="ap-01"):
    return f"<30>Mar  4 {clock} {at} hostapd: wl0: STA 02:00:00:00:00:01 IEEE 802.11: associated"


@pytest.mark.parametrize(("lateness_s", "late", "cut"), [(60, 1, 5), (60, 1, 2), (1200, 0, 2)])
def test_line_that_comes_too_late_is_counted_and_left_out(show, lateness_s, late, cut):
    """Its window is over by the lines before it, in one piece or two; others have their clock."""
    lines = [_said(clock).encode() for clock in ("00:00:10", "00:20:00", "00:05:00", "00:21:00")]
    lines.insert(3, _said("00:06:00", at="ap-02").encode())
    with Engine() as engine:
        follower = follower_of(show, engine, lateness_s=lateness_s)
        for piece in filter(None, (lines[:cut], lines[cut:])):
            follower.take(piece)
        assert (follower.late, follower.lines) == (late, len(lines) - late)


def test_state_of_other_windows_is_refused(show):
    """A version with other windows cannot go on from it."""
    with Engine() as engine:
        follower = follower_of(show, engine)
        state = {**follower.to_json(), "window_s": 60}
        with pytest.raises(ConfigError, match="windows of 60 s"):
            follower.restore(state, None)


def _started(show: Show, folder, *more):
    return subprocess.Popen(
        [sys.executable, "-m", _CONSOLE, str(show.model), "--follow", str(folder / "live.log"),
         "--year", "2026", "--state", str(folder / "state"), "--output",
         str(folder / "told.jsonl"), "--interval", "0.1", "--batch-lines", "700", *more],
        env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _await(path, *, least=0):
    for _ in range(1200):
        if path.exists() and path.stat().st_size >= least:
            return
        time.sleep(0.05)
    pytest.fail(f"{path} does not come")


def test_killed_at_any_moment_no_notice_is_lost_or_doubled(show, scored, tmp_path):
    """The log is written in bits and rotated, the follower killed three times (SIGKILL)."""
    draw = random.Random(5)
    content, live, at = show.log.read_bytes(), tmp_path / "live.log", 0
    for turn in range(_KILLS):
        process = _started(show, tmp_path)
        # in the middle of a line
        end = len(content) * (turn + 1) // (_KILLS + 1) + draw.randrange(40)
        if turn == 1:  # whoever rotates a log writes whole lines
            end = content.index(b"\n", end) + 1
        with live.open("ab") as file:
            file.write(content[at:end])
        at = end
        _await(tmp_path / "state")
        if turn == 2:
            _await(tmp_path / "told.jsonl", least=1)  # killed in the middle of its work
        time.sleep(3 * draw.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        if turn == 1:
            live.rename(tmp_path / "live.log.1")
    with live.open("ab") as file:
        file.write(content[at:])
    last = _started(show, tmp_path, "--stop-at-end")
    assert last.wait(120) == 0, last.stderr.read()
    last.stderr.close()
    told = [json.loads(line) for line in (tmp_path / "told.jsonl").read_text().splitlines()]
    assert _sorted(told) == _sorted(scored.told)


def test_standard_input_ends_the_log(show, scored, tmp_path):
    """Lines from a pipe give the notices of the whole log; no state is needed."""
    with show.log.open("rb") as log:
        done = subprocess.run(
            [sys.executable, "-m", _CONSOLE, str(show.model), "--follow", "-", "--year", "2026"],
            stdin=log, capture_output=True, check=True, env=environment(), cwd=tmp_path,
        )  # fmt: skip
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert _sorted(told) == _sorted(scored.told)


def test_terminated_follower_ends_well(show, tmp_path):
    """SIGTERM is an orderly end: the state is there, the account is said."""
    (tmp_path / "live.log").write_bytes(show.log.read_bytes()[:50_000])
    process = _started(show, tmp_path)
    _await(tmp_path / "state")
    process.terminate()
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0
    assert "windows" in said
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o600


def test_light_scorer_needs_neither_hydra_nor_scikit_learn(show, tmp_path):
    """A run from reading to notices imports none of the training's heavy packages."""
    program = (
        "import sys, json\nfrom wifitrain.light.console import main\n"
        f"status = main([{str(show.model)!r}, {str(show.log)!r}, '--year', '2026', '--output',"
        " 'out', '--format', 'jsonl'])\n"
        "heavy = {'sklearn', 'scipy', 'hydra', 'omegaconf', 'joblib'} & set(sys.modules)\n"
        "print(json.dumps([status, sorted(heavy)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=environment(), cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(done.stdout) == [0, []]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "table"])
def test_windows_and_incidents_come_in_every_format(scored, tmp_path, form):
    """The file is there, whole, and says as many windows as were scored."""
    out = tmp_path / f"out.{form}"
    output = Output(format=form, path=str(out), show="windows")
    write(output.content(scored.frame, scored.told), output.path)
    windows = len(scored.frame)
    if form == "parquet":
        assert len(pd.read_parquet(out)) == windows
    elif form == "table":
        assert f"of {windows} windows alert" in out.read_text()
    else:
        assert len(out.read_text().splitlines()) == windows + (form == "csv")


def test_version_without_edge_artefact_is_refused(show, tmp_path):
    """A folder that is no version ends in one line."""
    done = subprocess.run(
        [sys.executable, "-m", _CONSOLE, str(show.model.parent / "model_x"), str(show.log)],
        capture_output=True, text=True, check=False, env=environment(), cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert load_light(show.model).version == show.model.name
