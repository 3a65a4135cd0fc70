"""Task 0: a GAN as it was introduced, a game of two players.

The discriminator learns to give 1 to real examples and -1 to fake ones; the generator learns to make examples to
which the discriminator gives 1. With D the discriminator, "real" and "fake" one sample each:

    discriminator loss   mean (D(real) - 1)^2 + mean (D(fake) + 1)^2
    generator loss       mean (D(fake) - 1)^2

Goodfellow et al. (2014), Generative Adversarial Networks, https://arxiv.org/abs/1406.2661. The course replaces their
cross-entropy by squared errors, as do Mao et al. (2017), Least Squares GAN, https://arxiv.org/abs/1611.04076.
"""

import os
import sys

import tensorflow as tf
from tensorflow import keras

sys.path.insert(0, os.path.dirname(os.path.abspath(globals().get("__file__", "cell"))))  # gan stands beside this file
from gan.model import GAN


class Simple_GAN(GAN):
    """The GAN of task 0. Arguments, attributes and samples: see `gan.model.GAN`."""

    @staticmethod
    def generator_loss(x):
        """x = D(fake), shape (batch, 1). Returns a scalar."""
        return keras.losses.MeanSquaredError()(tf.ones_like(x), x)

    @staticmethod
    def discriminator_loss(x, y):
        """x = D(real), y = D(fake), shape (batch, 1) each. Returns a scalar."""
        mean_squared_error = keras.losses.MeanSquaredError()
        return mean_squared_error(tf.ones_like(x), x) + mean_squared_error(-tf.ones_like(y), y)

    def train_step(self, useless_argument):
        """`disc_iter` updates of the discriminator, one of the generator; returns the losses of the last of each."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            gradients = tape.gradient(discr_loss, self.discriminator.trainable_variables)
            self.discriminator.optimizer.apply_gradients(zip(gradients, self.discriminator.trainable_variables))

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        gradients = tape.gradient(gen_loss, self.generator.trainable_variables)
        self.generator.optimizer.apply_gradients(zip(gradients, self.generator.trainable_variables))

        return {"discr_loss": discr_loss, "gen_loss": gen_loss}
