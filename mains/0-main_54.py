#!/usr/bin/env python3
"""Beyond: a conditional GAN of digits; one row of samples for each class that it is asked for.

The source's training is --data mnist --epochs 30.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import class_script, data  # noqa: E402
from beyond.cgan import CGAN, CGAN_GenDiscr  # noqa: E402

NARROW = dict(filters=32, batch=32, rate=.0006)  # what trains in some minutes


def make(pictures, filters=128, batch=100, rate=.0001):
    """A new CGAN of these pictures."""
    return CGAN(*CGAN_GenDiscr(len(pictures.classes), filters), data.signed(pictures.train), pictures.train_labels,
                len(pictures.classes), batch_size=batch, learning_rate=rate)


def measure(seed, steps=None):
    """Figures of a narrow CGAN of the embedded digits; see `beyond.results.of_class_GAN`."""
    return class_script.measure(make, NARROW, seed, steps)


def main(argv=None):
    return class_script.main(argv, __doc__, make, NARROW, epochs=30, name="0-main_54")


if __name__ == "__main__":
    main()
