"""A Wasserstein GAN of convolutional networks: task 1 with the settings of its paper.

The losses are task 1's. The paper clips the critic's weights to [-.01, .01], trains the critic five times for each
step of the generator, and takes RMSprop: Adam's momentum made its trainings unstable.

    discriminator loss   mean D(fake) - mean D(real), so minus the estimated distance of the two distributions
    generator loss       -mean D(fake)

Arjovsky, Chintala and Bottou (2017), Wasserstein GAN, https://arxiv.org/abs/1701.07875.

    python -m beyond.wgan --quick                          samples on the way, both losses, the estimated distance
    python -m beyond.wgan --data mnist --epochs 500        the source's training (its log ends at epoch 40)
    python -m beyond.wgan --quick --as-listed              what its listing does with batch normalisation
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import FakesByMovingAverages, JudgedApart, JudgedTogether, normal, update
from beyond.common.measures import Quality
from gan import checks

WGAN_clip = __import__("1-wgan_clip").WGAN_clip
layers = keras.layers

SYSTEM = {
    "family": "latent to picture",
    "line": "WGAN: task 1 with convolutions and the settings of its paper",
    "totals": {"generator": 1079297, "critic": 523393},
    "quick": "1 minute",
}


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


def networks():
    """The networks as the source prints them."""
    return dict(zip(("generator", "critic"), convolutional_GenDiscr()))


class WGAN(JudgedTogether, WGAN_clip):
    """The GAN of task 1, with RMSprop and a narrower clip. Arguments: see `gan.model.GAN`; and

    Args:
        clip: the critic's weights stay in [-clip, clip], but those of batch normalisations in [-1, 1].
    """

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=64, disc_iter=5, learning_rate=.00005, clip=.01):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        self.clip = checks.number("clip", clip)

    def new_optimizer(self, network):
        # Keras divides by sqrt(mean of g^2 + epsilon). With its own 1e-7, gradients below .0003 hardly count;
        # behind layers of clipped weights all of them are smaller, and nothing would be learned.
        return keras.optimizers.RMSprop(self.learning_rate, epsilon=1e-14)

    def clip_critic(self):
        """Clip the critic's weights.

        Behind convolutions of clipped weights and a factor of .01, a batch normalisation would have a variance far
        below its epsilon, and hardly anything would come through: its factors and shifts stay in [-1, 1] instead.
        """
        for layer in self.discriminator.layers:
            bound = 1. if isinstance(layer, layers.BatchNormalization) else self.clip
            for variable in layer.trainable_variables:
                variable.assign(tf.clip_by_value(variable, -bound, bound))

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
            self.clip_critic()

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.judge_fakes(real_sample, fake_sample))
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss}


class WGANAsListed(FakesByMovingAverages, JudgedApart, WGAN):
    """The source's listing in what it does with batch normalisation.

    Real and fake examples are normalised apart, though the critic normalises them shortly before its last layer; the
    generator's step uses the moving averages; these are clipped too, like every stored array of the critic, all of
    them to [-clip, clip].
    """

    def clip_critic(self):
        for layer in self.discriminator.layers:
            for variable in layer.variables:
                if variable.dtype == "float32":  # not the counters that Dropout keeps on Keras 3
                    variable.assign(tf.clip_by_value(variable, -self.clip, self.clip))


# --------------------------------------------------------- training, measuring

def make(pictures, filters=128, batch=64, rate=.00005, disc_iter=5, as_listed=False):
    """A new WGAN of these pictures."""
    chosen_type = WGANAsListed if as_listed else WGAN
    return chosen_type(*convolutional_GenDiscr(filters), data.signed(pictures.train), batch_size=batch,
                       learning_rate=rate, disc_iter=disc_iter)


def measure(as_listed, seed, steps=None):
    """Figures of a narrow WGAN of the embedded digits: losses and quality."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, filters=16, batch=32, rate=.0005, disc_iter=3, as_listed=as_listed)
    record = training.train_GAN(G, training.settings(epochs=10, steps=steps or 150), data.unit)
    quality = Quality(pictures)
    return {**record.last(), **quality(data.unit(G.get_fake_sample(quality.size)))}


CLAIMS = [("WGAN", "real and fake together", partial(measure, False)), ("WGAN", "as listed", partial(measure, True))]


def main(argv=None):
    from beyond.common import script
    parser = script.parser("wgan", __doc__, dict(epochs=10, steps=80, batch=32, rate=.0005, disc_iter=3, filters=16),
                           epochs=500, steps=500, batch=64, rate=.00005)
    parser.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="width of most layers (default 128)")
    parser.add_argument("--disc-iter", type=script.positive, default=5, metavar="N",
                        help="updates of the critic in a step (default 5)")
    parser.add_argument("--as-listed", action="store_true",
                        help="normalise real and fake examples apart, clip the moving averages too")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    G = make(pictures, options.filters, options.batch, options.rate, options.disc_iter, options.as_listed)
    record = training.train_GAN(G, options, data.unit, name="wgan")
    print(f"estimated Wasserstein distance, last tenth of the steps: {-record.last()['discr_loss']:.4g}")
    return script.finish_GAN(record, pictures, options, "wgan")


if __name__ == "__main__":
    main()
