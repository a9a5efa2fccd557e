"""The light corridor: a package scores logs without Hydra and scikit-learn, once or as they grow.

What an edge box runs. It walks through the same rooms as training: readers, grammars, windows.
"""

from wifitrain.light.alerts import AlertTeller
from wifitrain.light.follower import Follower
from wifitrain.light.model import LightModel, light_model, load_light
from wifitrain.light.output import Output, write
from wifitrain.light.scored import Reading, Scored, score_export, tell_of, window_frame
from wifitrain.light.settings import FollowSettings
from wifitrain.light.watching import incident_notice

__all__ = [
    "AlertTeller",
    "FollowSettings",
    "Follower",
    "LightModel",
    "Output",
    "Reading",
    "Scored",
    "incident_notice",
    "light_model",
    "load_light",
    "score_export",
    "tell_of",
    "window_frame",
    "write",
]
