"""Model packages, their registry and their retention: everything that touches a models folder."""

from wifitrain.storage.catalogue import Model
from wifitrain.storage.package import Package, ProvenFiles, proven_files
from wifitrain.storage.store import ModelStore

__all__ = ["Model", "ModelStore", "Package", "ProvenFiles", "proven_files"]
