#!/usr/bin/env python3
"""Task 4: 400 faces of people who do not exist, made from stored weights, sorted by the discriminator's value."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.figures import visualize_pictures
from stored_faces import pretrained, stored_faces_parser


def main(argv=None):
    options = script.start(stored_faces_parser(__doc__), argv)
    G, recover, _ = pretrained(options)
    print(f"400 faces from the weights in {options.weights}")
    made = G.get_fake_sample(400)
    values = np.asarray(G.discriminator(made, training=False))[:, 0]
    order = np.argsort(values)
    pictures = recover(np.asarray(made)[order, :, :, 0])
    figure = visualize_pictures([("", pictures)], columns=20, size=12,
                                title=f"400 fake faces of {type(G).__name__}, sorted by the discriminator's value: "
                                      f"{values.min():.3f} (top left) to {values.max():.3f} (bottom right)")
    script.finish(figure, options, "0-main_40.png")
    print("What you see: most fakes are faces, and no two are the same. Some are blurred or broken; the "
          "discriminator's order agrees with the eye only in part.")
    return [figure]


if __name__ == "__main__":
    main()
