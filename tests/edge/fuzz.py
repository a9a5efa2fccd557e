"""Damage at random: python -m tests.edge.fuzz [--flips 10000] [--structured 20000] [--seed 1].

Flips turn single bits of the two files, half of them with the digests made right afterwards.
Structured faults bend values, arrays, keys and ZIP members of an artefact and make every digest
right. Each case must end in a PackageError or in the scores that a slow, plain reading of the same
bytes gives; never in another error, and in under five seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np

from tests.edge import reference
from tests.edge.made import Artefact, sound_files, windows, zipped
from wifitrain.edge import DOCUMENT, NPZ, read_model
from wifitrain.errors import PackageError

_NUMBERS = (0, 1, -1, 2, 1e-300, 1e300, -1e300, np.nan, np.inf, -np.inf, 2**15, 2**31 - 1, -(2**31))
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, 10**30, 1e308, 5e-324, "", "x", "\x00", "f1", [], [[]], {},
    {"a": {}}, [None], ["x"], "9" * 5000, {"low": 1, "high": 0, "spread": 0},
)  # fmt: skip
_DTYPES = ("<i4", "<i2", "<f4", "<f8", ">i4", "<i8", "?", "<c16", "<U2", "<M8[s]", "O")
_MOST_S = 5.0
_Case = tuple[bytes, bytes]


def flipped(rng: np.random.Generator) -> _Case:
    """One bit of one file is another; model.json is told the new digest or not."""
    files = {name: bytearray(content) for name, content in sound_files().items()}
    name = NPZ if rng.random() < 0.7 else DOCUMENT
    files[name][rng.integers(len(files[name]))] ^= 1 << int(rng.integers(8))
    npz, document = bytes(files[NPZ]), bytes(files[DOCUMENT])
    if name == NPZ and rng.random() < 0.7:
        document = Artefact.sound().text(npz)
    return npz, document


def structured(rng: np.random.Generator) -> _Case:
    """One to three faults, every digest made right."""
    artefact = Artefact.sound()
    for _ in range(rng.integers(1, 4)):
        fault = rng.choice(np.array([_bend_value, _bend_array, _bend_tree, _bend_document]))
        fault(artefact, rng)
    npz = artefact.npz()
    if rng.random() < 0.1:
        npz = _bend_zip(npz, rng)
    return npz, artefact.text(npz)


def _bend_value(artefact: Artefact, rng: np.random.Generator) -> None:
    array = _any_array(artefact, rng)
    if array.size and array.dtype.kind in "if":
        number = rng.choice([*_NUMBERS, rng.normal(), rng.integers(100)])
        with np.errstate(all="ignore"):
            array.flat[rng.integers(array.size)] = np.float64(number).astype(array.dtype)


def _bend_array(artefact: Artefact, rng: np.random.Generator) -> None:
    name = rng.choice(list(artefact.arrays))
    array = artefact.arrays[name]
    bends: tuple[Callable[[], np.ndarray], ...] = (
        lambda: array[: rng.integers(len(array) + 1)],
        lambda: np.concatenate([array, array[:3]]),
        lambda: array[::-1],
        lambda: rng.permutation(array),
        lambda: array.astype(rng.choice(_DTYPES)),
        lambda: array[np.newaxis],
        lambda: np.zeros_like(array),
        lambda: _any_array(artefact, rng),
    )
    with np.errstate(all="ignore"):
        try:
            artefact.arrays[name] = np.array(bends[rng.integers(len(bends))]())
        except (ValueError, TypeError):  # a cast that numpy does not do
            artefact.arrays.pop(name)


def _bend_tree(artefact: Artefact, rng: np.random.Generator) -> None:
    """A step, feature or size that is nearly right."""
    array = artefact.arrays.get(rng.choice(["left", "right", "feature", "tree_size"]))
    if array is not None and array.size and array.dtype.kind == "i":
        array.flat[rng.integers(array.size)] += rng.integers(-2, 3)


def _bend_document(artefact: Artefact, rng: np.random.Generator) -> None:
    """Another value, or none, at any place of the document."""
    place: Any = artefact.document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = keys[rng.integers(len(keys))]
        if isinstance(place[key], dict | list) and rng.random() < 0.8:
            place = place[key]
            continue
        if rng.random() < 0.2:
            del place[key]
        else:
            place[key] = _VALUES[rng.integers(len(_VALUES))]
        return


def _bend_zip(npz: bytes, rng: np.random.Generator) -> bytes:
    with zipfile.ZipFile(BytesIO(npz)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    name = rng.choice(list(members))
    cut = int(rng.integers(len(members[name]) + 1))
    members[name] = rng.choice(np.array([members[name][:cut], members[name] + b"\0" * cut]))
    return zipped(members)[: None if rng.random() < 0.8 else int(rng.integers(1, len(npz)))]


def _any_array(artefact: Artefact, rng: np.random.Generator) -> np.ndarray:
    return artefact.arrays[rng.choice(list(artefact.arrays))]


def outcome(case: _Case) -> str:
    """`refused` or `right`; AssertionError for a silent difference, or too slow."""
    start = time.perf_counter()
    try:
        model = read_model(*case)
        X = windows(40, len(model.features), seed=9)
        scores = model.score(X)
        model.judge(np.zeros((2, len(model.columns))), kinds=[["event:new"], []])
    except PackageError:
        return "refused"
    finally:
        assert time.perf_counter() - start < _MOST_S, "too slow"
    assert np.abs(scores - reference.score(*case, X)).max() <= 1e-12, "silently different"
    return "right"


def run(make: Callable[[np.random.Generator], _Case], cases: int, *, seed: int) -> Counter[str]:
    """Outcomes of so many cases; the first that is neither is raised with its number."""
    counts: Counter[str] = Counter()
    for number in range(cases):
        try:
            counts[outcome(make(np.random.default_rng([seed, number])))] += 1
        except Exception as error:
            raise AssertionError(f"{make.__name__} case [{seed}, {number}]: {error!r}") from error
    return counts


def main(arguments: list[str]) -> int:
    """Run both kinds and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--structured", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    warnings.simplefilter("error")
    for make, cases in ((flipped, asked.flips), (structured, asked.structured)):
        counts = run(make, cases, seed=asked.seed)
        print(json.dumps({"cases": make.__name__, **counts}))  # noqa: T201 - a program
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
