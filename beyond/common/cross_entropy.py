"""The losses of the GAN's inventors, for every system that trains with them; `beyond.dense_gan` explains them.

The discriminators end without the last sigmoid: `discriminator(x)` is log(D / (1 - D)), positive for "real".
"""

import tensorflow as tf
from tensorflow import keras

from gan.model import GAN


class CrossEntropyGAN(GAN):
    """A GAN with these losses; a subclass gives the `train_step`. Arguments and samples: see `gan.model.GAN`."""

    beta_2 = .999

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=100, disc_iter=1, learning_rate=.0001):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)

    @staticmethod
    def generator_loss(x):
        """x = logits of D(fake), shape (batch, 1). Returns a scalar."""
        return cross_entropy(1., x)

    @staticmethod
    def discriminator_loss(x, y):
        """x = logits of D(real), y = logits of D(fake), shape (batch, 1) each. Returns a scalar."""
        return (cross_entropy(1., x) + cross_entropy(0., y)) / 2


def cross_entropy(target, logits):
    """Mean binary cross-entropy of the target, 0. or 1., against values before the sigmoid, shape (batch, 1).

    From the values before the sigmoid, because a probability of 1 - 1e-8 is 1 in float32: the loss of a lost game
    would stop at 16 (where Keras cuts probabilities off), and its gradient at 0.
    """
    return keras.losses.BinaryCrossentropy(from_logits=True)(tf.fill(tf.shape(logits), target), logits)


def class_entropy(one_hot, logits):
    """Mean cross-entropy of one-hot classes against values before the softmax, (batch, classes) each; a scalar."""
    return keras.losses.CategoricalCrossentropy(from_logits=True)(one_hot, logits)


def accuracy(real_logits, fake_logits):
    """How often the discriminator is right, half of the examples real: 1. always, .5 as if by guessing."""
    right = tf.concat([real_logits > 0, fake_logits <= 0], axis=0)
    return tf.reduce_mean(tf.cast(right, tf.float32))
