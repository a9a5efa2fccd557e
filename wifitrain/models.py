"""wifitrain-models: the commands of the models folder, and those that also need other rooms."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from wifitrain.errors import WifitrainError
from wifitrain.printable import printable
from wifitrain.storage import ModelStore, console

__all__ = ["main"]

_RETHRESHOLD = "rethreshold"
_REBUILD = "--rebuild"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = a fault, named in one line, 2 = not understood."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if _REBUILD in given:
        return _rebuild([one for one in given if one not in (_REBUILD, "verify")])
    if _RETHRESHOLD in given:
        return _rethreshold([one for one in given if one != _RETHRESHOLD])
    return console.main(given)


def _rethreshold(given: Sequence[str]) -> int:
    from wifitrain.calibration import AlertBudget
    from wifitrain.pipeline.rethreshold import rethreshold

    chosen = _parser().parse_args(given)
    try:
        stored = rethreshold(
            ModelStore(
                directory=chosen.directory,
                keep_last_n_versions=None,
                signing_key=chosen.signing_key,
                trusted_keys=chosen.trusted_keys,
            ),
            chosen.version,
            AlertBudget(
                contamination=0.02 if chosen.contamination is None else chosen.contamination,
                alerts_per_day=chosen.alerts_per_day,
            ),
            by=chosen.by,
            why=chosen.why,
            trust_pickle=chosen.trust_pickle,
        )
    except WifitrainError as error:
        sys.stderr.write(f"error: {printable(' '.join(str(error).split()))}\n")
        return 1
    sys.stdout.write(f"{stored.version}: {stored.status}\n")
    return 0


def _rebuild(given: Sequence[str]) -> int:
    from wifitrain.pipeline.rebuild import rebuild

    chosen = _rebuild_parser().parse_args(given)
    try:
        rebuilt = rebuild(
            ModelStore(directory=chosen.directory, trusted_keys=chosen.trusted_keys),
            chosen.version,
            source=chosen.source,
            trust_config=chosen.trust_config,
        )
    except WifitrainError as error:
        sys.stderr.write(f"error: {printable(' '.join(str(error).split()))}\n")
        return 1
    said = json.dumps(rebuilt.to_json(), indent=2) if chosen.json else rebuilt.told()
    sys.stdout.write(f"{said}\n")
    return 0 if rebuilt.is_same else 1


def _rebuild_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"wifitrain-models verify {_REBUILD}",
        description="Train a version again from its recorded configuration and data, in a"
        " temporary folder, and compare the digests: status 0 where the same model comes out.",
        allow_abbrev=False,
    )
    parser.add_argument("version")
    parser.add_argument("--source", metavar="PATH", help="where its export lies now")
    parser.add_argument("--directory", default="models", metavar="DIR", help="(default: models)")
    parser.add_argument("--trusted-keys", metavar="KEYS", help="that must have signed the version")
    parser.add_argument("--trust-config", action="store_true", help="of a version from elsewhere")
    parser.add_argument("--json", action="store_true", help="print both digests of each kind")
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"wifitrain-models {_RETHRESHOLD}",
        description="Another alert budget: a sibling of a version with another threshold.",
        allow_abbrev=False,
    )
    parser.add_argument("version")
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument("--contamination", type=float, help="share of windows that may alert")
    budget.add_argument("--alerts-per-day", type=float, help="for each access point")
    parser.add_argument("--directory", default="models", metavar="DIR", help="(default: models)")
    parser.add_argument("--by", help="who does it (default: the user)")
    parser.add_argument("--why", default="", help="kept in history and metadata")
    parser.add_argument("--signing-key", metavar="KEY", help="signs the sibling")
    parser.add_argument("--trusted-keys", metavar="KEYS", help="that must have signed the version")
    parser.add_argument("--trust-pickle", action="store_true", help="of a version from elsewhere")
    return parser


if __name__ == "__main__":
    sys.exit(main())
