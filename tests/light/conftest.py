"""One site and one version for the room: trained once by the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.light.made import KEY, Show, halves, site, train, whole
from wifitrain.light import Scored


@pytest.fixture(scope="session")
def show(tmp_path_factory: pytest.TempPathFactory) -> Show:
    """A version trained on days 1 and 2, and the log of days 3 and 4."""
    folder = tmp_path_factory.mktemp("show")
    first, second = halves(site(folder))
    return Show(model=train(folder, first), log=second)


@pytest.fixture(scope="session")
def scored(show: Show) -> Scored:
    """The log scored at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIFITRAIN_PSEUDONYM_KEY", KEY)
        return whole(show)


@pytest.fixture(autouse=True)
def one_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pseudonym key of the training."""
    monkeypatch.setenv("WIFITRAIN_PSEUDONYM_KEY", KEY)
    return iter(())
