"""Model packages, their registry and their retention: everything that touches a models folder."""

from wifitrain.storage.store import ModelStore

__all__ = ["ModelStore"]
