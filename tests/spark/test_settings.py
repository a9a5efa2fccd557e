"""What is said of Spark before there is one: values, the extra, Java; and patterns for Java."""

from __future__ import annotations

import sys

import pytest

from wifitrain.errors import ConfigError
from wifitrain.spark import SparkEngine
from wifitrain.spark.java_patterns import java_pattern


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"master": "somewhere"}, "engine.master must be local.*, got 'somewhere'"),
        ({"master": 4}, "engine.master must be local.*, got 4"),
        ({"master": "local[0]"}, "engine.master must be local.*, got 'local.0.'"),
        ({"master": "spark://host:7077"}, "engine.directory must name a folder that every worker"),
        ({"options": {"executor.memory": "4g"}}, "engine.options must be settings of Spark"),
        ({"options": {"spark.x": [1]}}, "engine.options must be settings of Spark"),
        ({"options": ["spark.x=1"]}, "engine.options must be settings of Spark"),
        (
            {"options": {"spark.sql.session.timeZone": "Asia/Tokyo"}},
            "engine.options: spark.sql.session.timeZone is UTC here, got 'Asia/Tokyo'",
        ),
        ({"memory_limit": "lots"}, "engine.memory_limit must be a size such as 2GB"),
    ],
)
def test_unusable_values_for_spark_are_named(arguments: dict[str, object], message: str) -> None:
    """Before anything of Spark is imported."""
    with pytest.raises(ConfigError, match=message):
        SparkEngine(**arguments)


def test_the_limit_of_the_embedded_engine_makes_room_for_results() -> None:
    """Whether Spark's own windows or those of the embedded engine are told first."""
    limit = "SELECT current_setting('memory_limit')"
    with SparkEngine(memory_limit="1200MB") as engine:
        engine.reserve(600_000_000)
        half = engine.connection.execute(limit).fetchall()
        engine.embedded.reserve(1_000_000)
        assert engine.connection.execute(limit).fetchall() == half
        assert half == [("476.8 MiB",)]


def test_spark_without_its_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says what to install."""
    monkeypatch.setenv("JAVA_HOME", "/somewhere")
    for name in list(sys.modules):
        if name.split(".")[0] == "pyspark" or name == "wifitrain.spark.arrow_backend":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(ConfigError, match=r"pip install 'wifitrain\[spark\]'"), SparkEngine() as it:
        _ = it.backend


def test_spark_without_java_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a traceback of a gateway that exited."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigError, match="needs Java 17 or newer: no java"), SparkEngine() as it:
        _ = it.backend


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"\d+$", r"(?d)\d+\z"),
        (r"[^\s/:,]+\s", r"(?d)[^\t\n\f\r /:,]+[\t\n\f\r ]"),
        (r"^[^]$]*\$", r"(?d)^[^]$]*\$"),
        (r"(?i)[a-z]sk", r"(?d)(?i)[a-z\x{17f}\x{212a}][s\x{17f}][k\x{212a}]"),
    ],
)
def test_patterns_are_put_into_words_of_java(pattern: str, written: str) -> None:
    """A dollar inside of a class, or behind a backslash, is none."""
    assert java_pattern(pattern) == written
