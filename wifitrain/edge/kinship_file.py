"""incident_profiles.json: the profiles of a model's bench, written, and read value by value."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TypeVar

import numpy as np

from wifitrain.edge.kinship import NEAR, HeldOut, Kinship, Profile, Ruler
from wifitrain.edge.values import Section, parse
from wifitrain.errors import PackageError

__all__ = ["PROFILES", "kinship_bytes", "read_kinship"]

_T = TypeVar("_T")

PROFILES = "incident_profiles.json"
_FORMAT = "wifitrain incident profiles 1"
_KEYS = (
    "format", "near", "held_out", "chance", "ordinary_alerts", "columns", "unseen", "profiles",
)  # fmt: skip
_MOST = 1_024  # profiles, columns, unseen kinds of line
_MOST_WINDOWS = 10**9
_MOST_VALUE = 1e100  # of a centre or a scale: far above any feature, far below an overflow
_DIGITS = 6
_LENGTH_TOLERANCE = 1e-3


def kinship_bytes(kinship: Kinship) -> bytes:
    """The bytes of incident_profiles.json; equal profiles give equal bytes."""
    ruler = kinship.ruler
    rows = zip(ruler.columns, ruler.center.tolist(), ruler.scale.tolist(), strict=True)
    document = {
        "format": _FORMAT,
        **kinship.summary(),
        "columns": [
            {"name": name, "center": center, "scale": scale} for name, center, scale in rows
        ],
        "unseen": list(ruler.unseen),
        "profiles": [
            {**vars(one), "direction": np.round(one.direction, _DIGITS).tolist()}
            for one in kinship.profiles
        ],
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


def read_kinship(content: bytes, *, columns: Collection[str]) -> Kinship:
    """The profiles in `content`, of a model whose windows have `columns`.

    Raises
    ------
    PackageError : a value that is missing, of another kind or out of bounds; names it.
    """
    top = parse(content, name=PROFILES)
    if top.text("format") != _FORMAT or top.number("near") != NEAR:
        raise PackageError(f"{PROFILES}: format must be {_FORMAT!r}, near {NEAR}")
    top.only(_KEYS)
    ruler = _ruler(top, columns)
    ordinary = top.section("ordinary_alerts")
    ordinary.only(("windows", "named"))
    windows = ordinary.integer("windows", least=0, most=_MOST_WINDOWS)
    return Kinship(
        ruler=ruler,
        profiles=_profiles(top, len(ruler.columns) + len(ruler.unseen)),
        held_out=_held_out(top.section("held_out")),
        chance=top.number("chance", least=0, most=1),
        ordinary=windows,
        ordinary_named=ordinary.integer("named", least=0, most=windows),
    )


def _ruler(top: Section, columns: Collection[str]) -> Ruler:
    described = _few(top.sections("columns"), "columns")
    for column in described:
        column.only(("name", "center", "scale"))
    names = tuple(column.text("name") for column in described)
    if len(set(names)) < len(names) or not set(names) <= set(columns):
        raise PackageError(f"{PROFILES}: columns: must be columns of the model, each once")
    unseen = tuple(_few(top.texts("unseen"), "unseen"))
    if len(set(unseen)) < len(unseen):
        raise PackageError(f"{PROFILES}: unseen: one occurs twice")
    centers = [
        column.number("center", least=-_MOST_VALUE, most=_MOST_VALUE) for column in described
    ]
    scales = [column.number("scale", least=0, most=_MOST_VALUE) for column in described]
    return Ruler(
        columns=names,
        center=np.array(centers, dtype=np.float64),
        scale=np.array(scales, dtype=np.float64),
        unseen=unseen,
    )


def _profiles(top: Section, width: int) -> tuple[Profile, ...]:
    found = []
    for one in _few(top.sections("profiles"), "profiles"):
        one.only(("kind", "meaning", "direction", "windows", "called", "right"))
        direction = np.array(one.numbers("direction", least=-1, most=1), dtype=np.float64)
        if len(direction) != width or abs(np.linalg.norm(direction) - 1) > _LENGTH_TOLERANCE:
            raise PackageError(f"{one.place}: direction must be {width} numbers of length 1")
        called = one.integer("called", least=0, most=_MOST_WINDOWS)
        found.append(
            Profile(
                kind=one.text("kind"),
                meaning=one.text("meaning"),
                direction=direction,
                windows=one.integer("windows", least=1, most=_MOST_WINDOWS),
                called=called,
                right=one.integer("right", least=0, most=called),
            )
        )
    if len({one.kind for one in found}) < len(found):
        raise PackageError(f"{PROFILES}: profiles: a kind occurs twice")
    return tuple(found)


def _held_out(section: Section) -> HeldOut:
    section.only(("windows", "named", "right"))
    windows = section.integer("windows", least=0, most=_MOST_WINDOWS)
    named = section.integer("named", least=0, most=windows)
    return HeldOut(
        windows=windows, named=named, right=section.integer("right", least=0, most=named)
    )


def _few(found: list[_T], key: str) -> list[_T]:
    if len(found) > _MOST:
        raise PackageError(f"{PROFILES}: {len(found)} {key}, over {_MOST}")
    return found
