#!/usr/bin/env python3
"""Task 0: train Simple_GAN on a circle and print the course's table of losses."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.examples import circle_example
from gan.figures import visualize_losses

Simple_GAN = __import__("0-simple_gan").Simple_GAN


def main(argv=None):
    options = script.start(script.parser(__doc__, epochs=16, steps=100), argv)
    print("Simple_GAN on 1000 points of a circle")
    G = script.example_fully_connected_GAN(Simple_GAN, circle_example(1000), [1, 10, 10, 2], options.epochs,
                                           steps_per_epoch=options.steps, learning_rate=.001)

    figure = visualize_losses(G)
    script.finish(figure, options, "0-main_01.png")
    print("What you see: the losses of each epoch's last step (the lines above have means over the epoch). They do "
          "not fall, because the two networks work against each other; so losses alone do not say how good the "
          "fakes are.")
    return [figure]


if __name__ == "__main__":
    main()
