"""Do gradients vanish in 49 dimensions? The three classes of the course, looked at while they train.

On a cloud in 49 dimensions Simple_GAN and WGAN_clip fail, and WGAN_GP does not. The course gives vanishing gradients as
the reason, and says that WGAN_GP oscillates slightly. Both are measured here, with the course's networks and settings.
After every epoch, of fixed latent vectors and real points:

    slope      norm of the gradient of D at a fake, mean: what D tells the generator about its examples
    gradient   norm of the gradient of the generator's loss in its weights: what the generator learns from
    sure       share of the examples, real and fake, with |D| > .99. D ends in tanh, which is flat there
    moved      how far the generator's weights go in the epoch. Adam divides a gradient by its own usual size. So a
               gradient that is small all the time does not stop the weights, until it is near Adam's epsilon, 1e-7
    msdcc      mean squared distance of the fakes to the centre of the cloud; expected .1225
    dbc        squared distance of the fakes' barycentre to it; expected .0001225 for 1,000 points

WGAN_GP oscillates if dbc goes up and down at the end: `swing` is its standard deviation over the last third of the
looks, divided by its mean.

    python -m beyond.gradients           25,000 steps of each, as `0-main_21`
    python -m beyond.gradients --quick   5,000 steps of each
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import training
from gan.examples import cloud_in_the_corner
from gan.indicators import (
    expected_mean_squared_dist_cloud_to_center,
    expected_squared_dist_barycenter_to_center,
    mean_squared_dist_cloud_to_center,
    squared_dist_barycenter_to_center,
)
from gan.networks import fully_connected_GenDiscr

SYSTEM = {
    "family": "theory",
    "line": "do gradients vanish in 49 dimensions? The three classes of the course, looked at while they train",
    "totals": {},
    "quick": "1 minute",
}

CLASSES = {kind.__name__: kind for kind in (__import__("0-simple_gan").Simple_GAN, __import__("1-wgan_clip").WGAN_clip,
                                            __import__("2-wgan_gp").WGAN_GP)}
N, SIGMA = 49, .05
SHAPE = [N, 2 * N, 2 * N, N]
SAMPLES = 1000
EPOCHS = 100
EXPECTED = {"msdcc": expected_mean_squared_dist_cloud_to_center(N, SIGMA, SAMPLES),
            "dbc": expected_squared_dist_barycenter_to_center(N, SIGMA, SAMPLES)}


def norm(tensors):
    """The Euclidean norm of several tensors as one vector."""
    return float(np.sqrt(sum(np.sum(np.square(np.asarray(tensor, "float64"))) for tensor in tensors)))


def looked_at(G, latent_vectors, real):
    """slope, gradient, sure, msdcc and dbc of a GAN as it is; it does not change. See the top of the module."""
    with tf.GradientTape() as tape:
        fakes = G.generator(latent_vectors, training=False)
        values = G.discriminator(fakes, training=False)
        loss = G.generator.loss(values)
    gradients = tape.gradient(loss, G.generator.trainable_variables)
    with tf.GradientTape() as tape:
        tape.watch(fakes)
        fake_values = G.discriminator(fakes, training=False)
    slopes = np.linalg.norm(tape.gradient(fake_values, fakes), axis=1)
    both = np.concatenate([values, G.discriminator(real, training=False)])
    fakes = np.asarray(fakes)
    return {"slope": float(np.mean(slopes)), "gradient": norm(gradients), "sure": float(np.mean(np.abs(both) > .99)),
            "msdcc": float(mean_squared_dist_cloud_to_center(fakes)),
            "dbc": float(squared_dist_barycenter_to_center(fakes))}


class Looks(keras.callbacks.Callback):
    """Looks at a GAN before its training and after every epoch.

    Attributes:
        rows: one dict a look; `moved` is 0 in the first.
    """

    def __init__(self, latent_vectors, real):
        super().__init__()
        self.latent_vectors, self.real, self.rows = latent_vectors, real, []

    def on_train_begin(self, logs=None):
        self.last = self.model.generator.get_weights()
        self.look()

    def on_epoch_end(self, epoch, logs=None):
        self.look()

    def look(self):
        weights = self.model.generator.get_weights()
        moved = norm([new - old for new, old in zip(weights, self.last)])
        self.last = weights
        self.rows.append({**looked_at(self.model, self.latent_vectors, self.real), "moved": moved})


# --------------------------------------------------------- training, measuring

def train(name, options):
    """Train that class on the cloud; returns what was seen at the start and after each epoch."""
    generator, discriminator, latent_generator = fully_connected_GenDiscr(SHAPE)
    real = cloud_in_the_corner(N, SIGMA, 10000)
    G = CLASSES[name](generator, discriminator, latent_generator, real, batch_size=200, learning_rate=3e-5)
    looks = Looks(latent_generator(SAMPLES), real[:SAMPLES])
    G.compile(steps_per_execution=options.steps)
    training.fit(G, options, callbacks=[looks], steps_per_epoch=options.steps)
    return looks.rows


def swing(values):
    """Standard deviation over the last third of the values, divided by their mean there."""
    last = np.asarray(values)[-max(2, len(values) // 3):]
    return float(np.std(last) / np.mean(last))


def measure(name, seed, steps=None):
    """What is seen early and at the end of 10,000 steps: see the top of the module."""
    training.set_seeds(seed)
    rows = train(name, training.settings(epochs=40, steps=steps or 250))
    early, end = rows[len(rows) // 10], rows[-1]
    return {**{f"{figure}, {when}": row[figure] for figure in ("slope", "gradient", "sure", "moved")
               for when, row in (("early", early), ("end", end))},
            "msdcc": end["msdcc"], "dbc": end["dbc"], "swing": swing([row["dbc"] for row in rows])}


CLAIMS = [("gradients in 49 dimensions", name, partial(measure, name)) for name in CLASSES]


# --------------------------------------------------------- pictures

PANELS = {"slope": "slope: norm of D's gradient at a fake",
          "gradient": "gradient: norm of that of the generator's loss",
          "moved": "moved: how far its weights go in an epoch",
          "sure": "sure: share of the examples with |D| > .99",
          "msdcc": "msdcc: mean squared distance of fakes to the centre",
          "dbc": "dbc: squared distance of their mean to it"}


def visualize_gradients(runs, steps):
    """Six panels over the steps, a line for each class; `runs`: name -> rows."""
    from gan.backend import plt
    figure, axes = plt.subplots(2, 3, figsize=(15, 7.5), layout="constrained")
    for axis, (key, title) in zip(axes.flat, PANELS.items()):
        for number, (name, rows) in enumerate(runs.items()):
            first = key == "moved"  # nothing has moved before the training
            axis.plot(steps * np.arange(first, len(rows)), [row[key] for row in rows][first:], lw=1.8,
                      color=("C3", "C4", "C2")[number], label=name)
        axis.set(title=title, xlabel="training step", xlim=(0, steps * (len(rows) - 1)))
        if key in EXPECTED:
            axis.axhline(EXPECTED[key], color="0.4", ls=":", label="expected")
            axis.set_yscale("log")
        elif key == "sure":
            axis.set_ylim(-.02, 1.02)  # it is a share
        else:
            axis.set_ylim(-.02 * axis.get_ylim()[1], None)  # what vanishes is seen above the frame
    lines, names = axes.flat[-1].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside lower center", ncols=len(names), frameon=False)
    figure.suptitle("Do gradients vanish in 49 dimensions?")
    return figure


def main(argv=None):
    from beyond.common import script
    parser = script.parser("gradients", __doc__, dict(epochs=20), data=None, epochs=EPOCHS, steps=250)
    options = script.start(parser, argv)
    runs = {}
    for name in CLASSES:
        training.set_seeds(options.seed)
        runs[name] = train(name, options)
    print(f"{'at the end':12}" + "".join(f"{key:>12}" for key in PANELS) + f"{'swing':>8}")
    for name, rows in runs.items():
        print(f"{name:12}" + "".join(f"{rows[-1][key]:12.3g}" for key in PANELS)
              + f"{swing([row['dbc'] for row in rows]):8.2f}")
    print(f"{'expected':12}{'':48}{EXPECTED['msdcc']:12.3g}{EXPECTED['dbc']:12.3g}")
    print("(" + "; ".join(PANELS.values()) + "; swing: how far dbc goes up and down in the last third of the training, "
          "1 is as far as its mean)")
    plots = [visualize_gradients(runs, options.steps)]
    script.finish(plots[0], options, "gradients.png")
    print("What you see: a slope near 0 tells the generator hardly anything about its examples. Once slope and "
          "gradient are 0, it stands still. In Simple_GAN and WGAN_clip the slope is small after --quick, and 0 some "
          "5,000 steps later. A class has learned the cloud if msdcc and dbc have come down to the dotted lines.")
    return plots


if __name__ == "__main__":
    main()
