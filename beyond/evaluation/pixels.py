"""Measures of the pictures themselves, in [0, 1], (n, h, w[, c])."""

import numpy as np
import tensorflow as tf
from scipy.stats import kurtosis

from beyond.common import likeness
from beyond.evaluation import checked

__all__ = ["psnr", "ssim", "ssim_of_pairs", "power_spectrum", "spectrum_slope", "contrast", "edge_kurtosis"]


def psnr(image_true, image_test):
    """Peak signal to noise ratio of pictures in pairs, in decibel, mean over the pairs: -10 log10(mean square error).

    Infinite for equal pictures. Each error of a tenth is 20 decibel.
    """
    true, test = checked.same_shape(image_true, image_test, ("image_true", "image_test"))
    return float(np.mean(likeness.psnr(test, true)))


def ssim(image_true, image_test):
    """Structural similarity of pictures in pairs, mean over the pairs: 1 for equal pictures, about 0 for unlike ones.

    Compared are mean, deviation and correlation in windows of 11 x 11 pixels (of smaller pictures: as large as fits).
    Wang et al. (2004), Image Quality Assessment: From Error Visibility to Structural Similarity.
    """
    true, test = checked.same_shape(image_true, image_test, ("image_true", "image_test"))
    return float(np.mean(tf.image.ssim(true, test, max_val=1., filter_size=min(11, *true.shape[1:3]))))


def ssim_of_pairs(images, pairs=500, seed=0):
    """Mean SSIM of random pairs of a set: how much alike its pictures are; 1 if all are equal. Less is more varied.

    Odena et al. (2017), https://arxiv.org/abs/1610.09585, look at the pictures of one class so, on several scales.
    """
    images = checked.pictures("images", images, fewest=2)
    draws = np.random.default_rng(seed)
    first = draws.integers(len(images), size=pairs)
    second = (first + draws.integers(1, len(images), size=pairs)) % len(images)  # another one
    return ssim(images[first], images[second])


def power_spectrum(images):
    """Mean power of the pictures' waves by their frequency: (power of 1, 2, ... waves across the picture,).

    The mean over all directions, pictures and channels, of the squared amplitudes. White noise has the same power
    everywhere; natural pictures lose it quickly towards high frequencies, and blurred ones still more so.
    """
    images = checked.pictures("images", images).astype("float64")
    height, width = images.shape[1:3]
    power = np.abs(np.fft.fft2(images - images.mean(axis=(1, 2), keepdims=True), axes=(1, 2))) ** 2 / (height * width)
    side = min(height, width)
    vertical, horizontal = np.fft.fftfreq(height) * side, np.fft.fftfreq(width) * side
    ring = np.rint(np.hypot(vertical[:, None], horizontal)).astype(int)  # (h, w), waves across the shorter side
    power = power.mean(axis=(0, 3))
    return np.array([power[ring == radius].mean() for radius in range(1, max(2, side // 2 + 1))])


def spectrum_slope(images):
    """Slope of log power over log frequency: 0 for white noise, -2 for amplitudes that fall as 1/f.

    NaN for pictures without any structure.
    """
    power = power_spectrum(images)
    if len(power) < 2 or power.min() <= 1e-20:
        return float("nan")
    return float(np.polyfit(np.log(np.arange(1, len(power) + 1)), np.log(power), 1)[0])


def contrast(images):
    """Mean over the pictures of the standard deviation of their pixels."""
    return float(np.mean(np.std(checked.pictures("images", images), axis=(1, 2, 3))))


def edge_kurtosis(images):
    """Excess kurtosis of the differences of neighbouring pixels: 0 for normal ones, as in noise.

    Real pictures have many differences near 0 and few large ones, the edges: much more than 0. NaN if all are equal.
    """
    images = checked.pictures("images", images).astype("float64")
    steps = np.concatenate([np.diff(images, axis=1).ravel(), np.diff(images, axis=2).ravel()])
    return float(kurtosis(steps)) if np.ptp(steps) else float("nan")
