#!/usr/bin/env python3
"""Task 0: train Simple_GAN on a circle and draw the result in two dimensions."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.examples import circle_example
from gan.figures import TrainingFilm, visualize_2D

Simple_GAN = __import__("0-simple_gan").Simple_GAN


def main(argv=None):
    parser = script.parser(__doc__, epochs=16, steps=100)
    parser.add_argument("--animate", action="store_true", help="also write an animation of the training (GIF)")
    options = script.start(parser, argv)
    film = TrainingFilm() if options.animate else None
    print("Simple_GAN on 1000 points of a circle")
    G = script.example_fully_connected_GAN(Simple_GAN, circle_example(1000), [1, 10, 10, 2], options.epochs,
                                           steps_per_epoch=options.steps, learning_rate=.001, callbacks=film)

    figure = visualize_2D(G, show=False)
    script.finish(figure, options, "0-main_02.png")
    if film:
        script.finish_film(film, visualize_2D, options, "0-main_02.gif")
    print("What you see: left the fakes beside the real circle, in the middle where the discriminator takes a "
          "point for real (high values), right the losses of each epoch's last step. After the course's 16 epochs "
          "the fakes are a bent line across the circle; with --epochs 200 they find it.")
    return [figure]


if __name__ == "__main__":
    main()
