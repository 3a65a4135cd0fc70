"""A least squares GAN: squared errors in the place of logarithms. Task 0's Simple_GAN with other targets.

With D the discriminator, without a last activation, and a, b, c = 0, 1, 1:

    discriminator loss   (mean (D(real) - b)^2 + mean (D(fake) - a)^2) / 2
    generator loss       mean (D(fake) - c)^2

A discriminator that can only guess has D = 1/2, and both losses are 1/4. A fake that D takes for real by far still
has a gradient, which the cross-entropy has not.

Mao et al. (2017), Least Squares GAN, https://arxiv.org/abs/1611.04076. Minimising a Pearson chi-square divergence, as
the source says of these targets, needs b - c = 1 and b - a = 2: `targets=(-1., 1., 0.)`.

    python -m beyond.lsgan --quick                        samples on the way; both losses end near 1/4
    python -m beyond.lsgan --data mnist --epochs 500      the source's training (its log ends at epoch 50)
    python -m beyond.lsgan --quick --pearson              the targets -1, 1, 0
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import normal

Simple_GAN = __import__("0-simple_gan").Simple_GAN
layers = keras.layers
PEARSON = (-1., 1., 0.)

SYSTEM = {
    "family": "latent to picture",
    "line": "LSGAN: task 0 with the targets 0, 1, 1",
    "totals": {"generator": 1493520, "discriminator": 533505},
    "quick": "1 minute",
}


def dense_GenDiscr():
    """Dense networks for pictures in [-1, 1].

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [-1, 1]; 1,493,520 parameters, 3,584 of them not trainable.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) values; 533,505 parameters.
        latent_generator: normal, k -> (k, 100).
    """
    generator = keras.Sequential([keras.Input((100,))], name="generator")
    for width in (256, 512, 1024):
        generator.add(layers.Dense(width))
        generator.add(layers.LeakyReLU(.2))
        generator.add(layers.BatchNormalization(momentum=.8))
    generator.add(layers.Dense(784, activation="tanh"))
    generator.add(layers.Reshape((28, 28, 1)))
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(512), layers.LeakyReLU(.2),
        layers.Dense(256), layers.LeakyReLU(.2), layers.Dense(1)], name="discriminator")
    return generator, discriminator, normal(100)


def networks():
    """The networks as the source prints them."""
    return dict(zip(("generator", "discriminator"), dense_GenDiscr()))


class LSGAN(Simple_GAN):
    """The GAN of task 0, `train_step` included, with these losses. Arguments: see `gan.model.GAN`; and

    Args:
        targets: a, b, c: what D shall give to fakes, to real examples, and what the generator wants D to give.
    """

    beta_2 = .999

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=100, disc_iter=1, learning_rate=.0002, targets=(0., 1., 1.)):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        self.fake_target, self.real_target, self.wanted_target = targets

    def generator_loss(self, x):
        """x = D(fake), shape (batch, 1). Returns a scalar."""
        return tf.reduce_mean(tf.square(x - self.wanted_target))

    def discriminator_loss(self, x, y):
        """x = D(real), y = D(fake), shape (batch, 1) each. Returns a scalar."""
        real_error = tf.reduce_mean(tf.square(x - self.real_target))
        fake_error = tf.reduce_mean(tf.square(y - self.fake_target))
        return (real_error + fake_error) / 2


# --------------------------------------------------------- training

def main(argv=None):
    from beyond.common import script
    parser = script.parser("lsgan", __doc__, dict(epochs=10, steps=300, batch=50),
                           epochs=500, steps=500, batch=100, rate=.0002)
    parser.add_argument("--pearson", action="store_true", help="targets -1, 1, 0 in the place of 0, 1, 1")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    targets = {"targets": PEARSON} if options.pearson else {}
    G = LSGAN(*dense_GenDiscr(), data.signed(pictures.train), batch_size=options.batch, learning_rate=options.rate,
              **targets)
    record = training.train_GAN(G, options, data.unit, name="lsgan")
    last = record.last()
    print(f"last tenth of the steps: discriminator loss {last['discr_loss']:.3f}, "
          f"generator loss {last['gen_loss']:.3f}")
    return script.finish_GAN(record, pictures, options, "lsgan")


if __name__ == "__main__":
    main()
