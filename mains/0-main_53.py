#!/usr/bin/env python3
"""DCGAN, and the notebook's GAN of small colour faces: four pairs of convolutional networks.

    --network clothes    28 x 28 grey; the source's training: --data fashion --epochs 200
    --network anime      56 x 56 in colour; --data FOLDER --epochs 100
    --network human      56 x 56 in colour; --data FOLDER --epochs 200
    --network small      36 x 36 in colour, with a TwoClassGAN; --data FOLDER --epochs 100 --steps 100

Without --data the first learns digits, the others the package's own faces, which are grey and small: a picture in
three equal colours. --filters 128 are the networks as printed; narrower ones show the same in less time. --quick shows
digits, and faces with human; with anime and small it shows how a training begins, up to the first features.
"""

import sys
from collections import namedtuple
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np  # noqa: E402

from beyond import data, dcgan, script  # noqa: E402
from beyond.dcgan import DCGAN, TwoClassGAN  # noqa: E402
from beyond.measures import Quality  # noqa: E402

# lowest: value of a pixel; data: without a download; quick_steps: an epoch's with --quick
Setting = namedtuple("Setting", "size channels lowest rate data quick_steps")
NETWORKS = {"clothes": Setting(28, 1, 0, .0001, "digits", 60), "anime": Setting(56, 3, -1, .0001, "faces", 70),
            "human": Setting(56, 3, -1, .0002, "faces", 80), "small": Setting(36, 3, 0, .0001, "faces", 25)}
MOST = 20000  # pictures that are kept in memory: 750 MB of faces


def make(network, pictures, filters=128, batch=100, rate=None, batches="together"):
    """The GAN of that name on these pictures, and the way from what it makes to [0, 1]."""
    setting = NETWORKS[network]
    examples, unit = (data.signed(pictures.train), data.unit) if setting.lowest else \
        (pictures.train, lambda made: np.clip(made, 0, 1))
    settings = dict(batch_size=batch, learning_rate=rate or setting.rate)
    if network == "small":
        return TwoClassGAN(*dcgan.small_faces_GenDiscr(), examples, **settings), unit
    build = {"clothes": dcgan.clothes_GenDiscr, "anime": dcgan.anime_GenDiscr, "human": dcgan.human_GenDiscr}[network]
    return DCGAN(*build(filters), examples, batches=batches, **settings), unit


def measure(batches, seed, steps=None):
    """Figures of a narrow DCGAN of the embedded digits with these batches: losses and quality."""
    script.set_seeds(seed)
    pictures = data.load("digits")
    G, unit = make("clothes", pictures, filters=24, batch=32, rate=.001, batches=batches)
    record = script.train_GAN(G, script.settings(epochs=10, steps=steps or 80), unit)
    quality = Quality(pictures)
    return {**record.last(), **quality(unit(G.get_fake_sample(quality.size)))}


def main(argv=None):
    parser = script.parser(__doc__, dict(epochs=10, batch=32, filters=24, rate=.001),
                           "digits or faces, whichever the network fits", epochs=100, steps=500, batch=100)
    parser.set_defaults(data=None, steps=None)
    parser.add_argument("--network", choices=NETWORKS, default="clothes", help="default clothes")
    parser.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="width of the wide layers (default 128; not of --network small)")
    parser.add_argument("--rate", type=script.positive_number, metavar="X",
                        help="learning rate (default .0001; .0002 of human)")
    parser.add_argument("--batches", choices=dcgan.BATCHES, default="together",
                        help="by what the discriminator normalises; listed is the source's (default together)")
    options = script.start(parser, argv)
    setting = NETWORKS[options.network]
    options.data = options.data or setting.data
    options.steps = options.steps or (setting.quick_steps if options.quick else 500)
    pictures = script.pictures(options, setting.size, setting.channels, MOST)
    G, unit = make(options.network, pictures, options.filters, options.batch, options.rate, options.batches)
    name = f"0-main_53-{options.network}"
    record = script.train_GAN(G, options, unit, name=name)
    return script.finish_GAN(record, pictures, options, name,
                             title=f"{type(G).__name__}, network {options.network}")


if __name__ == "__main__":
    main()
