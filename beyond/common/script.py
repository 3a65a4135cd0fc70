"""The command line of a system, beside `gan.script`: `--data`, `--quick`, what is drawn at the end.

    parser = script.parser("lsgan", __doc__, data="mnist", epochs=200, steps=500, quick=dict(data="digits", epochs=10))
    options = script.start(parser, argv)
    pictures = script.pictures(options)

`--quick` puts the settings of the dict `quick` in the place of the defaults; options given beside it still count.
"""

import sys

import numpy as np
import tensorflow as tf

from beyond.common import data, figures
from gan import checks, script

FEWEST = 12  # pictures; what the measures of quality need
finish = script.finish
positive, positive_number, zero_or_more = script.positive, script.positive_number, script.zero_or_more
whole_number = script.whole_number
width = script.whole_number(1, 4096)  # of a layer


def parser(name, description, quick, data="digits", epochs=None, steps=None, seed=0, batch=None, rate=None):
    """`gan.script.parser` of the system of that name, with `--data`, and `--quick` for the settings in `quick`.

    Without `data` there is no `--data`; `beyond.common.pairs` has one of its own. `batch` and `rate` give `--batch` and
    `--rate` with these defaults; with `epochs` there are `--resume` and `--save-every` as well.
    """
    result = script.parser(description, epochs, steps, seed)
    result.prog = f"python -m beyond.{name}"
    if epochs:
        script.add_long_run(result)
    if batch:
        result.add_argument("--batch", type=positive, default=batch, metavar="N",
                            help=f"examples in a sample (default {batch})")
    if rate:
        result.add_argument("--rate", type=positive_number, default=rate, metavar="X",
                            help=f"learning rate (default {rate})")
    if data:
        result.add_argument("--data", default=data, metavar="NAME",
                            help=f"digits, mnist5k, mnist, fashion, faces or a folder of pictures (default {data})")
    settings = ", ".join(f"--{option.replace('_', '-')} {' '.join(map(str, np.atleast_1d(value)))}"
                         for option, value in quick.items())
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
    """The pictures of `--data` (`beyond.common.data.Pictures`), which it names; without them it ends in one line.

    So it does with fewer than a batch of them, or than FEWEST, with pictures that are all the same, and if it needs
    classes (`labelled`) that are not known.
    """
    try:
        checks.channels_last()
        result = data.load(options.data, size, channels, most)
        data.check_differ(result.train)
    except ValueError as error:
        sys.exit(str(error))
    if labelled and result.train_labels is None:
        sys.exit(f"data: this script needs pictures with classes (digits, mnist5k, mnist, fashion), got {result}")
    if len(result.train) < FEWEST:
        sys.exit(f"data: expected at least {FEWEST} pictures, got {result}")
    if getattr(options, "batch", 1) > len(result.train):
        sys.exit(f"--batch: expected at most {len(result.train)}, the number of pictures, got {options.batch}")
    print(f"data: {result}", flush=True)
    return result


def finish_GAN(record, pictures, options, name, columns=9, title=None, row_names=None):
    """Draw real pictures beside the sheets of the training, and the losses; save both; returns the two figures."""
    real = pictures.train[:columns ** 2]
    title = title or type(record.model).__name__
    sheets = figures.visualize_sheets([("real", real), *record.sheets], columns, panel_columns=4, title=title)
    losses = figures.visualize_losses([(title, record.losses)])
    finish(sheets, options, f"{name}-samples.png")
    finish(losses, options, f"{name}-losses.png")
    print("What you see: real pictures, then what the generator made of always the same latent vectors, from the first "
          "weights on. So one can follow each place of a sheet. The other picture has the losses of every step"
          + (", and in grey how often the discriminator is right about what is real." if "accuracy" in record.losses
             else "."))
    return [sheets, losses]


MEANINGS = {"frechet": "distance of the cloud of made pictures from that of real ones, 0 if they lie alike",
            "precision": "share of made pictures that lie among real ones",
            "recall": "share of real pictures that lie among made ones",
            "spread": "how much made pictures differ, 1 as real ones do",
            "kinds": "how many kinds there are, 1 as many as of real ones",
            "classes": "how many classes a classifier sees in them"}


def meaning(*names, **others):
    """Say what printed figures are, in one line for people: those in MEANINGS by name, others with their words."""
    words = {**{name: MEANINGS[name] for name in names}, **others}
    print("(" + "; ".join(f"{name.replace('_', ' ')}: {text}" for name, text in words.items()) + ")", flush=True)


def line(results):
    """What was measured, numbers by name, in one line for people."""
    return ", ".join(f"{name.replace('_', ' ')} {value:.3f}" if isinstance(value, float) else
                     f"{name.replace('_', ' ')} {value}" for name, value in results.items())
