#!/usr/bin/env python3
"""Task 2: train WGAN_GP on the four coloured clouds of task 0 and draw the result."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.examples import four_clouds_example
from gan.figures import visualize_5D

WGAN_GP = __import__("2-wgan_gp").WGAN_GP


def main(argv=None):
    options = script.start(script.parser(__doc__, epochs=16, steps=100), argv)
    print("WGAN_GP on four clouds of coloured points, 1000 in all")
    G = script.example_fully_connected_GAN(WGAN_GP, four_clouds_example(1000), [2, 10, 10, 5], options.epochs,
                                           steps_per_epoch=options.steps, learning_rate=.001)

    figure = visualize_5D(G, show=False, title=f"after {options.epochs} epochs")
    script.finish(figure, options, "0-main_20.png")
    print("What you see: above real points and fakes in their colours, below and on the right the discriminator's "
          "values. After 16 epochs the fakes reach all four clouds, which is good; they also fill the space "
          "between them, which is not.")
    return [figure]


if __name__ == "__main__":
    main()
