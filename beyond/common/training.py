"""How a system trains: seeds, one line of progress, pictures drawn on the way, checkpoints.

The functions import `gan.script` when they are called, because it brings the command line and matplotlib: who only
wants the class of a system does not load those.
"""

import functools
from types import SimpleNamespace

import numpy as np
from tensorflow import keras

# Options that do not tell one training from another, or do not stand in a checkpoint's settings as they are.
ELSEWHERE = {"seed", "out", "no_show", "quick", "resume", "save_every", "strategy"}


def set_seeds(seed):
    """Seed Python (the initial weights), NumPy and TensorFlow (latent vectors, samples)."""
    from gan import script
    script.set_seeds(seed)


def settings(**values):
    """Options as `beyond.common.script.start` gives them, without a command line; for measurements."""
    return SimpleNamespace(**values)


def fit(G, options, name=None, callbacks=(), parts=(), **more):
    """Train G for `options.epochs` with one line of progress.

    Args:
        G: any model of `beyond`.
        options: of the command line, or `settings`.
        name: of the training, beginning with the system's. With it there are checkpoints, from which `--resume` goes
            on; without it there are none.
        callbacks: of Keras.
        parts: of what a checkpoint keeps, see `gan.engine.LongRun`.
        more: arguments of `G.fit`.
    """
    from gan import script
    train = G.fit
    if name:
        told_apart_by = {key: value for key, value in vars(options).items() if key not in ELSEWHERE}
        train = functools.partial(script.long_run(options, name, name, parts, **told_apart_by).fit, G)
    train(epochs=options.epochs, verbose=0, callbacks=[*callbacks, script.TimeLeft(type(G).__name__)], **more)


def train_GAN(G, options, to_unit=lambda pictures: pictures, columns=9, latent_vectors=None, draw=None, name=None):
    """Train a GAN with one line of progress; returns the `Record` with sheets of columns x columns samples.

    Args:
        G: a `gan.model.GAN`.
        options: of the command line, or `settings`, with epochs and steps.
        name: of the training, see `fit`.
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
    # With checkpoints few steps a call: Ctrl-C waits for the call that is running.
    G.compile(steps_per_execution=min(options.steps, 10 if name else 50))
    fit(G, options, name, [record], [record], steps_per_epoch=options.steps)
    return record


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
        self.sheets_at = {0, *np.linspace(0, count, 6).round().astype(int)} if self.epochs is None else set(self.epochs)
        if not self.sheets:  # else it goes on from a checkpoint
            self._sheet(0)

    def on_epoch_end(self, epoch, logs=None):
        for step in getattr(self.model, "epoch_losses", None) or [logs]:
            for name, value in step.items():
                self.losses.setdefault(name, []).append(float(value))
        self._sheet(epoch + 1)

    def state(self):
        """What a checkpoint keeps of it, see `gan.engine.LongRun`."""
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
        if epoch in self.sheets_at:
            self.sheets.append((f"epoch {epoch}", np.asarray(self.draw())))
