#!/usr/bin/env python3
"""WGAN-GP of convolutional networks, on digits: task 2 with pictures.

The source's training: --data fashion --epochs 500 --normalization batch (its log ends at epoch 22).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import data, script, wgan_gp  # noqa: E402
from beyond.measures import Quality  # noqa: E402


def make(pictures, normalization="group", batch=32, rate=.0001, disc_iter=5):
    """A new WGAN_GP of these pictures."""
    return wgan_gp.WGAN_GP(*wgan_gp.convolutional_GenDiscr(normalization), data.signed(pictures.train),
                           batch_size=batch, learning_rate=rate, disc_iter=disc_iter)


def measure(normalization, seed, steps=None):
    """Figures of a WGAN-GP of the embedded digits: losses, penalty and quality."""
    script.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, normalization, rate=.0004, disc_iter=2)
    record = script.train_GAN(G, script.settings(epochs=10, steps=steps or 60), data.unit)
    quality = Quality(pictures)
    return {**record.last(), **quality(data.unit(G.get_fake_sample(quality.size)))}


def main(argv=None):
    parser = script.parser(__doc__, dict(epochs=10, steps=80, rate=.0004, disc_iter=2),
                           epochs=500, steps=500, batch=32, rate=.0001)
    parser.add_argument("--disc-iter", type=script.positive, default=5, metavar="N",
                        help="updates of the critic in a step (default 5)")
    parser.add_argument("--normalization", choices=wgan_gp.NORMALIZATIONS, default="group",
                        help="in the critic; batch is the source's (default group)")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    G = make(pictures, options.normalization, options.batch, options.rate, options.disc_iter)
    record = script.train_GAN(G, options, data.unit, name="0-main_60")
    last = record.last()
    print(f"last tenth of the steps: estimated Wasserstein distance {-last['discr_loss']:.3f}, "
          f"penalty {last['gp']:.4f}")
    return script.finish_GAN(record, pictures, options, "0-main_60")


if __name__ == "__main__":
    main()
