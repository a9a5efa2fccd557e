"""A run and a sweep made by hand: every section of the page has something to show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from wifitrain.report import summarise_features

FEATURES = ("n_events", "unique_mac_count", "silence_s", "forced_deauth_count")
DAY_S = 86_400


def make_windows(
    entities: tuple[str, ...] = ("ap-01", "ap-02"), *, per_entity: int = 288, labelled: bool = True
) -> pd.DataFrame:
    """Windows of 5 minutes; the last fifth is the test part, with a labelled burst for a guard."""
    frames = [_entity(name, per_entity, seed) for seed, name in enumerate(entities)]
    frame = pd.concat(frames, ignore_index=True)
    if not labelled:
        frame["label"] = None
    return frame


def _entity(name: str, n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-03-02") + pd.to_timedelta(np.arange(n) * 300, unit="s")
    estimator = 0.35 + 0.08 * rng.beta(2, 5, n) * (1 + np.sin(np.arange(n) / 45))
    estimator[rng.integers(0, n, max(3, n // 60))] = 0.66
    part = np.repeat(["fit", "calibration", "test"], [n * 3 // 5, n // 5, n - n * 3 // 5 - n // 5])
    burst = np.arange(n) >= n - 4
    score = np.where(burst, estimator + 2, estimator)
    flagged = score > 0.6
    reason = np.where(burst, "guard: forced_deauth_count 40 outside 0..4", "estimator")
    return pd.DataFrame(
        {
            "entity": name,
            "start": start.astype("datetime64[us]"),
            "end": (start + pd.Timedelta(seconds=300)).astype("datetime64[us]"),
            "part": part,
            "score": score,
            "estimator_score": estimator,
            "threshold": 0.6,
            "is_anomaly": flagged,
            "reason": np.where(flagged, reason, ""),
            "label": [
                bool(one) if p == "test" else None for one, p in zip(burst, part, strict=True)
            ],
        }
    )


def make_account(windows: pd.DataFrame) -> dict[str, Any]:
    """The content of a report.json with everything measured."""
    return {
        "status": "completed",
        "data": _data(),
        "features": {
            "used": list(FEATURES),
            "constant": ["sae_commit_count"],
            "unavailable": {"mean_data_rate": "no WiFi line of this export carries tx_rate_kbps"},
            "distributions": summarise_features(_matrix(len(windows)), windows["part"].to_numpy()),
        },
        "windows": {"total": len(windows), "fit": 344, "test": 116, "window_s": 300},
        "model": {
            "type": "IsolationForest",
            "n_estimators": 100,
            "version": "model_20260302_120000_1a2b3c4d",
            "status": "candidate",
        },
        "calibration": {"threshold": 0.6, "contamination": 0.02, "alerts_per_day": 5.76},
        "evaluation": _evaluation(),
        "monitoring": {
            "drift": {
                "threshold": 0.1,
                "drifted": ["silence_s"],
                "features": [
                    {"feature": "silence_s", "distance": 0.3, "at_least": 0.2, "drifted": True},
                    {"feature": "n_events", "distance": 0.04, "at_least": 0.0, "drifted": False},
                ],
            },
            "performance": {"windows_per_s": 69000, "single_window_s": 0.016},
        },
        "digests": {"data": "e5b3" * 16, "model": "3997" * 16},
        "environment": {"python": "3.11.2", "scikit-learn": "1.9.0"},
        "resources": {
            "wall_s": 20.8,
            "cpu_s": 7.6,
            "peak_rss_bytes": 399_122_432,
            "stages_s": {"read": 1.7, "events": 3.2, "fit": 3.8},
        },
    }


def _matrix(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "n_events": rng.poisson(9, n).astype(float),
            "unique_mac_count": rng.poisson(3, n).astype(float),
            "silence_s": rng.exponential(200, n),
            "forced_deauth_count": rng.poisson(0.3, n).astype(float),
        }
    )


def _data() -> dict[str, Any]:
    return {
        "rows": 18039, "valid": 18030, "invalid": 9, "quarantined": 9, "exact_repeats": 748,
        "clock_reset_rows": 15, "wifi_rows": 17828, "wifi_ratio": 0.988,
        "first_time": "2026-03-02T00:00:46", "last_time": "2026-03-05T23:58:45",
        "span_days": 3.9986, "stations": 142, "station_local_share": 0.63,
        "understood_ratio": 0.9996,
        "warnings": [{"code": "exact_repeats", "message": "rows repeat another", "count": 748,
                      "examples": ["export.json: record 17"]}],
        "errors": [],
        "unknown_templates": [{"template": "hostapd: <mac> does a new thing", "count": 7}],
        "events": {"associated": 3467, "authenticated": 1575},
        "programs": {"hostapd": 13037}, "interfaces": {"eth6": 5523},
        "files": [{"path": "export.json", "shape": "json_object", "rows": 18039, "bytes": 396_991,
                   "sha256": "9cc6" * 16}],
    }  # fmt: skip


def _evaluation() -> dict[str, Any]:
    return {
        "verdict": "No evidence that this model detects anything: 16 windows are too few to judge.",
        "labels": "provided",
        "storable_as": "candidate",
        "basic_metrics": {"precision": 0.58, "recall": 0.94, "prevalence": 0.023},
        "labelled": {"windows": 692, "positives": 16, "descriptive_only": True,
                     "events": {"events": 3, "detected": 3, "event_recall": 1.0,
                                "event_recall_interval": [0.44, 1.0]}},
        "advanced_metrics": {
            "score_distribution": {
                "test": {"n": 116, "mean": 0.48, "std": 0.35, "min": 0.34, "max": 2.7,
                         "percentiles": {"50": 0.41, "99": 2.6}},
            },
            "threshold_analysis": [
                {"contamination": 0.001, "calibration_windows_needed": 999},
                {"contamination": 0.01, "calibration_windows_needed": 99, "threshold": 0.69,
                 "alert_rate": 0.02, "alerts_per_access_point_and_day": 6.6},
                {"contamination": 0.1, "calibration_windows_needed": 9, "threshold": 0.55,
                 "alert_rate": 0.11, "alerts_per_access_point_and_day": 31.0},
            ],
            "confusion_matrix": [[665, 11], [1, 15]],
            "classification_report": {"normal": {"precision": 0.998, "support": 676.0}},
            "roc_curve": [[0.0, 0.0], [0.01, 0.94], [1.0, 1.0]],
            "pr_curve": [[0.0, 1.0], [0.94, 0.5], [1.0, 0.02]],
        },
        "alert_volume": {
            "windows": 692, "alerts": 26, "budget": 0.02, "rate": 0.0376,
            "rate_interval": [0.017, 0.062], "ratio_to_budget": 1.88,
            "ratio_interval": [0.87, 3.11], "per_access_point_and_day": 10.8,
            "per_access_point_and_day_interval": [5.0, 17.9], "block_s": 2100,
            "by_source": {"estimator": 10, "guard": 1, "both": 15},
            "guard_reasons": {"forced_deauth_count 40 outside 0..4": 4},
            "by_access_point": [
                {"entity": "ap-01", "windows": 346, "alerts": 19, "alerts_per_day": 15.8},
                {"entity": "ap-02", "windows": 346, "alerts": 7, "alerts_per_day": 5.8},
            ],
            "by_day": {"2026-03-04": 12, "2026-03-05": 14},
        },
        "stability": {"jaccard": 0.787, "spearman": 0.987, "n_estimators": 100,
                      "by_size": [
                          {"n_estimators": 50, "jaccard": 0.73, "spearman": 0.98, "pairs": 6},
                          {"n_estimators": 100, "jaccard": 0.79, "spearman": 0.99, "pairs": 6},
                      ]},
        "rank_stability": {"stability": 0.9997, "rounds": 5, "windows": 1379},
        "conformal": {"alpha": 0.1, "discoveries": 16, "smallest_p": 0.0015,
                      "calibration_windows": 687, "calibration_windows_needed": 8639,
                      "resolution_sufficient": False, "caveat": "Read p-values as ranks."},
        "null_panel": [{"name": "column_permuted", "alert_rate": 0.014, "jaccard": 0.57}],
        "feature_importance": {"n_events": 0.011, "silence_s": 0.0105, "unique_mac_count": 0.0},
        "cross_validation": {"folds": [{"fit": 419, "calibration": 144, "test": 576,
                                        "alert_rate": 0.024}],
                             "skipped": 0, "budget": 0.02, "mean_alert_rate": 0.024},
        "incidents": _incidents(),
        "recommendations": [{"text": "Train 200 trees.", "numbers": {"jaccard": 0.79}}],
        "threshold_checks": {
            "alert_rate": {"name": "alert_rate", "state": "passed", "value": 1.88,
                           "required": "0.5 to 2 times the budget"},
            "seed_stability": {"name": "seed_stability", "state": "failed", "value": 0.4,
                               "required": "Jaccard of at least 0.6"},
            "detection": {"name": "detection", "state": "not_measured",
                          "required": "better than chance", "why": "too few anomalous windows"},
        },
    }  # fmt: skip


def _incidents() -> dict[str, Any]:
    recalls = [
        recall(incident, scorer, rising)
        for incident in ("deauth_flood", "slow_deauth")
        for scorer, rising in (("model", (1, 3, 5)), ("one_rule", (2, 5, 5)), ("random", (0, 1, 0)))
    ]
    return {
        "recalls": recalls,
        "overall": [recall("all", scorer, (2, 4, 5)) for scorer in ("model", "random")],
        "incidents": [
            {"incident": "deauth_flood", "meaning": "a flood", "dialects": ["wlceventd"],
             "trials": 15, "windows": 2.0, "chance_recall": 0.1, "one_rule": ["departure_count"],
             "named_by_guard": {"forced_deauth_count": 9}},
        ],
        "inexpressible": {"beacon_loss": {"wlceventd": "the daemon never logs beacons"}},
        "context": {"hours": 12.0, "compared": 90, "equal": 90, "differing": []},
        "gate": False,
    }  # fmt: skip


def recall(incident: str, scorer: str, hits: tuple[int, ...]) -> dict[str, Any]:
    """One scorer on one incident, five trials at each of three intensities."""
    return {
        "incident": incident,
        "scorer": scorer,
        "trials": 15,
        "detected": sum(hits),
        "recall": sum(hits) / 15,
        "recall_interval": [0.2, 0.9],
        "median_delay_s": 300.0,
        "intensity_at_50": 0.1,
        "by_intensity": [
            {"intensity": level, "trials": 5, "detected": n, "recall": n / 5,
             "recall_interval": [max(0.0, n / 5 - 0.2), min(1.0, n / 5 + 0.2)]}
            for level, n in zip((0.01, 0.1, 1.0), hits, strict=True)
        ],
    }  # fmt: skip


def make_incidents() -> pd.DataFrame:
    """Injected incidents as incidents.parquet holds them."""
    start = pd.Timestamp("2026-03-02 20:00") + pd.to_timedelta(np.arange(6) * 900, unit="s")
    return pd.DataFrame(
        {
            "access_point": "ap-01",
            "incident": "deauth_flood",
            "start": start.astype("datetime64[us]"),
            "detected_model": [True, False] * 3,
        }
    )


def make_sweep() -> dict[str, Any]:
    """The content of a sweep.json: a grid of nine jobs, a failed one, and a choice."""
    grid = [(c, n) for c in (0.01, 0.02, 0.05) for n in (50, 100, 200)]
    jobs: list[dict[str, Any]] = [
        {
            "job": i,
            "contamination": c,
            "n_estimators": n,
            "threshold": 0.7 - 2 * c,
            "alert_rate": c * 1.3,
            "stability": 0.6 + n / 1000,
            "incident_recall": 0.5 + c * 5,
            "version": f"model_20260302_12000{i}_1a2b3c4d",
            "status": "available" if n > 50 else "candidate",
        }
        for i, (c, n) in enumerate(grid)
    ]
    jobs.append({"job": 9, "status": "failed", "error": "model.contamination must be in (0, 0.5]"})
    choice = {"job": 4, "group": [4, 5], "reason": "Job 4 is the cheapest of the best group."}
    return {"jobs": jobs, "choice": choice}
