"""Ready feature tables: npz, CSV and Parquet become windows; what is no number is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wifitrain.errors import ConfigError, ExportError
from wifitrain.export import TableSource

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 0, 0, 1, 0])


def npz(folder: Path, **arrays) -> str:
    """A file with these arrays."""
    np.savez(folder / "t.npz", **arrays)
    return str(folder / "t.npz")


def csv(folder: Path, text: str) -> str:
    """A file with this text."""
    (folder / "t.csv").write_text(text)
    return str(folder / "t.csv")


def test_the_three_formats_give_the_same_windows(tmp_path: Path) -> None:
    """X, labels and made-up times are equal whatever the file."""
    frame = pd.DataFrame(X, columns=["f0", "f1"]).assign(y=Y)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    paths = [npz(tmp_path, X=X, y=Y), str(tmp_path / "t.csv"), str(tmp_path / "t.parquet")]
    tables = [TableSource(path=path).read_table() for path in paths]
    for table in tables:
        pd.testing.assert_frame_equal(table.windows.X, frame[["f0", "f1"]])
        pd.testing.assert_frame_equal(table.windows.index, tables[0].windows.index)
        assert table.windows.index["label"].tolist() == [bool(one) for one in Y]
        assert table.account["rows"] == 6
    assert len({table.digest for table in tables}) == 3


def test_made_up_times_are_said_to_be(tmp_path: Path) -> None:
    """One row a minute in the order of the file, with a warning; never with real times."""
    table = TableSource(path=npz(tmp_path, X=X)).read_table()
    assert table.windows.index["start"].diff().dropna().eq(pd.Timedelta(minutes=1)).all()
    assert table.windows.index["label"].isna().all()
    assert [one["code"] for one in table.account["warnings"]] == ["made_up_time"]
    timed = csv(tmp_path, "t,a\n2026-03-02T00:10:00+01:00,1\n2026-03-01T23:05:00Z,2\n")
    told = TableSource(path=timed, time="t").read_table()
    assert told.account["warnings"] == []
    assert told.windows.X["a"].tolist() == [2, 1], "in the order of time"
    assert told.windows.index["start"].tolist() == [
        pd.Timestamp("2026-03-01T23:05"), pd.Timestamp("2026-03-01T23:10"),
    ]  # fmt: skip
    assert told.windows.window_s == 300


def test_shuffled_rows_keep_their_labels(tmp_path: Path) -> None:
    """The same seed gives the same order, rows stay whole."""
    path = npz(tmp_path, X=np.column_stack([np.arange(50), np.arange(50)]), y=np.arange(50) % 2)
    one, other = (TableSource(path=path, shuffle_seed=3).read_table().windows for _ in range(2))
    assert one.X["f0"].tolist() == other.X["f0"].tolist() != list(range(50))
    assert (one.index["label"].to_numpy(bool) == one.X["f1"].to_numpy() % 2).all()


def test_labels_of_another_name_and_missing_ones(tmp_path: Path) -> None:
    """A named column, true and false in any case; an empty cell is unknown."""
    path = csv(tmp_path, "a,truth,b\n1,TRUE,2\n3,,4\n5,false,6\n")
    windows = TableSource(path=path, labels="truth").read_table().windows
    assert windows.index["label"].tolist() == [True, pd.NA, False]
    assert windows.X.columns.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n1,x\n", {}, "columns must be numbers, but b are not"),
        ("a\n1\ninf\n", {}, "infinite values in a"),
        ("y\n1\n", {}, "no rows, or no column beside"),
        ("a,y\n1,0\n2,7\n", {}, "row 2: label '7': expected 1, 0"),
        ("a\n1\n", {"labels": "b"}, r"source.labels: no column 'b' \(has a\)"),
        ("a,t\n1,soon\n", {"time": "t"}, "source.time=t: "),
        ("a,t\n1,2026-01-01\n2,\n", {"time": "t"}, "row 2: no time in column t"),
        ("", {}, "is no readable csv table"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text, options, message) -> None:
    """One line: file, row or column, and what was expected."""
    with pytest.raises(ExportError, match=rf"t\.csv: {message}"):
        TableSource(path=csv(tmp_path, text), **options).read_table()


def test_an_npz_is_never_a_pickle(tmp_path: Path) -> None:
    """Objects are refused, as are files that are no npz or hold no X."""
    for arrays, message in (
        ({"X": np.array([[object()]], dtype=object)}, "Object arrays cannot be loaded"),
        ({"Z": X}, "expected an array X of two dimensions, found Z"),
        ({"X": X, "y": Y[:3]}, "X has 6 rows, y has 3 labels"),
    ):
        with pytest.raises(ExportError, match=message):
            TableSource(path=npz(tmp_path, **arrays)).read_table()
    (tmp_path / "t.npz").write_bytes(b"PK nothing")
    with pytest.raises(ExportError, match="is no readable npz table"):
        TableSource(path=str(tmp_path / "t.npz")).read_table()
    with pytest.raises(ExportError, match="No such file"):
        TableSource(path=str(tmp_path / "gone.npz")).read_table()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "x.txt"}, r"source.path must be a file that ends in .npz, .csv, .parquet"),
        ({"path": None}, "source.path must be"),
        ({"path": "x.npz", "time": 3}, "source.time must be null or a column, got 3"),
        ({"path": "x.npz", "shuffle_seed": -1}, "source.shuffle_seed is for rows"),
        ({"path": "x.npz", "shuffle_seed": 1, "time": "t"}, "source.shuffle_seed is for rows"),
        ({"path": "x.npz", "shuffle_seed": True}, "source.shuffle_seed must be null or a seed"),
    ],
)
def test_wrong_settings_are_refused(options, message) -> None:
    """Before any file is read."""
    with pytest.raises(ConfigError, match=message):
        TableSource(**options)


def test_there_are_no_lines() -> None:
    """Scoring and validating are for logs."""
    source = TableSource(path="x.npz")
    for ask in (source.read, source.validate):
        with pytest.raises(ConfigError, match="source=table has no log lines"):
            ask(None, quarantine=Path("q"))
