#!/usr/bin/env python3
"""Beyond: a conditional GAN of digits; one row of samples for each class that it is asked for.

The source's training is --data mnist --epochs 30.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from beyond import class_script, data, results, script  # noqa: E402
from beyond.cgan import CGAN, CGAN_GenDiscr  # noqa: E402

NARROW = dict(filters=32, batch_size=32, learning_rate=.0006)  # what trains in some minutes


def make(pictures, filters=128, batch_size=100, learning_rate=.0001):
    """A new CGAN of these pictures."""
    return CGAN(*CGAN_GenDiscr(len(pictures.classes), filters), data.signed(pictures.train), pictures.train_labels,
                len(pictures.classes), batch_size=batch_size, learning_rate=learning_rate)


def measure(seed, steps=None):
    """Figures of a narrow CGAN of the embedded digits; see `beyond.results.of_class_GAN`."""
    script.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, **NARROW)
    script.train_GAN(G, script.settings(epochs=10, steps=steps or 150), draw=list)
    return results.of_class_GAN(G, pictures)


def main(argv=None):
    parser = class_script.parser(__doc__, data="digits", epochs=30, steps=500, batch=100, rate=.0001,
                                 quick=dict(epochs=10, steps=150, filters=32, batch=32, rate=.0006))
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    G = make(pictures, options.filters, options.batch, options.rate)
    record = class_script.train(G, options)
    print(results.line(results.of_class_GAN(G, pictures)))
    return class_script.finish(record, pictures, options, "0-main_54", pictures.classes)


if __name__ == "__main__":
    main()
