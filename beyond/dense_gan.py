"""A GAN with the losses of its inventors, of dense networks: digits, and a pair small enough for a lecture.

The discriminator estimates the probability D that an example is real:

    discriminator loss   (mean -log D(real) + mean -log(1 - D(fake))) / 2
    generator loss       mean -log D(fake)

A discriminator that can only guess has D = 1/2 everywhere, and both losses are log 2 = .693. The generator does not
minimise log(1 - D(fake)), as the derivation of the game has it: where D is near 0 that is flat, just where the
generator has most to learn.

Goodfellow et al. (2014), Generative Adversarial Networks, https://arxiv.org/abs/1406.2661.

The networks end without the last sigmoid of D: `discriminator(x)` is log(D / (1 - D)), positive for "real". See
`beyond.common.cross_entropy`.

    python -m beyond.dense_gan --quick                       samples on the way, both losses, a diagnosis
    python -m beyond.dense_gan --data mnist --epochs 200     the source's training
    python -m beyond.dense_gan --network lecture --data mnist --epochs 100 --steps 937 --batch 64 --rate .001
                                                             the lecture's
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import normal, uniform, update
from beyond.common.cross_entropy import CrossEntropyGAN, accuracy
from beyond.common.diagnosis import diagnose
from beyond.common.measures import Diversity

layers = keras.layers

SYSTEM = {
    "family": "latent to picture",
    "line": "the game of task 0 with the cross-entropy of its inventors, of dense networks",
    "totals": {"digits-generator": 2055784, "digits-discriminator": 233985,
               "lecture-generator": 81184, "lecture-discriminator": 78601},
    "quick": "2 minutes",
}


def digits_GenDiscr():
    """The pair that learns digits: wide layers with batch normalisation against a discriminator with dropout.

    Returns:
        generator: (batch, 50) -> (batch, 28, 28, 1) in [0, 1]; 2,055,784 parameters, 4,400 of them not trainable.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 233,985 parameters.
        latent_generator: normal, k -> (k, 50).
    """
    generator = keras.Sequential([
        keras.Input((50,)),
        layers.Dense(1200, activation="relu"), layers.BatchNormalization(momentum=.8),
        layers.Dense(1000, activation="relu"), layers.BatchNormalization(momentum=.8),
        layers.Dense(784, activation="sigmoid"), layers.Reshape((28, 28, 1))], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(),
        layers.Dense(256, activation="relu"), layers.Dropout(.3),
        layers.Dense(128, activation="relu"), layers.Dropout(.5),
        layers.Dense(1)], name="discriminator")
    return generator, discriminator, normal(50)


def lecture_GenDiscr():
    """The small pair of a lecture: one hidden layer of 100 each. Pictures in [-1, 1], uniform latent vectors.

    The lecture trains the generator first, and the discriminator on fakes made before that; here the order is that of
    the other systems. Settings there: Adam as Keras has it, learning rate .001, batches of 64.

    Returns:
        generator: (batch, 20) -> (batch, 28, 28, 1) in [-1, 1]; 81,184 parameters (its first layer has no bias).
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 78,601 parameters.
        latent_generator: uniform on [-1, 1), k -> (k, 20).
    """
    generator = keras.Sequential([
        keras.Input((20,)), layers.Dense(100, use_bias=False), layers.LeakyReLU(.3),
        layers.Dense(784, activation="tanh"), layers.Reshape((28, 28, 1))], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(100), layers.LeakyReLU(.3), layers.Dropout(.5),
        layers.Dense(1)], name="discriminator")
    return generator, discriminator, uniform(20)


def networks():
    """The networks as source and lecture print them."""
    return {f"{name}-{network.name}": network for name, build in (("digits", digits_GenDiscr),
                                                                  ("lecture", lecture_GenDiscr))
            for network in build()[:2]}


class DenseGAN(CrossEntropyGAN):
    """A GAN with cross-entropy. Arguments, attributes and samples: see `gan.model.GAN`.

    The source's batches are half real and half fake, 100 together, and 100 for the generator; here each sample has
    `batch_size` examples.
    """

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=100, disc_iter=1, learning_rate=.00005):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)

    def train_step(self, useless_argument):
        """As in task 0; also returns how often the discriminator was right, `accuracy`, before its last update."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": accuracy(real_values, fake_values)}


# --------------------------------------------------------- training

def unchanged(pictures):
    return pictures


# the networks, and the way from pictures in [0, 1] to theirs and back
NETWORKS = {"digits": (digits_GenDiscr, unchanged, unchanged),
            "lecture": (lecture_GenDiscr, data.signed, data.unit)}


def main(argv=None):
    from beyond.common import script
    parser = script.parser("dense_gan", __doc__, dict(epochs=10, steps=400, batch=50, rate=.0002),
                           epochs=200, steps=500, batch=100, rate=.00005)
    parser.add_argument("--network", choices=NETWORKS, default="digits", help="default digits")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    build, scaled, unit = NETWORKS[options.network]
    G = DenseGAN(*build(), scaled(pictures.train), batch_size=options.batch, learning_rate=options.rate)
    record = training.train_GAN(G, options, unit, name="dense_gan")
    last = record.last()
    print(f"last tenth of the steps: discriminator loss {last['discr_loss']:.3f}, accuracy {last['accuracy']:.2f}, "
          f"generator loss {last['gen_loss']:.3f}; a balance would be .693, .50, .693")
    made = unit(G.get_fake_sample(1000))
    print("diagnosis: {}; {}".format(*diagnose(record.losses, Diversity(pictures.train)(made))))
    return script.finish_GAN(record, pictures, options, "dense_gan")


if __name__ == "__main__":
    main()
