"""Names leave as keyed pseudonyms, and the key stays where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from wifitrain.errors import ConfigError
from wifitrain.pseudonyms import KEY_VARIABLE, Pseudonymiser

MAC = "02:00:00:AA:BB:CC"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that only this test knows."""
    monkeypatch.setenv(KEY_VARIABLE, "sixteen bytes or more")


def test_one_station_has_one_pseudonym_in_any_spelling() -> None:
    """Case does not make another station, and the address is not in it."""
    names = Pseudonymiser().stations([MAC, MAC.lower()])
    assert names[MAC] == names[MAC.lower()]
    assert names[MAC].startswith("sta-")
    assert "aabbcc" not in names[MAC]


def test_stations_and_networks_have_domains_of_their_own() -> None:
    """An SSID that looks like an address is no station."""
    pseudonymiser = Pseudonymiser()
    station = pseudonymiser.stations(["home"])["home"].removeprefix("sta-")
    network = pseudonymiser.networks(["home"])["home"].removeprefix("net-")
    assert station != network


def test_another_key_makes_other_pseudonyms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the key nobody can follow a station."""
    before = Pseudonymiser().stations([MAC])
    monkeypatch.setenv(KEY_VARIABLE, "another key of some length")
    assert Pseudonymiser().stations([MAC]) != before


def test_addresses_inside_a_text_are_replaced() -> None:
    """The rest of the line stays."""
    text = Pseudonymiser().text(f"STA {MAC} associated, peer 02-00-00-00-00-01.")
    assert MAC not in text
    assert "02-00" not in text
    assert text.startswith("STA sta-")


def test_switched_off_it_changes_nothing() -> None:
    """Not even the case."""
    pseudonymiser = Pseudonymiser(enabled=False)
    assert pseudonymiser.text(f"STA {MAC}") == f"STA {MAC}"
    assert pseudonymiser.stations([MAC]) == {MAC: MAC}


def test_a_key_file_is_made_once_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same names the next time, and nobody else reads it."""
    monkeypatch.delenv(KEY_VARIABLE)
    file = tmp_path / "deep" / "pseudonym.key"
    first = Pseudonymiser(key_file=str(file)).stations([MAC])
    assert file.stat().st_mode & 0o777 == 0o600
    assert Pseudonymiser(key_file=str(file)).stations([MAC]) == first


def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could be guessed."""
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(ConfigError, match="at least 16 bytes"):
        Pseudonymiser().stations([MAC])


def test_a_key_file_that_cannot_be_made_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the three ways out."""
    monkeypatch.delenv(KEY_VARIABLE)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="source.pseudonymise=false"):
        Pseudonymiser(key_file=str(tmp_path / "file" / "key")).stations([MAC])
