"""One operation between two marks that strace shows: OPERATION MODELS FIRST WARM.

It is done on the folder WARM before, so that what follows the mark is the store's work alone and
not Python looking for modules. Prints the version it acknowledges.
"""

from __future__ import annotations

import os
import sys

from wifitrain.errors import WifitrainError
from wifitrain.records import PackageContents
from wifitrain.storage import ModelStore

BEGINS, ENDS = "/soak-begins", "/soak-ends"


def work(operation: str, models: str, first: str) -> str:
    """Do it; returns the version that was written or went live."""
    store = ModelStore(directory=models, keep_last_n_versions=1)
    if operation == "write":
        counts = {"training_samples": 1, "n_samples": 1}
        return store.write(
            PackageContents(
                estimator={"any": "thing"}, model_type="Quick", guard=None, report={},
                content_digest="7" * 64, features=[{"name": "x"}],
                metadata={"training_info": counts},
            )
        ).version  # fmt: skip
    if operation == "deploy":
        return store.deploy(first).version
    if operation == "rollback":
        return store.rollback().version
    store.prune()
    return ""


def main(operation: str, models: str, first: str, warm: str) -> None:
    """Once in vain, once between the marks."""
    work(operation, warm, first)
    os.access(BEGINS, os.F_OK)
    try:
        acknowledged = work(operation, models, first)
    except (WifitrainError, OSError) as error:  # as the command line does
        sys.exit(str(error))
    os.access(ENDS, os.F_OK)
    sys.stdout.write(acknowledged)


if __name__ == "__main__":
    main(*sys.argv[1:])
