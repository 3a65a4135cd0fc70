#!/usr/bin/env python3
"""Task 4: 400 faces of people who do not exist, made from stored weights, sorted by the discriminator's value."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np  # noqa: E402

from gan import script  # noqa: E402
from gan.figures import visualize_pictures  # noqa: E402
from gan.networks import normal_generator  # noqa: E402

WGAN_GP = __import__("4-wgan_gp").WGAN_GP
convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr


def parser(description, seed=0):
    """The command line of the scripts of task 4."""
    result = script.parser(description, seed=seed)
    script.add_faces(result, weights=True)
    result.add_argument("--as-course", action="store_true",
                        help="draw the pictures as the course does, with the mean face added once more")
    return result


def pretrained(options, least=1):
    """The WGAN_GP of the stored weights, the function from its pictures to pictures in [0, 1], and the real faces.

    The stored generator makes pictures in [0, 1]. The course's scripts take them for normalised ones and add the
    mean face to them a second time; `--as-course` does that too.
    """
    faces = script.faces(options, least)
    G = WGAN_GP(*convolutional_GenDiscr(), lambda k: normal_generator(k, 16), faces.normalized, learning_rate=.001)
    try:
        G.replace_weights(options.weights / "generator.h5", options.weights / "discriminator.h5")
    except ValueError as error:
        sys.exit(str(error))
    return G, faces.recover if options.as_course else lambda pictures: pictures, faces


def main(argv=None):
    options = script.start(parser(__doc__), argv)
    G, recover, _ = pretrained(options)
    print(f"400 faces from the weights in {options.weights}")
    made = G.get_fake_sample(400)
    order = np.argsort(np.asarray(G.discriminator(made, training=False))[:, 0])
    pictures = recover(np.asarray(made)[order, :, :, 0])
    figure = visualize_pictures([("", pictures)], columns=20, size=12, title="fake faces")
    script.finish(figure, options, "0-main_40.png")
    return [figure]


if __name__ == "__main__":
    main()
