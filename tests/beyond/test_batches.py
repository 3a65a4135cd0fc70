"""By what a discriminator tells real from fake: the example, or the batch that it stands in."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond.common.base import JudgedApart, JudgedTogether, update
from beyond.common.batches import told
from tests.helpers import set_seeds

layers = keras.layers
REAL = np.tile([1., -1.], 16)[:, None]
FAKE = np.tile([1., 1., 1., -1.], 8)[:, None]


def discriminator(rest):
    """Batch normalisation without factor and shift, then `rest`."""
    return keras.Sequential([keras.Input((1,)), layers.BatchNormalization(momentum=.8, epsilon=1e-6, center=False,
                                                                          scale=False), *rest])


def test_by_hand():
    """The same numbers, 1 and -1, half and half or three to one: apart each is told, together and alone by guessing.

    Normalised apart the real ones are 1 and -1, the fakes .58 and -1.73. Together they are .77 and -1.29.
    """
    network = discriminator([layers.Activation(lambda x: .2 - tf.abs(tf.abs(x) - 1))])
    kept = network.get_weights()
    assert told(network, REAL, FAKE, 0., 16) == {"apart": 1., "together": .5, "alone": .5}
    assert told(network, REAL, FAKE, 0., 99) == {"apart": 1., "together": .5, "alone": .5}
    assert all(np.array_equal(one, other) for one, other in zip(kept, network.get_weights()))


@pytest.mark.parametrize("judged, least, most", [(JudgedApart, .95, 1.), (JudgedTogether, 0., .66)])
def test_learned(judged, least, most):
    """A discriminator that trains on batches of their own learns to tell them by the batch, and so with certainty.

    Looking at one number at a time nobody is right about more than 5 of 8. In one batch it does not get beyond that.
    """
    set_seeds(1)
    system = judged()
    system.discriminator = discriminator([layers.Dense(16, activation="tanh"), layers.Dense(1)])
    system.discriminator.optimizer = keras.optimizers.Adam(.02)
    system.discriminator.optimizer.build(system.discriminator.trainable_variables)
    real, fake = tf.constant(REAL, tf.float32), tf.constant(FAKE, tf.float32)

    @tf.function(autograph=False)
    def train_step():
        with tf.GradientTape() as tape:
            of_real, of_fake = system.judge(real, fake)
            loss = tf.reduce_mean(tf.square(of_real - 1)) + tf.reduce_mean(tf.square(of_fake))
        update(system.discriminator, tape, loss)

    for _ in range(200):
        train_step()
    found = told(system.discriminator, REAL, FAKE, .5, 32)
    assert least <= found["apart" if judged is JudgedApart else "together"] <= most
    assert found["alone"] <= .66
