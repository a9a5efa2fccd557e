"""What occurred in each window, by name: so that a kind never seen in training can be noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd
    import pyarrow as pa

__all__ = ["CollectedKinds", "coded", "kinds_of_windows"]


def kinds_of_windows(rows: ir.Table, *, windows: ir.Table) -> ir.Table:
    """Counts of `event:NAME` and, for lines that no grammar knows, of `template:TEXT`.

    Columns: window (its `row`), kind, count; in no order.
    """
    import ibis

    wifi = rows.filter(rows.wifi)
    template = ibis.ifelse(wifi.event == "unknown", wifi.template, ibis.null("string"))
    lines = wifi.select("entity", "window", "event", template=template)
    counts = lines.group_by("entity", "window", "event", "template").agg(number=lines.count())
    joined = counts.inner_join(windows.select("entity", "window", "row"), ["entity", "window"])
    of_template = ibis.literal("template:").concat(joined.template)
    return joined.select(
        window=joined.row.cast("int32"),
        kind=ibis.coalesce(of_template, ibis.literal("event:").concat(joined.event)),
        count=joined.number.cast("int32"),
    )


class CollectedKinds:
    """Kinds of all windows, filled by one group after another; each name is kept once."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._window: list[np.ndarray] = []
        self._code: list[np.ndarray] = []
        self._count: list[np.ndarray] = []

    @property
    def nbytes(self) -> int:
        """Bytes of what was added."""
        parts = (*self._window, *self._code, *self._count)
        return sum(array.nbytes for array in parts)

    def add(self, kinds: pa.Table, *, first: int) -> None:
        """The next group's kinds (`kinds_of_windows`), whose windows begin at row `first` of X."""
        import numpy as np

        names, codes = coded(kinds["kind"])
        rank = np.argsort(np.argsort(np.array(names, dtype=object)))
        window = kinds["window"].to_numpy()
        order = np.lexsort((rank[codes], window))
        known = [self._codes.setdefault(name, len(self._codes)) for name in names]
        small = np.min_scalar_type(-len(self._codes))  # a byte or two of sign and code
        code = np.array(known, dtype=small)[codes[order]]
        self._window.append(window[order] + np.int32(first))
        self._code.append(code)
        self._count.append(kinds["count"].to_numpy()[order])

    def frame(self) -> pd.DataFrame:
        """All that was added: window and count as int32, kind as a category (sorted names).

        To be asked for once: parts go as soon as they are put together.
        """
        import numpy as np
        import pandas as pd

        names = sorted(self._codes)
        place = np.empty(len(names), dtype=np.min_scalar_type(-len(names)))
        place[[self._codes[name] for name in names]] = np.arange(len(names))
        window, count = _whole(self._window), _whole(self._count)
        codes = place[_whole(self._code)]
        kind = pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="str"))
        return pd.DataFrame({"window": window, "kind": kind, "count": count}, copy=False)


def _whole(parts: list[np.ndarray]) -> np.ndarray:
    """The parts as one, which are gone afterwards."""
    import numpy as np

    whole = np.concatenate(parts)
    parts.clear()
    return whole


def coded(texts: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """The distinct texts, and for each row which of them it is."""
    # Coded first: texts in one piece could not be longer than 2 GiB.
    encoded = texts.dictionary_encode().unify_dictionaries().combine_chunks()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
