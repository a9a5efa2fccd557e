import subprocess
import sys
from pathlib import Path

import pytest

from wifitrain.errors import ConfigError
from wifitrain.evaluation import Evaluator

from .made_up import evidence_of, noise


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrics": ["accuracy", "auc"]}, r"evaluation\.metrics must be one of .*, got 'auc'"),
        ({"metrics": "accuracy"}, r"evaluation\.metrics must be a list of .*, got 'accuracy'"),
        (
            {"thresholds": {"recall": 7}},
            r"evaluation\.thresholds\.recall must be in \[0, 1\], got 7",
        ),
        ({"thresholds": {"recal": 0.7}}, r"evaluation\.thresholds must be one of .*, got 'recal'"),
        ({"thresholds": [0.7]}, r"evaluation\.thresholds must be a mapping"),
        ({"cross_validation": "yes"}, r"evaluation\.cross_validation must be true or false"),
        ({"cross_validation_folds": 1}, r"cross_validation_folds must be .* at least 2, got 1"),
        ({"stability_seeds": 1}, r"stability_seeds must be a whole number of at least 2, got 1"),
        ({"stability_sizes": [0]}, r"stability_sizes must be a whole number of at least 1, got 0"),
        ({"stability_sizes": 100}, r"stability_sizes must be a list of whole numbers, got 100"),
        ({"null_seeds": True}, r"null_seeds must be a whole number of at least 2, got True"),
        ({"bootstrap_rounds": 10.5}, r"bootstrap_rounds must be a whole number .*, got 10\.5"),
        ({"importance_rows": 1}, r"importance_rows must be .* at least 10, got 1"),
        ({"threshold_grid": [0.6]}, r"threshold_grid must be in \[0, 0\.5\], got 0\.6"),
        ({"threshold_grid": [0]}, r"threshold_grid must be a list of numbers in \(0, 0\.5\]"),
        ({"threshold_grid": 0.1}, r"threshold_grid must be a list of numbers, got 0\.1"),
        ({"false_discovery_rate": 0}, r"false_discovery_rate must be in \[0\.001, 0\.5\], got 0"),
        ({"gates": {"on_fail": "error"}}, r"evaluation\.gates must be one of .*, got 'on_fail'"),
        ({"gates": "error"}, r"evaluation\.gates must be a mapping, got 'error'"),
        ({"random_state": -1}, r"random_state must be a whole number of at least 0, got -1"),
    ],
)
def test_wrong_values_are_refused_by_name(options, message) -> None:
    """The constructor is the schema: each message names the full key and the value."""
    with pytest.raises(ConfigError, match=message):
        Evaluator(**options)


def test_constructing_imports_nothing_heavy() -> None:
    """Config errors stay quick: no scikit-learn, pandas or scipy before there is data."""
    program = (
        "import sys; from wifitrain.evaluation import Evaluator; Evaluator();"
        "print([m for m in ('sklearn', 'pandas', 'scipy', 'duckdb', 'ibis') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_is_switched_off_is_absent() -> None:
    """Cross-validation, importance and rank stability leave no key when they are off."""
    off = {"cross_validation": False, "importance": False, "subsample_rounds": 0}
    section = evidence_of(noise(400), **off).to_json()
    assert not {"cross_validation", "feature_importance", "rank_stability"} & set(section)
