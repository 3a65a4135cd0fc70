"""Eight Gaussians on a ring: the same small networks trained in seven ways, and which of the eight each finds.

The real examples are points of the plane, in eight narrow clouds on a circle. So one sees what pictures hide: a
generator that makes one kind of points, and goes to another kind when the discriminator has learned that one. This is
mode collapse.

    GAN          discriminator  (mean -log D(real) + mean -log(1 - D(fake))) / 2
                 generator      mean -log D(fake)
    saturating   generator      mean log(1 - D(fake)), as the derivation of the game has it
    LSGAN        squared errors, see `beyond.lsgan`
    input noise  D sees all points with normal noise, which is halved again and again: so real and made points overlap
    unrolled     the generator plays against the discriminator as it will be after five more updates, and its gradient
                 goes through these: it knows how D would answer. Then they are forgotten, and D makes one of its own
    WGAN-GP      a critic with a gradient penalty and five updates a step, see `beyond.wgan_gp`
    equal rates  as GAN, but D learns as fast as the generator

In all but the last two D learns ten times more slowly than the generator, as in the paper. That is what lets the
generator run away; `equal rates` shows how much of it is due to that.

Two figures, of SAMPLES made points. A mode is covered if at least a tenth of its fair share lies within three standard
deviations of its centre. The share is that of all points which lie so near to any centre; of real ones it is
1 - e^-4.5 = .989.

Metz et al. (2017), Unrolled Generative Adversarial Networks, https://arxiv.org/abs/1611.02163, whose ring this is. The
look-ahead takes plain gradient steps here, and the networks are smaller.

Built on `beyond.dense_gan`, `beyond.lsgan` and `beyond.wgan_gp`, whose classes it compares.

    python -m beyond.ring                        25,000 steps of each: the points on the way, modes and shares
    python -m beyond.ring --quick                5,000 steps of each
    python -m beyond.ring --only unrolled        one of them
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import training
from beyond.common.base import normal, update
from beyond.common.cross_entropy import accuracy
from beyond.dense_gan import DenseGAN
from beyond.lsgan import LSGAN
from beyond.wgan_gp import WGAN_GP
from gan import checks

layers = keras.layers

SYSTEM = {
    "family": "theory",
    "line": "eight Gaussians on a ring: which of them GANs find, and when",
    "totals": {},
    "quick": "2 minutes",
}

MODES, RADIUS, DEVIATION = 8, 2., .02
ANGLES = 2 * np.pi * np.arange(MODES) / MODES
CENTRES = RADIUS * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)  # (8, 2)
SAMPLES = 2000


def ring(k):
    """k points of the eight Gaussians, drawn by NumPy, the same number of each if k allows it: (k, 2)."""
    return (CENTRES[np.arange(k) % MODES] + DEVIATION * np.random.normal(size=(k, 2))).astype("float32")


def found(points):
    """Modes covered, 0 to 8, and the share of points within three standard deviations of a centre."""
    distances = np.linalg.norm(points[:, None] - CENTRES, axis=-1)  # (points, modes)
    near = distances < 3 * DEVIATION
    covered = near.mean(axis=0) >= .1 / MODES
    return {"modes": int(covered.sum()), "share": float(near.any(axis=1).mean())}


def ring_GenDiscr(latent=16, width=48):
    """Dense networks for points of the plane, with two hidden layers each.

    Returns:
        generator: (batch, latent) -> (batch, 2).
        discriminator: (batch, 2) -> (batch, 1) logits, or values of a critic.
        latent_generator: normal, k -> (k, latent).
    """
    generator, discriminator = (keras.Sequential([
        keras.Input((inputs,)), layers.Dense(width, activation="relu"), layers.Dense(width, activation="relu"),
        layers.Dense(outputs)], name=name)
        for name, inputs, outputs in (("generator", latent, 2), ("discriminator", 2, 1)))
    return generator, discriminator, normal(latent)


# ------------------------------------------------------------ three more GANs

class SaturatingGAN(DenseGAN):
    """The generator minimises log(1 - D), which is flat where D is near 0, at the start of a training."""

    @staticmethod
    def generator_loss(x):
        """x = logits of D(fake), shape (batch, 1). Returns a scalar."""
        return -tf.reduce_mean(tf.nn.softplus(x))


class NoisyGAN(DenseGAN):
    """The discriminator sees every example with normal noise. Arguments: see `gan.model.GAN`; and

    Args:
        noise: its standard deviation at the start.
        half_life: steps after which it is half as large.
    """

    def __init__(self, *arguments, noise=.5, half_life=4000, **options):
        super().__init__(*arguments, **options)
        self.half_life = checks.whole_number("half_life", half_life)
        self.add_number("noise", noise)

    def blurred(self, sample):
        return sample + self.noise * self.drawn(lambda: tf.random.normal(sample.shape))

    def train_step(self, useless_argument):
        """As DenseGAN's; also returns the noise."""
        for _ in range(self.disc_iter):
            real_sample, fake_sample = self.blurred(self.get_real_sample()), self.blurred(self.get_fake_sample())
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.blurred(self.get_fake_sample(training=True))
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        update(self.generator, tape, gen_loss)
        self.noise.assign(self.noise * 2 ** (-1 / self.half_life))
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": accuracy(real_values, fake_values),
                "noise": self.noise}


class UnrolledGAN(DenseGAN):
    """The generator plays against the discriminator of the near future. Arguments: see `gan.model.GAN`; and

    Args:
        unrolled: updates of the discriminator that the generator looks ahead; 0 is DenseGAN.
        unrolled_rate: their step size; they are plain gradient steps. With .3 the generator finds nothing.

    The discriminator has dense layers only.
    """

    def __init__(self, *arguments, unrolled=5, unrolled_rate=.03, **options):
        super().__init__(*arguments, **options)
        self.unrolled = checks.whole_number("unrolled", unrolled, smallest=0)
        self.unrolled_rate = checks.number("unrolled_rate", unrolled_rate)

    def values(self, weights, examples):
        """The discriminator's values with these weights in the place of its own."""
        x = examples
        for layer, kernel, bias in zip(self.discriminator.layers, weights[::2], weights[1::2]):
            x = layer.activation(x @ kernel + bias)
        return x

    def looked_ahead(self, real_sample, fake_sample):
        """The discriminator's weights after the updates that these examples would cause; the gradient goes through."""
        weights = [tf.convert_to_tensor(weight) for weight in self.discriminator.trainable_variables]
        for _ in range(self.unrolled):
            with tf.GradientTape() as tape:
                tape.watch(weights)
                loss = self.discriminator_loss(self.values(weights, real_sample), self.values(weights, fake_sample))
            gradients = tape.gradient(loss, weights)
            weights = [weight - self.unrolled_rate * gradient for weight, gradient in zip(weights, gradients)]
        return weights

    def train_step(self, useless_argument):
        """As DenseGAN's with one update of the discriminator, but for what the generator plays against."""
        real_sample, fake_sample = self.get_real_sample(), self.get_fake_sample(training=True)
        with tf.GradientTape() as tape:
            real_values = self.discriminator(real_sample, training=True)
            fake_values = self.discriminator(fake_sample, training=True)
            discr_loss = self.discriminator.loss(real_values, fake_values)
        update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            weights = self.looked_ahead(real_sample, fake_sample)
            gen_loss = self.generator.loss(self.values(weights, fake_sample))
        update(self.generator, tape, gen_loss)
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": accuracy(real_values, fake_values)}


# --------------------------------------------------------- training, measuring

SLOWLY = .0001  # a tenth of the generator's rate
# the class, the learning rates of generator and discriminator, other arguments
RUNS = {
    "GAN": (DenseGAN, .001, SLOWLY, {}),
    "saturating": (SaturatingGAN, .001, SLOWLY, {}),
    "LSGAN": (LSGAN, .001, SLOWLY, {}),
    "input noise": (NoisyGAN, .001, SLOWLY, {}),
    "unrolled": (UnrolledGAN, .001, SLOWLY, {}),
    "WGAN-GP": (WGAN_GP, .001, .001, {}),
    "equal rates": (DenseGAN, .001, .001, {}),
}
EPOCHS = 5  # the points are looked at after each


def train(name, options, training_name=None):
    """Train in that way; returns the points at the start and after each epoch, a list of arrays (SAMPLES, 2)."""
    chosen_type, rate, discr_rate, more = RUNS[name]
    G = chosen_type(*ring_GenDiscr(), ring(2000), batch_size=options.batch, learning_rate=rate, **more)
    G.discriminator.optimizer.learning_rate = discr_rate
    latent = G.latent_generator(SAMPLES)
    record = training.Record(lambda: np.asarray(G.generator(latent, training=False)), range(options.epochs + 1))
    G.compile(steps_per_execution=min(500, options.steps))
    training.fit(G, options, training_name, [record], [record], steps_per_epoch=options.steps)
    return [points for _, points in record.sheets]


def measure(name, seed, steps=None):
    """Modes and share at the start and after each epoch; see CLAIMS."""
    training.set_seeds(seed)
    steps = steps or 5000
    rows = [found(points) for points in train(name, training.settings(epochs=EPOCHS, steps=steps, batch=64))]
    return {f"{figure}, {i * steps:,} steps": row[figure] for figure in ("modes", "share")
            for i, row in enumerate(rows)}


CLAIMS = [("eight Gaussians", name, partial(measure, name)) for name in RUNS]


# --------------------------------------------------------- pictures

INK = "0.15"
TITLE = {"fontsize": 30, "fontweight": "bold", "color": INK, "va": "center"}


def _ring_axis(figure, place):
    """A square with the eight Gaussians: three standard deviations would be too small to be seen."""
    from gan.figures import REAL
    axis = figure.add_subplot(place)
    axis.set(xlim=(-2.75, 2.75), ylim=(-2.75, 2.75), xticks=(), yticks=(), aspect="equal", anchor="S")
    for spine in axis.spines.values():
        spine.set_color("0.85")
    axis.scatter(*CENTRES.T, s=95, facecolor="0.88", edgecolor="none")
    axis.scatter(*CENTRES.T, s=5, color=REAL)
    return axis


def visualize_rings(runs, steps):
    """What each generator made on the way, a strip for each way to train; `runs`: dict of name -> arrays (n, 2)."""
    from gan.backend import plt
    from gan.figures import GENERATOR, REAL
    strips, count = [*runs.items(), ("", None)], len(next(iter(runs.values())))
    rows = -(-len(strips) // 2)
    figure = plt.figure(figsize=(16, (.68 + 7.3 / count) * rows + 1.4), facecolor="white")
    height = figure.get_figheight()
    figure.text(.015, 1 - .48 / height, "Eight Gaussians: who finds them all?", **TITLE)
    grid = figure.add_gridspec(rows, 2, left=.015, right=.985, top=1 - 1.05 / height, bottom=.12 / height, wspace=.05,
                               hspace=0)
    for number, (name, clouds) in enumerate(strips):
        place = grid[number % rows, number // rows].subgridspec(1, count, wspace=.03)
        for i, points in enumerate(clouds or ()):
            axis = _ring_axis(figure, place[i])
            axis.scatter(*points[:500].T, s=5, color=GENERATOR, alpha=.6, lw=0)
            if i == 0:
                axis.text(0, 1.07, name, transform=axis.transAxes, fontsize=19, fontweight="bold", color=INK)
            if i == count - 1:
                last = found(points)
                axis.text(1, 1.07, f"{last['modes']} of {MODES}, {last['share']:.0%}", transform=axis.transAxes,
                          ha="right", fontsize=18, color=GENERATOR)
            if number % rows == 0:
                axis.annotate(f"{i * steps:,}", (.5, 1), xycoords="axes fraction", xytext=(0, 32), ha="center",
                              textcoords="offset points", fontsize=15, color="0.4")
    axis = _ring_axis(figure, place[0])
    for i, (text, color) in enumerate((("the eight Gaussians", REAL), ("500 made points", GENERATOR),
                                       ("modes found, points near one", GENERATOR))):
        axis.text(1.15, .8 - .3 * i, text, transform=axis.transAxes, fontsize=19, color=color, va="center")
    return figure


def visualize_modes(runs, steps):
    """Two tables, modes covered and share of good points, step by step; `runs`: dict of name -> arrays (n, 2)."""
    from gan.backend import plt
    from gan.figures import GENERATOR
    rows = {name: [found(points) for points in clouds] for name, clouds in runs.items()}
    count = len(next(iter(rows.values())))
    figure = plt.figure(figsize=(16, .85 * len(rows) + 2.4), facecolor="white")
    height = figure.get_figheight()
    for left, title, key, most in ((.16, "modes covered, of eight", "modes", MODES),
                                   (.6, "points near a mode", "share", 1)):
        figure.text(left, 1 - .55 / height, title, **TITLE)
        axis = figure.add_axes((left, .2 / height, .385, 1 - 1.4 / height))
        axis.set(xlim=(0, count), ylim=(-len(rows), .75))
        axis.axis("off")
        for i, (name, figures) in enumerate(rows.items()):
            if key == "modes":
                axis.text(-.15, -i - .5, name, ha="right", va="center", fontsize=21, color=INK)
            for j, figure_of in enumerate(figures):
                value = figure_of[key]
                axis.add_patch(plt.Rectangle((j + .03, -i - .95), .94, .9, color="0.95", lw=0))
                axis.add_patch(plt.Rectangle((j + .03, -i - .95), .94, .9, color=GENERATOR, alpha=value / most, lw=0))
                axis.text(j + .5, -i - .5, f"{value}" if key == "modes" else f"{value:.0%}", ha="center", va="center",
                          fontsize=19, color="white" if value > .6 * most else INK)
        for j in range(count):
            axis.text(j + .5, .3, f"{j * steps:,}", ha="center", va="center", fontsize=16, color="0.4")
    return figure


def main(argv=None):
    from beyond.common import script
    parser = script.parser("ring", __doc__, dict(steps=1000), data=None, epochs=EPOCHS, steps=5000, batch=64)
    parser.add_argument("--only", nargs="+", choices=RUNS, metavar="NAME", help=f"of {', '.join(RUNS)}")
    options = script.start(parser, argv)
    runs = {}
    for name in options.only or RUNS:
        training.set_seeds(options.seed)
        of_training = training.settings(**{key: value for key, value in vars(options).items() if key != "only"})
        runs[name] = train(name, of_training, f"ring-{name.replace(' ', '-')}")
    print(f"{'modes, share':13}" + "".join(f"{i * options.steps:>12,}" for i in range(len(runs[name]))))
    for name, clouds in runs.items():
        print(f"{name:13}" + "".join(f"{row['modes']:6d}, {row['share']:.2f}" for row in map(found, clouds)))
    plots = [visualize_rings(runs, options.steps), visualize_modes(runs, options.steps)]
    script.finish(plots[0], options, "ring-points.png")
    script.finish(plots[1], options, "ring-modes.png")
    print("What you see: each strip is a way to train, from the first step to the last. In a mode collapse the "
          "points sit on few of the eight grey discs, and jump from one to another as the training goes on.")
    return plots


if __name__ == "__main__":
    main()
