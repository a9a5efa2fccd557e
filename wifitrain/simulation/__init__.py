"""Scripted access points, clients and incidents: log lines and the labels that go with them."""

from __future__ import annotations

from wifitrain.simulation.incidents import KINDS, IncidentLines, expressible, incident_lines
from wifitrain.simulation.lines import line_schema
from wifitrain.simulation.run import SimulateRun
from wifitrain.simulation.simulator import Simulator
from wifitrain.simulation.writing import SHAPES, write_export

__all__ = [
    "KINDS",
    "SHAPES",
    "IncidentLines",
    "SimulateRun",
    "Simulator",
    "expressible",
    "incident_lines",
    "line_schema",
    "write_export",
]
