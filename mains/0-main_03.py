#!/usr/bin/env python3
"""Task 0: train Simple_GAN on four coloured clouds, points in five dimensions, and draw the result."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.examples import four_clouds_example
from gan.figures import TrainingFilm, visualize_5D

Simple_GAN = __import__("0-simple_gan").Simple_GAN


def main(argv=None):
    parser = script.parser(__doc__, epochs=16, steps=100)
    parser.add_argument("--animate", action="store_true", help="also write an animation of the training (GIF)")
    options = script.start(parser, argv)
    film = TrainingFilm() if options.animate else None
    print("Simple_GAN on four clouds of coloured points, 1000 in all")
    G = script.example_fully_connected_GAN(Simple_GAN, four_clouds_example(1000), [2, 10, 10, 5], options.epochs,
                                           steps_per_epoch=options.steps, learning_rate=.001, callbacks=film)

    figure = visualize_5D(G, show=False, title=f"after {options.epochs} epochs")
    script.finish(figure, options, "0-main_03.png")
    if film:
        script.finish_film(film, visualize_5D, options, "0-main_03.gif")
    print("What you see: above real points and fakes in their colours, below and on the right the discriminator's "
          "values. After 16 epochs the fakes lie on a frame through the four clouds, in nearly the right colours, "
          "and the discriminator hardly tells them from real points: good. Not good are the fakes between two "
          "clouds; where their values are low, they are found out.")
    return [figure]


if __name__ == "__main__":
    main()
