"""The command line of a main script: its options, and what their values may be."""

import argparse
import math
import os
import sys
from pathlib import Path

from gan import streams


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


def add_long_run(parser):
    """The options `--resume` and `--save-every`."""
    parser.add_argument("--resume", action="store_true",
                        help="go on from the last checkpoint of the same command in the output folder")
    parser.add_argument("--save-every", type=zero_or_more, default=3., metavar="MINUTES",
                        help="time between two checkpoints (default 3)")


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


def read(parser, argv=None):
    """The options of this command line (default: the script's own), whose output folder is made if need be."""
    streams.open_missing()
    streams.keep_open()
    options = parser.parse_args(command_line() if argv is None else argv)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        parser.error(f"--out: expected a folder, got the file {str(options.out)!r}")
    except OSError as error:
        parser.error(f"--out: cannot make the folder {str(options.out)!r}: {error.strerror}")
    if not os.access(options.out, os.W_OK | os.X_OK):
        parser.error(f"--out: cannot write into the folder {str(options.out)!r}")
    return options
