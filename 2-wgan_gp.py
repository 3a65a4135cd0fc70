"""Task 2: a Wasserstein GAN whose critic is held to slope 1 by a penalty instead of clipped weights.

The losses are those of task 1. The critic also pays for a gradient whose norm is not 1, measured at points drawn
uniformly on the segments between real and fake examples. With D the critic:

    interpolated          u real + (1 - u) fake, one u for each example, uniform on [0, 1]
    penalty               mean (|gradient of D at interpolated| - 1)^2
    the critic minimises  mean D(fake) - mean D(real) + lambda_gp penalty
    generator loss        -mean D(fake)

Gulrajani et al. (2017), Improved Training of Wasserstein GANs, https://arxiv.org/abs/1704.00028.
"""

import os
import sys

import tensorflow as tf

sys.path.insert(0, os.path.dirname(os.path.abspath(globals().get("__file__", "cell"))))  # gan stands beside this file
from gan import checks
from gan.model import GAN


class WGAN_GP(GAN):
    """The GAN of task 2. Arguments, attributes and samples: see `gan.model.GAN`; and

    Args:
        lambda_gp: weight of the gradient penalty, zero or positive.

    Attributes:
        dims: shape of `real_examples`; `len_dims` its length.
        axis: all axes of a sample but the first.
        scal_shape: shape of one number for each example of a batch, (batch_size, 1, ...).
    """

    beta_1 = .3

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=200, disc_iter=2, learning_rate=.005, lambda_gp=10):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        self.lambda_gp = checks.number("lambda_gp", lambda_gp, zero_allowed=True)
        self.dims = self.real_examples.shape
        self.len_dims = tf.size(self.dims)
        self.axis = tf.range(1, self.len_dims)
        self.scal_shape = tf.constant([self.batch_size] + [1] * (self.dims.rank - 1))

    @staticmethod
    def generator_loss(x):
        """x = D(fake), shape (batch, 1). Returns a scalar."""
        return -tf.reduce_mean(x)

    @staticmethod
    def discriminator_loss(x, y):
        """x = D(real), y = D(fake), shape (batch, 1) each. Returns a scalar, without the penalty."""
        return tf.reduce_mean(y) - tf.reduce_mean(x)

    def get_interpolated_sample(self, real_sample, fake_sample):
        """A point on the segment between each real and its fake example; all three of shape (batch, ...)."""
        one_each = [real_sample.shape[0]] + [1] * (real_sample.shape.rank - 1)
        u = self.drawn(lambda: tf.random.uniform(one_each))  # (batch, 1, ...)
        return u * real_sample + (1. - u) * fake_sample

    def gradient_penalty(self, interpolated_sample):
        """Mean over the examples of (norm of the critic's gradient - 1)^2; a scalar.

        Where a gradient is exactly zero its norm counts as 0 with slope 0; the plain square root would have an
        infinite slope there and turn every weight into NaN.
        """
        with tf.GradientTape() as tape:
            tape.watch(interpolated_sample)
            values = self.discriminator(interpolated_sample, training=True)
        gradients = tape.gradient(values, interpolated_sample, unconnected_gradients="zero")  # (batch, ...)
        squares = tf.reduce_sum(tf.square(gradients), axis=list(range(1, gradients.shape.rank)))  # (batch,)
        positive = squares > 0
        norms = tf.where(positive, tf.sqrt(tf.where(positive, squares, 1.)), 0.)
        return tf.reduce_mean(tf.square(norms - 1.))

    def train_step(self, useless_argument):
        """As in task 0, with the penalty in what the critic minimises; also returns the last penalty, `gp`."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            interpolated_sample = self.get_interpolated_sample(real_sample, fake_sample)
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                gp = self.gradient_penalty(interpolated_sample)
                penalized_loss = discr_loss + self.lambda_gp * gp
            gradients = tape.gradient(penalized_loss, self.discriminator.trainable_variables)
            self.discriminator.optimizer.apply_gradients(zip(gradients, self.discriminator.trainable_variables))

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        gradients = tape.gradient(gen_loss, self.generator.trainable_variables)
        self.generator.optimizer.apply_gradients(zip(gradients, self.generator.trainable_variables))

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "gp": gp}
