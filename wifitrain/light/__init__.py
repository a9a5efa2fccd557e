"""The light corridor: a package scores logs without Hydra and scikit-learn, once or as they grow.

What an edge box runs. It walks through the same rooms as training: readers, grammars, windows.
"""

from wifitrain.light.alerts import AlertTeller
from wifitrain.light.follower import Follower, FollowSettings
from wifitrain.light.model import LightModel, load_light
from wifitrain.light.scored import Scored, score_export

__all__ = [
    "AlertTeller",
    "FollowSettings",
    "Follower",
    "LightModel",
    "Scored",
    "load_light",
    "score_export",
]
