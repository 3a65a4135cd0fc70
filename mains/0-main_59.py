#!/usr/bin/env python3
"""LSGAN of dense networks, on digits: both losses end near 1/4, where the discriminator can only guess.

The source's training: --data mnist --epochs 500 (its log ends at epoch 50). --pearson takes the targets -1, 1, 0, for
which the game minimises a Pearson chi-square divergence.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import data, lsgan, script  # noqa: E402

PEARSON = (-1., 1., 0.)


def main(argv=None):
    parser = script.parser(__doc__, dict(epochs=10, steps=300, batch=50), epochs=500, steps=500, batch=100, rate=.0002)
    parser.add_argument("--pearson", action="store_true", help="targets -1, 1, 0 in the place of 0, 1, 1")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    targets = {"targets": PEARSON} if options.pearson else {}
    G = lsgan.LSGAN(*lsgan.dense_GenDiscr(), data.signed(pictures.train), batch_size=options.batch,
                    learning_rate=options.rate, **targets)
    record = script.train_GAN(G, options, data.unit, name="0-main_59")
    last = record.last()
    print(f"last tenth of the steps: discriminator loss {last['discr_loss']:.3f}, "
          f"generator loss {last['gen_loss']:.3f}")
    return script.finish_GAN(record, pictures, options, "0-main_59")


if __name__ == "__main__":
    main()
