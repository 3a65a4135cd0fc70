"""What the main scripts of task 4 share: their command line, and the WGAN_GP of the stored weights."""

import sys

from gan import script
from gan.networks import normal_generator

WGAN_GP = __import__("4-wgan_gp").WGAN_GP
convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr


def stored_faces_parser(description, seed=0):
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
