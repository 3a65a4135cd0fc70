"""Remedies for the failures of the room `failures`: which of those that the source names help, one at a time?

    mode collapse        Wasserstein loss with penalty; unrolled GAN; larger z; deeper generator; false labels
    discriminator wins   false labels on some real examples; dropout in D; deeper generator; fewer layers of D
    generator wins       deeper D; dropout in G; fewer layers of G

Each failing pair is trained again with one remedy, all else equal. The collapse is that of latent vectors of two
coordinates; D wins against a generator of one layer (without the ReLU); the generator wins while D hardly learns. The
source blames unequal networks for that last one; in the room `failures` it is D's learning rate, so a last run, which
is no remedy of the source, takes that cause away.

A false label: D is told the wrong answer on a share of its examples, drawn anew in every step; "on real" of the real
ones only.

The pictures are rows of 784 numbers here, so that the unrolled GAN of `beyond.ring` can be used; the networks have the
same weights as in `failures`, but the generator that wins is narrower.

Metz et al. (2017), Unrolled Generative Adversarial Networks, https://arxiv.org/abs/1611.02163.

Built on `beyond.dense_gan`, `beyond.ring` and `beyond.wgan_gp`, whose classes train here.

    python -m beyond.remedies --quick                      all three failures: samples, a table
    python -m beyond.remedies --quick --only "mode collapse"
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from collections import namedtuple
from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import normal, update
from beyond.common.cross_entropy import accuracy
from beyond.common.diagnosis import diagnose
from beyond.common.measures import Quality
from beyond.dense_gan import DenseGAN
from beyond.ring import UnrolledGAN
from beyond.wgan_gp import WGAN_GP
from gan import checks

layers = keras.layers

SYSTEM = {
    "family": "measuring",
    "line": "remedies for the failures of `failures`: which of those that the source names help, one at a time",
    "totals": {},
    "quick": "5 minutes",
}


# ------------------------------------------------------------------ networks

def pair(latent, gen_widths, discr_widths, normalized=False, gen_dropout=0., discr_dropout=0.):
    """Dense networks with ReLU for pictures as rows of 784 numbers in [0, 1].

    Args:
        latent: coordinates of a latent vector.
        gen_widths, discr_widths: of the hidden layers.
        normalized: batch normalisation in the generator.
        gen_dropout, discr_dropout: share that Dropout after each hidden layer puts to 0; 0: no such layer.

    Returns:
        generator: (batch, latent) -> (batch, 784) in [0, 1].
        discriminator: (batch, 784) -> (batch, 1) logits, or values of a critic.
        latent_generator: normal, k -> (k, latent).
    """
    generator = keras.Sequential([keras.Input((latent,))], name="generator")
    for width in gen_widths:
        generator.add(layers.Dense(width, activation="relu"))
        if normalized:
            generator.add(layers.BatchNormalization(momentum=.8))
        if gen_dropout:
            generator.add(layers.Dropout(gen_dropout))
    generator.add(layers.Dense(784, activation="sigmoid"))

    discriminator = keras.Sequential([keras.Input((784,))], name="discriminator")
    for width in discr_widths:
        discriminator.add(layers.Dense(width, activation="relu"))
        if discr_dropout:
            discriminator.add(layers.Dropout(discr_dropout))
    discriminator.add(layers.Dense(1))
    return generator, discriminator, normal(latent)


# -------------------------------------------------------------------- class

class FalseLabelsGAN(DenseGAN):
    """D is told the wrong answer on some of its examples. Arguments: see `gan.model.GAN`; and

    Args:
        real_share, fake_share: how often a real example is called fake, and a fake one real, 0 to 1. D's loss is what
            it is told; the accuracy is by the truth.
    """

    def __init__(self, *arguments, real_share=.1, fake_share=.1, **options):
        super().__init__(*arguments, **options)
        for name, share in (("real_share", real_share), ("fake_share", fake_share)):
            if checks.number(name, share, zero_allowed=True) > 1:
                raise ValueError(f"{name}: expected a number from 0 to 1, got {share}")
        self.real_share, self.fake_share = float(real_share), float(fake_share)

    @staticmethod
    def told_loss(real_values, fake_values, real_lies, fake_lies):
        """Mean loss of both samples; lies: 1. where D is told the wrong answer, else 0., shape (batch, 1)."""
        real_losses = tf.nn.sigmoid_cross_entropy_with_logits(1. - real_lies, real_values)
        fake_losses = tf.nn.sigmoid_cross_entropy_with_logits(fake_lies, fake_values)
        return (tf.reduce_mean(real_losses) + tf.reduce_mean(fake_losses)) / 2

    def train_step(self, useless_argument):
        """As DenseGAN's, with lies."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            u = self.drawn(lambda: tf.random.uniform((2, self.batch_size, 1)))
            real_lies, fake_lies = (tf.cast(u[i] < share, tf.float32)
                                    for i, share in enumerate((self.real_share, self.fake_share)))
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.told_loss(real_values, fake_values, real_lies, fake_lies)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": accuracy(real_values, fake_values)}


# --------------------------------------------------------- training, measuring

# networks: arguments of `pair`; kind, more: the class and its own arguments; rate; less: by how much less D learns
Run = namedtuple("Run", "networks kind more rate less")


def _runs(networks, rate, less, remedies):
    """A failing run and its remedies; each remedy: (other arguments of `pair`, class, its arguments[, less])."""
    runs = {"as it is": Run(networks, DenseGAN, {}, rate, less)}
    for name, (other, kind, more, *rest) in remedies.items():
        runs[name] = Run({**networks, **other}, kind, more, rate, *(rest or [less]))
    return runs


FAILURES = {
    "mode collapse": _runs(dict(latent=2, gen_widths=[64], discr_widths=[64]), .0003, 1, {
        "Wasserstein loss": ({}, WGAN_GP, dict(disc_iter=3)),
        "unrolled": ({}, UnrolledGAN, dict(unrolled=5, unrolled_rate=.1)),
        "z of 50": (dict(latent=50), DenseGAN, {}),
        "deeper generator": (dict(gen_widths=[64, 128, 256]), DenseGAN, {}),
        "false labels": ({}, FalseLabelsGAN, {}),
        "Wasserstein loss, z of 50, deeper": (dict(latent=50, gen_widths=[64, 128, 256]), WGAN_GP, dict(disc_iter=3)),
    }),
    "discriminator wins": _runs(dict(latent=50, gen_widths=[], discr_widths=[512, 256, 128]), .0001, 1, {
        "false labels on real": ({}, FalseLabelsGAN, dict(fake_share=0.)),
        "dropout in D": (dict(discr_dropout=.5), DenseGAN, {}),
        "deeper generator": (dict(gen_widths=[128, 256]), DenseGAN, {}),
        "fewer layers of D": (dict(discr_widths=[128]), DenseGAN, {}),
    }),
    "generator wins": _runs(dict(latent=50, gen_widths=[256, 256], discr_widths=[256, 128], normalized=True,
                                 discr_dropout=.3), .0002, 10000, {
        "deeper D": (dict(discr_widths=[512, 256, 128]), DenseGAN, {}),
        "dropout in G": (dict(gen_dropout=.3), DenseGAN, {}),
        "fewer layers of G": (dict(gen_widths=[256]), DenseGAN, {}),
        "D learns as fast": ({}, DenseGAN, {}, 1),
    }),
}
EPOCHS, STEPS = 10, 200


def train(failure, name, pictures, options, training_name=None):
    """Train that pair with that remedy; returns the record and the GAN."""
    run = FAILURES[failure][name]
    rows = pictures.train.reshape(len(pictures.train), -1)
    G = run.kind(*pair(**run.networks), rows, batch_size=options.batch, learning_rate=run.rate, **run.more)
    G.discriminator.optimizer.learning_rate = run.rate / run.less
    return training.train_GAN(G, options, as_pictures, name=training_name), G


def as_pictures(rows):
    """Rows of 784 numbers as pictures, (n, 28, 28, 1)."""
    return np.asarray(rows).reshape(-1, 28, 28, 1)


def figures_of(record, made, quality):
    """Losses at the end, quality, and the diagnosis; a critic's losses have none, only its samples are looked at."""
    losses, found = record.last(), quality(made)
    if "accuracy" in losses:
        label = diagnose(record.losses, found)[0]
    else:
        label = diagnose({"discr_loss": .5, "gen_loss": .5}, found)[0]
    return {"discr_loss": losses["discr_loss"], "gen_loss": losses["gen_loss"], **found, "diagnosis": label}


def measure(failure, name, seed, steps=None):
    """Figures of one training on the embedded digits."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    record, G = train(failure, name, pictures, training.settings(epochs=EPOCHS, steps=steps or STEPS, batch=60))
    quality = Quality(pictures)
    return figures_of(record, as_pictures(G.get_fake_sample(quality.size)), quality)


CLAIMS = [(f"remedies for: {failure}", name, partial(measure, failure, name))
          for failure, runs in FAILURES.items() for name in runs]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("remedies", __doc__, dict(epochs=EPOCHS, steps=STEPS), epochs=50, steps=500, batch=60)
    parser.add_argument("--only", nargs="+", choices=FAILURES, metavar="FAILURE", help=f"of {', '.join(FAILURES)}")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    quality = Quality(pictures)
    of_training = training.settings(**{key: value for key, value in vars(options).items() if key != "only"})
    plots = []
    for number, failure in enumerate(FAILURES):
        if failure not in (options.only or FAILURES):
            continue
        sheets, rows = [("real", pictures.train[:81])], {}
        for place, name in enumerate(FAILURES[failure]):
            training.set_seeds(options.seed)
            print(f"{failure}, {name}:", flush=True)
            record, G = train(failure, name, pictures, of_training, f"remedies-{number}-{place}")
            made = as_pictures(G.get_fake_sample(quality.size))
            row = rows[name] = figures_of(record, made, quality)
            sheets.append((f"{name}\ndiagnosis: {row['diagnosis']}", made[:81]))
        print(f"{failure:36}{'Frechet':>9}{'spread':>8}{'kinds':>7}  diagnosis")
        for name, row in rows.items():
            print(f"  {name:34}{row['frechet']:9.2f}{row['spread']:8.2f}{row['kinds']:7.2f}  {row['diagnosis']}",
                  flush=True)
        plots.append(figures.visualize_sheets(sheets, size=3.6, panel_columns=4, title=f"Remedies for: {failure}"))
        script.finish(plots[-1], options, f"remedies-{failure.replace(' ', '-')}.png")
    script.meaning("frechet", "spread", "kinds")
    print("What you see: the failing pair first, then with one remedy each. A remedy helped if the diagnosis is "
          "another one, and if the kinds of pictures are more.")
    return plots


if __name__ == "__main__":
    main()
