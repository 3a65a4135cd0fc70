"""Measures that need the generator itself: how fast its pictures change, and what it cannot make."""

import numpy as np
import tensorflow as tf

from gan import checks

__all__ = ["path_length", "slerp", "project", "reconstruction_error"]


def slerp(a, b, t):
    """Points on the great circles from a to b, arrays (n, d), at the shares t of the way, a number or (n, 1).

    Normal latent vectors lie near a sphere; on the straight line between two of them the length would shrink. In
    between the length goes evenly from that of a to that of b.
    """
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    lengths = [np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b)]
    unit_a, unit_b = a / lengths[0], b / lengths[1]
    angle = np.arccos(np.clip(np.sum(unit_a * unit_b, axis=-1, keepdims=True), -1, 1))
    small = np.sin(angle) < 1e-6  # nearly the same direction, or opposite ones, between which no circle is the shortest
    safe = np.where(small, 1., angle)
    direction = np.where(small, (1 - t) * unit_a + t * unit_b,
                         (np.sin((1 - t) * safe) * unit_a + np.sin(t * safe) * unit_b) / np.sin(safe))
    return direction * ((1 - t) * lengths[0] + t * lengths[1])


def path_length(generator, a, b, epsilon=1e-3, interpolate=slerp, distance=None, seed=0):
    """Mean of distance(G(x(t)), G(x(t + epsilon))) / epsilon^2 on the way from a to b, at random t: the shorter, the
    smoother the generator.

    Args:
        generator: function from latent vectors (n, d) to pictures.
        a, b: latent vectors, (n, d) each.
        epsilon: a step; the paper has 1e-4, in float32 the differences of pixels are then mostly rounding.
        interpolate: `slerp` for z; for StyleGAN's w a straight line, `lambda a, b, t: (1 - t) * a + t * b`.
        distance: of two batches of pictures -> (n,), quadratic in small changes; default: the sum of squares.

    For a linear generator and the straight line it is the mean of |G(b) - G(a)|^2, exactly. The paper's distance
    compares features of VGG. Karras et al. (2019), https://arxiv.org/abs/1812.04948.
    """
    epsilon = checks.number("epsilon", epsilon)
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    if a.shape != b.shape or a.ndim != 2 or not a.size:
        raise ValueError(f"a, b: expected latent vectors of the same shape (n, d), got {a.shape} and {b.shape}")
    t = np.random.default_rng(seed).uniform(0, 1 - min(epsilon, 1), size=(len(a), 1))
    first, second = (np.asarray(generator(interpolate(a, b, at).astype("float32")), "float64")
                     for at in (t, t + epsilon))
    if distance is None:
        found = np.sum(np.square(first - second).reshape(len(a), -1), axis=1)
    else:
        found = np.asarray(distance(first, second), "float64")
    return float(np.mean(found) / epsilon ** 2)


def project(generator, pictures, latent_generator, restarts=4, steps=100, rate=.1):
    """The latent vectors whose pictures come nearest to the given ones, found by gradient descent (Adam).

    Args:
        generator: function from latent vectors (k, d) to pictures, differentiable.
        pictures: (n, h, w, c), as the generator makes them.
        latent_generator: k -> latent vectors (k, d), where the descent starts.
        restarts: starts for each picture; the best end counts.
        steps, rate: of the descent.

    Returns: latent vectors (n, d), squared errors |G(z) - x|^2 (n,), the pictures G(z).
    """
    pictures = tf.convert_to_tensor(pictures, tf.float32)
    count, axes = len(pictures), list(range(1, pictures.shape.rank))
    wanted = tf.repeat(pictures, restarts, axis=0)  # (n restarts, h, w, c), those of a picture side by side
    start = tf.cast(latent_generator(count * restarts), tf.float32)

    @tf.function(autograph=False)
    def errors_and_gradients(latent):
        with tf.GradientTape() as tape:
            tape.watch(latent)
            errors = tf.reduce_sum(tf.square(generator(latent) - wanted), axes)
        return errors, tape.gradient(errors, latent)

    latent, mean, square = np.array(start), 0., 0.
    best, least = np.array(start), np.full(count * restarts, np.inf)
    for step in range(1, steps + 2):
        errors, gradients = (np.asarray(value) for value in errors_and_gradients(tf.constant(latent)))
        better = errors < least
        best[better], least[better] = latent[better], errors[better]
        mean, square = .9 * mean + .1 * gradients, .999 * square + .001 * gradients ** 2
        change = (mean / (1 - .9 ** step)) / (np.sqrt(square / (1 - .999 ** step)) + 1e-8)
        latent = (latent - rate * change).astype("float32")
    chosen = np.arange(count) * restarts + np.argmin(least.reshape(count, restarts), axis=1)
    return best[chosen], least[chosen], np.asarray(generator(tf.constant(best[chosen])))


def reconstruction_error(generator, pictures, latent_generator, **options):
    """Mean over pictures of min over z of |G(z) - x|^2: what a generator cannot make stays far. 0 for its own.

    Arguments as for `project`. Xiang and Li (2017), https://arxiv.org/abs/1704.03971.
    """
    return float(np.mean(project(generator, pictures, latent_generator, **options)[1]))
