"""Seven losses side by side, with the same dense networks on the same pictures.

With D(x) what the discriminator gives to an example, p = 1 / (1 + e^-D) the probability that it means by that, and
AE an autoencoder, which squeezes a picture into few numbers and makes it again:

              the discriminator minimises                                            the generator minimises
    GAN       -mean log p(real) - mean log(1 - p(fake))                              -mean log p(fake)
    minimax   the same                                                               mean log(1 - p(fake))
    DRAGAN    the same + lambda mean (|gradient of D(real + noise)| - 1)^2           mean log(1 - p(fake))
    LSGAN     mean (D(real) - 1)^2 + mean D(fake)^2                                  mean (D(fake) - 1)^2
    WGAN      mean D(fake) - mean D(real), with clipped weights                      -mean D(fake)
    WGAN-GP   the same + lambda mean (|gradient of D(between real and fake)| - 1)^2  -mean D(fake)
    BEGAN     mean |real - AE(real)| - k mean |fake - AE(fake)|                      mean |fake - AE(fake)|

The first three and LSGAN take half of the discriminator's loss, which Adam does not notice.

The networks are LSGAN's: their discriminator has no activation at its end and no batch normalisation, as the penalties
ask for. BEGAN's discriminator is an autoencoder of about the same size. Each loss comes with the optimizer, learning
rate and updates of the discriminator that suit it. All have the same number of steps of the generator.

Lucic et al. (2018), Are GANs Created Equal?, https://arxiv.org/abs/1711.10337, whose table this is; Kodali et al.
(2017), On Convergence and Stability of GANs (DRAGAN), https://arxiv.org/abs/1705.07215; Berthelot et al. (2017), BEGAN:
Boundary Equilibrium Generative Adversarial Networks, https://arxiv.org/abs/1703.10717.

Built on `beyond.dense_gan`, `beyond.lsgan`, `beyond.ring`, `beyond.wgan` and `beyond.wgan_gp`, whose classes it
compares; each of them explains its loss. DRAGAN and BEGAN are only here.

    python -m beyond.losses --quick     seven trainings: samples, losses, a table of figures
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import update
from beyond.common.cross_entropy import accuracy
from beyond.common.measures import Quality
from beyond.dense_gan import DenseGAN
from beyond.lsgan import LSGAN, dense_GenDiscr
from beyond.ring import SaturatingGAN
from beyond.wgan import WGAN
from beyond.wgan_gp import WGAN_GP
from gan import checks
from gan.model import GAN

layers = keras.layers

SYSTEM = {
    "family": "measuring",
    "line": "seven losses side by side: GAN, minimax, DRAGAN, LSGAN, WGAN, WGAN-GP, BEGAN with the same networks",
    "totals": {},
    "quick": "6 minutes",
}


# ------------------------------------------------------------------- DRAGAN

class DRAGAN(SaturatingGAN):
    """The minimax game; D pays where its slope near a real example is not 1. Arguments: see `gan.model.GAN`; and

    Args:
        lambda_gp: weight of the penalty, zero or positive; 0 is the minimax GAN.
        noise: standard deviation of what is added to real examples.

    The penalty is task 2's, at other points. The slope is that of the logits.
    """

    def __init__(self, *arguments, lambda_gp=10, noise=.3, **options):
        super().__init__(*arguments, **options)
        self.lambda_gp = checks.number("lambda_gp", lambda_gp, zero_allowed=True)
        self.noise = checks.number("noise", noise, zero_allowed=True)

    gradient_penalty = WGAN_GP.gradient_penalty

    def get_sample_near(self, sample):
        """Each example with normal noise, (batch, ...)."""
        return sample + self.noise * self.drawn(lambda: tf.random.normal(sample.shape))

    def train_step(self, useless_argument):
        """As in `beyond.dense_gan`, with the penalty in what D minimises; also returns the last penalty, `gp`."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            near_real = self.get_sample_near(real_sample)
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                gp = self.gradient_penalty(near_real)
                penalized_loss = discr_loss + self.lambda_gp * gp
            update(self.discriminator, tape, penalized_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "gp": gp,
                "accuracy": accuracy(real_values, fake_values)}


# -------------------------------------------------------------------- BEGAN

def autoencoder_GenDiscr(code=16):
    """LSGAN's generator, and an autoencoder in the place of its discriminator.

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [-1, 1].
        discriminator: (batch, 28, 28, 1) -> (batch, 28, 28, 1), through `code` numbers; 410,912 parameters.
        latent_generator: normal, k -> (k, 100).
    """
    generator, _, latent_generator = dense_GenDiscr()
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(256), layers.LeakyReLU(.2), layers.Dense(code),
        layers.Dense(256), layers.LeakyReLU(.2), layers.Dense(784), layers.Reshape((28, 28, 1))],
        name="discriminator")
    return generator, discriminator, latent_generator


class BEGAN(GAN):
    """A GAN whose discriminator is an autoencoder. Arguments: see `gan.model.GAN`, and below.

    The autoencoder shall make real examples again, and fakes not. The generator wants its fakes to be made again. How
    much the second half of the discriminator's task counts, k, begins at 0, and is led: it grows while

        mean |fake - AE(fake)| < balance mean |real - AE(real)|

    Args:
        balance: "gamma" of the paper: with less of it fakes are better and more alike.
        k_rate: how fast k follows, "lambda_k" of the paper.
    """

    beta_2 = .999
    one_value = False

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=16, disc_iter=1, learning_rate=.0001, balance=.5, k_rate=.001):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        self.balance, self.k_rate = checks.number("balance", balance), checks.number("k_rate", k_rate)
        self.add_number("k", 0.)

    @staticmethod
    def generator_loss(x):
        """x = fake - AE(fake), shape (batch, ...). Returns a scalar."""
        return tf.reduce_mean(tf.abs(x))

    def discriminator_loss(self, x, y):
        """x = real - AE(real), y = fake - AE(fake), shape (batch, ...) each. Returns a scalar."""
        return tf.reduce_mean(tf.abs(x)) - self.k * tf.reduce_mean(tf.abs(y))

    def train_step(self, useless_argument):
        """As in task 0, of differences in the place of values; then k. Also returns k, and `convergence`.

        The latter is the paper's measure of a whole training: how badly the autoencoder makes real examples again, and
        how far the players are from their balance.
        """
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_differences = real_sample - self.discriminator(real_sample, training=True)
                fake_differences = fake_sample - self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_differences, fake_differences)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(fake_sample - self.discriminator(fake_sample, training=True))
        update(self.generator, tape, gen_loss)

        real_loss = tf.reduce_mean(tf.abs(real_differences))
        imbalance = self.balance * real_loss - gen_loss
        self.k.assign(tf.clip_by_value(self.k + self.k_rate * imbalance, 0., 1.))
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "k": self.k,
                "convergence": real_loss + tf.abs(imbalance)}


# --------------------------------------------------------- training, measuring

# the networks, the class, other arguments
LOSSES = {
    "GAN": (dense_GenDiscr, DenseGAN, dict(learning_rate=.0002)),
    "minimax": (dense_GenDiscr, SaturatingGAN, dict(learning_rate=.0002)),
    "DRAGAN": (dense_GenDiscr, DRAGAN, dict(learning_rate=.0002)),
    "LSGAN": (dense_GenDiscr, LSGAN, dict(learning_rate=.0002)),
    "WGAN": (dense_GenDiscr, WGAN, dict(learning_rate=.0002, disc_iter=3)),
    "WGAN-GP": (dense_GenDiscr, WGAN_GP, dict(learning_rate=.0002, disc_iter=3)),
    "BEGAN": (autoencoder_GenDiscr, BEGAN, dict(learning_rate=.001, k_rate=.05, balance=.75)),
}


def train(name, pictures, options, training_name=None):
    """Train the networks with that loss; returns the record and the GAN."""
    build, chosen_type, settings = LOSSES[name]
    G = chosen_type(*build(), data.signed(pictures.train), batch_size=options.batch, **settings)
    return training.train_GAN(G, options, data.unit, name=training_name), G


def measure(name, seed, steps=None):
    """Figures of one training on the embedded digits."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    _, G = train(name, pictures, training.settings(epochs=10, steps=steps or 200, batch=50))
    quality = Quality(pictures)
    return quality(data.unit(G.get_fake_sample(quality.size)))


def real_figures(seed, steps=None):
    """The same figures of real pictures: what nothing can be expected to beat."""
    return Quality(data.load("digits")).reference


CLAIMS = [("losses", "real pictures", real_figures),
          *[("losses", name, partial(measure, name)) for name in LOSSES]]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("losses", __doc__, dict(epochs=10, steps=200), epochs=100, steps=500, batch=50)
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    quality = Quality(pictures)
    rows, sheets, losses = {"real pictures": quality.reference}, [("real", pictures.train[:81])], []
    for name in LOSSES:
        training.set_seeds(options.seed)
        print(f"{name}:", flush=True)
        record, G = train(name, pictures, options, f"losses-{name}")
        made = data.unit(G.get_fake_sample(quality.size))
        rows[name] = quality(made)
        sheets.append((name, made[:81]))
        losses.append((name, record.losses))
    print(f"{'':13}  " + "  ".join(f"{figure:>9}" for figure in quality.reference))
    for name, row in rows.items():
        print(f"{name:13}  " + "  ".join(f"{value:9.3f}" for value in row.values()))
    script.meaning(*quality.reference)

    plots = [figures.visualize_sheets(sheets, panel_columns=4, title="the same networks, trained with seven losses"),
             figures.visualize_losses(losses, panel_columns=2)]
    script.finish(plots[0], options, "losses-samples.png")
    script.finish(plots[1], options, "losses-losses.png")
    print("What you see: samples of the same networks, trained with seven losses, beside real pictures; the table "
          "above compares them. The losses themselves have other scales and meanings, so their curves cannot be "
          "compared. gp is the gradient penalty before it is weighted; k is how much fakes count for BEGAN's "
          "discriminator, and convergence falls as its game settles.")
    return plots


if __name__ == "__main__":
    main()
