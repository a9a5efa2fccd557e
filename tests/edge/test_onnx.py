"""model.onnx gives the scores of the edge artefact."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from tests.edge.made import edge_of, folder_of, pipeline, sound_files, windows
from wifitrain.edge import onnx_file
from wifitrain.edge.onnx_file import onnx_bytes
from wifitrain.errors import PackageError

_FORESTS = [{}, {"max_features": 0.5, "bootstrap": True}, {"max_samples": 1}, {"max_samples": 2}]


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("forest", _FORESTS)
def test_onnx_scores_equal_the_edge_models(forest: dict, scaled: bool) -> None:
    """To 1e-12 in onnxruntime, on training windows, far outside and undefined."""
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    X = windows(400, 5)
    edge = edge_of(pipeline(X, scaled=scaled, n_estimators=25, **forest), X)
    session = runtime.InferenceSession(onnx_bytes(edge), providers=["CPUExecutionProvider"])
    rows = np.vstack([X, 60 * windows(200, 5, seed=2), np.full((1, 5), np.nan)])
    (scores,) = session.run(["score"], {"X": rows})
    assert np.abs(scores - edge.score(rows)).max() <= 1e-12


def test_the_same_model_gives_the_same_onnx_bytes() -> None:
    """A file made twice is one file."""
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    X = windows()
    edge = edge_of(pipeline(X, n_estimators=5), X)
    assert onnx_bytes(edge) == onnx_bytes(edge)


def test_without_the_extra_the_message_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, status 1, and nothing is written."""
    if importlib.util.find_spec("onnx"):
        pytest.skip("the extra onnx is installed")
    folder, target = folder_of(tmp_path / "package", sound_files()), tmp_path / "model.onnx"
    assert onnx_file.main([str(folder), str(target)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not target.exists()
    X = windows()
    with pytest.raises(PackageError, match=r"pip install wifitrain\[onnx\]"):
        onnx_bytes(edge_of(pipeline(X, n_estimators=2), X))
