"""Evidence as one self-contained HTML file: for each run, and for each sweep."""

from wifitrain.report.distributions import summarise_features
from wifitrain.report.history_page import render_history_report, write_history_report
from wifitrain.report.page import render_report, write_report
from wifitrain.report.rendering import write_whole
from wifitrain.report.score_page import ScoredExport, render_score_report, write_score_report
from wifitrain.report.sweep_page import render_sweep_report, write_sweep_report

__all__ = [
    "ScoredExport",
    "render_history_report",
    "render_report",
    "render_score_report",
    "render_sweep_report",
    "summarise_features",
    "write_history_report",
    "write_report",
    "write_score_report",
    "write_sweep_report",
    "write_whole",
]
