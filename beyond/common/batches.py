"""By what a discriminator tells real from fake: by each example, or by the batch that the example stands in.

Batch normalisation measures an example against the others of its batch. With real and fake examples in batches of
their own, the discriminator sees more than the examples: what a whole batch has in common. Let the examples be 1 or -1,
the real ones half and half, and three quarters of the fakes 1. No one can tell a single 1 that is real from one that is
fake. But normalised among real ones it is always 1, among fakes always .58. So it is told with certainty, although the
generator made nothing that is wrong in itself. `beyond.common.base` has the other way round, where such a discriminator
is blind.
"""

import numpy as np
import tensorflow as tf

HOW = ("apart", "together", "alone")


def told(discriminator, real, fake, threshold, batch_size=16):
    """The share of values by which a discriminator is right about real and fake examples, for three ways to ask it.

    Args:
        discriminator: keras.Model; its values above `threshold` mean "real".
        real, fake: arrays of its inputs, of the same length; what is left after whole batches is not used.
        batch_size: of real examples, and of fakes; at most as many as there are.

    Returns a dict:
        apart: real examples in batches of their own, fakes in others.
        together: real and fake ones in the same batches.
        alone: each by itself, normalised by the moving averages.
    """
    batch_size = min(batch_size, len(real))
    kept = discriminator.get_weights()
    right = {how: [] for how in HOW}
    for start in range(0, len(real) - batch_size + 1, batch_size):
        some = [tf.convert_to_tensor(part[start:start + batch_size], tf.float32) for part in (real, fake)]
        answers = {"alone": [discriminator(part, training=False) for part in some],
                   "apart": [discriminator(part, training=True) for part in some],
                   "together": tf.split(discriminator(tf.concat(some, 0), training=True), 2)}
        discriminator.set_weights(kept)  # a batch that is normalised has moved the moving averages
        for how, (of_real, of_fake) in answers.items():
            right[how] += [np.mean(of_real > threshold), np.mean(of_fake <= threshold)]
    return {how: float(np.mean(shares)) for how, shares in right.items()}
