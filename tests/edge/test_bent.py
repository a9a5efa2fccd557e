"""One value of an artefact out of bounds, everything else right: refused by its name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.edge.made import Artefact, refused, sound_files
from wifitrain.edge import DOCUMENT, NPZ, read_model

_Bend = Callable[[Artefact], object]


def _array(name: str, value: object) -> _Bend:
    return lambda bent: bent.arrays.__setitem__(name, np.asarray(value))


def _item(name: str, where: Callable[[Artefact], int], value: float) -> _Bend:
    return lambda bent: bent.arrays[name].__setitem__(where(bent), value)


def _changed(name: str, change: Callable[[np.ndarray], np.ndarray]) -> _Bend:
    return lambda bent: bent.arrays.__setitem__(name, change(bent.arrays[name]))


def _key(key: str, value: object) -> _Bend:
    return lambda bent: bent.document.__setitem__(key, value)


def _inside(*path: str | int, value: object) -> _Bend:
    def bend(bent: Artefact) -> None:
        place = bent.document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return bend


def _inner(bent: Artefact) -> int:
    """A node with children behind the root."""
    return int(np.flatnonzero(bent.arrays["feature"] >= 0)[1])


def _leaf(bent: Artefact) -> int:
    return int(np.flatnonzero(bent.arrays["feature"] < 0)[0])


def _chain(bent: Artefact) -> None:
    """One tree that is one path of 100 levels."""
    n = 201
    inner = np.arange(n) % 2 == 0
    inner[-1] = False
    bent.document["normaliser"] = 8.0
    bent.arrays |= {
        "tree_size": np.array([n], "<i4"),
        "left": np.where(inner, 1, 0).astype("<i4"),
        "right": np.where(inner, 2, 0).astype("<i4"),
        "feature": np.where(inner, 0, -1).astype("<i2"),
        "threshold": np.zeros(n, "<f4"),
        "path_length": np.where(inner, 0, np.minimum(np.arange(n) // 2 + 1, 100)).astype("<f8"),
    }


def _shared_child(bent: Artefact) -> None:
    bent.arrays["right"][_inner(bent)] = bent.arrays["left"][_inner(bent)]


BENT: dict[str, tuple[_Bend, str]] = {
    "cycle": (_item("left", _inner, -1), "a child lies before its parent"),
    "own child": (_item("right", _inner, 0), "a child lies before its parent"),
    "child behind the end": (_item("right", _inner, 2**30), "outside its tree"),
    "child that overflows": (_item("left", _inner, 2**31 - 1), "outside its tree"),
    "child that is most negative": (_item("left", _inner, -(2**31)), "before its parent"),
    "two parents": (_shared_child, "no parent or more than one"),
    "a leaf with children": (_item("left", _leaf, 1), "a leaf has children"),
    "a path of 100 levels": (_chain, "deeper than 64"),
    "feature out of range": (_item("feature", _inner, 3), "feature: must be -1"),
    "feature below -1": (_item("feature", _leaf, -2), "feature: must be -1"),
    "NaN threshold": (_item("threshold", _inner, np.nan), "threshold: must be finite"),
    "infinite threshold": (_item("threshold", _inner, np.inf), "threshold: must be finite"),
    "threshold at a leaf": (_item("threshold", _leaf, 1), "0 at a leaf"),
    "moved threshold": (_changed("threshold", lambda a: a * 2), "canary windows do not get"),
    "NaN path length": (_item("path_length", _leaf, np.nan), "path_length: must be"),
    "negative path length": (_item("path_length", _leaf, -3), "path_length: must be"),
    "endless path length": (_item("path_length", _leaf, 1e300), "path_length: must be"),
    "path length of a node": (_item("path_length", _inner, 1), "path_length: must be"),
    "no trees": (_array("tree_size", np.array([], "<i4")), "0 trees of"),
    "empty tree": (_changed("tree_size", lambda a: np.append(a, a.dtype.type(0))), "must add up"),
    "negative tree": (
        _changed("tree_size", lambda a: np.append(a, [5, -5]).astype("<i4")), "must add up"
    ),
    "tree sizes that overflow": (
        _array("tree_size", np.full(4, 2**31 - 1, "<i4")), "must add up"
    ),
    "other tree borders": (_changed("tree_size", lambda a: a[::-1].copy()), "left, right|canary"),
    "a million trees": (_array("tree_size", np.ones(10**6, "<i4")), "1 to 5000 trees"),
    "short array": (_changed("threshold", lambda a: a[:-1]), r"threshold: \d+ values for"),
    "other type": (_changed("threshold", lambda a: a.astype("<f8")), "must be a float32 array"),
    "other byte order": (_changed("left", lambda a: a.astype(">i4")), "must be a int32 array"),
    "two dimensions": (_changed("left", lambda a: a[np.newaxis]), "must be a int32 array"),
    "objects": (_array("left", np.array([1, "x"], dtype=object)), "must be a int32 array"),
    "fields": (_array("left", np.zeros(3, [("a", "<i4")])), "must be a int32 array"),
    "text": (_array("left", np.array(["0"] * 9)), "must be a int32 array"),
    "missing array": (lambda bent: bent.arrays.pop("right"), "right.npy' is missing"),
    "further array": (_array("extra", np.zeros(1)), "extra.npy' is missing or does not belong"),
    "array outside": (_array("../left", np.zeros(1)), "left.npy' is missing or does not belong"),
    "NaN calibration score": (_array("calibration_scores", [np.nan]), "finite and sorted"),
    "unsorted calibration scores": (_array("calibration_scores", [2.0, 1.0]), "finite and sorted"),
    "no canaries": (
        lambda bent: bent.arrays.update(canary_windows=np.zeros((0, 4)), canary_scores=np.zeros(0)),
        "0 canary windows",
    ),
    "canaries without scores": (_array("canary_scores", [0.5]), "with 1 scores"),
    "wrong canary score": (_changed("canary_scores", lambda a: a + 1e-9), "64 of 64 canary"),
    "NaN canary score": (_changed("canary_scores", lambda a: a * np.nan), "64 of 64 canary"),
    "infinite canary": (_changed("canary_windows", lambda a: a + np.inf), "must not be infinite"),
    "canaries of other width": (_array("canary_windows", np.zeros((64, 3))), "must be a float64"),
    "another format": (_key("format", "wifitrain edge model 2"), "format must be"),
    "another estimator": (_key("model_type", "Pipeline"), "of an IsolationForest"),
    "missing key": (lambda bent: bent.document.pop("threshold"), "'threshold' is missing"),
    "unknown key": (_key("__reduce__", "os.system"), "'__reduce__' does not belong"),
    "threshold as text": (_key("threshold", "0.6"), "threshold must be a number, not '0.6'"),
    "threshold as truth": (_key("threshold", True), "threshold must be a number, not True"),
    "huge number": (_key("threshold", 10**400), "threshold is out of range: a huge number"),
    "negative normaliser": (_key("normaliser", -1), "normaliser is out of range"),
    "tiny normaliser": (_key("normaliser", 5e-324), "normaliser: 4.94066e-324 is out of range"),
    "endless normaliser": (_key("normaliser", 1e300), "normaliser: 1e[+]300 is out of range"),
    "other normaliser": (_key("normaliser", 20.0), "canary windows do not get"),
    "no alerts": (_key("contamination", 0), "contamination is out of range"),
    "no window": (_key("window_s", 0), "window_s must be 1 to"),
    "no features": (_key("features", []), "features must have names|none has a fill"),
    "features as an object": (_key("features", {"f0": 1}), "features must be a list, not dict"),
    "feature as text": (_inside("features", 0, value="f0"), r"features\[0\]: must be an object"),
    "doubled feature": (_inside("features", 0, "name", value="f1"), "each its own"),
    "no fill at all": (
        lambda bent: [feature.pop("fill", 0) for feature in bent.document["features"]],
        "none has a fill",
    ),
    "scale of one": (lambda bent: bent.document["features"][0].pop("scale"), "only some a scale"),
    "zero scale": (_inside("features", 0, "scale", value=0), "scale is out of range: 0"),
    "guard as a list": (_key("guard", [1]), "'guard': must be an object, not list"),
    "guard upside down": (
        _inside("guard", "columns", "f0", "high", value=-9), "high is out of range: -9"
    ),
    "negative spread": (_inside("guard", "columns", "f0", "spread", value=-1), "spread is out"),
    "no margin": (_inside("guard", "margin", value=0), "margin is out of range"),
    "kinds as numbers": (_inside("guard", "kinds", value=[1]), r"kinds\[0\] must be text"),
    "endless kind": (_inside("guard", "kinds", value=["x" * 10**6]), r"kinds\[0\] must be text"),
    "no ceiling": (lambda bent: bent.document["guard"].pop("ceiling"), "'ceiling' is missing"),
    "digest that is none": (_key("model_digest", "../.."), "model_digest must be a SHA-256"),
}  # fmt: skip


def test_the_bending_itself_is_sound() -> None:
    """Taken apart and packed again without a change the artefact is read."""
    artefact = Artefact.sound()
    X = artefact.arrays["canary_windows"]
    files = sound_files()
    expected = read_model(files[NPZ], files[DOCUMENT]).score(X)
    assert np.array_equal(artefact.read().score(X), expected)


@pytest.mark.parametrize(("bend", "match"), BENT.values(), ids=BENT)
def test_what_is_bent_is_refused(bend: _Bend, match: str) -> None:
    """Each with its digests made right: one value out of bounds is named."""
    artefact = Artefact.sound()
    bend(artefact)
    refused(match, artefact.read)
