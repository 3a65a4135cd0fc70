"""A GAN of convolutional networks with batch normalisation: clothes, anime faces, human faces, small colour faces.

The losses are those of `beyond.dense_gan`. What is new is in the networks: no pooling, but convolutions of stride 2
that halve a picture and transposed ones that double it; batch normalisation in both; LeakyReLU of slope .2 in the
discriminator; faces in [-1, 1] from a last tanh.

Radford, Metz and Chintala (2016), Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks, https://arxiv.org/abs/1511.06434.

The paper normalises before the activation and starts from normal weights of spread .02; the networks here follow the
source: after the activation, from Keras's own weights. The clothes also have swish and a last sigmoid in the
generator, and no strides.

    python -m beyond.dcgan --quick                                digits, with the networks for clothes
    python -m beyond.dcgan --data fashion --epochs 200            the source's clothes, 28 x 28 grey
    python -m beyond.dcgan --network anime --data FOLDER          its anime faces, 56 x 56 in colour
    python -m beyond.dcgan --network human --data FOLDER --epochs 200
                                                                  its human faces, 56 x 56 in colour
    python -m beyond.dcgan --network small --data FOLDER --steps 100
                                                                  a notebook's faces, 36 x 36, with a TwoClassGAN

Without --data the first learns digits, the others the package's own faces, which are grey and small: a picture in
three equal colours. --filters 128 are the networks as printed; narrower ones show the same in less time. --quick shows
digits, and faces with human; with anime and small it shows how a training begins, up to the first features.
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from collections import namedtuple
from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import FakesByMovingAverages, JudgedApart, JudgedTogether, normal, update
from beyond.common.cross_entropy import CrossEntropyGAN, accuracy
from beyond.common.measures import Quality
from gan.model import GAN

layers = keras.layers

SYSTEM = {
    "family": "latent to picture",
    "line": "DCGAN: convolutions, strides, batch normalisation; and a notebook's GAN of small colour faces",
    "totals": {"clothes-generator": 2360833, "clothes-discriminator": 1223553,
               "anime-generator": 1866499, "anime-discriminator": 517441,
               "human-generator": 1768387, "human-discriminator": 904961,
               "small-generator": 320835, "small-discriminator": 651330},
    "quick": "1 minute",
}


# ------------------------------------------------------------------ networks
#
# `filters` is the width of the wide layers, 128 in the source; the others have half of it. With 32 a step costs a
# tenth. The printed numbers of parameters are those of 128.

def _transposed(network, filters, kernel, activation="relu", normalize=True, **options):
    network.add(layers.Conv2DTranspose(filters, kernel, activation=activation, **options))
    if normalize:
        network.add(layers.BatchNormalization(momentum=.8))


def _convolution(network, filters, kernel, normalize=True, **options):
    network.add(layers.Conv2D(filters, kernel, **options))
    network.add(layers.LeakyReLU(.2))
    if normalize:
        network.add(layers.BatchNormalization(momentum=.8))


def _from_latent(shape, activation):
    """The first layers of a generator: latent vectors (batch, 100) -> (batch, *shape)."""
    height, width, channels = shape
    return keras.Sequential([
        keras.Input((100,)), layers.Dense(height * width * channels, activation=activation),
        layers.BatchNormalization(momentum=.8), layers.Reshape(shape)], name="generator")


def clothes_GenDiscr(filters=128):
    """Networks for pictures of 28 x 28 grey pixels in [0, 1].

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [0, 1]; 2,360,833 parameters, 6,912 of them not trainable.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 1,223,553 parameters, 640 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    generator = _from_latent((5, 5, filters), "swish")
    _transposed(generator, filters, 5, "swish")  # (9, 9, 128)
    _transposed(generator, filters, 7, "swish")  # (15, 15, 128)
    _transposed(generator, filters, 7, "swish", normalize=False)  # (21, 21, 128)
    _transposed(generator, 1, 8, "sigmoid", normalize=False)  # (28, 28, 1)

    discriminator = keras.Sequential([keras.Input((28, 28, 1))], name="discriminator")
    _convolution(discriminator, filters, 3, normalize=False)  # (26, 26, 128)
    _convolution(discriminator, filters, 5, strides=2)  # (11, 11, 128)
    _convolution(discriminator, filters, 5)  # (7, 7, 128)
    _convolution(discriminator, filters // 2, 7)  # (1, 1, 64)
    discriminator.add(layers.Flatten())
    discriminator.add(layers.Dense(1))
    return generator, discriminator, normal(100)


def anime_GenDiscr(filters=128):
    """Networks for faces of 56 x 56 pixels in three colours in [-1, 1].

    Returns:
        generator: (batch, 100) -> (batch, 56, 56, 3) in [-1, 1]; 1,866,499 parameters, 7,680 of them not trainable.
        discriminator: (batch, 56, 56, 3) -> (batch, 1) logits; 517,441 parameters, 512 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    generator = _from_latent((5, 5, filters), "relu")
    for _ in range(3):
        _transposed(generator, filters, 3, strides=2)  # (11, 11, 128), (23, 23, 128), (47, 47, 128)
    _transposed(generator, filters, 4)  # (50, 50, 128)
    _transposed(generator, filters, 5)  # (54, 54, 128)
    _transposed(generator, filters, 5, normalize=False)  # (58, 58, 128)
    generator.add(layers.Conv2D(3, 3, activation="tanh"))  # (56, 56, 3)

    half = filters // 2
    discriminator = keras.Sequential([keras.Input((56, 56, 3))], name="discriminator")
    _convolution(discriminator, filters, 3, normalize=False)  # (54, 54, 128)
    _convolution(discriminator, half, 5, strides=2)  # (25, 25, 64)
    _convolution(discriminator, half, 5, strides=2)  # (11, 11, 64)
    _convolution(discriminator, half, 5)  # (7, 7, 64)
    _convolution(discriminator, half, 5)  # (3, 3, 64)
    discriminator.add(layers.Flatten())
    discriminator.add(layers.Dense(1))
    return generator, discriminator, normal(100)


def human_GenDiscr(filters=128, as_listed=False):
    """Networks for faces of 56 x 56 pixels in three colours in [-1, 1], all sizes by "same" padding.

    Args:
        filters: see above.
        as_listed: True adds the block that the source's code has and its summary, table and text have not: 2,178,627
            parameters in the generator.

    Returns:
        generator: (batch, 100) -> (batch, 56, 56, 3) in [-1, 1]; 1,768,387 parameters, 7,040 of them not trainable.
        discriminator: (batch, 56, 56, 3) -> (batch, 1) logits; 904,961 parameters, 896 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    half = filters // 2
    generator = _from_latent((7, 7, half), "relu")
    for _ in range(3):
        _transposed(generator, filters, 5, strides=2, padding="same")  # (14, 14, 128), (28, ...), (56, ...)
    if as_listed:
        _transposed(generator, filters, 5, padding="same")
    _transposed(generator, filters, 5, padding="same", normalize=False)
    generator.add(layers.Conv2D(3, 3, padding="same", activation="tanh"))  # (56, 56, 3)

    discriminator = keras.Sequential([keras.Input((56, 56, 3))], name="discriminator")
    _convolution(discriminator, filters, 5, normalize=False, strides=2, padding="same")  # (28, 28, 128)
    _convolution(discriminator, half, 5, strides=2, padding="same")  # (14, 14, 64)
    _convolution(discriminator, filters, 5, strides=2, padding="same")  # (7, 7, 128)
    _convolution(discriminator, half, 5, padding="same")  # (7, 7, 64)
    _convolution(discriminator, filters, 5)  # (3, 3, 128)
    _convolution(discriminator, half, 3)  # (1, 1, 64)
    discriminator.add(layers.Flatten())
    discriminator.add(layers.Dense(1))
    return generator, discriminator, normal(100)


def small_faces_GenDiscr():
    """Networks of a `TwoClassGAN` for faces of 36 x 36 pixels in three colours in [0, 1]: ELU, no normalisation.

    Returns:
        generator: (batch, 256) -> (batch, 36, 36, 3), without a last activation; 320,835 parameters.
        discriminator: (batch, 36, 36, 3) -> (batch, 2) values, of "fake" and of "real"; 651,330 parameters.
        latent_generator: normal, k -> (k, 256).
    """
    generator = keras.Sequential([
        keras.Input((256,)), layers.Dense(640, activation="elu"), layers.Reshape((8, 8, 10)),
        layers.Conv2DTranspose(64, 5, activation="elu"), layers.Conv2DTranspose(64, 5, activation="elu"),
        layers.UpSampling2D(),  # (32, 32, 64)
        layers.Conv2DTranspose(32, 3, activation="elu"), layers.Conv2DTranspose(32, 3, activation="elu"),
        layers.Conv2DTranspose(32, 3, activation="elu"), layers.Conv2D(3, 3)], name="generator")
    discriminator = keras.Sequential([keras.Input((36, 36, 3))], name="discriminator")
    for filters in (32, 64, 128, 256):
        discriminator.add(layers.Conv2D(filters, 3, padding="same", activation="elu"))
        discriminator.add(layers.MaxPooling2D())  # (18, 18, 32), (9, 9, 64), (4, 4, 128), (2, 2, 256)
    discriminator.add(layers.Flatten())
    discriminator.add(layers.Dense(256, activation="tanh"))
    discriminator.add(layers.Dense(2))
    return generator, discriminator, normal(256)


def networks():
    """The networks as source and notebook print them."""
    builders = {"clothes": clothes_GenDiscr, "anime": anime_GenDiscr, "human": human_GenDiscr,
                "small": small_faces_GenDiscr}
    return {f"{name}-{network.name}": network for name, build in builders.items() for network in build()[:2]}


# -------------------------------------------------------------------- classes

class DCGAN(JudgedTogether, CrossEntropyGAN):
    """A GAN with cross-entropy whose discriminator has batch normalisation. Arguments: see `gan.model.GAN`."""

    def train_step(self, useless_argument):
        """As in `beyond.dense_gan`, with real and fake examples as one batch in both players' steps."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_values, fake_values = self.judge(real_sample, fake_sample)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            update(self.discriminator, tape, discr_loss)
        right = accuracy(real_values, fake_values)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.judge_fakes(real_sample, fake_sample))
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": right}


class DCGANListedBatches(FakesByMovingAverages, DCGAN):
    """The source's listing: one batch while the discriminator trains, moving averages in the generator's step."""


class DCGANBatchesApart(JudgedApart, DCGAN):
    """The source's advice, and what the paper's authors do: real and fake examples are a batch each.

    Not with these networks: they normalise just before the last layer of a picture of 1 x 1, so the mean value of a
    batch is the same whatever is in it, and the discriminator can only guess.
    """


class TwoClassGAN(GAN):
    """A GAN whose discriminator is a classifier of two classes, 0 fake and 1 real: the notebook's, for small faces.

    With p the softmax of its two values and W the kernel of its last layer:

        discriminator loss   -mean (log p_1(real) + log p_0(fake)) + mean W^2
        generator loss       -mean log p_1(fake)

    The discriminator trains by plain gradient descent, ten times as fast as the generator by Adam, five times a step.
    The notebook takes the same real and fake batch all five times; here each update has its own.
    """

    beta_1, beta_2 = .9, .999
    one_value = False

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=100, disc_iter=5, learning_rate=.0001):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)

    def new_optimizer(self, network):
        return keras.optimizers.SGD(10 * self.learning_rate) if network is self.discriminator \
            else super().new_optimizer(network)

    @staticmethod
    def generator_loss(x):
        """x = values of the fake examples, shape (batch, 2). Returns a scalar."""
        return -tf.reduce_mean(tf.nn.log_softmax(x)[:, 1])

    @staticmethod
    def discriminator_loss(x, y):
        """x, y = values of the real and of the fake examples, (batch, 2) each. Returns a scalar, without mean W^2."""
        return -tf.reduce_mean(tf.nn.log_softmax(x)[:, 1] + tf.nn.log_softmax(y)[:, 0])

    def train_step(self, useless_argument):
        """As in `beyond.dense_gan`, with the mean of the squared weights in what the discriminator minimises."""
        for _ in range(self.disc_iter):
            real_sample = self.get_real_sample()
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                weights = tf.convert_to_tensor(self.discriminator.layers[-1].kernel)  # (256, 2)
                discr_loss = self.discriminator.loss(real_values, fake_values) + tf.reduce_mean(tf.square(weights))
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            gen_loss = self.generator.loss(self.discriminator(self.get_fake_sample(training=True), training=True))
        update(self.generator, tape, gen_loss)

        right = accuracy(real_values[:, 1] - real_values[:, 0], fake_values[:, 1] - fake_values[:, 0])
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": right}


# --------------------------------------------------------- training, measuring

# lowest: value of a pixel; data: without a download; quick_steps: an epoch's with --quick
Setting = namedtuple("Setting", "size channels lowest rate data quick_steps")
NETWORKS = {"clothes": Setting(28, 1, 0, .0001, "digits", 60), "anime": Setting(56, 3, -1, .0001, "faces", 70),
            "human": Setting(56, 3, -1, .0002, "faces", 80), "small": Setting(36, 3, 0, .0001, "faces", 25)}
MOST = 20000  # pictures that are kept in memory: 750 MB of faces
BATCHES = {"together": DCGAN, "listed": DCGANListedBatches, "apart": DCGANBatchesApart}


def make(network, pictures, filters=128, batch=100, rate=None, batches="together"):
    """The GAN of that name on these pictures, and the way from what it makes to [0, 1]."""
    setting = NETWORKS[network]
    examples, unit = (data.signed(pictures.train), data.unit) if setting.lowest else \
        (pictures.train, lambda made: np.clip(made, 0, 1))
    settings = dict(batch_size=batch, learning_rate=rate or setting.rate)
    if network == "small":
        return TwoClassGAN(*small_faces_GenDiscr(), examples, **settings), unit
    build = {"clothes": clothes_GenDiscr, "anime": anime_GenDiscr, "human": human_GenDiscr}[network]
    return BATCHES[batches](*build(filters), examples, **settings), unit


def measure(batches, seed, steps=None):
    """Figures of a narrow DCGAN of the embedded digits with these batches: losses and quality."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    G, unit = make("clothes", pictures, filters=24, batch=32, rate=.001, batches=batches)
    record = training.train_GAN(G, training.settings(epochs=10, steps=steps or 80), unit)
    quality = Quality(pictures)
    return {**record.last(), **quality(unit(G.get_fake_sample(quality.size)))}


CLAIMS = [("DCGAN batches", batches, partial(measure, batches)) for batches in BATCHES]


def main(argv=None):
    from beyond.common import script
    parser = script.parser("dcgan", __doc__, dict(epochs=10, batch=32, filters=24, rate=.001),
                           "digits or faces, whichever the network fits", epochs=100, steps=500, batch=100)
    parser.set_defaults(data=None, steps=None)
    parser.add_argument("--network", choices=NETWORKS, default="clothes", help="default clothes")
    parser.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="width of the wide layers (default 128; not of --network small)")
    parser.add_argument("--rate", type=script.positive_number, metavar="X",
                        help="learning rate (default .0001; .0002 of human)")
    parser.add_argument("--batches", choices=BATCHES, default="together",
                        help="by what the discriminator normalises; listed is the source's (default together)")
    options = script.start(parser, argv)
    setting = NETWORKS[options.network]
    options.data = options.data or setting.data
    options.steps = options.steps or (setting.quick_steps if options.quick else 500)
    pictures = script.pictures(options, setting.size, setting.channels, MOST)
    G, unit = make(options.network, pictures, options.filters, options.batch, options.rate, options.batches)
    name = f"dcgan-{options.network}"
    record = training.train_GAN(G, options, unit, name=name)
    return script.finish_GAN(record, pictures, options, name,
                             title=f"{type(G).__name__}, network {options.network}")


if __name__ == "__main__":
    main()
