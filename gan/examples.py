"""The real examples of the course: circle, four clouds, cloud in the corner. The faces: `gan.faces.pictures`."""

import numpy as np
import tensorflow as tf

from gan import checks
from gan.networks import spheric_generator

MOST_NUMBERS = 5 * 10 ** 8  # 2 GB as float32


def _size(name, value, width=1):
    """Return `value`, a whole number of rows of `width` numbers that fit into memory."""
    checks.whole_number(name, value)
    if value * width > MOST_NUMBERS:
        raise ValueError(f"{name}: expected at most {MOST_NUMBERS // width}, got {value}")
    return int(value)


def circle_example(k):
    """k points on the circle of radius .3 about (.5, .5): float32 tensor of shape (k, 2) (task 0)."""
    return spheric_generator(_size("k", k, 2), 2) * .3 + .5


def four_clouds_example(N_real):
    """Four clouds of coloured points in the unit square: float32 tensor of shape (N_real, 5) (tasks 0 to 2).

    Each row is x, y, red, green, blue. The clouds lie about (.75, .75), (.75, .25), (.25, .75) and (.25, .25) with
    standard deviation .05; red grows with x, green with y, blue is what is left.
    """
    N_real = _size("N_real", N_real, 5)
    x = np.random.randn(N_real) * .05
    y = np.random.randn(N_real) * .05
    quarter, half, three_quarters = N_real // 4, N_real // 2, 3 * N_real // 4
    x[:half] += .75
    x[half:] += .25
    y[:quarter] += .75
    y[quarter:half] += .25
    y[half:three_quarters] += .75
    y[three_quarters:] += .25
    red = np.minimum(x * x, 1)
    green = np.minimum(y * y, 1)
    blue = np.maximum(1 - red - green, 0)
    return tf.convert_to_tensor(np.stack([x, y, red, green, blue], axis=1), dtype=tf.float32)


def cloud_in_the_corner_numpy(N, sigma, S):
    """S points about (.8, ..., .8) with independent normal coordinates of spread sigma: array of shape (S, N)."""
    N = _size("N", N)
    S = _size("S", S, N)
    return np.random.randn(S * N).reshape(S, N) * checks.number("sigma", sigma, zero_allowed=True) + .8


def cloud_in_the_corner(C, sigma, S):
    """The same cloud in C dimensions as a float32 tensor of shape (S, C) (task 2)."""
    return tf.convert_to_tensor(cloud_in_the_corner_numpy(C, sigma, S), dtype=tf.float32)
