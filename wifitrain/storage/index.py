"""model_registry.json: the flat form in which the service reads, derived from the folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.errors import PackageError
from wifitrain.storage import strict_json
from wifitrain.storage.durable import replace_file

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Catalogue, Model
    from wifitrain.storage.layout import Layout

__all__ = ["write_index"]


def write_index(layout: Layout, seen: Catalogue) -> None:
    """Replace the index by one entry for each version. Needs the lock.

    Folders that are none of ours keep the entry that the service gave them.
    """
    index = {**_foreign_entries(layout, seen), **{m.version: _entry(m) for m in seen.models}}
    replace_file(layout.index, strict_json.dumps(index))


def _entry(model: Model) -> dict[str, Any]:
    return {
        "path": str(model.path.resolve()),
        "created_at": model.created_at,
        "status": model.status,
        "metrics": model.metadata["evaluation_info"]["basic_metrics"],
        "model_type": model.model_type,
        "model_name": model.name,
        "state": model.state,
        "deployed_at": model.standing.get("deployed_at"),
        "deployed_by": model.standing.get("deployed_by"),
    }


def _foreign_entries(layout: Layout, seen: Catalogue) -> dict[str, Any]:
    try:
        old = strict_json.read_object(layout.index)
    except PackageError:  # none yet, or damaged: it can always be derived again
        return {}
    # The service drops the whole list where one value is no object.
    return {
        name: entry
        for name, entry in old.items()
        if name in seen.foreign and isinstance(entry, dict)
    }
