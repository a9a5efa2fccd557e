"""From scored windows to what people are told: incidents, exceptions, tables.

Knows nothing of how a window was scored, and needs no library.
"""

from wifitrain.scoring.exceptions import Exceptions, read_exceptions
from wifitrain.scoring.incidents import Aggregator, Incident, Notice, Window
from wifitrain.scoring.reasons import alert_reasons
from wifitrain.scoring.settings import AlertSettings
from wifitrain.scoring.tables import FORMATS, csv_text, json_lines

__all__ = [
    "FORMATS",
    "Aggregator",
    "AlertSettings",
    "Exceptions",
    "Incident",
    "Notice",
    "Window",
    "alert_reasons",
    "csv_text",
    "json_lines",
    "read_exceptions",
]
