"""wifitrain-models: look after a models folder from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wifitrain.errors import WifitrainError
from wifitrain.storage import commands
from wifitrain.storage.display import Answer, cell, show
from wifitrain.storage.store import ModelStore

if TYPE_CHECKING:
    Command = Callable[[ModelStore, argparse.Namespace], Answer]

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = a fault, named in one line, 2 = not understood."""
    chosen = _parser().parse_args(arguments)
    command: Command = chosen.command
    try:
        answer = command(_store(chosen), chosen)
    except WifitrainError as error:
        sys.stderr.write(f"error: {cell(error)}\n")
        return 1
    show(answer, as_json=chosen.json)
    return answer.status


def _store(chosen: argparse.Namespace) -> ModelStore:
    if chosen.command is not commands.prune:
        return ModelStore(directory=chosen.directory, trusted_keys=chosen.trusted_keys)
    return ModelStore(
        directory=chosen.directory,
        trusted_keys=chosen.trusted_keys,
        keep_last_n_versions=chosen.keep_last,
        backup_enabled=not chosen.no_backup,
        retention_days=chosen.retention_days,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wifitrain-models",
        description="Look after a models folder.",
        epilog="Another alert budget without training: wifitrain-models rethreshold --help;"
        " a version trained again from its record: wifitrain-models verify VERSION --rebuild",
        allow_abbrev=False,
    )
    _common(parser, directory="models", trusted_keys=None, as_json=False)
    adding = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        added = adding.add_parser(name, help=text, description=text, allow_abbrev=False)
        # Accepted before and after the command; a default here would undo what came before it.
        absent = argparse.SUPPRESS
        _common(added, directory=absent, trusted_keys=absent, as_json=absent)
        added.set_defaults(command=command)
        return added

    _add_reading(add)
    _add_changing(add)
    return parser


def _common(
    parser: argparse.ArgumentParser,
    *,
    directory: str,
    trusted_keys: str | None,
    as_json: bool | str,
) -> None:
    parser.add_argument(
        "--directory", default=directory, metavar="DIR", help="models folder (default: models)"
    )
    parser.add_argument(
        "--trusted-keys",
        default=trusted_keys,
        metavar="KEYS",
        help="refuse what none of these public keys signed: a file, a folder, or a variable's name"
        " (default: what WIFITRAIN_TRUSTED_KEYS names)",
    )
    parser.add_argument(
        "--json", action="store_true", default=as_json, help="print JSON instead of tables"
    )


def _add_reading(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    add("list", commands.list_, "versions in the order of their arrival, and what is no version")
    add("show", commands.show, "one version with its metadata").add_argument("version")
    add("verify", commands.verify, "compare files with their SHA-256; all versions unless named")\
        .add_argument("versions", nargs="*", metavar="version")  # fmt: skip
    comparing = add("diff", commands.diff, "where two versions differ")
    comparing.add_argument("first")
    comparing.add_argument("second")
    add("history", commands.history, "who did what, when, why and from where")\
        .add_argument("version", nargs="?")  # fmt: skip
    add("as-of", commands.as_of, "which version was live at a time").add_argument(
        "time", help="ISO text, UTC unless it has a zone: 2026-01-31T12:00"
    )
    exporting = add("export", commands.export, "write <version>_deployment.zip")
    exporting.add_argument("version")
    exporting.add_argument("--to", default=".", metavar="DIR", help="where to (default: .)")


def _add_changing(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    deploying = _signed(add("deploy", commands.deploy, "make a version the live one"))
    deploying.add_argument("version")
    deploying.add_argument(
        "--candidate", action="store_true", help="accept a candidate; needs --why"
    )
    _signed(add("rollback", commands.rollback, "return to the version live before")).add_argument(
        "--name", help="name of the model, where several are deployed"
    )
    _signed(add("retire", commands.retire, "take a version out of use")).add_argument("version")
    pinning = _signed(add("pin", commands.pin, "keep a version from being pruned"))
    pinning.add_argument("version")
    pinning.add_argument("--off", action="store_true", help="let it go again")
    pruning = add("prune", commands.prune, "remove versions beyond the retention, and leftovers")
    pruning.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    pruning.add_argument("--keep-last", type=int, default=5, metavar="N", help="(default: 5)")
    pruning.add_argument("--no-backup", action="store_true", help="keep no ZIP of what is removed")
    pruning.add_argument(
        "--retention-days", type=float, default=30, metavar="N", help="of backups (default: 30)"
    )
    importing = add("import", commands.import_, "publish the package of a deployment ZIP")
    importing.add_argument("path")
    importing.add_argument("--by", help="who does it (default: the user)")
    add("keygen", commands.keygen, "make an Ed25519 key that signs versions").add_argument(
        "path", help="of the private key; the public one is written beside it as .pub"
    )
    add("rebuild-index", commands.rebuild_index, "derive model_registry.json from the folders")


def _signed(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--by", help="who does it (default: the user)")
    parser.add_argument("--why", default="", help="kept in the history")
    return parser


if __name__ == "__main__":
    sys.exit(main())
