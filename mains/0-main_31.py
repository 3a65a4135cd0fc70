#!/usr/bin/env python3
"""Task 3: the faces: a hundred of them, the mean face, the distribution of every pixel."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.faces.figures import visualize_pixels
from gan.figures import visualize_pictures


def main(argv=None):
    parser = script.parser(__doc__)
    script.add_faces(parser)
    options = script.start(parser, argv)
    faces = script.faces(options)
    first = visualize_pictures([("the first 100 real faces", faces.pictures[:100]),
                                ("the mean face", faces.mean_face[None])], columns=[10, 1],
                               title=f"{faces.path.name}: {len(faces.pictures)} faces; black is 0, white is 1")
    script.finish(first, options, "0-main_31-faces.png")
    second = visualize_pixels(faces.normalized)
    script.finish(second, options, "0-main_31-pixels.png")
    print("What you see: faces of 16 x 16 pixels, their mean, and how each pixel varies: in the middle of a face "
          "in a bell, at the border with peaks at black or white, where backgrounds and hair are.")
    return [first, second]


if __name__ == "__main__":
    main()
