#!/usr/bin/env python3
"""Task 1: train WGAN_clip on the four coloured clouds of task 0 and draw the result."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.examples import four_clouds_example
from gan.figures import visualize_5D

WGAN_clip = __import__("1-wgan_clip").WGAN_clip


def main(argv=None):
    options = script.start(script.parser(__doc__, epochs=16, steps=100), argv)
    print("WGAN_clip on four clouds of coloured points, 1000 in all")
    G = script.example_fully_connected_GAN(WGAN_clip, four_clouds_example(1000), [2, 10, 10, 5], options.epochs,
                                           steps_per_epoch=options.steps, learning_rate=.001)

    figure = visualize_5D(G, show=False, title=f"after {options.epochs} epochs")
    script.finish(figure, options, "0-main_10.png")
    print("What you see: with the course's settings clipping has made the discriminator give every point the same "
          "value. So it tells the generator nothing more, and the fakes stay on a line that misses most of the "
          "four clouds.")
    return [figure]


if __name__ == "__main__":
    main()
