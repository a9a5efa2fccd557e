"""Events: canonical log lines become typed events, by grammars that are tables of patterns."""

from wifitrain.events.extractor import EventExtractor
from wifitrain.events.names import NETWORKS, STATIONS, raw_names
from wifitrain.events.rows import event_names

__all__ = ["NETWORKS", "STATIONS", "EventExtractor", "event_names", "raw_names"]
