"""What the systems share: small functions of the train_steps, and what a model that is no GAN needs for `--resume`."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


def update(network, tape, loss):
    """One step of the network's own optimizer on its trainable variables, down the gradient of the loss."""
    gradients = tape.gradient(loss, network.trainable_variables)
    network.optimizer.apply_gradients(zip(gradients, network.trainable_variables))


def cross_entropy(target, logits):
    """Mean binary cross-entropy of the target, 0. or 1., against values before the sigmoid, shape (batch, 1).

    From the values before the sigmoid, because a probability of 1 - 1e-8 is 1 in float32: the loss of a lost game
    would stop at 16 (where Keras cuts probabilities off), and its gradient at 0.
    """
    return keras.losses.BinaryCrossentropy(from_logits=True)(tf.fill(tf.shape(logits), target), logits)


def accuracy(real_logits, fake_logits):
    """How often the discriminator is right, half of the examples real: 1. always, .5 as if by guessing."""
    right = tf.concat([real_logits > 0, fake_logits <= 0], axis=0)
    return tf.reduce_mean(tf.cast(right, tf.float32))


def judged_together(discriminator, real_sample, fake_sample):
    """The values of D(real) and D(fake), (batch, 1) each, in training and as one batch for its normalisation.

    A discriminator that normalises just before its last layer gives every batch nearly the same mean value, whatever
    is in it. With real and fake examples in batches of their own it has next to nothing to tell them apart by.
    """
    values = discriminator(tf.concat([real_sample, fake_sample], axis=0), training=True)  # (2 batch, 1)
    count = real_sample.shape[0]
    return values[:count], values[count:]


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


class Resumable:
    """What `gan.long_run.LongRun` asks of a model, for one that passes through its examples epoch by epoch.

    Such a training goes on after its last whole epoch, with other random numbers than without the stop.
    """

    _epoch_losses = ()  # of single steps: Keras gives none

    def get_config(self):
        """The settings that are numbers. Not enough to build the model again."""
        return {"parameters": self.count_params()}

    def trained_variables(self):
        """Everything that a training changes, in a fixed order."""
        self.optimizer.build(self.trainable_variables)  # for one that has not begun
        return [*self.variables, *self.optimizer.variables]

    def skip_steps(self, steps):
        """False: random numbers of steps that are done cannot be drawn again."""
        return False

    def _begin_epoch(self, losses=()):
        pass

    def _rates(self):
        return []

    def _set_rates(self, rates):
        pass
