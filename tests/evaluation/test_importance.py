from wifitrain.evaluation.importance import measure_importance

from .made_up import TrainedDistance, case_of, noise


def test_only_the_feature_that_is_listened_to_matters() -> None:
    """A score of the first column alone moves with it and with nothing else."""
    found = measure_importance(case_of(noise(400), make=TrainedDistance), max_rows=1000)
    assert next(iter(found)) == "f0"
    assert found["f0"] > 0.5
    assert [found[name] for name in ("f1", "f2", "f3")] == [0.0, 0.0, 0.0]


def test_importance_is_the_same_in_every_run() -> None:
    """The shuffles come from the seed; fewer rows give other numbers, the same rows the same."""
    case = case_of(noise(400))
    assert measure_importance(case, max_rows=50) == measure_importance(case, max_rows=50)
    assert measure_importance(case, max_rows=50) != measure_importance(case, max_rows=150)
