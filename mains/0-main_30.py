#!/usr/bin/env python3
"""Task 3: train Simple_GAN with convolutional networks on faces, for a moment only, and draw what it learned."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.faces.figures import visualize_faces
from gan.networks import spheric_generator

Simple_GAN = __import__("0-simple_gan").Simple_GAN
convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr


def latent_generator(k):
    """k points on the sphere of radius .3 about (.5, ..., .5): shape (k, 16)."""
    return spheric_generator(k, 16) * .3 + .5


def main(argv=None):
    parser = script.parser(__doc__, epochs=5, steps=5)
    script.add_faces(parser)
    options = script.start(parser, argv)
    faces = script.faces(options, least=10)
    print(f"Simple_GAN on the {len(faces.pictures)} faces of {faces.path.name}, batches of 10")
    G = Simple_GAN(*convolutional_GenDiscr(), latent_generator, faces.normalized, disc_iter=1, batch_size=10,
                   learning_rate=.001)
    G.compile()
    G.fit(epochs=options.epochs, steps_per_epoch=options.steps)

    figure = visualize_faces(G, latent_generator(10), faces.recover)
    script.finish(figure, options, "0-main_30.png")
    print("What you see: ten fakes that are all alike and no faces: 25 steps are far too few. The discriminator "
          "already tells them from real faces, most of which have the higher values.")
    return [figure]


if __name__ == "__main__":
    main()
