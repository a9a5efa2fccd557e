"""The same features again, by loops over rows in plain Python: slow, plain, and independent."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pandas as pd

from wifitrain.features.vocabulary import COUNTED

START_EVENTS = {"associated", "reassociated", "sta_connected", "connected"}
END_EVENTS = {
    *("disassociated", "disassociated_inactivity", "sta_disconnected", "disconnected"),
    *("deauthenticated", "deauthenticated_local", "deauthenticated_inactivity"),
    *("session_timeout", "link_lost"),
}
KEY_EVENTS = {"handshake_completed", "pairwise_handshake_completed", "key_negotiated"}
NAN = math.nan


def reference(
    table: pd.DataFrame, *, window_s: int, max_silence_s: int = 86_400
) -> dict[tuple[str, int], dict[str, float]]:
    """(access point, window number) -> column -> value."""
    rows = [_plain(row) for row in table.to_dict("records")]
    rows.sort(key=lambda row: (row["us"], row["arrival"]))
    for row in rows:
        row["window"] = row["us"] // (window_s * 1_000_000)
    by_host = defaultdict(list)
    for row in rows:
        by_host[row["access_point"]].append(row)
    result = {}
    for host, lines in by_host.items():
        for window, value in _host(lines, window_s, max_silence_s).items():
            result[host, window] = value
    return result


def _plain(row: dict[str, object]) -> dict:
    row = {name: (None if pd.isna(value) else value) for name, value in row.items()}
    row["us"] = (pd.Timestamp(row["time"]) - pd.Timestamp(0)) // pd.Timedelta(microseconds=1)
    row["ms"] = row["us"] // 1000
    client = row["program"] == "wpa_supplicant"
    row["who"] = row["station"] or ("" if client else None)
    row["peer"] = row["station"] or row["bssid"]
    return row


def _windows(lines: list[dict], max_silence_s: int) -> list[int]:
    windows = {lines[0]["window"]}
    for before, after in pairwise(lines):
        windows.add(after["window"])
        if after["ms"] - before["ms"] <= max_silence_s * 1_000:
            windows.update(range(before["window"], after["window"]))
    return sorted(windows)


def _host(lines: list[dict], window_s: int, max_silence_s: int) -> dict[int, dict[str, float]]:
    wifi = [row for row in lines if row["event"] != "other"]
    moves = _moves(wifi)
    keyed = min((row["window"] for row in wifi if _is_key(row)), default=math.inf)
    completed = _completed(wifi, moves)
    result = {}
    for window in _windows(lines, max_silence_s):
        inside = [row for row in wifi if row["window"] == window]
        values = _counts(inside)
        values["line_count"] = sum(row["window"] == window for row in lines)
        values |= _measures(inside, window * window_s * 1_000_000)
        values |= _peers(inside)
        mine = [move for move in moves if move["window"] == window]
        values |= _sessions(mine)
        values["handshake_completion"] = NAN
        if keyed <= window and values["association_count"]:
            done = sum(move["arrival"] in completed for move in mine)
            values["handshake_completion"] = done / values["association_count"]
        end = (window + 1) * window_s * 1_000
        heard = [row["ms"] for row in wifi if row["ms"] < end]
        values["silence_s"] = min((end - heard[-1]) / 1e3, max_silence_s) if heard else NAN
        first = window + 1 - max(1, math.ceil(7200 / window_s))
        values["network_load"] = len(
            {row["peer"] for row in wifi if row["peer"] and first <= row["window"] <= window}
        )
        result[window] = values
    return result


def _is_key(row: dict) -> bool:
    return row["event"] in KEY_EVENTS and row["who"] is not None


def _moves(wifi: list[dict]) -> list[dict]:
    raw_last: dict[tuple, dict] = {}
    last: dict[tuple, dict] = {}
    moves = []
    for row in wifi:
        if row["who"] is None or row["event"] not in START_EVENTS | END_EVENTS:
            continue
        key = (row["interface"], row["who"])
        was, raw_last[key] = raw_last.get(key), row
        if was is not None and _echo(row, was):
            continue
        start = row["event"] in START_EVENTS
        before, move = last.get(key), {**row, "start": start, "length": None}
        if before is not None and before["start"] and not start:
            move["length"] = row["ms"] - before["ms"]
        last[key] = move
        moves.append(move)
    return moves


def _echo(row: dict, was: dict) -> bool:
    apart = row["ms"] - was["ms"]
    start, was_start = row["event"] in START_EVENTS, was["event"] in START_EVENTS
    if not start:
        return not was_start and apart <= 30_000
    if not was_start:
        return False
    if row["program"] != was["program"] and apart <= 2_000:
        return True
    authorised = row["event"] in {"sta_connected", "connected"}
    return authorised and was["event"] in {"associated", "reassociated"} and apart <= 30_000


def _completed(wifi: list[dict], moves: list[dict]) -> set[int]:
    steps = [row for row in wifi if row["event"] in KEY_EVENTS and row["who"] is not None]
    steps += [move for move in moves if move["start"]]
    by_station = defaultdict(list)
    for step in sorted(steps, key=lambda row: (row["us"], row["arrival"])):
        by_station[step["who"]].append(step)
    done = set()
    for chain in by_station.values():
        for one, other in pairwise(chain):
            close = other["ms"] - one["ms"] <= 30_000
            if close and one["event"] in START_EVENTS and other["event"] in KEY_EVENTS:
                done.add(one["arrival"])
            if close and one["event"] in KEY_EVENTS and other["event"] == "connected":
                done.add(other["arrival"])
    return done


def _counts(inside: list[dict]) -> dict[str, float]:
    n = len(inside)
    events = Counter(row["event"] for row in inside)
    total = {name: sum(events[event] for event in names) for name, names in COUNTED.items()}
    forced = sum(
        row["event"] in ("deauthenticated", "deauthenticated_local") and row["reason_code"] != 4
        for row in inside
    )
    idle = events["disassociated_inactivity"] + events["deauthenticated_inactivity"]
    idle += sum(
        row["event"] in ("deauthenticated", "disassociated") and row["reason_code"] == 4
        for row in inside
    )
    errors = sum(row["level"] == "error" for row in inside)
    warnings = sum(row["level"] == "warning" for row in inside)
    strange = {row["template"] for row in inside if row["event"] == "unknown"}
    keys = max(events["handshake_completed"], events["pairwise_handshake_completed"])
    values: dict[str, float] = {
        "n_events": n,
        "log_count": n,
        "error_count": errors,
        "warning_count": warnings,
        "unused_1": 0,
        "unused_2": 0,
        "forced_deauth_count": forced,
        "inactivity_end_count": idle,
        "unknown_template_count": len(strange),
        "handshake_count": keys + events["key_negotiated"],
        "daemon_restart_count": max(events["daemon_started"], events["daemon_terminating"]),
        "is_empty": float(n == 0),
        "unique_ssid_count": len({row["ssid"] for row in inside if row["ssid"]}),
        "auth_failures": total["auth_failures"],
        "deauth_count": total["all_deauths"],
        "beacon_count": total["beacon_losses"],
    }
    for name, part in {
        "auth_failure_ratio": total["auth_failures"],
        "deauth_ratio": forced,
        "beacon_ratio": total["beacon_losses"],
        "error_ratio": errors,
        "warning_ratio": warnings,
        "unknown_share": events["unknown"],
    }.items():
        values[name] = part / n if n else NAN
    for name, fact in {
        "authentication_count": "authentications",
        "auth_failure_count": "auth_failures",
        "psk_mismatch_count": "mismatches",
        "sae_commit_count": "sae_commits",
        "refusal_count": "refusals",
        "link_failure_count": "link_failures",
        "eap_failure_count": "eap_failures",
        "radius_failure_count": "radius_failures",
        "wps_failure_count": "wps_failures",
        "attack_count": "attacks",
        "beacon_loss_count": "beacon_losses",
        "roam_count": "roams",
        "bss_transition_count": "bss_transitions",
        "probe_count": "probes",
        "scan_failure_count": "scan_failures",
        "channel_change_count": "channel_changes",
        "interface_restart_count": "interface_enables",
        "interface_disable_count": "interface_disables",
        "interface_failure_count": "interface_failures",
        "group_rekey_count": "group_rekeys",
        "unknown_line_count": "unknown_lines",
    }.items():
        values[name] = total[fact]
    for kind in ("reason", "status"):
        for code in range(1, 18):
            name = f"{kind}_code_{code}"
            values[name] = sum(row[f"{kind}_code"] == code for row in inside)
    return values


def _mean(items: list) -> float:
    return sum(items) / len(items) if items else NAN


def _measures(inside: list[dict], start_us: int) -> dict[str, float]:
    signals = [row["signal_dbm"] for row in inside if row["signal_dbm"] is not None]
    times = [
        ((row["us"] - start_us) // 1000) / 1000 for row in inside if row["signal_dbm"] is not None
    ]
    algorithms = [row["auth_algorithm"].lower() for row in inside if row["auth_algorithm"]]
    values = {
        "mean_signal_strength": _mean(signals),
        "std_signal_strength": float(np.std(signals, ddof=1)) if len(signals) > 1 else NAN,
        "signal_strength_trend": NAN,
        "mean_data_rate": _mean([row["tx_rate_kbps"] for row in inside if row["tx_rate_kbps"]]),
        "mean_time_between_events": NAN,
    }
    if len(set(times)) > 1:
        values["signal_strength_trend"] = float(np.polyfit(times, signals, 1)[0])
    if len(inside) > 1:
        gaps = [b["ms"] - a["ms"] for a, b in pairwise(inside)]
        values["mean_time_between_events"] = _mean(gaps) / 1e3
    for name in ("open", "sae", "ft"):
        values[f"connection_type_{name}"] = _mean([one == name for one in algorithms])
    day = [row["us"] // 1_000_000 % 86_400 / 86_400 for row in inside]
    weekday = [pd.Timestamp(row["us"], unit="us").weekday() / 7 for row in inside]
    for name, turns in (("mean_hour_of_day", day), ("mean_day_of_week", weekday)):
        sine = sum(round(math.sin(2 * math.pi * turn) * 1e6) for turn in turns)
        cosine = sum(round(math.cos(2 * math.pi * turn) * 1e6) for turn in turns)
        radius = math.hypot(sine, cosine)
        values[f"{name}_sin"] = sine / radius if radius else NAN
        values[f"{name}_cos"] = cosine / radius if radius else NAN
    return values


def _peers(inside: list[dict]) -> dict[str, float]:
    lines = Counter(row["peer"] for row in inside if row["peer"])
    mismatches = Counter(row["peer"] for row in inside if row["event"] == "psk_mismatch")
    mismatches.pop(None, None)
    local = {row["peer"]: row["station_is_local"] for row in inside if row["peer"]}
    known = [flag for flag in local.values() if flag is not None]
    share = _mean(known)
    total = sum(lines.values())
    squares = sum(count * count for count in lines.values())
    return {
        "unique_mac_count": len(lines),
        "max_events_by_station": max(lines.values(), default=0),
        "max_mismatch_by_station": max(mismatches.values(), default=0),
        "station_concentration": squares / total**2 if total else NAN,
        "device_type_randomised": share,
        "randomised_mac_share": share,
    }


def _sessions(moves: list[dict]) -> dict[str, float]:
    arrivals = [move["who"] for move in moves if move["start"]]
    lengths = [move["length"] / 1e3 for move in moves if move["length"] is not None]
    return {
        "association_count": len(arrivals),
        "departure_count": len(moves) - len(arrivals),
        "reconnect_count": len(arrivals) - len(set(arrivals)),
        "connection_stability": len(set(arrivals)) / len(arrivals) if arrivals else NAN,
        "session_p10_s": float(np.quantile(lengths, 0.1)) if lengths else NAN,
        "session_p50_s": float(np.quantile(lengths, 0.5)) if lengths else NAN,
        "short_session_share": _mean([length < 30 for length in lengths]),
    }
