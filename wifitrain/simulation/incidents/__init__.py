"""Scripted incidents as log lines, one module for each idea and a registry of all."""

from __future__ import annotations

from wifitrain.simulation.incidents.registry import (
    KINDS,
    IncidentLines,
    expressible,
    incident_lines,
)

__all__ = ["KINDS", "IncidentLines", "expressible", "incident_lines"]
