"""Eight practices for a stable GAN, each switched off or on alone, on one narrow DCGAN of digits.

The source lists eight. The DCGAN here follows those that its paper has; each run differs from it in one thing:

    1 convolutions    strides halve and double a picture        pooling in their place; a hidden dense layer in D
    2 normalisation   batch normalisation before the activation none; after it
    3 activations     LeakyReLU of slope .2 in D, ReLU in G     ReLU in D; LeakyReLU in both; slope .01
    4 optimizer       Adam, rate .0002, beta_1 .5               beta_1 .9; rates .00002 and .002; gradient descent
    5 features        G wants -mean log D(fake) small           G matches the mean of what D's last layer gets
    6 batches         pixels in [-1, 1], tanh; real and fake    [0, 1] and sigmoid; batches of 2; real and fake
                      examples are a batch each                 examples in one batch
    7 labels          1 and 0                                   .9 and .1, for D
    8 first weights   normal, spread .02                        Keras's own (Glorot)

5 and 7 are switched on, the others off. Feature matching minimises the squared distance of the two means. The losses
are those of `beyond.dense_gan`. A training has failed if its diagnosis (`beyond.common.diagnosis`) is not healthy.

Salimans et al. (2016), Improved Techniques for Training GANs, https://arxiv.org/abs/1606.03498; Radford et al. (2016)
(DCGAN), https://arxiv.org/abs/1511.06434.

Built on `beyond.dcgan`, whose classes train here. The networks are smaller ones.

    python -m beyond.practices --quick                           all runs: samples, a table, the distances as bars
    python -m beyond.practices --quick --only "no normalisation" one or some of them, beside the DCGAN
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import normal, update
from beyond.common.cross_entropy import accuracy, cross_entropy
from beyond.common.diagnosis import diagnose
from beyond.common.measures import Quality
from beyond.dcgan import DCGAN, DCGANBatchesApart

layers = keras.layers

SYSTEM = {
    "family": "measuring",
    "line": "eight practices for a stable GAN, each switched off or on alone on one narrow DCGAN",
    "totals": {},
    "quick": "3 minutes",
}


# ------------------------------------------------------------------ networks

def _activation(slope):
    return layers.LeakyReLU(slope) if slope else layers.ReLU()


def practice_GenDiscr(filters=8, strided=True, dense=0, normalized="before", gen_slope=0., discr_slope=.2,
                      spread=.02, output="tanh", features=False):
    """A narrow DCGAN for pictures of 28 x 28, and what may be another way in it.

    Args:
        filters: width of the layers of 14 x 14; those of 7 x 7 have twice as many.
        strided: False has pooling in the discriminator and enlarging in the generator, beside convolutions.
        dense: width of a hidden dense layer in the discriminator; 0: none.
        normalized: "before" or "after" the activation, or None: no batch normalisation.
        gen_slope, discr_slope: of LeakyReLU below 0; 0 is ReLU.
        spread: of the normal first weights; None: Keras's own.
        output: the generator's last activation, "tanh" or "sigmoid".
        features: True gives the discriminator a second output, what its last layer gets.

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1).
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits, with `features` also (batch, n).
        latent_generator: normal, k -> (k, 100).
    """
    def start():
        return keras.initializers.RandomNormal(0., spread) if spread else "glorot_uniform"

    def then(x, slope, normalize=True):
        normalize = normalize and normalized
        if normalize == "before":
            x = layers.BatchNormalization(momentum=.8)(x)
        x = _activation(slope)(x)
        return layers.BatchNormalization(momentum=.8)(x) if normalize == "after" else x

    def doubled(x, width, activation=None):
        if strided:
            return layers.Conv2DTranspose(width, 5, strides=2, padding="same", activation=activation,
                                          kernel_initializer=start())(x)
        return layers.Conv2D(width, 5, padding="same", activation=activation,
                             kernel_initializer=start())(layers.UpSampling2D()(x))

    def halved(x, width):
        x = layers.Conv2D(width, 5, strides=2 if strided else 1, padding="same", kernel_initializer=start())(x)
        return x if strided else layers.MaxPooling2D()(x)

    latent_vectors = keras.Input((100,))
    x = layers.Dense(7 * 7 * 2 * filters, kernel_initializer=start())(latent_vectors)
    x = then(layers.Reshape((7, 7, 2 * filters))(x), gen_slope)
    x = then(doubled(x, filters), gen_slope)  # (14, 14, filters)
    generator = keras.Model(latent_vectors, doubled(x, 1, output), name="generator")

    pictures = keras.Input((28, 28, 1))
    x = then(halved(pictures, filters), discr_slope, normalize=False)  # (14, 14, filters)
    x = layers.Flatten()(then(halved(x, 2 * filters), discr_slope))  # (98 filters,)
    if dense:
        x = _activation(discr_slope)(layers.Dense(dense, kernel_initializer=start())(x))
    values = layers.Dense(1, kernel_initializer=start())(x)
    discriminator = keras.Model(pictures, [values, x] if features else values, name="discriminator")
    return generator, discriminator, normal(100)


# -------------------------------------------------------------------- classes

class SmoothedGAN(DCGANBatchesApart):
    """D is told .9 and .1 in the place of 1 and 0. It pays for being surer than that."""

    real_target, fake_target = .9, .1

    def discriminator_loss(self, x, y):
        """x = logits of D(real), y = logits of D(fake), shape (batch, 1) each. Returns a scalar."""
        return (cross_entropy(self.real_target, x) + cross_entropy(self.fake_target, y)) / 2


class DescendingGAN(DCGANBatchesApart):
    """Plain gradient descent in the place of Adam, a hundred times as fast."""

    def new_optimizer(self, network):
        return keras.optimizers.SGD(100 * self.learning_rate)


class SteadyGAN(DCGANBatchesApart):
    """Adam with its usual beta_1."""

    beta_1 = .9


class FeatureMatchingGAN(DCGANBatchesApart):
    """The generator matches mean features. The discriminator gives values and features."""

    several_parts, one_value = True, False

    @staticmethod
    def feature_distance(x, y):
        """x = features of real examples, y = features of fakes, (batch, n) each. Returns a scalar."""
        return tf.reduce_sum(tf.square(tf.reduce_mean(x, axis=0) - tf.reduce_mean(y, axis=0)))

    def train_step(self, useless_argument):
        """As DCGAN's, but for what the generator minimises, `matching`; `gen_loss` is shown, to compare."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                (real_values, _), (fake_values, _) = self.judge(real_sample, fake_sample)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            (_, real_features), (values, features) = self.judge(real_sample, fake_sample)
            matching = self.feature_distance(real_features, features)
        update(self.generator, tape, matching)

        return {"discr_loss": discr_loss, "gen_loss": self.generator.loss(values), "matching": matching,
                "accuracy": accuracy(real_values, fake_values)}


# --------------------------------------------------------- training, measuring

@dataclass
class Run:
    """What is another way than in the DCGAN.

    Attributes:
        practice: its number in the list above; 0: the DCGAN itself.
        networks: arguments of `practice_GenDiscr`.
        kind: the class.
        rate, batch: learning rate and batch size.
    """

    practice: int
    networks: dict = field(default_factory=dict)
    kind: type = DCGANBatchesApart
    rate: float = .0002
    batch: int = 32


RUNS = {
    "DCGAN": Run(0),
    "pooling": Run(1, dict(strided=False)),
    "hidden dense layer": Run(1, dict(dense=128)),
    "no normalisation": Run(2, dict(normalized=None)),
    "normalised after": Run(2, dict(normalized="after")),
    "ReLU in D": Run(3, dict(discr_slope=0.)),
    "LeakyReLU in both": Run(3, dict(gen_slope=.2)),
    "slope .01": Run(3, dict(discr_slope=.01)),
    "beta_1 .9": Run(4, kind=SteadyGAN),
    "rate .00002": Run(4, rate=.00002),
    "rate .002": Run(4, rate=.002),
    "gradient descent": Run(4, kind=DescendingGAN),
    "feature matching": Run(5, dict(features=True), FeatureMatchingGAN),
    "[0, 1] and sigmoid": Run(6, dict(output="sigmoid")),
    "batches of 2": Run(6, batch=2),
    "real and fake together": Run(6, kind=DCGAN),
    "smoothed labels": Run(7, kind=SmoothedGAN),
    "Keras's first weights": Run(8, dict(spread=None)),
}
EPOCHS, STEPS = 10, 100
SIGNS = {True: (data.signed, data.unit), False: (lambda pictures: pictures, lambda made: np.clip(made, 0, 1))}


def train(name, pictures, options, training_name=None):
    """Train in that way; returns the record, and a function k -> k pictures in [0, 1]."""
    run = RUNS[name]
    scaled, unit = SIGNS[run.networks.get("output", "tanh") == "tanh"]
    G = run.kind(*practice_GenDiscr(**run.networks), scaled(pictures.train), batch_size=run.batch,
                 learning_rate=run.rate)
    record = training.train_GAN(G, options, unit, name=training_name)
    return record, lambda k: unit(G.get_fake_sample(k))


def figures_of(record, made, quality):
    """Losses at the end, quality, and the diagnosis."""
    found = quality(made)
    losses = record.last()
    return {"discr_loss": losses["discr_loss"], "gen_loss": losses["gen_loss"], "accuracy": losses["accuracy"], **found,
            "diagnosis": diagnose(record.losses, found)[0]}


def measure(name, seed, steps=None):
    """Figures of one training on the embedded digits."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    record, make = train(name, pictures, training.settings(epochs=EPOCHS, steps=steps or STEPS))
    quality = Quality(pictures)
    return figures_of(record, make(quality.size), quality)


CLAIMS = [("practices", name, partial(measure, name)) for name in RUNS]


# --------------------------------------------------------- pictures

def visualize_distances(rows):
    """Frechet distances as bars, those of a practice side by side in one colour; `rows`: name -> figures."""
    from gan.backend import plt
    from gan.figures import GENERATOR
    figure, axis = plt.subplots(figsize=(9, .42 * len(rows) + 1.2), layout="constrained")
    names = list(rows)[::-1]
    distances = [rows[name]["frechet"] for name in names]
    healthy = [rows[name]["diagnosis"] == "healthy" for name in names]
    axis.barh(names, distances, color=[GENERATOR if well else "0.75" for well in healthy])
    for place, (name, distance) in enumerate(zip(names, distances)):
        diagnosis = rows[name]["diagnosis"]
        axis.text(distance, place, f" {distance:.1f}" + ("" if diagnosis == "healthy" else f", {diagnosis}"),
                  va="center", bbox=dict(facecolor="white", edgecolor="none", pad=0))  # the dotted line spares it
    axis.axvline(rows[next(iter(rows))]["frechet"], color="0.4", lw=1, ls=":")
    axis.set(xlim=(0, 1.25 * max(distances)), xlabel="Frechet distance to real digits: less is better. "
             "Grey: not healthy")
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(axis="y", length=0)
    figure.suptitle("One practice at a time, beside a DCGAN that keeps them (dotted)")
    return figure


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("practices", __doc__, dict(epochs=EPOCHS, steps=60), epochs=50, steps=500)
    parser.add_argument("--only", nargs="+", choices=[name for name in RUNS if name != "DCGAN"], metavar="NAME",
                        help=f"of {', '.join(name for name in RUNS if name != 'DCGAN')}")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    quality = Quality(pictures)
    of_training = training.settings(**{key: value for key, value in vars(options).items() if key != "only"})
    sheets, rows, losses = [("real", pictures.train[:81])], {}, []
    for name in ("DCGAN", *(options.only or [name for name in RUNS if name != "DCGAN"])):
        training.set_seeds(options.seed)
        print(f"{name}:", flush=True)
        record, make = train(name, pictures, of_training, f"practices-{list(RUNS).index(name)}")
        made = make(quality.size)
        rows[name] = figures_of(record, made, quality)
        sheets.append((name, made[:81]))
        losses.append((name, {key: record.losses[key] for key in ("discr_loss", "gen_loss", "accuracy")}))
    print(f"{'practice':24}{'Frechet':>9}{'recall':>8}{'kinds':>7}  diagnosis")
    for name, row in rows.items():
        print(f"{RUNS[name].practice or ' '} {name:22}{row['frechet']:9.2f}{row['recall']:8.3f}{row['kinds']:7.2f}  "
              f"{row['diagnosis']}")
    script.meaning("frechet", "recall", "kinds", practice="its number in the source's list, see --help")

    plots = [figures.visualize_sheets(sheets, size=3.2, panel_columns=5), visualize_distances(rows),
             figures.visualize_losses(losses, panel_columns=3)]
    for plot, kind in zip(plots, ("samples", "distances", "losses")):
        script.finish(plot, options, f"practices-{kind}.png")
    print("What you see: a bar shorter than the dotted line is a training that did better than the one that keeps "
          "all practices. A grey bar is a training that failed. With another seed the order may be another one.")
    return plots


if __name__ == "__main__":
    main()
