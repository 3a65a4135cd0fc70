"""Does the loss tell how good the samples are? Three losses and the Frechet distance, side by side over a training.

The paper of the Wasserstein GAN says that its loss follows the quality: as the samples get better, the estimated
distance falls. The losses of other GANs say who is ahead in the game, and no more. The same dense networks are trained
with three losses. After each epoch of some steps, samples are compared with real pictures:

    GAN       the discriminator's loss, and the generator's
    WGAN      mean D(real) - mean D(fake), the estimated distance, with clipped weights
    WGAN-GP   the same, with a penalty

How far a loss and the quality go together is told by Spearman's rank correlation over the looks: 1 means that the one
always rises with the other, -1 that it always falls, 0 that they know nothing of each other. Everything that changes
steadily over a training goes together with everything else that does. So the correlation is also told of the second
half alone, and of the changes from one look to the next.

Arjovsky, Chintala and Bottou (2017), Wasserstein GAN, https://arxiv.org/abs/1701.07875.

Built on `beyond.dense_gan`, `beyond.lsgan` (its networks), `beyond.wgan` and `beyond.wgan_gp`.

    python -m beyond.loss_and_quality --quick     three trainings: loss and Frechet distance as curves
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
from scipy import stats
from tensorflow import keras

from beyond.common import data, training
from beyond.common.measures import Quality
from beyond.dense_gan import DenseGAN
from beyond.lsgan import dense_GenDiscr
from beyond.wgan import WGAN
from beyond.wgan_gp import WGAN_GP

SYSTEM = {
    "family": "measuring",
    "line": "does the loss tell how good the samples are? Three losses and the Frechet distance over a training",
    "totals": {},
    "quick": "4 minutes",
}

# the class, its arguments, and the losses that are looked at: the sign makes them fall while samples get better
RUNS = {
    "GAN": (DenseGAN, dict(learning_rate=.0002), {"discriminator's loss": ("discr_loss", 1),
                                                  "generator's loss": ("gen_loss", 1)}),
    "WGAN": (WGAN, dict(learning_rate=.0002, disc_iter=3), {"estimated distance": ("discr_loss", -1)}),
    "WGAN-GP": (WGAN_GP, dict(learning_rate=.0002, disc_iter=3), {"estimated distance": ("discr_loss", -1)}),
}
LOOKS = 20


class Watched(keras.callbacks.Callback):
    """After each epoch: the mean of each loss in it, and the Frechet distance of fresh samples.

    Args:
        losses: name -> (what the step returns, sign).
        distance: function of the GAN -> Frechet distance.

    Attributes:
        rows: one dict an epoch, the losses by their names, and `frechet`.
    """

    def __init__(self, losses, distance):
        super().__init__()
        self.losses, self.distance, self.rows = losses, distance, []

    def on_epoch_end(self, epoch, logs=None):
        steps = self.model.epoch_losses
        self.rows.append({**{name: sign * float(np.mean([step[key] for step in steps]))
                             for name, (key, sign) in self.losses.items()}, "frechet": self.distance(self.model)})


def together(losses, distances):
    """Rank correlation of a loss and the quality over all looks, over the second half, and of their changes: a dict.

    Where one of both never changes there is no rank, and the correlation counts as 0.
    """
    losses, distances = np.asarray(losses), np.asarray(distances)
    half = len(losses) // 2
    return {"all": _rank(losses, distances), "second half": _rank(losses[half:], distances[half:]),
            "changes": _rank(np.diff(losses), np.diff(distances))}


def _rank(a, b):
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.
    return float(stats.spearmanr(a, b)[0])


# --------------------------------------------------------- training, measuring

def train(name, pictures, quality, options):
    """Train with that loss; returns what was seen after each epoch, and a sheet of samples at the end."""
    kind, settings, losses = RUNS[name]
    G = kind(*dense_GenDiscr(), data.signed(pictures.train), batch_size=options.batch, **settings)
    latent_vectors = G.latent_generator(quality.size)

    def distance(G):
        return quality.compare(data.unit(G.generator(latent_vectors, training=False)))["frechet"]

    watched = Watched(losses, distance)
    G.compile(steps_per_execution=min(options.steps, 50))
    training.fit(G, options, callbacks=[watched], steps_per_epoch=options.steps)
    return watched.rows, data.unit(G.generator(latent_vectors[:81], training=False))


def correlations(name, rows):
    """Of each loss of that run, how far it goes together with the quality: {"loss, part": rank correlation}."""
    distances = [row["frechet"] for row in rows]
    return {f"{loss}, {part}": value for loss in RUNS[name][2]
            for part, value in together([row[loss] for row in rows], distances).items()}


def measure(name, seed, steps=None):
    """Correlations of one training on the embedded digits, and the Frechet distance at its first and last look."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    rows, _ = train(name, pictures, Quality(pictures), training.settings(epochs=LOOKS, steps=steps or 50, batch=50))
    return {**correlations(name, rows), "frechet, first look": rows[0]["frechet"], "last": rows[-1]["frechet"]}


CLAIMS = [("loss and quality", name, partial(measure, name)) for name in RUNS]


# --------------------------------------------------------- pictures

def visualize_looks(runs, steps):
    """A panel for each loss, with the Frechet distance over the same steps; `runs`: name -> rows."""
    from gan.backend import plt
    from gan.figures import DISCRIMINATOR, GENERATOR
    panels = [(name, loss, rows) for name, rows in runs.items() for loss in RUNS[name][2]]
    figure, axes = plt.subplots(1, len(panels), figsize=(4.6 * len(panels), 4), layout="constrained", squeeze=False)
    for axis, (name, loss, rows) in zip(axes.flat, panels):
        x = steps * np.arange(1, len(rows) + 1)
        values, distances = [row[loss] for row in rows], [row["frechet"] for row in rows]
        color = GENERATOR if loss == "generator's loss" else DISCRIMINATOR
        lines = axis.plot(x, values, color=color, lw=2, label=loss)
        right = axis.twinx()
        lines += right.plot(x, distances, color="0.35", ls="--", lw=2, label="Frechet distance")
        right.set(ylim=(0, 1.08 * max(distances)))
        axis.tick_params(axis="y", colors=color)
        axis.set(xlabel="training step", title=f"{name}: rank correlation {together(values, distances)['all']:.2f}")
        axis.legend(handles=lines, loc="upper center", bbox_to_anchor=(.5, -.17), ncols=2, frameon=False)
    figure.suptitle("Does the loss (left scale) tell how good the samples are (right scale)?")
    return figure


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("loss_and_quality", __doc__, dict(epochs=LOOKS, steps=50), epochs=100, steps=200, batch=50)
    options = script.start(parser, argv)
    if options.epochs < 3:
        parser.error("--epochs: expected at least 3, since what is looked at once or twice has no correlation; got "
                     f"{options.epochs}")
    pictures = script.pictures(options)
    quality = Quality(pictures)
    runs, sheets = {}, [("real", pictures.train[:81])]
    for name in RUNS:
        training.set_seeds(options.seed)
        print(f"{name}:", flush=True)
        runs[name], made = train(name, pictures, quality, options)
        sheets.append((name, made))
    for name, rows in runs.items():
        distances = [row["frechet"] for row in rows]
        print(f"{name}: Frechet distance {distances[0]:.1f} at the first look, {distances[-1]:.1f} at the last")
        for loss in RUNS[name][2]:
            found = together([row[loss] for row in rows], distances)
            print(f"  rank correlation of it and the {loss}: {script.line(found)}")
    script.meaning("frechet", all="the correlation over all looks", second_half="over those of the second half",
                   changes="of the changes from look to look")
    plots = [visualize_looks(runs, options.steps),
             figures.visualize_sheets(sheets, title="the same latent vectors at the end of each training")]
    script.finish(plots[0], options, "loss_and_quality.png")
    script.finish(plots[1], options, "loss_and_quality-samples.png")
    print("What you see: a loss that tells how good the samples are goes up and down with the dashed line. Then the "
          "rank correlation above the panel is near 1.")
    return plots


if __name__ == "__main__":
    main()
