"""A Wasserstein GAN of convolutional networks: task 1 with the settings of its paper.

The losses are task 1's. The paper clips the critic's weights to [-.01, .01], trains the critic five times for each
step of the generator, and takes RMSprop: Adam's momentum made its trainings unstable.

    discriminator loss   mean D(fake) - mean D(real), so minus the estimated distance of the two distributions
    generator loss       -mean D(fake)

Arjovsky, Chintala and Bottou (2017), Wasserstein GAN, https://arxiv.org/abs/1701.07875.
"""

import tensorflow as tf
from tensorflow import keras

from beyond.base import judged_together, normal, update
from gan import checks

WGAN_clip = __import__("1-wgan_clip").WGAN_clip
layers = keras.layers


class WGAN(WGAN_clip):
    """The GAN of task 1, with RMSprop and a narrower clip. Arguments: see `gan.model.GAN`; and

    Args:
        clip: the critic's weights stay in [-clip, clip], but those of batch normalisations in [-1, 1].
        as_listed: True is the source's listing in what it does with batch normalisation. Real and fake examples are
            normalised apart, though the critic normalises them shortly before its last layer; the generator's step
            uses the moving averages; these are clipped too, like every stored array of the critic, all of them to
            [-clip, clip].
    """

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=64, disc_iter=5, learning_rate=.00005, clip=.01, as_listed=False):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        self.clip = checks.number("clip", clip)
        self.as_listed = as_listed

    def new_optimizer(self, network):
        # Keras divides by sqrt(mean of g^2 + epsilon). With its own 1e-7, gradients below .0003 hardly count;
        # behind layers of clipped weights all of them are smaller, and nothing would be learned.
        return keras.optimizers.RMSprop(self.learning_rate, epsilon=1e-14)

    def judge(self, real_sample, fake_sample):
        """The critic's values of real and of fake examples, (batch, 1) each, while it trains."""
        if self.as_listed:
            return self.discriminator(real_sample, training=True), self.discriminator(fake_sample, training=True)
        return judged_together(self.discriminator, real_sample, fake_sample)

    def bound(self, layer):
        """What the weights of a layer of the critic are clipped to.

        Behind convolutions of clipped weights and a factor of .01, a batch normalisation would have a variance far
        below its epsilon, and hardly anything would come through: its factors and shifts stay in [-1, 1] instead.
        """
        return 1. if isinstance(layer, keras.layers.BatchNormalization) and not self.as_listed else self.clip

    def train_step(self, useless_argument):
        """As in task 1: after each of its updates the critic's weights are clipped."""
        critic = self.discriminator
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_values, fake_values = self.judge(real_sample, fake_sample)
                discr_loss = critic.loss(real_values, fake_values)
            update(critic, tape, discr_loss)
            for layer in critic.layers:
                bound = self.bound(layer)
                for variable in layer.variables if self.as_listed else layer.trainable_variables:
                    if variable.dtype == "float32":  # not the counters that Dropout keeps on Keras 3
                        variable.assign(tf.clip_by_value(variable, -bound, bound))

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            if self.as_listed:
                fake_values = critic(fake_sample, training=False)
            else:
                _, fake_values = self.judge(real_sample, fake_sample)
            gen_loss = self.generator.loss(fake_values)
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss}


def convolutional_GenDiscr(filters=128):
    """Convolutional networks for pictures in [-1, 1].

    Args:
        filters: width of most layers; the numbers below are those of 128.

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [-1, 1]; 1,079,297 parameters, 512 of them not trainable.
        critic: (batch, 28, 28, 1) -> (batch, 1) values; 523,393 parameters, 1,024 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    generator = keras.Sequential([keras.Input((100,)), layers.Dense(49 * filters),
                                  layers.Reshape((7, 7, filters))], name="generator")
    for _ in range(2):
        generator.add(layers.Conv2DTranspose(filters, 3, strides=2, padding="same"))  # (14, 14, 128), (28, 28, 128)
        generator.add(layers.BatchNormalization(momentum=.8))
        generator.add(layers.ReLU())
    generator.add(layers.Conv2DTranspose(filters, 3, padding="same", activation="relu"))
    generator.add(layers.Conv2DTranspose(1, 4, padding="same", activation="tanh"))

    critic = keras.Sequential([keras.Input((28, 28, 1))], name="discriminator")
    for width, strides in ((filters // 2, 2), (filters, 2), (filters, 2), (2 * filters, 1)):
        critic.add(layers.Conv2D(width, 3, strides=strides, padding="same"))  # (14, 14), (7, 7), (4, 4), (4, 4)
        if len(critic.layers) > 1:
            critic.add(layers.BatchNormalization(momentum=.8))
        critic.add(layers.LeakyReLU(.2))
        critic.add(layers.Dropout(.25))
    critic.add(layers.Flatten())
    critic.add(layers.Dense(1))
    return generator, critic, normal(100)
