"""Any export of access-point logs -> the canonical log table, validated, with its account."""

from wifitrain.export.following import LineStream
from wifitrain.export.postgres import PostgresSource
from wifitrain.export.ready import ReadyTable, TableSource
from wifitrain.export.report import Finding, ValidationReport
from wifitrain.export.settings import DatabaseSettings
from wifitrain.export.source import FileSource

__all__ = [
    "DatabaseSettings",
    "FileSource",
    "Finding",
    "LineStream",
    "PostgresSource",
    "ReadyTable",
    "TableSource",
    "ValidationReport",
]
