"""How a main script runs: what it is started with, where its pictures go, how it ends.

Scripts reach everything that they share by this one name: `script.parser`, `script.set_seeds`, `script.faces`, ...
The parts are in modules of their own, see `gan`. Import this module before TensorFlow: it starts it quietly.
"""

import sys
from pathlib import Path

from gan.quiet_start import GPUS, keras, tf  # before anything that imports TensorFlow

# isort: split
from gan import backend, figures
from gan.engine import LongRun, devices
from gan.example_training import example_fully_connected_GAN
from gan.faces.options import DATA, add_faces, faces
from gan.options import (
    LARGEST_SEED,
    add_devices,
    add_long_run,
    command_line,
    number,
    parser,
    positive,
    positive_number,
    read,
    whole_number,
    zero_or_more,
)
from gan.outputs import saving, writing
from gan.progress import TimeLeft
from gan.seeds import set_seeds

__all__ = ["DATA", "GPUS", "LARGEST_SEED", "ROOT", "TimeLeft", "add_devices", "add_faces", "add_long_run",
           "command_line", "device", "example_fully_connected_GAN", "faces", "finish", "finish_film", "keras",
           "long_run", "number", "parser", "positive", "positive_number", "saving", "scope", "set_seeds", "start",
           "tf", "whole_number", "writing", "zero_or_more"]
ROOT = Path(__file__).resolve().parents[1]
DPI = 150  # dots of a saved picture in an inch
sys.path.append(str(ROOT / "mains"))  # scripts import each other, also when they are pasted into a notebook


def start(parser, argv=None):
    """Read the command line, make the output folder, seed, and say what the script runs on."""
    options = read(parser, argv)
    if sys.excepthook is sys.__excepthook__:  # else somebody has one of their own
        sys.excepthook = tell
    if options.no_show:
        backend.matplotlib.use("agg")
    elif backend.missing:
        print(f"pictures are saved, not shown: there is no matplotlib backend {backend.missing}", file=sys.stderr)
    devices.share_memory(GPUS)
    count = getattr(options, "devices", 1)
    if count > 1 and (getattr(options, "jobs", 1) > 1 or getattr(options, "dask", None)):
        parser.error(f"--devices: expected 1 beside --jobs and --dask, got {count}")
    try:
        options.strategy = devices.strategy(count, GPUS)
    except ValueError as error:
        parser.error(f"--devices: {error}")
    set_seeds(options.seed)
    print(f"TensorFlow {tf.__version__} on {device(count)}", flush=True)
    return options


def tell(kind, error, traceback):
    """What ends the script, for people: whoever presses Ctrl-C knows where it was, so a stack trace tells nothing."""
    # C code that Ctrl-C meets, as while TensorFlow builds a graph, makes a SystemError of it.
    if issubclass(kind, KeyboardInterrupt) or (issubclass(kind, SystemError)
                                               and isinstance(error.__cause__, KeyboardInterrupt)):
        print("\nstopped by Ctrl-C", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


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


def finish(figure, options, name):
    """Save the figure in the output folder, print its path, and show it where there is a screen to show it on."""
    path = options.out / name
    with saving(path):
        figures.finish(figure, show=not options.no_show, filename=path, dpi=DPI)


def finish_film(film, visualize, options, name):
    """Draw and save the animation that a `gan.figures.TrainingFilm` recorded; print its path."""
    path = options.out / name
    with saving(path):
        film.save(path, visualize, lambda: set_seeds(options.seed))


def long_run(options, folder, name, parts=(), **settings):
    """A `gan.engine.LongRun` with these options, whose checkpoints are in a subfolder of the output folder."""
    return LongRun(options.out / folder, name, {"seed": options.seed, **settings}, options.save_every, options.resume,
                   parts)
