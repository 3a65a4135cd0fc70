#!/usr/bin/env python3
"""Beyond: an InfoGAN of digits; one row of samples for each code, which nobody gave a meaning.

The source's training is --data mnist --epochs 60.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import class_script, data, results, script  # noqa: E402
from beyond.infogan import InfoGAN, InfoGAN_GenDiscr  # noqa: E402

NARROW = dict(filters=32, batch_size=32, learning_rate=.0004)  # what trains in some minutes


def make(pictures, filters=128, batch_size=100, learning_rate=.0001, info_weight=1.):
    """A new InfoGAN of these pictures, with ten codes."""
    return InfoGAN(*InfoGAN_GenDiscr(filters=filters), data.signed(pictures.train), info_weight=info_weight,
                   batch_size=batch_size, learning_rate=learning_rate)


def measure(info_weight, seed, steps=None):
    """Figures of a narrow InfoGAN of the embedded digits; see `beyond.results.of_infoGAN`."""
    script.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, **NARROW, info_weight=info_weight)
    record = script.train_GAN(G, script.settings(epochs=10, steps=steps or 150), draw=list)
    return results.of_infoGAN(G, pictures, record.losses["info_loss"][-100:])


def main(argv=None):
    parser = class_script.parser(__doc__, data="digits", epochs=60, steps=500, batch=100, rate=.0001,
                                 quick=dict(epochs=10, steps=150, filters=32, batch=32, rate=.0004))
    parser.add_argument("--info-weight", type=script.zero_or_more, default=1., metavar="X",
                        help="of the info loss; with 0 nothing makes the code show (default 1)")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = make(pictures, options.filters, options.batch, options.rate, options.info_weight)
    record = class_script.train(G, options, "0-main_56")
    print(results.line(results.of_infoGAN(G, pictures, record.losses["info_loss"][-100:])))
    names = [f"code {code}" for code in range(G.classes)]
    return class_script.finish(record, pictures, options, "0-main_56", names, real=False)


if __name__ == "__main__":
    main()
