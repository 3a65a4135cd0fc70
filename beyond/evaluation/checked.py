"""Checks of what the measures are given: each error names the argument, what came and what was expected."""

import numpy as np

from gan import checks


def cloud(name, value, fewest=2):
    """Points as an array float64 (n, d), at least `fewest`; pictures (n, h, w[, c]) become rows of pixels."""
    array = np.asarray(checks.real_examples(value, name), "float64")
    if array.ndim < 2 or len(array) < fewest:
        raise ValueError(f"{name}: expected at least {fewest} points (n, d), got shape {array.shape}")
    return array.reshape(len(array), -1)


def clouds(first, second, fewest=2, names=("real", "fake")):
    """Two clouds of the same dimension."""
    one, other = cloud(names[0], first, fewest), cloud(names[1], second, fewest)
    if one.shape[1] != other.shape[1]:
        raise ValueError(f"{names[1]}: expected points of {one.shape[1]} coordinates as those of {names[0]}, got "
                         f"{other.shape[1]}")
    return one, other


def probabilities(name, value):
    """Probabilities of classes as an array float64 (n, K) whose rows sum to 1."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" or array.ndim != 2 or not array.size:
        raise ValueError(f"{name}: expected probabilities of shape (n, classes), got {array.dtype} {array.shape}")
    array = array.astype("float64")
    sums = array.sum(axis=1)
    if not (np.min(array) >= 0 and np.allclose(sums, 1, atol=1e-3)):  # NaN too
        row = int(np.argmax(~((array.min(axis=1) >= 0) & np.isclose(sums, 1, atol=1e-3))))
        raise ValueError(f"{name}: expected probabilities, each row zero or positive and of sum 1, got a row of sum "
                         f"{sums[row]:.6g} with the smallest value {array[row].min():.6g}; scores before the softmax?")
    return array / sums[:, None]


def labels(name, value, count):
    """Class numbers as an array (count,) of whole numbers."""
    array = np.asarray(value)
    if array.dtype.kind not in "iu" or array.shape != (count,):
        raise ValueError(f"{name}: expected {count} whole numbers, one a picture, got {array.dtype} {array.shape}")
    return array


def pictures(name, value, fewest=1):
    """Pictures as an array float32 (n, h, w, c) in [0, 1]; (n, h, w) are grey ones."""
    array = np.asarray(checks.real_examples(value, name))
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or len(array) < fewest:
        raise ValueError(f"{name}: expected at least {fewest} pictures (n, h, w), (n, h, w, 1) or (n, h, w, 3), got "
                         f"shape {np.shape(value)}")
    if array.min() < 0 or array.max() > 1:
        raise ValueError(f"{name}: expected pictures in [0, 1], got values from {array.min():.4g} to "
                         f"{array.max():.4g}")
    return array


def same_shape(first, second, names):
    """Pictures in pairs, both float32 (n, h, w, c) in [0, 1]."""
    one, other = pictures(names[0], first), pictures(names[1], second)
    if one.shape != other.shape:
        raise ValueError(f"{names[1]}: expected pictures of shape {one.shape} as {names[0]}, got {other.shape}")
    return one, other
