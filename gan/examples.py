"""The real examples of the course."""

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from gan.networks import spheric_generator


def circle_example(k):
    """k points on the circle of radius .3 about (.5, .5): float32 tensor of shape (k, 2) (task 0)."""
    return spheric_generator(k, 2) * .3 + .5


def four_clouds_example(N_real):
    """Four clouds of coloured points in the unit square: float32 tensor of shape (N_real, 5) (tasks 0 to 2).

    Each row is x, y, red, green, blue. The clouds lie about (.75, .75), (.75, .25), (.25, .75) and (.25, .25) with
    standard deviation .05; red grows with x, green with y, blue is what is left.
    """
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
    return np.random.randn(S * N).reshape(S, N) * sigma + .8


def cloud_in_the_corner(C, sigma, S):
    """The same cloud in C dimensions as a float32 tensor of shape (S, C) (task 2)."""
    return tf.convert_to_tensor(cloud_in_the_corner_numpy(C, sigma, S), dtype=tf.float32)


class Faces:
    """The grey pictures of tasks 3 and 4.

    Args:
        path: a .npy file of uint8 pictures, shape (n, 16, 16).

    Attributes:
        pictures: float32 in [0, 1], shape (n, 16, 16).
        mean_face: the mean of all pictures, (16, 16).
        multiplier: the largest value of each pixel, (16, 16).
        normalized: (pictures - mean_face) / multiplier, what the networks are trained on.

    Raises:
        ValueError: no such file, or not an array of this dtype and shape.
    """

    def __init__(self, path):
        if not os.path.isfile(path):
            raise ValueError(f"faces: expected a .npy file of pictures, there is none at {str(path)!r}")
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except Exception as error:  # NumPy raises ValueError, EOFError or OSError on a damaged file
            raise ValueError(f"faces: {str(path)!r} is not a complete .npy file ({error})") from error
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else "an archive of arrays"
        if not found.startswith("uint8") or array.ndim != 3 or array.shape[1:] != (16, 16) or not len(array):
            raise ValueError(f"faces: expected an array of uint8 (n, 16, 16) in {str(path)!r}, got {found}")
        self.path = Path(path)
        self.pictures = np.asarray(array).astype("float32") / 255
        self.mean_face = self.pictures.mean(axis=0)
        # A pixel that is black on every picture stays as it is instead of becoming 0 / 0.
        largest = np.max(np.abs(self.pictures), axis=0)
        self.multiplier = np.where(largest > 0, largest, 1).astype("float32")
        self.normalized = (self.pictures - self.mean_face) / self.multiplier

    def recover(self, normalized):
        """Pictures in [0, 1] from normalised ones, shape (..., 16, 16)."""
        return normalized * self.multiplier + self.mean_face
