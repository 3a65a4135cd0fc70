"""Walks in latent space."""

import numpy as np


def segment(ab, n):
    """n points from ab[0] to ab[1], both ends included: shape (n, dim)."""
    x = np.linspace(0, 1, n)[:, None]
    return (1 - x) * ab[0] + x * ab[1]


def circle(n, dim, rng):
    """n points once around a circle about 0 in a random plane, shape (n, dim).

    Its radius is sqrt(dim), where nearly all standard normal vectors lie.
    """
    plane = np.linalg.qr(rng.normal(size=(dim, 2)))[0]  # two orthonormal columns
    angles = 2 * np.pi * np.arange(n) / n
    return np.sqrt(dim) * np.stack([np.cos(angles), np.sin(angles)], axis=1) @ plane.T


def star(center, rays, n, length, rng):
    """From `center` along `rays` random directions and back, n points a ray: shape (rays n, dim)."""
    directions = rng.normal(size=(rays, len(center)))
    directions *= length / np.linalg.norm(directions, axis=1, keepdims=True)
    there_and_back = np.sin(np.pi * np.arange(n) / n)  # 0, up to 1, and down again, slow at the tip
    return np.concatenate([center + there_and_back[:, None] * direction for direction in directions])


def changes(generate, latent_vectors, lengths, rng):
    """How much a step in latent space changes a picture, beside the distance between two pictures.

    Args:
        generate: function from latent vectors (n, dim) to pictures (n, ...).
        latent_vectors: where the steps begin, (n, dim).
        lengths: of the steps, each in a random direction.

    Returns: a dict of length -> median distance of a picture before and after, divided by that of a picture and the
    next one's. A generator that is continuous makes it as small as one likes by small steps.
    """
    def distance(a, b):
        return np.median(np.linalg.norm((a - b).reshape(len(a), -1), axis=1))

    before = np.asarray(generate(latent_vectors), "float64")
    apart = distance(before, np.roll(before, 1, axis=0))
    directions = rng.normal(size=latent_vectors.shape)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return {length: float(distance(np.asarray(generate(latent_vectors + length * directions), "float64"), before)
                          / apart) for length in lengths}
