#!/usr/bin/env python3
"""A GAN of dense networks with cross-entropy, on digits: samples on the way, both losses.

The source's training: --data mnist --epochs 200
The lecture's: --network lecture --data mnist --epochs 100 --steps 937 --batch 64 --rate .001
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import data, dense_gan, script  # noqa: E402
from beyond.dense_gan import DenseGAN  # noqa: E402
from beyond.diagnosis import diagnose  # noqa: E402
from beyond.measures import Diversity  # noqa: E402


def unchanged(pictures):
    return pictures


# the networks, and the way from pictures in [0, 1] to theirs and back
NETWORKS = {"digits": (dense_gan.digits_GenDiscr, unchanged, unchanged),
            "lecture": (dense_gan.lecture_GenDiscr, data.signed, data.unit)}


def main(argv=None):
    parser = script.parser(__doc__, dict(epochs=10, steps=400, batch=50, rate=.0002),
                           epochs=200, steps=500, batch=100, rate=.00005)
    parser.add_argument("--network", choices=NETWORKS, default="digits", help="default digits")
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    build, scaled, unit = NETWORKS[options.network]
    G = DenseGAN(*build(), scaled(pictures.train), batch_size=options.batch, learning_rate=options.rate)
    record = script.train_GAN(G, options, unit, name="0-main_52")
    last = record.last()
    print(f"last tenth of the steps: discriminator loss {last['discr_loss']:.3f}, accuracy {last['accuracy']:.2f}, "
          f"generator loss {last['gen_loss']:.3f}; a balance would be .693, .50, .693")
    made = unit(G.get_fake_sample(1000))
    print("diagnosis: {}; {}".format(*diagnose(record.losses, Diversity(pictures.train)(made))))
    return script.finish_GAN(record, pictures, options, "0-main_52")


if __name__ == "__main__":
    main()
