"""Exports of a wanted size from the simulator: the same rows and seed, the same bytes."""

from __future__ import annotations

import sys
from pathlib import Path

from wifitrain.simulation import Simulator, write_export

__all__ = ["export_of"]

_ROWS_PER_DAY = 84_000  # that the site below writes
_SEED = 7


def export_of(rows: int, folder: Path) -> tuple[Path, int]:
    """An export of about `rows` rows in shape E1, indented as the service writes it, and its rows.

    One that is there already is used again.
    """
    path = folder / f"site_{rows}.json"
    known = path.with_suffix(".rows")
    if not known.exists():
        sys.stderr.write(f"  simulating {rows:,} rows\n")
        site = Simulator(
            access_points=24,
            stations_per_access_point=60,
            days=rows / _ROWS_PER_DAY,
            dialects=["hostapd_broadcom", "hostapd_openwrt", "wlceventd"],
            seed=_SEED,
        )
        known.write_text(str(write_export(site, path, "E1", indent=True)))
    return path, int(known.read_text())
