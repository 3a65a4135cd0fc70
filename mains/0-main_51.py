#!/usr/bin/env python3
"""Beyond: a pixel CNN of black and white digits; samples, losses, which pixels a pixel sees.

The source's training is --data mnist --epochs 50 --filters 128 --batch 128 (days on a CPU).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np  # noqa: E402

from beyond import data, figures, results, script  # noqa: E402
from beyond.measures import Classifier  # noqa: E402
from beyond.pixel_cnn import PixelCNN, binary, pixel_cnn_network  # noqa: E402

QUICK = dict(epochs=10, filters=32, batch=16, rate=.001)


def train(pictures, options, name=None):
    """A PixelCNN trained on these pictures, made black and white, with one line of progress."""
    train, test = binary(pictures.train), binary(pictures.test)
    G = PixelCNN(pixel_cnn_network(options.filters), options.rate)
    script.fit_of(G, options, name)(
        x=train, epochs=options.epochs, batch_size=options.batch, validation_data=(test, test), verbose=0,
        callbacks=[script.TimeLeft("PixelCNN")])
    return G


def measure(seed, steps=None):
    """Figures of a narrow PixelCNN of the embedded digits; see `beyond.results.of_pixel_cnn`."""
    script.set_seeds(seed)
    pictures = data.load("digits", most=steps and 16 * steps)
    G = train(pictures, script.settings(**QUICK))
    return results.of_pixel_cnn(G, binary(pictures.train), binary(pictures.test), G.generate(100),
                                Classifier(pictures))


def main(argv=None):
    parser = script.parser(__doc__, data="digits", epochs=100, batch=64, rate=.0005,
                           quick=dict(QUICK, samples=25))
    parser.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="of the convolutions (default 128)")
    parser.add_argument("--samples", type=script.whole_number(1, 10000), default=81, metavar="N",
                        help="pictures made (default 81)")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = train(pictures, options, "0-main_51")
    print(f"{options.samples} pictures, one pixel after the other ...", flush=True)
    made, seconds = results.seconds(lambda: G.generate(options.samples))
    print(f"took {seconds:.0f} s, {made[0].size} passes of the network")
    print(results.line(results.of_pixel_cnn(G, binary(pictures.train), binary(pictures.test), made,
                                            Classifier(pictures))))

    columns = int(np.ceil(np.sqrt(options.samples)))
    seen = np.zeros((1, 28, 28, 1))
    seen[0, ..., 0] = .5 * G.reach(14, 14)
    seen[0, 14, 14] = 1
    history = G.history.history
    drawn = [figures.visualize_sheets([("real", binary(pictures.train[:options.samples])), ("made", made)], columns),
             figures.visualize_sheets([("grey: what the white pixel is computed from", seen)], columns=1),
             figures.visualize_losses([("nats per pixel", {"training": history["nll_per_pixel"],
                                                           "test pictures": history["val_nll_per_pixel"]})],
                                      xlabel="epoch")]
    for figure, name in zip(drawn, ("samples", "reach", "losses")):
        script.finish(figure, options, f"0-main_51-{name}.png")
    return drawn


if __name__ == "__main__":
    main()
