"""Task 1: a Wasserstein GAN, its discriminator (the "critic") kept Lipschitz by clipping its weights.

The critic no longer says real or fake: it learns a function whose mean on real examples lies as far as possible above
its mean on fake ones. Among the functions of slope at most 1 the largest such gap is the Wasserstein distance of the
two distributions; weights in [-1, 1] keep the slope bounded. With D the critic:

    discriminator loss   mean D(fake) - mean D(real)
    generator loss       -mean D(fake)

Arjovsky, Chintala and Bottou (2017), Wasserstein GAN, https://arxiv.org/abs/1701.07875.
"""

import os
import sys

import tensorflow as tf

sys.path.insert(0, os.path.dirname(os.path.abspath(globals().get("__file__", "cell"))))  # gan stands beside this file
from gan.model import GAN


class WGAN_clip(GAN):
    """The GAN of task 1. Arguments, attributes and samples: see `gan.model.GAN`."""

    @staticmethod
    def generator_loss(x):
        """x = D(fake), shape (batch, 1). Returns a scalar."""
        return -tf.reduce_mean(x)

    @staticmethod
    def discriminator_loss(x, y):
        """x = D(real), y = D(fake), shape (batch, 1) each. Returns a scalar."""
        return tf.reduce_mean(y) - tf.reduce_mean(x)

    def train_step(self, useless_argument):
        """As in task 0, and after each of its updates the critic's weights are clipped to [-1, 1]."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            gradients = tape.gradient(discr_loss, self.discriminator.trainable_variables)
            self.discriminator.optimizer.apply_gradients(zip(gradients, self.discriminator.trainable_variables))

            for variable in self.discriminator.trainable_variables:
                variable.assign(tf.clip_by_value(variable, -1., 1.))

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        gradients = tape.gradient(gen_loss, self.generator.trainable_variables)
        self.generator.optimizer.apply_gradients(zip(gradients, self.generator.trainable_variables))

        return {"discr_loss": discr_loss, "gen_loss": gen_loss}
