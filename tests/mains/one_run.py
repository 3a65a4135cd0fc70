"""A run for `test_jobs.py`. The processes that share the runs import this module, which loads little."""

import os
import sys

import numpy as np


def draw(seed, fails=None):
    """A run that takes its numbers from its seed, tells of it, and can fail."""
    print("a run\nfrom the seed", seed)
    if seed == fails:
        raise ValueError(f"seed: {seed}")
    if seed == 99:
        sys.exit("a sentence")
    return np.random.RandomState(seed).rand(), os.getpid()
