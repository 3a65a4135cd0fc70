"""What a main script needs: command line, seeds, device, output folder, training of the course's examples.

Import this module before TensorFlow: it keeps TensorFlow's start-up messages about libraries and drivers off the
screen, unless the environment variable TF_CPP_MIN_LOG_LEVEL is set.
"""

import argparse
import contextlib
import functools
import gc
import math
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from gan import streams

streams.open_missing()


@contextlib.contextmanager
def _quiet():
    """Drop what the block writes to the process's standard error; write it out after all if the block fails.

    TensorFlow logs through C++ before any setting of its own reaches that log.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    with tempfile.TemporaryFile() as dropped:
        stderr = os.dup(2)
        os.dup2(dropped.fileno(), 2)
        try:
            yield
        except BaseException:
            dropped.seek(0)
            with contextlib.suppress(OSError):
                os.write(stderr, dropped.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


# TensorFlow makes a million objects that stay until the end: looking for garbage among them, while they are made and
# once more when Python ends, takes a quarter of the whole start-up.
gc.disable()
try:
    tempfile.gettempdir()
except FileNotFoundError as error:
    sys.exit(f"TensorFlow needs a folder for temporary files, and none can be written to ({error.strerror}). "
             "Make room, or name another folder by the environment variable TMPDIR.")
with _quiet():
    import numpy as np

    from gan import backend, keras_settings

    unusable = None
    try:
        keras_settings.check()
        import tensorflow as tf
        from tensorflow import keras

        GPUS = tf.config.list_physical_devices("GPU")
    except ImportError as error:
        if not keras_settings.named():
            raise
        unusable = str(error)

if unusable:
    sys.exit(unusable)
from gan import figures  # noqa: E402
from gan.engine import LongRun, devices  # noqa: E402
from gan.examples import Faces  # noqa: E402
from gan.networks import fully_connected_GenDiscr  # noqa: E402

gc.freeze()
gc.enable()

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "mains"))  # scripts import each other, also when they are pasted into a notebook


def set_seeds(seed):
    """Seed Python (the initial weights), NumPy (the clouds) and TensorFlow (latent vectors, samples)."""
    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)


# ------------------------------------------------------------- command line

def whole_number(smallest, largest=10 ** 9):
    """Type of a command line option: a whole number in these bounds."""
    def whole(text):
        try:
            value = int(text)
        except ValueError:
            value = math.inf if text.isdigit() else None  # Python reads no more than 4300 digits
        if value is None or not smallest <= value <= largest:
            bound = f"at least {smallest}" if value is None or value < smallest else f"at most {largest}"
            raise argparse.ArgumentTypeError(f"expected a whole number of {bound}, got {_short(text)}")
        return value
    return whole


def number(smallest, largest, expected):
    """Type of a command line option: a number in these bounds; `expected` says so in words."""
    def real(text):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not smallest <= value <= largest:
            raise argparse.ArgumentTypeError(f"expected {expected}, got {_short(text)}")
        return value
    return real


def _short(text):
    return repr(text if len(text) <= 40 else f"{text[:36]} ...")


LARGEST_SEED = 2 ** 32 - 1  # NumPy takes no larger one
positive = whole_number(1)
positive_number = number(1e-30, 1e30, "a number from 1e-30 to 1e30")  # what float32 holds with room to compute
zero_or_more = number(0, 1e30, "a number from 0 to 1e30")


def parser(description, epochs=None, steps=None, seed=0):
    """An ArgumentParser with the options that every main script has; `--epochs` and `--steps` if it trains."""
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--seed", type=whole_number(0, LARGEST_SEED), default=seed, metavar="N",
                        help=f"random seed (default {seed})")
    result.add_argument("--out", type=Path, default=Path("outputs"), metavar="DIR",
                        help="folder for pictures, made if need be (default outputs)")
    result.add_argument("--no-show", action="store_true", help="save the pictures without opening a window")
    if epochs:
        result.add_argument("--epochs", type=positive, default=epochs, metavar="N", help=f"default {epochs}")
    if steps:
        result.add_argument("--steps", type=positive, default=steps, metavar="N",
                            help=f"training steps in an epoch (default {steps})")
    return result


def add_devices(parser):
    """The option `--devices`; networks and GANs are then to be built in a block of `scope(options, batch_size)`."""
    parser.add_argument("--devices", type=whole_number(1, 64), default=1, metavar="N",
                        help="train on N devices at once: GPUs, or where there is none, parts of the CPU (default 1)")


def command_line():
    """The arguments that the script was started with; none where `main()` is called in a notebook.

    There sys.argv is the kernel's, but for a script started by %run.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return sys.argv[1:]
    from traitlets.config import Application  # IPython brings it
    kernels = Application.instance().argv if Application.initialized() else []
    running = getattr(sys.modules["__main__"], "__file__", None)
    started = running and os.path.realpath(running) == os.path.realpath(sys.argv[0])
    return sys.argv[1:] if started and sys.argv[1:] != list(kernels) else []


def start(parser, argv=None):
    """Read the command line, make the output folder, seed, and say what the script runs on."""
    streams.keep_open()
    options = parser.parse_args(command_line() if argv is None else argv)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--out: cannot make the folder {str(options.out)!r}: {error.strerror}")
    if not os.access(options.out, os.W_OK | os.X_OK):
        parser.error(f"--out: cannot write into the folder {str(options.out)!r}")
    if options.no_show:
        backend.matplotlib.use("agg")
    elif backend.missing:
        print(f"pictures are saved, not shown: there is no matplotlib backend {backend.missing}", file=sys.stderr)
    devices.share_memory(GPUS)
    count = getattr(options, "devices", 1)
    try:
        options.strategy = devices.strategy(count, GPUS)
    except ValueError as error:
        parser.error(f"--devices: {error}")
    set_seeds(options.seed)
    print(f"TensorFlow {tf.__version__} on {device(count)}", flush=True)
    return options


def device(count=1):
    """Where TensorFlow computes, in words."""
    if not GPUS:
        return "the CPU" if count == 1 else f"{count} parts of the CPU"
    details = tf.config.experimental.get_device_details(GPUS[0])
    return f"{'the GPU' if count == 1 else f'{count} GPUs'} ({details.get('device_name', GPUS[0].name)})"


def scope(options, batch_size):
    """Context manager: networks and GANs built in the block are on all of `--devices`.

    Says what is wrong and exits if a batch cannot be divided by their number.
    """
    try:
        devices.check_batch(batch_size, options.strategy)
    except ValueError as error:
        sys.exit(f"--devices: {error}")
    return options.strategy.scope()


@contextlib.contextmanager
def writing(path):
    """Context manager: what cannot be written in the block ends the script in one sentence."""
    try:
        yield
    except OSError as error:
        sys.exit(f"--out: cannot write {str(path)!r}: {error.strerror or error}")


@contextlib.contextmanager
def saving(path):
    """The block writes `path`, which is then printed; if it cannot, for instance on a full disk, say so and exit."""
    with writing(path):
        yield
    print(f"saved {path}", flush=True)


def finish(figure, options, name):
    """Save the figure in the output folder, print its path, and show it where there is a screen to show it on."""
    path = options.out / name
    with saving(path):
        figures.finish(figure, show=not options.no_show, filename=path, dpi=150)


def finish_film(film, visualize, options, name):
    """Draw and save the animation that a `gan.figures.TrainingFilm` recorded; print its path."""
    path = options.out / name
    with saving(path):
        film.save(path, visualize, lambda: set_seeds(options.seed))


# ------------------------------------------------------------ long trainings

def add_long_run(parser):
    """The options `--resume` and `--save-every`."""
    parser.add_argument("--resume", action="store_true",
                        help="go on from the last checkpoint of the same command in the output folder")
    parser.add_argument("--save-every", type=zero_or_more, default=3., metavar="MINUTES",
                        help="time between two checkpoints (default 3)")


def long_run(options, folder, name, parts=(), **settings):
    """A `gan.engine.LongRun` with these options, whose checkpoints are in a subfolder of the output folder."""
    return LongRun(options.out / folder, name, {"seed": options.seed, **settings}, options.save_every, options.resume,
                   parts)


# -------------------------------------------------------------------- faces

DATA = ROOT / "data"


def add_faces(parser, weights=False):
    """The option `--faces`, and `--weights` if the script uses stored ones."""
    parser.add_argument("--faces", type=Path, default=DATA / "small_res_faces_10000.npy", metavar="FILE",
                        help="pictures, a .npy file of uint8 (n, 16, 16) (default data/small_res_faces_10000.npy)")
    if weights:
        parser.add_argument("--weights", type=Path, default=DATA, metavar="DIR",
                            help="folder of generator.h5 and discriminator.h5 (default data)")


def faces(options, least=1):
    """The pictures of `--faces` (`gan.examples.Faces`); without them, or `least` of them, say what is needed and exit.
    """
    files = [("--faces FILE", options.faces)]
    if hasattr(options, "weights"):
        files += [("--weights DIR", options.weights / name) for name in ("generator.h5", "discriminator.h5")]
    missing = [(option, path) for option, path in files if not os.path.isfile(path)]
    if missing:
        sys.exit(f"This script needs the file {missing[0][1].name}; there is none at {missing[0][1]}.\n"
                 f"Put it there, or say where it is by {missing[0][0]}.")
    try:
        result = Faces(options.faces)
    except ValueError as error:
        sys.exit(str(error))
    if len(result.pictures) < least:
        sys.exit(f"--faces: this script needs at least {least} pictures, got {len(result.pictures)} in "
                 f"{str(options.faces)!r}")
    print(f"faces: {result.path}, {result.origin}", flush=True)
    return result


# ----------------------------------------------------------------- training

def example_fully_connected_GAN(chosen_type, real_examples, gen_shape, epochs, batch_size=200, steps_per_epoch=250,
                                latent_type="normal", learning_rate=.005, verbose=1, callbacks=(), run=None,
                                steps_per_execution=None):
    """Build dense networks and train a GAN of the class `chosen_type` on the real examples; returns the GAN.

    The first eight arguments are the course's; there, `batch_size` was taken and not used. `run` is a
    `gan.engine.LongRun` if the training shall store itself.
    """
    generator, discriminator, latent_generator = fully_connected_GenDiscr(gen_shape, real_examples, latent_type)
    G = chosen_type(generator, discriminator, latent_generator, real_examples, batch_size=batch_size,
                    learning_rate=learning_rate)
    G.compile(steps_per_execution=steps_per_execution)
    fit = G.fit if run is None else functools.partial(run.fit, G)
    fit(epochs=epochs, steps_per_epoch=steps_per_epoch, verbose=verbose, callbacks=callbacks)
    return G


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
