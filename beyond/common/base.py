"""What the systems' train_steps share."""

import numpy as np
import tensorflow as tf


def update(network, tape, loss):
    """One step of the network's own optimizer on its trainable variables, down the gradient of the loss."""
    gradients = tape.gradient(loss, network.trainable_variables)
    network.optimizer.apply_gradients(zip(gradients, network.trainable_variables))


class JudgedTogether:
    """How a GAN asks a discriminator with batch normalisation: about real and fake examples as one batch.

    A discriminator that normalises just before its last layer gives every batch nearly the same mean value, whatever
    is in it. With real and fake examples in batches of their own it has next to nothing to tell them apart by.
    """

    def judge(self, real_sample, fake_sample):
        """The values of D(real) and D(fake), (batch, 1) each, while the discriminator trains."""
        values = self.discriminator(tf.concat([real_sample, fake_sample], axis=0), training=True)  # (2 batch, 1)
        count = real_sample.shape[0]
        return values[:count], values[count:]

    def judge_fakes(self, real_sample, fake_sample):
        """The values of D(fake), (batch, 1), while the generator trains: the same function of the fakes."""
        return self.judge(real_sample, fake_sample)[1]


class JudgedApart:
    """Real and fake examples are a batch each, normalised by its own mean and variance."""

    def judge(self, real_sample, fake_sample):
        return self.discriminator(real_sample, training=True), self.discriminator(fake_sample, training=True)

    def judge_fakes(self, real_sample, fake_sample):
        return self.discriminator(fake_sample, training=True)


class FakesByMovingAverages:
    """In the generator's step the discriminator normalises by its moving averages, as the source's listings have it.

    The generator then plays against another function than the one that the discriminator was trained as.
    """

    def judge_fakes(self, real_sample, fake_sample):
        return self.discriminator(fake_sample, training=False)


def normal(dim):
    """A latent generator k -> k standard normal vectors, shape (k, dim)."""
    return lambda k: tf.random.normal((k, dim))


def uniform(dim):
    """A latent generator k -> k vectors uniform on [-1, 1), shape (k, dim)."""
    return lambda k: tf.random.uniform((k, dim), -1., 1.)


def in_batches(function, array, size=500):
    """function(array) as an array, computed for `size` rows at a time.

    `predict` does this too, but it makes a new graph for every network, and TensorFlow warns of that.
    """
    return np.concatenate([np.asarray(function(array[i:i + size])) for i in range(0, len(array), size)])
