#!/usr/bin/env python3
"""Task 4: walks in latent space as animations, and directions along which faces begin to smile or wear glasses."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.faces import latent
from gan.faces.attributes import attribute_direction, load_attributes
from gan.faces.pictures import OWN_FACES
from gan.figures import picture_frame, picture_sheet, save_animation, visualize_pictures
from gan.picture_measures import flat
from stored_faces import pretrained, stored_faces_parser

DIM = 16
WALKERS = 12  # faces that walk side by side
ATTRIBUTES = ("smile", "glasses")
AMOUNTS = {-2.5: "less", 0: "neutral", 2.5: "more"}  # how far along the direction of an attribute


def save_walk(generate, paths, file):
    """Write the animation of several walks (walkers, n, 16), each face enlarged."""
    frames = [picture_frame(picture_sheet(generate(points), columns=6), scale=6) for points in paths.transpose(1, 0, 2)]
    with script.saving(file):
        save_animation(file, frames, seconds=.1)


def main(argv=None):
    parser = stored_faces_parser(__doc__)
    parser.add_argument("--attributes", type=Path, metavar="FILE",
                        help="table of attributes, a row a face (default data/faces_attributes.csv, which describes "
                             "the package's own faces)")
    parser.add_argument("--frames", type=script.whole_number(4, 1000), default=48, metavar="N",
                        help="of each animation (default 48)")
    options = script.start(parser, argv)
    G, recover, faces = pretrained(options)
    if options.attributes is None:
        if faces.origin != OWN_FACES:
            sys.exit(f"The attributes of {faces.origin} are not known; name a table of them by --attributes FILE.")
        options.attributes = script.DATA / "faces_attributes.csv"
    try:
        known = load_attributes(options.attributes, ATTRIBUTES, len(faces.pictures))
    except ValueError as error:
        sys.exit(str(error))
    rng = np.random.default_rng(options.seed)

    def generate(latent_vectors):
        made = G.generator.predict(latent_vectors.astype("float32"), batch_size=500, verbose=0)
        return recover(made[:, :, :, 0])

    save_walk(generate, np.stack([latent.circle(options.frames, DIM, rng) for _ in range(WALKERS)]),
              options.out / "0-main_43-circle.gif")
    save_walk(generate, np.stack([latent.star(rng.normal(size=DIM), 4, options.frames // 4, 4, rng)
                                  for _ in range(WALKERS)]), options.out / "0-main_43-star.gif")

    latent_vectors = rng.normal(size=(10000, DIM))
    made = generate(latent_vectors)
    panels = []
    for name, values in known.items():
        direction, classifier = attribute_direction(faces.pictures, values, latent_vectors, made)
        across = latent_vectors - (latent_vectors @ direction)[:, None] * direction  # neither less nor more of it
        print(f"{name}: the classifier is right on {classifier.score(flat(faces.pictures), values):.0%} of the real "
              "faces; on fakes it sees " + name + " in", end="")
        rows = []
        for amount, word in AMOUNTS.items():
            moved = generate(across[:2000] + amount * direction)
            rows.append(moved[:10])
            print(f" {np.mean(classifier.predict(flat(moved))):.0%} ({word})", end="")
        print(" of 2000 fakes")
        panels.append((f"{name}: less, neutral, more", np.concatenate(rows)))
    figure = visualize_pictures(panels, columns=10, panel_columns=1, size=9,
                                row_names=[f"{word} ({amount:g})" for amount, word in AMOUNTS.items()],
                                title=f"ten fake faces of {type(G).__name__}, moved by the number beside the row along "
                                      "an attribute's direction")
    script.finish(figure, options, "0-main_43-attributes.png")
    print("What you see: walks through latent space, on which faces change without a jump, and the same ten faces "
          "moved along the direction of an attribute: smiles and glasses come and go. Other things change a little "
          "with them, since faces with and without differ in more than one thing.")
    return [figure]


if __name__ == "__main__":
    main()
