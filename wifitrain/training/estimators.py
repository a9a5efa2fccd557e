"""One typed factory for each model of conf/model: it checks the values and says how to build.

Adding a model is a YAML file and a factory here. `contamination` is checked and kept for the
record only: it is the alert budget, reaches the calibrator and never changes a fit.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError
from wifitrain.training.checks import check_count_or_share, check_flag, check_integer, check_number

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

__all__ = [
    "EstimatorSpec",
    "ecod",
    "elliptic_envelope",
    "hbos",
    "isolation_forest",
    "local_outlier_factor",
    "one_class_svm",
    "pca_reconstruction",
    "robust_zscore",
]

Build = Callable[[Mapping[str, Any]], "BaseEstimator"]


@dataclass(frozen=True, kw_only=True)
class EstimatorSpec:
    """An estimator that is not fitted: what it is and how to make one.

    `build` takes the parameters and returns an estimator with `fit`, `predict` (-1 = anomaly) and
    `score_samples` (lower = more anomalous, as scikit-learn has it).
    """

    name: str
    build: Build
    parameters: Mapping[str, Any]
    scaled: bool  # needs features on one scale
    seeded: bool  # another random_state gives another model
    grows: bool = False  # a forest: n_estimators, and longer ones extend shorter ones

    @property
    def identity(self) -> str | None:
        """What is built, where this package knows it: None for a user's own component."""
        return repr(self.build) if isinstance(self.build, _Imported) else None


def isolation_forest(
    *,
    type: str,  # noqa: A002 - the design's key
    n_estimators: int | str,
    max_samples: int | float | str,
    contamination: float,
    random_state: int,
    bootstrap: bool,
    max_features: int | float,
) -> EstimatorSpec:
    """Isolation forest (Liu, Ting, Zhou: ICDM 2008)."""
    _check_common(type, "isolation_forest", contamination)
    if n_estimators != "auto":
        check_integer("model.n_estimators", n_estimators, minimum=1)
    if max_samples != "auto":
        check_count_or_share("model.max_samples", max_samples)
    check_count_or_share("model.max_features", max_features)
    check_integer("model.random_state", random_state, minimum=0)
    check_flag("model.bootstrap", bootstrap)
    return EstimatorSpec(
        name="isolation_forest",
        build=_imported("sklearn.ensemble", "IsolationForest", contamination="auto"),
        parameters={
            "n_estimators": n_estimators,
            "max_samples": max_samples,
            "max_features": max_features,
            "bootstrap": bootstrap,
            "random_state": random_state,
        },
        scaled=False,
        seeded=True,
        grows=True,
    )


def local_outlier_factor(
    *,
    type: str,  # noqa: A002
    n_neighbors: int,
    contamination: float,
) -> EstimatorSpec:
    """Local outlier factor for new windows (Breunig et al.: SIGMOD 2000)."""
    _check_common(type, "local_outlier_factor", contamination)
    check_integer("model.n_neighbors", n_neighbors, minimum=1)
    return EstimatorSpec(
        name="local_outlier_factor",
        build=_imported("sklearn.neighbors", "LocalOutlierFactor", novelty=True),
        parameters={"n_neighbors": n_neighbors},
        scaled=True,
        seeded=False,
    )


def one_class_svm(
    *,
    type: str,  # noqa: A002
    nu: float,
    gamma: float | str,
    contamination: float,
) -> EstimatorSpec:
    """One-class support vector machine, RBF kernel (Schoelkopf et al.: Neural Comp. 2001)."""
    _check_common(type, "one_class_svm", contamination)
    check_number("model.nu", nu, above=0, most=1)
    if gamma not in {"scale", "auto"}:
        check_number("model.gamma", gamma, above=0)
    return EstimatorSpec(
        name="one_class_svm",
        build=_imported("sklearn.svm", "OneClassSVM"),
        parameters={"nu": nu, "gamma": gamma},
        scaled=True,
        seeded=False,
    )


def elliptic_envelope(
    *,
    type: str,  # noqa: A002
    support_fraction: float | None,
    contamination: float,
    random_state: int,
) -> EstimatorSpec:
    """Robust Mahalanobis distance (Rousseeuw, Van Driessen: Technometrics 1999).

    Its scores vary in the last digits with the BLAS kernel.
    """
    _check_common(type, "elliptic_envelope", contamination)
    if support_fraction is not None:
        check_number("model.support_fraction", support_fraction, above=0, most=1)
    check_integer("model.random_state", random_state, minimum=0)
    return EstimatorSpec(
        name="elliptic_envelope",
        build=_imported("sklearn.covariance", "EllipticEnvelope"),
        parameters={"support_fraction": support_fraction, "random_state": random_state},
        scaled=True,
        seeded=True,
    )


def pca_reconstruction(
    *,
    type: str,  # noqa: A002
    explained_variance: float,
    contamination: float,
) -> EstimatorSpec:
    """Distance from the leading principal components (Shyu et al.: ICDM 2003 workshop).

    Its scores vary in the last digits with the BLAS kernel.
    """
    _check_common(type, "pca_reconstruction", contamination)
    check_number("model.explained_variance", explained_variance, above=0, below=1)
    return EstimatorSpec(
        name="pca_reconstruction",
        build=_imported("wifitrain.training.baselines", "PCAReconstruction"),
        parameters={"explained_variance": explained_variance},
        scaled=True,
        seeded=False,
    )


def robust_zscore(
    *,
    type: str,  # noqa: A002
    contamination: float,
) -> EstimatorSpec:
    """Largest distance of any feature from its median in robust spreads: the plain baseline."""
    _check_common(type, "robust_zscore", contamination)
    return EstimatorSpec(
        name="robust_zscore",
        build=_imported("wifitrain.training.baselines", "RobustZScore"),
        parameters={},
        scaled=False,
        seeded=False,
    )


def hbos(
    *,
    type: str,  # noqa: A002
    n_bins: int,
    contamination: float,
) -> EstimatorSpec:
    """Histogram-based outlier score (Goldstein, Dengel: KI 2012), by PyOD."""
    _check_common(type, "hbos", contamination)
    check_integer("model.n_bins", n_bins, minimum=2)
    _check_pyod("hbos")
    return EstimatorSpec(
        name="hbos",
        build=_imported("wifitrain.training.baselines", "PyODDetector", detector="hbos"),
        parameters={"n_bins": n_bins},
        scaled=False,
        seeded=False,
    )


def ecod(
    *,
    type: str,  # noqa: A002
    contamination: float,
) -> EstimatorSpec:
    """Empirical cumulative distributions (Li et al.: TKDE 2022), by PyOD."""
    _check_common(type, "ecod", contamination)
    _check_pyod("ecod")
    return EstimatorSpec(
        name="ecod",
        build=_imported("wifitrain.training.baselines", "PyODDetector", detector="ecod"),
        parameters={},
        scaled=False,
        seeded=False,
    )


@dataclass(frozen=True)
class _Imported:
    """A build that imports the class only when something is fitted: start-up stays quick."""

    module: str
    name: str
    fixed: Mapping[str, object]

    def __call__(self, parameters: Mapping[str, Any]) -> BaseEstimator:
        return getattr(importlib.import_module(self.module), self.name)(**self.fixed, **parameters)


def _imported(module: str, name: str, **fixed: object) -> Build:
    return _Imported(module, name, fixed)


def _check_common(kind: str, expected: str, contamination: float) -> None:
    if kind != expected:
        raise ConfigError(
            f"model.type is {kind!r} but the chosen model is {expected!r}: choose with model={kind}"
        )
    check_number("model.contamination", contamination, above=0, most=0.5)


def _check_pyod(name: str) -> None:
    if importlib.util.find_spec("pyod") is None:
        raise ConfigError(f"model={name} needs PyOD: pip install 'wifitrain[pyod]'")
