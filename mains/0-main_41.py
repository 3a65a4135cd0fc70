#!/usr/bin/env python3
"""Task 4: twenty faces along a segment between two latent vectors, made from stored weights."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.faces.latent import segment
from gan.figures import visualize_pictures
from stored_faces import pretrained, stored_faces_parser


def main(argv=None):
    options = script.start(stored_faces_parser(__doc__, seed=18), argv)
    G, recover, _ = pretrained(options)
    print(f"a segment of 20 faces from the weights in {options.weights}")
    ab = np.random.randn(32).reshape(2, 16)
    made = G.generator(segment(ab, 20).astype("float32"), training=False)
    figure = visualize_pictures([("", recover(np.asarray(made)[:, :, :, 0]))], columns=20, size=14,
                                column_names=[f"{t:.2f}" for t in np.linspace(0, 1, 20)],
                                title=f"fake faces of {type(G).__name__} on a segment: (1 - t) a + t b, with t below")
    script.finish(figure, options, "segment.png")
    print("What you see: one face becomes another without a jump, and those on the way are faces too. So the "
          "generator has not learned single faces by heart.")
    return [figure]


if __name__ == "__main__":
    main()
