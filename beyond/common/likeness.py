"""How near pictures come to the truth, and how sharp they are: PSNR, SSIM and others, of arrays in [0, 1]."""

import numpy as np
import tensorflow as tf

from beyond.common.base import in_batches


def psnr(made, truth):
    """Peak signal-to-noise ratio of each picture, (n,): 10 log10(1 / mean square error), in decibels; more is nearer.

    Infinite for equal pictures.
    """
    return np.asarray(tf.image.psnr(np.asarray(made, "float32"), np.asarray(truth, "float32"), 1.))


def ssim(made, truth):
    """Structural similarity, mean over the pictures: 1 for equal ones, about 0 for unrelated ones.

    It compares means, variances and the correlation in windows of 11 x 11 pixels, or of the whole of smaller pictures.
    """
    window = min(11, *made.shape[1:3])
    return float(np.mean(in_batches(
        lambda pairs: tf.image.ssim(pairs[:, 0], pairs[:, 1], 1., filter_size=window),
        np.stack([made, truth], axis=1), 50)))


def sharpness(pictures):
    """Mean difference of neighbouring pixels, across and down."""
    return float(np.mean([np.mean(np.abs(np.diff(pictures, axis=axis))) for axis in (1, 2)]))


def bicubic(pictures, size):
    """Smaller pictures made as large as size x size: each new pixel is a cubic mean of the 4 x 4 pixels around it."""
    return np.clip(np.asarray(tf.image.resize(pictures, (size, size), method="bicubic")), 0, 1)


def likeness(made, truth, features=None):
    """A dict of figures of pictures (n, h, w, channels) in [0, 1] beside the truth.

    psnr, ssim: see above, the mean. sharpness: divided by that of the truth; below 1 is blurred. features: distance
    in the features of a `beyond.common.features.Features`; less is nearer.
    """
    result = {"psnr": float(np.mean(psnr(made, truth))), "ssim": ssim(made, truth),
              "sharpness": sharpness(made) / sharpness(truth)}
    if features:
        result["features"] = features.distance(made, truth)
    return result
