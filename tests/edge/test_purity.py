"""An edge box needs numpy and nothing heavier."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.edge.made import folder_of, sound_files

_PROGRAM = """
import json, sys
from pathlib import Path
import numpy as np
from wifitrain.edge import load_folder
model = load_folder(Path(sys.argv[1]))
judged = model.judge(np.zeros((1, len(model.columns))), kinds=[["event:associated"]])
heavy = {"sklearn", "scipy", "pandas", "joblib", "duckdb", "ibis", "pyarrow", "hydra", "omegaconf"}
print(json.dumps([judged.score.tolist(), sorted(heavy & set(sys.modules))]))
"""


def test_loading_and_scoring_import_numpy_alone(tmp_path: Path) -> None:
    """In a fresh process no scikit-learn, scipy, pandas, joblib or engine is imported."""
    folder = folder_of(tmp_path / "package", sound_files())
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(folder)], capture_output=True, text=True, check=True
    )
    scores, heavy = json.loads(done.stdout)
    assert heavy == []
    assert 0 < scores[0] < 1
