#!/usr/bin/env python3
"""Tasks 0 to 2: a web page in which the three classes train on points of the plane while one watches.

Circle, four clouds or points drawn by hand; the course's settings on sliders; it needs no server and no network.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import options, outputs
from gan.lab import write_lab


def main(argv=None):
    chosen = options.read(options.parser(__doc__), argv)  # not script.start: nothing here needs TensorFlow
    print("Simple_GAN, WGAN_clip and WGAN_GP in a web page, to be opened in a browser")
    path = chosen.out / "0-main_45.html"
    with outputs.saving(path):
        write_lab(path, chosen.seed)
    print("What you see: fakes that move along the slope of the discriminator towards the real points, with its values "
          "and both losses beside them.")
    return [path]


if __name__ == "__main__":
    main()
