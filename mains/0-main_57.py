#!/usr/bin/env python3
"""Beyond: an auxiliary classifier GAN; one row of samples for each class that it is asked for.

The source's training is --data fashion --epochs 50.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import class_script, data  # noqa: E402
from beyond.acgan import ACGAN, ACGAN_GenDiscr  # noqa: E402

NARROW = dict(filters=32, batch=32, rate=.0004)  # what trains in some minutes


def make(pictures, filters=128, batch=100, rate=.0001, class_weight=1.):
    """A new ACGAN of these pictures."""
    return ACGAN(*ACGAN_GenDiscr(len(pictures.classes), filters), data.signed(pictures.train), pictures.train_labels,
                 len(pictures.classes), batch_size=batch, learning_rate=rate, class_weight=class_weight)


def measure(class_weight, seed, steps=None):
    """Figures of a narrow ACGAN of the embedded digits; see `beyond.results.of_class_GAN`."""
    return class_script.measure(make, NARROW, seed, steps, class_weight=class_weight)


def main(argv=None):
    return class_script.main(argv, __doc__, make, NARROW, epochs=50, name="0-main_57")


if __name__ == "__main__":
    main()
