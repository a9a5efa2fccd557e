"""Parts add up, are Shapley values, and what is said to quieten a window does."""

from itertools import permutations

import numpy as np
import pytest

from tests.edge.made import GUARD, edge_of, pipeline, windows
from wifitrain.edge import Explainer


def _explainer(*, guard=None, scaled=False, columns=4, **forest):
    X = windows(columns=columns)
    return Explainer(model=edge_of(pipeline(X, scaled=scaled, **forest), X, guard=guard))


@pytest.mark.parametrize("scaled", [False, True])
def test_parts_add_up_to_the_score(scaled):
    """log2(score) is the base and the parts, to 1e-9, at odd and ordinary windows alike."""
    explainer = _explainer(scaled=scaled, n_estimators=60)
    odd = np.array([[np.nan] * 4, [1e300] * 4, [-1e300] * 4, [0.0] * 4])
    for window in np.vstack([windows(40, seed=5), odd]):
        found = explainer.explain(window)
        assert abs(np.log2(found.score) - found.base - sum(found.parts.values())) < 1e-9


def test_parts_are_shapley_values_of_the_path_length():
    """Every order of the features, walked tree by tree, gives the same means."""
    explainer = _explainer(n_estimators=7, max_samples=32)
    forest, width = explainer.model.forest, 3
    window = np.array([9.0, -2.0, 0.4, 1.0])
    x = explainer.model.preparation.apply(window[np.newaxis])[0]
    expected = np.zeros(width)
    orders = list(permutations(range(width)))
    for order in orders:
        known: set[int] = set()
        before = _length(explainer, x, known)
        for feature in order:
            known.add(feature)
            after = _length(explainer, x, known)
            expected[feature] += (after - before) / len(orders)
            before = after
    found = explainer.explain(window)
    parts = np.array([found.parts[f"f{n}"] for n in range(width)])
    assert np.allclose(parts, -expected / forest.normaliser, atol=1e-12)
    assert np.isclose(found.base, -_length(explainer, x, set()) / forest.normaliser, atol=1e-12)


def test_mean_path_of_the_training_is_the_base():
    """Training windows of a tree that saw them all have the base as their mean path length."""
    X = windows(64)
    explainer = Explainer(
        model=edge_of(pipeline(X, n_estimators=1, max_samples=64, bootstrap=False), X)
    )
    model = explainer.model
    mean = -np.log2(model.score(X)).mean()
    assert np.isclose(explainer.explain(X[0]).base, -mean, atol=1e-9)


def test_change_that_is_named_ends_the_alert():
    """The window with that one value alerts no more, and a little less of a change still does."""
    explainer = _explainer(n_estimators=60)
    model = explainer.model
    window = np.array([30.0, 0.1, 0.1, 1.0])
    change = explainer.explain(window).quiet
    assert change is not None
    place = model.columns.index(change.feature)
    for value, alerts in ((change.limit, False), (change.limit + 0.001 * _away(change), True)):
        moved = window.copy()
        moved[place] = value
        assert model.judge(moved[np.newaxis]).is_anomaly[0] == alerts
    assert str(change) == f"not alerted with f0 <= {change.limit:.4g}"


def test_window_that_only_the_guard_raises_is_quiet_at_the_edge_of_its_range():
    """A column that the forest never saw vary goes back to the range of the guard."""
    explainer = _explainer(guard={**GUARD, "margin": 1.0}, n_estimators=60)
    window = np.array([2.0, 0.1, 0.1, 1.0, 5.0])
    change = explainer.explain(window, kinds=["event:associated"]).quiet
    assert change is not None
    assert (change.feature, change.limit) == ("only_guarded", 0.0)


def test_unseen_kind_of_line_has_no_quiet_value():
    """No value of a feature takes back an event that was never seen before."""
    explainer = _explainer(guard=GUARD, n_estimators=60)
    window = np.array([2.0, 0.1, 0.1, 1.0, 0.0])
    assert explainer.explain(window, kinds=["event:dfs_radar"]).quiet is None


def test_quiet_window_has_no_change():
    """What does not alert needs nothing."""
    explainer = _explainer(n_estimators=60)
    assert explainer.explain(np.array([3.0, 0.0, 0.0, 1.0])).quiet is None


def _away(change):
    return np.sign(change.value - change.limit)


def _length(explainer, x, known):
    """Expected path length with the features of `known` alone, walked down every tree."""
    forest = explainer.model.forest
    child = forest.child.reshape(-1, 2)

    def windows_below(node):
        if child[node, 0] == node:
            added = forest.path_length[node] - depth[node]
            return _windows(added)
        return windows_below(child[node, 0]) + windows_below(child[node, 1])

    def walk(node):
        left, right = child[node]
        if left == node:
            return forest.path_length[node]
        if forest.feature[node] in known:
            return walk(right if x[forest.feature[node]] > forest.threshold[node] else left)
        share = windows_below(left) / windows_below(node)
        return share * walk(left) + (1 - share) * walk(right)

    depth = {}
    for root in forest.roots:
        waiting = [(root, 0)]
        while waiting:
            node, at = waiting.pop()
            depth[node] = at
            if child[node, 0] != node:
                waiting += [(below, at + 1) for below in child[node]]
    return sum(walk(root) for root in forest.roots)


def _windows(added):
    """Windows in a leaf that adds this much (Liu 2008, eq. 1)."""
    if added == 0:
        return 1
    if added == 1:
        return 2
    n = np.arange(3.0, 1000.0)
    length = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n
    return int(n[np.abs(length - added).argmin()])
