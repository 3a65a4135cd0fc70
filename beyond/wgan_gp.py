"""A Wasserstein GAN with gradient penalty, of convolutional networks: task 2 with the settings of its paper.

Class, losses and penalty are task 2's. The paper's settings: five updates of the critic for each of the generator,
lambda 10, Adam with learning rate .0001, beta_1 0 and beta_2 .9.

Gulrajani et al. (2017), Improved Training of Wasserstein GANs, https://arxiv.org/abs/1704.00028.

The source trains with RMSprop, learning rate .00005, though it quotes the paper's Adam.

    python -m beyond.wgan_gp --quick     samples on the way, losses and penalty, the estimated distance
    python -m beyond.wgan_gp --data fashion --epochs 500 --normalization batch
                                         the source's training (its log ends at epoch 22)
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import normal
from beyond.common.measures import Quality

_WGAN_GP = __import__("2-wgan_gp").WGAN_GP
layers = keras.layers

SYSTEM = {
    "family": "latent to picture",
    "line": "WGAN-GP: task 2 with convolutions and the settings of its paper",
    "totals": {"generator": 1028673, "critic": 100097},
    "quick": "3 minutes",
}
NORMALIZATIONS = {"group": lambda: layers.GroupNormalization(groups=1),
                  "batch": lambda: layers.BatchNormalization(momentum=.8)}


def convolutional_GenDiscr(normalization="group"):
    """Convolutional networks for pictures in [-1, 1].

    Args:
        normalization: in the critic. "batch" is the source's: each value then depends on the other examples of the
            batch, while the penalty is about the slope of the critic at one example. "group", with all channels in
            one group, normalises each example by itself: the layer normalisation that the paper asks for.

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [-1, 1]; 1,028,673 parameters, 384 of them not trainable.
        critic: (batch, 28, 28, 1) -> (batch, 1) values; 99,649 parameters, all trainable; with "batch" 448 more, not
            trainable, so 100,097.
        latent_generator: normal, k -> (k, 100).

    Raises:
        ValueError: another normalization.
    """
    if normalization not in NORMALIZATIONS:
        raise ValueError(f"normalization: expected one of {', '.join(NORMALIZATIONS)}, got {normalization!r}")
    generator = keras.Sequential([keras.Input((100,)), layers.Dense(6272), layers.Reshape((7, 7, 128))],
                                 name="generator")
    for filters in (128, 64):
        generator.add(layers.Conv2DTranspose(filters, 4, strides=2, padding="same"))  # (14, 14, 128), (28, 28, 64)
        generator.add(layers.BatchNormalization(momentum=.8))
        generator.add(layers.ReLU())
    generator.add(layers.Conv2DTranspose(1, 4, padding="same", activation="tanh"))

    critic = keras.Sequential([keras.Input((28, 28, 1))], name="discriminator")
    for filters, strides in ((16, 2), (32, 2), (64, 2), (128, 1)):
        critic.add(layers.Conv2D(filters, 3, strides=strides, padding="same"))  # (14, 14), (7, 7), (4, 4), (4, 4)
        if filters > 16:
            critic.add(NORMALIZATIONS[normalization]())
        critic.add(layers.LeakyReLU(.2))
        critic.add(layers.Dropout(.25))
    critic.add(layers.Flatten())
    critic.add(layers.Dense(1))
    return generator, critic, normal(100)


def networks():
    """The networks as the source prints them."""
    return dict(zip(("generator", "critic"), convolutional_GenDiscr("batch")))


class WGAN_GP(_WGAN_GP):
    """The GAN of task 2, `train_step` included, with the paper's settings. Arguments and attributes: see there."""

    beta_1 = 0.

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=32, disc_iter=5, learning_rate=.0001, lambda_gp=10):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate, lambda_gp)


# --------------------------------------------------------- training, measuring

def make(pictures, normalization="group", batch=32, rate=.0001, disc_iter=5):
    """A new WGAN_GP of these pictures."""
    return WGAN_GP(*convolutional_GenDiscr(normalization), data.signed(pictures.train), batch_size=batch,
                   learning_rate=rate, disc_iter=disc_iter)


def measure(normalization, seed, steps=None):
    """Figures of a WGAN-GP of the embedded digits: losses, penalty and quality."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, normalization, rate=.0004, disc_iter=2)
    record = training.train_GAN(G, training.settings(epochs=10, steps=steps or 60), data.unit)
    quality = Quality(pictures)
    return {**record.last(), **quality(data.unit(G.get_fake_sample(quality.size)))}


CLAIMS = [("WGAN-GP critic", f"{normalization} normalisation", partial(measure, normalization))
          for normalization in NORMALIZATIONS]


def main(argv=None):
    from beyond.common import script
    parser = script.parser("wgan_gp", __doc__, dict(epochs=10, steps=80, rate=.0004, disc_iter=2),
                           epochs=500, steps=500, batch=32, rate=.0001)
    parser.add_argument("--disc-iter", type=script.positive, default=5, metavar="N",
                        help="updates of the critic in a step (default 5)")
    parser.add_argument("--normalization", choices=NORMALIZATIONS, default="group",
                        help="in the critic; batch is the source's (default group)")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    G = make(pictures, options.normalization, options.batch, options.rate, options.disc_iter)
    record = training.train_GAN(G, options, data.unit, name="wgan_gp")
    last = record.last()
    print(f"last tenth of the steps: estimated Wasserstein distance {-last['discr_loss']:.3f}, "
          f"penalty {last['gp']:.4f}")
    return script.finish_GAN(record, pictures, options, "wgan_gp")


if __name__ == "__main__":
    main()
