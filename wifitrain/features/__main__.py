"""Prints docs/features.md."""

from __future__ import annotations

import sys

from wifitrain.features.document import features_page

if __name__ == "__main__":
    sys.stdout.write(features_page())
