#!/usr/bin/env python3
"""Task 4: walks in latent space as animations, and directions along which faces change one attribute.

They begin to smile or to wear glasses, grow older, become men, or let their hair grow.
"""

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
ATTRIBUTES = ("smile", "glasses", "age", "male", "hair_length")  # the first two must be in a table of attributes
STEPS = (.01, .1, 1)  # lengths of a step in latent space
AMOUNTS = {-2.5: "less", 0: "neutral", 2.5: "more"}  # how far along the direction of an attribute


def words(name):
    """An attribute's name for people."""
    return name.replace("_", " ")


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
        known = load_attributes(options.attributes, ATTRIBUTES[:2], len(faces.pictures), optional=ATTRIBUTES[2:])
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
    for length, share in latent.changes(generate, latent_vectors[:1000], STEPS, rng).items():
        print(f"a step of length {length:g} in latent space changes a face by {share:.2g} of the distance between two "
              "fakes")

    found = {}
    for name, values in known.items():
        try:
            found[name] = attribute_direction(faces.pictures, values, latent_vectors, made)
        except ValueError:
            sys.exit(f"attributes: expected faces with and without {words(name)} in {str(options.attributes)!r}, got "
                     "one kind")
    panels, changes = [], {}
    for name, (direction, classifier) in found.items():
        across = latent_vectors - (latent_vectors @ direction)[:, None] * direction  # neither less nor more of it
        moved = [generate(across[:2000] + amount * direction) for amount in AMOUNTS]
        seen = {other: [np.mean(judge.predict(flat(pictures))) for pictures in moved]
                for other, (_, judge) in found.items()}
        print(f"{words(name)}: the classifier is right on {classifier.score(flat(faces.pictures), known[name]):.0%} of "
              f"the real faces; on fakes it sees {words(name)} in "
              + " ".join(f"{share:.0%} ({word})" for share, word in zip(seen[name], AMOUNTS.values()))
              + " of 2000 fakes")
        changes[name] = {other: shares[-1] - shares[0] for other, shares in seen.items()}
        panels.append((f"{words(name)}: less, neutral, more", np.concatenate([pictures[:10] for pictures in moved])))
    print("From less to more of it (rows), so many more of 100 fakes show this (columns):")
    print(" " * 12 + "".join(f"{words(name):>12}" for name in changes))
    for name, row in changes.items():
        print(f"{words(name):12}" + "".join(f"{100 * change:+12.0f}" for change in row.values()))
    figure = visualize_pictures(panels, columns=10, panel_columns=1, size=9,
                                row_names=[f"{word} ({amount:g})" for amount, word in AMOUNTS.items()],
                                title=f"ten fake faces of {type(G).__name__}, moved by the number beside the row along "
                                      "an attribute's direction")
    script.finish(figure, options, "0-main_43-attributes.png")
    print("What you see: walks through latent space, on which faces change without a jump, and the same ten faces "
          "moved along the direction of an attribute: smiles and glasses come and go, faces grow older, become men, "
          "or get longer hair. Other things change with them, since faces with and without differ in more than one "
          "thing: men have shorter hair.")
    return [figure]


if __name__ == "__main__":
    main()
