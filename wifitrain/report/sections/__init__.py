"""Sections of a run's page, in the order in which they are read."""

from wifitrain.report.sections.alerts import alert_budget, alert_list
from wifitrain.report.sections.arrival import arrival
from wifitrain.report.sections.columns import columns
from wifitrain.report.sections.drift import drift
from wifitrain.report.sections.incidents import incidents
from wifitrain.report.sections.labelled import labelled
from wifitrain.report.sections.origin import origin
from wifitrain.report.sections.profile_cost import profile_cost
from wifitrain.report.sections.reliability import reliability
from wifitrain.report.sections.timeline import timeline
from wifitrain.report.sections.verdict import verdict

__all__ = ["SECTIONS"]

SECTIONS = (
    verdict,
    alert_budget,
    arrival,
    columns,
    timeline,
    incidents,
    profile_cost,
    labelled,
    reliability,
    drift,
    alert_list,
    origin,
)
