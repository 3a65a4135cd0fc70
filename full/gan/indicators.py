"""Numbers that say how good a generator is."""

import numpy as np

from gan import checks

CENTER = .8  # of every coordinate of the cloud in the corner


def _cloud(value):
    """The cloud as an array of numbers (S, N); ValueError if it is something else, or empty."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiub":
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(f"cloud: expected an array of numbers (S, N), got {type(value).__name__}") from None
    if array.ndim != 2 or not array.size:
        raise ValueError(f"cloud: expected an array of numbers (S, N), got the shape {array.shape}")
    return array


def _checked(N, sigma, S):
    """Both sizes and the spread of a cloud, in words if they are none."""
    return checks.whole_number("N", N), checks.number("sigma", sigma, zero_allowed=True), checks.whole_number("S", S)


def mean_squared_dist_cloud_to_center(cloud):
    """Mean over the points of the squared distance to the centre ("msdcc"); cloud of shape (S, N)."""
    return np.mean(np.sum(np.square(_cloud(cloud) - CENTER), axis=1))


def expected_mean_squared_dist_cloud_to_center(N, sigma, S):
    """Its expectation for the cloud in the corner: N sigma^2."""
    N, sigma, S = _checked(N, sigma, S)
    return sigma * sigma * N


def squared_dist_barycenter_to_center(cloud):
    """Squared distance of the barycentre to the centre ("dbc"); cloud of shape (S, N)."""
    return np.sum(np.square(np.mean(_cloud(cloud), axis=0) - CENTER))


def expected_squared_dist_barycenter_to_center(N, sigma, S):
    """Its expectation for the cloud in the corner: N sigma^2 / S."""
    N, sigma, S = _checked(N, sigma, S)
    return sigma * sigma * N / S


def sliced_wasserstein(a, b, directions=500, seed=0):
    """Mean over random directions of the Wasserstein distance between the projections of two clouds.

    Args:
        a, b: arrays of the same shape (n, d).
        directions: how many directions, uniform on the sphere.
        seed: of the directions.

    Raises:
        ValueError: the clouds have different shapes.

    Rabin et al. (2011), Wasserstein Barycenter and Its Application to Texture Mixing.
    """
    a, b = np.asarray(a, dtype="float64"), np.asarray(b, dtype="float64")
    if a.shape != b.shape or a.ndim != 2 or not a.size:
        raise ValueError(f"a, b: expected two arrays of the same shape (n, d), got {a.shape} and {b.shape}")
    checks.whole_number("directions", directions)
    axes = np.random.default_rng(seed).normal(size=(a.shape[1], directions))
    axes /= np.linalg.norm(axes, axis=0)
    # In one dimension the best transport moves the k-th smallest value to the k-th smallest.
    return float(np.mean(np.abs(np.sort(a @ axes, axis=0) - np.sort(b @ axes, axis=0))))
