"""What the numbers of a read export mean: errors that end a run, warnings that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.export.report import Finding, ValidationReport

if TYPE_CHECKING:
    import duckdb

    from wifitrain.export.canonical import Canonical, Choices
    from wifitrain.records import Json

__all__ = ["judge", "refusals"]

_LOW_WIFI_RATIO = 0.1
_EXAMPLES = 3
_REFUSALS = """
SELECT code, count(*) AS count, list(path || ':' || record ORDER BY t.file, record)[:3] AS examples,
    arg_min(coalesce(reason, ''), (t.file, record)) AS reason
FROM export_refused t JOIN export_names USING (file)
GROUP BY code ORDER BY count DESC, code
"""


def refusals(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Refused records by code, most frequent first, each with its first examples."""
    return [
        Finding(code=code, message=reason, count=count, examples=tuple(examples))
        for code, count, examples, reason in connection.execute(_REFUSALS).fetchall()
    ]


def judge(
    canonical: Canonical,
    refused: Sequence[Finding],
    *,
    choices: Choices,
    max_invalid_ratio: float,
    problems: Mapping[str, int],
) -> ValidationReport:
    """The report on an export that could be read."""
    errors = list(_errors(canonical, refused, max_invalid_ratio, choices))
    warnings = [] if any(e.code == "too_many_invalid" for e in errors) else list(refused)
    warnings += _warnings(canonical, choices, problems)
    return ValidationReport(errors=errors, warnings=warnings, stats=_stats(canonical))


def _stats(canonical: Canonical) -> dict[str, Json]:
    numbers = canonical.numbers
    return {
        "log_count": numbers["rows"],
        "valid_logs": numbers["rows"] - numbers["invalid"],
        "invalid_logs": numbers["invalid"],
        "wifi_logs": numbers["wifi_rows"],
        "wifi_ratio": wifi_ratio(canonical),
        "first_time": canonical.first_time,
        "last_time": canonical.last_time,
        "time_range_days": canonical.span_days,
        "exact_repeats": numbers["exact_repeats"],
        "duplicates_removed": numbers["duplicates_removed"],
        "clock_reset_rows": canonical.clock.reset_rows,
        "cut_messages": numbers["cut_messages"],
    }


def wifi_ratio(canonical: Canonical) -> float:
    """Share of WiFi rows in the rows that were kept, from 0 to 1."""
    return canonical.numbers["wifi_rows"] / max(canonical.numbers["kept"], 1)


def _errors(
    canonical: Canonical, refused: Sequence[Finding], most: float, choices: Choices
) -> Iterator[Finding]:
    rows, invalid = canonical.numbers["rows"], canonical.numbers["invalid"]
    if not rows:
        yield Finding(code="no_records", message="the export holds no records", count=0)
        return
    if invalid > most * rows:
        examples = [example for finding in refused for example in finding.examples]
        causes = "; ".join(f"{finding.code} {finding.count}x" for finding in refused[:4])
        first = f"{refused[0].examples[0]}: {refused[0].message}" if refused else ""
        yield Finding(
            code="too_many_invalid",
            message=f"{invalid} of {rows} records unusable, more than source.max_invalid_ratio"
            f" {most:g} allows ({causes}): {first}",
            count=invalid,
            examples=examples[:_EXAMPLES],
        )
    elif not canonical.numbers["wifi_rows"]:
        programs = ", ".join(choices.wifi_programs)
        yield Finding(code="no_wifi", message=f"no line of a WiFi program ({programs})", count=rows)


def _warnings(
    canonical: Canonical, choices: Choices, problems: Mapping[str, int]
) -> Iterator[Finding]:
    numbers = canonical.numbers
    texts = {
        "bom": "files begin with a byte order mark",
        "not_utf8": "lines hold bytes that are not UTF-8, replaced by U+FFFD",
        "older_rows": "older rows of the table left out by max_records",
    }
    for code, count in sorted(problems.items()):
        yield Finding(code=code, message=texts[code], count=count)
    if numbers["wifi_rows"] and wifi_ratio(canonical) < _LOW_WIFI_RATIO:
        share = f"{wifi_ratio(canonical):.1%}"
        yield Finding(
            code="low_wifi_ratio",
            message=f"only {share} of the rows are of WiFi programs",
            count=numbers["wifi_rows"],
        )
    if canonical.span_days is not None and canonical.span_days < 1:
        hours = f"{canonical.span_days * 24:.1f}"
        yield Finding(code="short_span", message=f"the export covers {hours} hours, under a day")
    yield from _row_warnings(canonical, choices)


def _row_warnings(canonical: Canonical, choices: Choices) -> Iterator[Finding]:
    numbers, clock = canonical.numbers, canonical.clock
    done = {
        "repair": "placed by arrival",
        "quarantine": "put into quarantine",
        "keep": "left as they are",
    }[choices.clock_reset]
    counted = {
        "clock_reset": (clock.reset_rows, f"rows stamped by a reset clock, {done}"),
        "clock_went_back": (clock.kept_steps, "rows after a clock that went back for good, kept"),
        "exact_repeats": (numbers["exact_repeats"], "rows repeat another exactly, kept"),
        "duplicates": (numbers["duplicates_removed"], "rows stand twice under one id, removed"),
        "cut_messages": (numbers["cut_messages"], "messages were cut to source.max_message_chars"),
        "label_unreadable": (numbers["odd_labels"], "labels are neither true nor false, ignored"),
        "left_out": (numbers["left_out"], "older rows left out by max_records"),
        "year_guessed": (
            numbers["year_less"] if choices.year is None else 0,
            "rows without a year, dated by the file's modification time: set source.year",
        ),
    }
    for code, (count, message) in counted.items():
        if count:
            examples = clock.examples if code == "clock_reset" else ()
            yield Finding(code=code, message=message, count=count, examples=tuple(examples))
