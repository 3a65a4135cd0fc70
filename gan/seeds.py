"""One seed for everything that is drawn."""

import random

import numpy as np
import tensorflow as tf


def set_seeds(seed):
    """Seed Python (the initial weights), NumPy (the clouds) and TensorFlow (latent vectors, samples)."""
    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)
