"""Measured claims: this pipeline beside the design's and beside the limit, in one run."""
