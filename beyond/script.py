"""What the main scripts of the systems share, beside `gan.script`: `--data`, `--quick`, samples on the way.

    parser = script.parser(__doc__, data="mnist", epochs=200, steps=500, quick=dict(data="digits", epochs=10))
    options = script.start(parser, argv)
    pictures = script.pictures(options)

`--quick` puts the settings of the dict `quick` in the place of the defaults; options given beside it still count.
"""

import argparse
import functools
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond import data, figures
from gan import script

# Options that do not tell one training from another, or do not stand in a checkpoint's settings as they are.
ELSEWHERE = {"seed", "out", "no_show", "quick", "resume", "save_every", "strategy"}
FEWEST = 12  # pictures; what the measures of quality need
TimeLeft, finish, set_seeds = script.TimeLeft, script.finish, script.set_seeds
positive, positive_number, zero_or_more = script.positive, script.positive_number, script.zero_or_more
whole_number = script.whole_number
width = script.whole_number(1, 4096)  # of a layer


def parser(description, quick, data="digits", epochs=None, steps=None, seed=0, batch=None, rate=None):
    """`gan.script.parser` with `--data`, and `--quick` for the settings in the dict `quick`.

    `batch` and `rate` give `--batch` and `--rate` with these defaults; with `epochs` there are `--resume` and
    `--save-every` as well.
    """
    result = script.parser(description, epochs, steps, seed)
    if epochs:
        script.add_long_run(result)
    if batch:
        result.add_argument("--batch", type=positive, default=batch, metavar="N",
                            help=f"examples in a sample (default {batch})")
    if rate:
        result.add_argument("--rate", type=positive_number, default=rate, metavar="X",
                            help=f"learning rate (default {rate})")
    result.add_argument("--data", default=data, metavar="NAME",
                        help=f"digits, mnist, fashion, faces or a folder of pictures (default {data})")
    settings = ", ".join(f"--{name.replace('_', '-')} {value}" for name, value in quick.items())
    result.add_argument("--quick", action="store_true", help=f"show the effect in some minutes: {settings}")
    result.quick = quick
    return result


def start(parser, argv=None):
    """As `gan.script.start`, after `--quick` has changed the defaults."""
    # One of TensorFlow's graph optimizations stumbles over a convolution before a LeakyReLU; it prints errors about
    # that, and leaves the graph as it was.
    tf.config.optimizer.set_experimental_options({"remapping": False})
    if "--quick" in (sys.argv[1:] if argv is None else argv):
        parser.set_defaults(**parser.quick)
    return script.start(parser, argv)


def pictures(options, size=28, channels=1, most=None, labelled=False):
    """The pictures of `--data` (`beyond.data.Pictures`), which the script names; without them it ends in one line.

    So it does with fewer than a batch of them, or than FEWEST, and if it needs classes (`labelled`) that are not known.
    """
    try:
        result = data.load(options.data, size, channels, most)
    except ValueError as error:
        sys.exit(str(error))
    if labelled and result.train_labels is None:
        sys.exit(f"data: this script needs pictures with classes (digits, mnist, fashion), got {result}")
    if len(result.train) < FEWEST:
        sys.exit(f"data: expected at least {FEWEST} pictures, got {result}")
    if getattr(options, "batch", 1) > len(result.train):
        sys.exit(f"--batch: expected at most {len(result.train)}, the number of pictures, got {options.batch}")
    print(f"data: {result}", flush=True)
    return result


class Record(keras.callbacks.Callback):
    """Keeps what each training step returned, and pictures drawn at some epochs.

    Args:
        draw: function without arguments -> pictures (n, h, w, channels) in [0, 1]. It should use the same latent
            vectors at every call; random numbers that it takes would change the training.
        epochs: after which epochs to draw, 0 before the training; default: five or so, evenly spaced.

    Attributes:
        losses: dict of name -> list of values, one a step for a `gan.model.GAN`, one an epoch for other models.
        sheets: list of (title, pictures).
    """

    def __init__(self, draw, epochs=None):
        super().__init__()
        self.draw, self.epochs = draw, epochs
        self.losses, self.sheets = {}, []

    def on_train_begin(self, logs=None):
        count = self.params["epochs"]
        self.drawn_at = {0, *np.linspace(0, count, 6).round().astype(int)} if self.epochs is None else set(self.epochs)
        if not self.sheets:  # else it goes on from a checkpoint
            self._sheet(0)

    def on_epoch_end(self, epoch, logs=None):
        for step in getattr(self.model, "_epoch_losses", None) or [logs]:
            for name, value in step.items():
                self.losses.setdefault(name, []).append(float(value))
        self._sheet(epoch + 1)

    def state(self):
        """What a checkpoint keeps of it, see `gan.long_run.LongRun`."""
        return {**{f"losses {name}": np.array(values) for name, values in self.losses.items()},
                **{f"sheet {title}": pictures for title, pictures in self.sheets}}

    def restore(self, state):
        for key, value in state.items():
            kind, name = key.split(" ", 1)
            if kind == "losses":
                self.losses[name] = value.tolist()
            else:
                self.sheets.append((name, value))

    def last(self):
        """The mean of the last tenth of each list of losses."""
        return {name: float(np.mean(values[-max(1, len(values) // 10):])) for name, values in self.losses.items()}

    def _sheet(self, epoch):
        if epoch in self.drawn_at:
            self.sheets.append((f"epoch {epoch}", np.asarray(self.draw())))


def settings(**values):
    """Options as `start` gives them, without a command line; for measurements."""
    return argparse.Namespace(**values)


def fit_of(G, options, name, parts=()):
    """`G.fit`, or if the training has a name, the same with checkpoints, from which `--resume` goes on."""
    if not name:
        return G.fit
    settings = {key: value for key, value in vars(options).items() if key not in ELSEWHERE}
    return functools.partial(script.long_run(options, name, name, parts, **settings).fit, G)


def train_GAN(G, options, to_unit=lambda pictures: pictures, columns=9, latent_vectors=None, draw=None, name=None):
    """Train with one line of progress; returns the `Record` with sheets of columns x columns samples.

    Args:
        G: a `gan.model.GAN`.
        options: of the command line, with epochs and steps.
        name: of the training, beginning with the script's: with it there are checkpoints, and `--resume` goes on.
        to_unit: from the generator's pictures to [0, 1]: `data.unit` for one that ends in tanh.
        columns: the sheets have columns x columns pictures of the same latent vectors.
        latent_vectors: for the sheets; default: drawn from the seed.
        draw: in place of the three above, see `Record`.
    """
    if draw is None:
        latent = G.latent_generator(columns ** 2) if latent_vectors is None else latent_vectors

        def draw():
            return to_unit(np.asarray(G.generator(latent, training=False)))
    record = Record(draw)
    fit = fit_of(G, options, name, [record])
    # With checkpoints few steps a call: Ctrl-C waits for the call that is running.
    G.compile(steps_per_execution=min(options.steps, 10 if name else 50))
    fit(epochs=options.epochs, steps_per_epoch=options.steps, verbose=0,
        callbacks=[record, TimeLeft(type(G).__name__)])
    return record


def finish_GAN(record, pictures, options, name, columns=9, title=None, row_names=None):
    """Draw real pictures beside the sheets of the training, and the losses; save both; returns the two figures."""
    real = pictures.train[:columns ** 2]
    sheets = figures.visualize_sheets([("real", real), *record.sheets], columns, panel_columns=4, title=title)
    losses = figures.visualize_losses([(title or type(record.model).__name__, record.losses)])
    finish(sheets, options, f"{name}-samples.png")
    finish(losses, options, f"{name}-losses.png")
    return [sheets, losses]
