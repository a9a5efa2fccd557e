"""The edge artefact: a forest, its guard and its threshold as plain arrays and JSON, no pickle.

Reading and scoring need numpy alone.
"""

from wifitrain.edge.canaries import canary_windows
from wifitrain.edge.explaining import Explainer, Explanation
from wifitrain.edge.guard import EdgeGuard
from wifitrain.edge.kinship import Kinship, Likeness
from wifitrain.edge.kinship_file import PROFILES, kinship_bytes, read_kinship
from wifitrain.edge.model import EdgeModel, Judged
from wifitrain.edge.profiling import BenchWindows, OrdinaryWindows, learn_kinship, ruler_of
from wifitrain.edge.quieting import Change
from wifitrain.edge.reading import DOCUMENT, NPZ, load_folder, read_model
from wifitrain.edge.writing import EdgeFacts, edge_document, edge_files, why_no_edge

__all__ = [
    "DOCUMENT",
    "NPZ",
    "PROFILES",
    "BenchWindows",
    "Change",
    "EdgeFacts",
    "EdgeGuard",
    "EdgeModel",
    "Explainer",
    "Explanation",
    "Judged",
    "Kinship",
    "Likeness",
    "OrdinaryWindows",
    "canary_windows",
    "edge_document",
    "edge_files",
    "kinship_bytes",
    "learn_kinship",
    "load_folder",
    "read_kinship",
    "read_model",
    "ruler_of",
    "why_no_edge",
]
