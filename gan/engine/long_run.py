"""Long trainings that lose nothing: a checkpoint every few minutes, a clean stop, and going on as if never stopped."""

import contextlib
import hashlib
import io
import json
import os
import signal
import sys
import threading
import time
import zipfile

import numpy as np
from tensorflow import keras

from gan.engine import settings as deciding
from gan.files import store

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

VERSION = 1  # of the checkpoints' layout
MOST_NAMED = 6  # differences that a message names
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class LongRun(keras.callbacks.Callback):
    """A training that stores itself: `LongRun(...).fit(G, ...)` in place of `G.fit(...)`.

    A checkpoint is one file, `NAME-STEPS.npz`, written whole or not at all; the newest two are kept. It holds the
    variables of networks and optimizers, the place in the training, and the state of the `parts`. One is written every
    few minutes, at the end, and when Ctrl-C or SIGTERM stop the training, after the step that is running.

    To go on, the random numbers of the steps that are done are drawn again and dropped (`skip_steps`). So a training
    that was killed at any moment ends with the weights of one that ran through.

    Args:
        folder: where checkpoints are written; made if need be.
        name: begins their names.
        settings: a dict of what tells this training from others, beside what the model itself tells (its class,
            sizes, examples, the generation of Keras). A checkpoint with other settings is refused.
        every: minutes between two checkpoints.
        resume: whether to go on from the newest checkpoint in the folder; without one the training begins.
        parts: callbacks with more to keep: `state()`, a dict of arrays, and `restore(state)`.
    """

    def __init__(self, folder, name, settings, every=3., resume=False, parts=()):
        super().__init__()
        self.folder, self.name, self.every, self.resume, self.parts = folder, name, every, resume, parts
        self.settings = json.loads(json.dumps(settings))  # as they come back from a file
        self.steps = self.epoch = 0  # done: all steps, and the whole epochs among them
        self.stage = self.before_stage = 0  # see `fit`
        self.history = {}  # as Keras's History, of all epochs
        self.signal = self.last = None

    # ------------------------------------------------------------ the training

    def fit(self, G, epochs, steps_per_epoch=None, callbacks=(), **options):
        """G.fit with these arguments, or what is left of it after the newest checkpoint.

        G is a `System`, or a `PlainFit`, which takes its examples as `x`.

        Raises:
            SystemExit: the training was stopped by a signal (exit code 128 + its number) or by a loss that is not
                finite, or the checkpoint cannot be used; the message says why and how to go on.
        """
        self.set_model(G)
        self.G = G
        examples = np.ascontiguousarray(options["x"] if "x" in options else next(iter(G.data_sets.values()), 0.))
        self.settings |= {**G.get_config(), "class": type(G).__name__, "steps_per_epoch": steps_per_epoch,
                          "data": hashlib.sha256(examples).hexdigest()[:16],
                          "Keras": 3 if hasattr(keras, "ops") else 2}
        self.settings |= {name: value for name, value in deciding.described(G).items() if name not in self.settings}
        G.can_skip, G.train_function = True, None
        self.restored, self.earlier = [], []
        self.stage, self.before_stage = G.stage, 0  # of a model that grows, and the steps done before this stage
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self._alone())
                self._look_around(epochs)
            except OSError as error:
                sys.exit(f"cannot write checkpoints into the folder {str(self.folder)!r}: {error.strerror or error}")
            except ValueError as error:
                sys.exit(str(error))
            self._train(G, epochs, steps_per_epoch, callbacks, options)

    def _train(self, G, epochs, steps_per_epoch, callbacks, options):
        try:
            with self._signals_noted():
                if self.epoch < epochs:
                    G.fit(epochs=epochs, steps_per_epoch=steps_per_epoch, initial_epoch=self.epoch,
                          callbacks=[*callbacks, self], **options)
                else:
                    G.history = keras.callbacks.History()
                    self._complete_history()
                self._stop_if_asked()
        except FloatingPointError as error:
            sys.exit(f"\n{self.name}: {error} (epoch {self.epoch + 1}).\n" + (
                f"The last good checkpoint is {str(self.last)!r}." if self.last else "There is no checkpoint yet."))

    def on_epoch_begin(self, epoch, logs=None):
        self.G.begin_epoch(self.restored)
        self.restored = []
        self.counted = len(self.G.epoch_losses)
        if self.G.stage != self.stage:  # its networks are others, and so is the graph that draws
            self.stage, self.before_stage = self.G.stage, self.steps

    def on_train_begin(self, logs=None):
        self.written = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        self._count(batch)
        self._write_if_due()

    def on_epoch_end(self, epoch, logs=None):
        self.epoch = epoch + 1
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        if not self.G.epoch_losses:  # then it could not go on within the epoch
            self._write_if_due()

    def on_train_end(self, logs=None):
        self._complete_history()
        self._write([])

    def _write_if_due(self):
        if self.signal or time.monotonic() - self.written >= 60 * self.every:
            self._write(self.G.epoch_losses)
            self._stop_if_asked()

    def _complete_history(self):
        """Give fit's history the epochs of the interrupted runs as well."""
        self.G.history.epoch, self.G.history.history = list(range(self.epoch)), self.history

    def _count(self, batch):
        done = len(self.G.epoch_losses) or batch + 1
        self.steps += done - self.counted
        self.counted = done

    @contextlib.contextmanager
    def _alone(self):
        """While the block runs, no other process trains into the folder; a process that dies gives it back.

        Raises:
            ValueError: another one does.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if fcntl is None:
            yield
            return
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ValueError(f"another training is writing checkpoints into {str(self.folder)!r}; wait until it "
                                 "ends, or choose another folder") from None
            except OSError:  # some network drives have no locks
                pass
            yield
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _signals_noted(self):
        """While the block runs, the first Ctrl-C or SIGTERM is noted, and the second acts as usual."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}

        def note(number, frame):
            self.signal = number
            for one, handler in before.items():
                signal.signal(one, handler)

        for number in SIGNALS:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop_if_asked(self):
        if self.signal:
            kept = f"saved {self.last}" if self.last else "no checkpoint could be written"
            print(f"\n{self.name}: stopped after {self.steps} steps (epoch {self.epoch + 1}); {kept}; "
                  "the same command with --resume goes on", flush=True)
            sys.exit(128 + self.signal)

    # ------------------------------------------------------------- checkpoints

    def _write(self, losses):
        """Write a checkpoint if it is a good one. A failure is said, and the training goes on.

        Args:
            losses: of the steps of the epoch that is not finished.
        """
        self.written = time.monotonic()
        arrays = {f"variable_{i}": variable.numpy() for i, variable in enumerate(self.G.trained_variables())}
        if not all(np.isfinite(array).all() for array in arrays.values()):
            return  # a loss will tell in the next step
        place = {"version": VERSION, "settings": self.settings, "steps": self.steps, "epoch": self.epoch,
                 "history": self.history, "losses": [dict(row) for row in losses], "rates": self.G.rates()}
        if self.stage:
            place |= {"stage": self.stage, "before_stage": self.before_stage}
        for i, part in enumerate(self.parts):
            arrays |= {f"part_{i}_{key}": value for key, value in part.state().items()}
        path = self.folder / f"{self.name}-{self.steps:08d}.npz"
        try:
            memory = io.BytesIO()  # NumPy's own way to a full disk is a traceback of zipfile
            np.savez(memory, place=json.dumps(place), **arrays)
            store(path, memory.getvalue())
        except OSError as error:
            last = f"the last checkpoint is {str(self.last)!r}" if self.last else "there is no checkpoint yet"
            print(f"\n{self.name}: could not write the checkpoint {str(path)!r} ({error.strerror or error}). The "
                  f"training goes on; {last}", flush=True)
            return
        self.last = path
        for old in self.earlier or self._found()[:-2]:
            if old != path:
                old.unlink(missing_ok=True)
        self.earlier = []

    def _found(self):
        return sorted(self.folder.glob(f"{self.name}-{'[0-9]' * 8}.npz"))

    def _look_around(self, epochs):
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise PermissionError(None, "it is read-only")
        for half_written in self.folder.glob(f".*-part-{self.name}-*.npz"):
            half_written.unlink()
        found = self._found()
        if self.resume and found:
            self._go_back(found[-1], epochs)
        elif self.resume:
            print(f"{self.name}: no checkpoint in {str(self.folder)!r}, so this is the beginning", flush=True)
        elif found:
            self.earlier = found
            print(f"{self.name}: the checkpoints of an earlier training in {str(self.folder)!r} will be replaced in "
                  f"{self.every:g} minutes; --resume would go on with it", flush=True)

    def _go_back(self, path, epochs):
        place, arrays = self._read(path)
        if place["epoch"] > epochs:
            raise ValueError(f"--resume: {str(path)!r} has trained {place['epoch']} epochs, more than the {epochs} "
                             "that are asked for; nothing was changed")
        self.stage, self.before_stage = place.get("stage", 0), place.get("before_stage", 0)
        while self.G.stage < self.stage:
            self.G.next_stage()
        variables = self.G.trained_variables()
        stored = [arrays.get(f"variable_{i}") for i in range(len(variables))]
        if f"variable_{len(variables)}" in arrays or any(
                value is None or value.shape != tuple(variable.shape) for value, variable in zip(stored, variables)):
            raise ValueError(f"--resume: {str(path)!r} is a checkpoint of other networks; nothing was changed")
        self._restore_parts(path, arrays)
        if not self.G.skip_steps(place["steps"] - self.before_stage):
            print(f"{self.name}: this training draws random numbers in its own way; it goes on with others than "
                  "without the stop", flush=True)
        elif self.G.draws_in_python:
            print(f"{self.name}: some random numbers are made by Python or NumPy; they were drawn once more, and are "
                  "those of a training without the stop if they follow the seed", flush=True)
        for variable, value in zip(variables, stored):
            variable.assign(value)
        self.G.set_rates(place["rates"])
        self.steps, self.epoch, self.restored, self.last = place["steps"], place["epoch"], place["losses"], path
        self.history = place["history"]
        print(f"{self.name}: going on after {self.steps} steps ({self.epoch} whole epochs)", flush=True)

    def _restore_parts(self, path, arrays):
        for i, part in enumerate(self.parts):
            start = f"part_{i}_"
            try:
                part.restore({key[len(start):]: value for key, value in arrays.items() if key.startswith(start)})
            except Exception as error:  # each part has its own
                raise ValueError(f"--resume: {str(path)!r} is damaged, or of a training with other callbacks "
                                 f"({type(part).__name__}: {type(error).__name__} {error})") from error

    def _read(self, path):
        """The place and the arrays of a checkpoint of this training.

        Raises:
            ValueError: it is damaged, or of a training with other settings.
        """
        try:
            with zipfile.ZipFile(path) as archive:  # it is written unpacked: packed, it may be larger than any memory
                if any(entry.compress_type or entry.file_size > path.stat().st_size for entry in archive.infolist()):
                    raise ValueError("it is packed")
            with np.load(path) as file:
                arrays = dict(file)
            place = json.loads(str(arrays.pop("place")))
            version, settings = place["version"], place["settings"]
            if version == VERSION:
                self._check_place(place, arrays)
        except Exception as error:  # zipfile, zlib, NumPy and json each raise their own kinds
            others = [str(other) for other in self._found() if other != path]
            hint = f"Remove it, and --resume goes on from {others[-1]!r}" if others else "There is no other one"
            raise ValueError(f"--resume: {str(path)!r} is damaged ({error}). {hint}") from error
        if version != VERSION:
            raise ValueError(f"--resume: {str(path)!r} has layout {version}, this program reads layout {VERSION}")
        names = sorted({*settings, *self.settings})
        if settings.get("Keras") != self.settings["Keras"]:  # then hardly any other setting is written alike
            names = ["Keras"]
        other = [f"{name} {settings.get(name)} instead of {self.settings.get(name)}" for name in names
                 if settings.get(name) != self.settings.get(name)]
        if other:
            more = f" and {len(other) - MOST_NAMED} more" if len(other) > MOST_NAMED else ""
            raise ValueError(f"--resume: {str(path)!r} is of another training: {', '.join(other[:MOST_NAMED])}{more}")
        return place, arrays

    @staticmethod
    def _check_place(place, arrays):
        """ValueError or TypeError if the parts of a checkpoint are not what `_write` makes them."""
        counts = place["steps"], place["epoch"]
        if any(type(count) is not int or count < 0 for count in counts):
            raise ValueError(f"steps and epoch are {counts}")
        stage = place.get("stage", 0), place.get("before_stage", 0)
        if any(type(count) is not int or count < 0 for count in stage) or max(stage) > place["steps"]:
            raise ValueError(f"its stage and the steps before that are {stage}")
        if not isinstance(place["settings"], dict) or not isinstance(place["history"], dict):
            raise TypeError("its settings or its history are no dict")
        if not all(np.isfinite(rate) and rate >= 0 for rate in place["rates"]):
            raise ValueError(f"the learning rates are {place['rates']}")
        losses = [value for row in [*place["losses"], *map(dict, [place["history"]])] for value in row.values()]
        if not np.isfinite(np.hstack(losses) if losses else 0.).all():
            raise ValueError("a loss is not finite")
        for name, array in arrays.items():
            if name.startswith("variable_") and (array.dtype.kind not in "fiub" or not np.isfinite(array).all()):
                raise ValueError(f"{name} holds values that are no finite numbers")
