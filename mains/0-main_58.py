#!/usr/bin/env python3
"""WGAN of convolutional networks, its critic's weights clipped, on digits.

The source's training: --data mnist --epochs 500 (its log ends at epoch 40). --as-listed treats batch
normalisation as its listing does.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import data, script, wgan  # noqa: E402
from beyond.measures import Quality  # noqa: E402


def make(pictures, filters=128, batch=64, rate=.00005, disc_iter=5, as_listed=False):
    """A new WGAN of these pictures."""
    return wgan.WGAN(*wgan.convolutional_GenDiscr(filters), data.signed(pictures.train), batch_size=batch,
                     learning_rate=rate, disc_iter=disc_iter, as_listed=as_listed)


def measure(as_listed, seed, steps=None):
    """Figures of a narrow WGAN of the embedded digits: losses and quality."""
    script.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, filters=16, batch=32, rate=.0005, disc_iter=3, as_listed=as_listed)
    record = script.train_GAN(G, script.settings(epochs=10, steps=steps or 150), data.unit)
    quality = Quality(pictures)
    return {**record.last(), **quality(data.unit(G.get_fake_sample(quality.size)))}


def main(argv=None):
    parser = script.parser(__doc__, dict(epochs=10, steps=80, batch=32, rate=.0005, disc_iter=3, filters=16),
                           epochs=500, steps=500, batch=64, rate=.00005)
    parser.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="width of most layers (default 128)")
    parser.add_argument("--disc-iter", type=script.positive, default=5, metavar="N",
                        help="updates of the critic in a step (default 5)")
    parser.add_argument("--as-listed", action="store_true",
                        help="normalise real and fake examples apart, clip the moving averages too")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    G = make(pictures, options.filters, options.batch, options.rate, options.disc_iter, options.as_listed)
    record = script.train_GAN(G, options, data.unit, name="0-main_58")
    print(f"estimated Wasserstein distance, last tenth of the steps: {-record.last()['discr_loss']:.4g}")
    return script.finish_GAN(record, pictures, options, "0-main_58")


if __name__ == "__main__":
    main()
