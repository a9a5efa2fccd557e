"""The design's pipeline in our words: json, loops with re, pandas, scikit-learn, joblib.

What it is compared with has to be fair: the same bytes in, windows of five minutes with the
design's feature lists out, a scaler, a forest of 100 trees, five-fold cross-validation, files of a
registered model. Time stamps are parsed by one vectorised call, which is kinder than the design's
loop of `pd.to_datetime` over single values.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

__all__ = ["features_of", "load", "train"]

_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
_SSID = re.compile(r"ssid=['\"]?([^'\" ]+)", re.IGNORECASE)
_SIGNAL = re.compile(r"signal[=: ]+(-?\d+)", re.IGNORECASE)
_RATE = re.compile(r"(?:tx)?rate[=: ]+(\d+)", re.IGNORECASE)
_KINDS = {
    "auth_failure": re.compile(r"auth.*fail|mismatch|invalid mic|rejected", re.IGNORECASE),
    "deauth": re.compile(r"deauth|disassoc|AP-STA-DISCONNECTED", re.IGNORECASE),
    "beacon": re.compile(r"beacon", re.IGNORECASE),
    "connect": re.compile(r"associated|AP-STA-CONNECTED|authenticated", re.IGNORECASE),
    "loss": re.compile(r"loss|missing ack|retransmit", re.IGNORECASE),
}
_PROGRAMS = ("hostapd", "wpa_supplicant", "wlceventd")


def load(path: Path) -> list[dict[str, Any]]:
    """Every row of the export, validated row by row."""
    with path.open(encoding="utf-8") as file:
        rows = json.load(file)["data"]
    needed = ("timestamp", "message", "process_name")
    valid = []
    for row in rows:
        if any(field not in row for field in needed):
            continue
        if isinstance(row["timestamp"], str) and isinstance(row["message"], str):
            valid.append(row)
    return valid


def features_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Windows of five minutes for each access point, with the design's features."""
    parsed = [_parse(row) for row in rows if row["process_name"] in _PROGRAMS]
    frame = pd.DataFrame(parsed)
    frame["time"] = pd.to_datetime(frame["time"], format="ISO8601")
    frame = frame.sort_values(["host", "time"])
    frame["gap"] = frame.groupby("host")["time"].diff().dt.total_seconds()
    frame["window"] = frame["time"].dt.floor("5min")
    groups = frame.groupby(["host", "window"])
    counts = groups.size()
    X = pd.DataFrame(index=counts.index)
    for kind in _KINDS:
        X[f"{kind}_ratio"] = groups[kind].mean()
    X["unique_mac_count"] = groups["mac"].nunique()
    X["unique_ssid_count"] = groups["ssid"].nunique()
    X["mean_signal_strength"] = groups["signal"].mean()
    X["std_signal_strength"] = groups["signal"].std()
    X["mean_data_rate"] = groups["rate"].mean()
    X["error_ratio"] = groups["error"].mean()
    X["warning_ratio"] = groups["warning"].mean()
    X["mean_hour_of_day"] = frame["time"].dt.hour.groupby([frame["host"], frame["window"]]).mean()
    X["mean_day_of_week"] = (
        frame["time"].dt.dayofweek.groupby([frame["host"], frame["window"]]).mean()
    )
    X["mean_time_between_events"] = groups["gap"].mean()
    X["signal_strength_trend"] = groups["signal"].apply(_trend)
    X["connection_stability"] = 1 - X["deauth_ratio"]
    X["network_load"] = counts / 300
    return X.fillna(0.0)


def train(path: Path, directory: Path) -> None:
    """From file to registered model."""
    X = features_of(load(path))
    scaler = StandardScaler()
    values = scaler.fit_transform(X)
    model = _forest().fit(values)
    flagged = model.predict(values) == -1
    folds = []
    for fit, test in KFold(n_splits=5).split(values):
        folds.append(float((_forest().fit(values[fit]).predict(values[test]) == -1).mean()))
    folder = directory / pd.Timestamp.now().strftime("%Y%m%d_%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / "model.joblib")
    joblib.dump(scaler, folder / "scaler.joblib")
    metadata = {
        "feature_names": list(X.columns),
        "training_samples": len(X),
        "anomaly_ratio": float(flagged.mean()),
        "cross_validation": folds,
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2))
    registry = {folder.name: {"path": str(folder), "status": "available"}}
    (directory / "model_registry.json").write_text(json.dumps(registry, indent=2))


def _forest() -> IsolationForest:
    return IsolationForest(
        n_estimators=100, contamination=0.1, bootstrap=True, random_state=42, n_jobs=-1
    )


def _parse(row: dict[str, Any]) -> dict[str, Any]:
    message = row["message"]
    mac, ssid = _MAC.search(message), _SSID.search(message)
    signal, rate = _SIGNAL.search(message), _RATE.search(message)
    level = row.get("log_level") or ""
    return {
        "host": row["device_ip"],
        "time": row["timestamp"],
        "mac": mac[0].lower() if mac else None,
        "ssid": ssid[1] if ssid else None,
        "signal": float(signal[1]) if signal else None,
        "rate": float(rate[1]) if rate else None,
        "error": level in {"error", "critical", "alert", "emergency"},
        "warning": level == "warning",
        **{kind: bool(pattern.search(message)) for kind, pattern in _KINDS.items()},
    }


def _trend(signal: pd.Series) -> float:
    known = signal.dropna().to_numpy("float64")
    return float(np.polyfit(np.arange(len(known)), known, 1)[0]) if len(known) > 1 else 0.0
