"""The line that a long training shows."""

import sys
import time

from tensorflow import keras


class TimeLeft(keras.callbacks.Callback):
    """One line for a whole training: the epoch, the losses and the time left."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def on_train_begin(self, logs=None):
        self.start, self.first = time.monotonic(), None

    def on_epoch_begin(self, epoch, logs=None):
        self.first = epoch if self.first is None else self.first  # a resumed training does not begin with 0

    def on_epoch_end(self, epoch, logs=None):
        done, epochs = epoch + 1, self.params["epochs"]
        if not sys.stdout.isatty() and done % max(1, epochs // 10) and done < epochs:
            return  # in a log file, a line every tenth of the way
        left = (time.monotonic() - self.start) / (done - self.first) * (epochs - done)
        losses = ", ".join(f"{name} {value:.4f}" for name, value in logs.items())
        line = f"{self.name}: epoch {done}/{epochs}, {losses}, {left / 60:.1f} min left"
        print(f"\r{line}   " if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True)

    def on_train_end(self, logs=None):
        if sys.stdout.isatty():
            print()
