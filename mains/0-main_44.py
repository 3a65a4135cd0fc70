#!/usr/bin/env python3
"""Task 4: a web page that makes faces, with both networks in it.

It needs no server and no network: a new face at every click, a slider for each latent coordinate and for smile,
glasses and age, arithmetic on faces, the way from one face to another, the discriminator's verdict, and a game: real
or fake?
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.faces.attributes import attribute_direction, load_attributes
from gan.faces.page import write_page
from gan.faces.pictures import OWN_FACES
from stored_faces import pretrained

ATTRIBUTES = ("smile", "glasses", "age")


def directions(G, faces, seed):
    """The direction in latent space of each attribute; none for faces whose attributes are not known."""
    if faces.origin != OWN_FACES:
        return {}
    known = load_attributes(script.DATA / "faces_attributes.csv", ATTRIBUTES, len(faces.pictures))
    latent = np.random.default_rng(seed).normal(size=(3000, 16))
    made = G.generator.predict(latent.astype("float32"), batch_size=500, verbose=0)[:, :, :, 0]
    return {name: attribute_direction(faces.pictures, values, latent, made)[0] for name, values in known.items()}


def main(argv=None):
    parser = script.parser(__doc__)
    script.add_faces(parser, weights=True)
    parser.set_defaults(as_course=False)  # the page shows the generator's own pictures
    options = script.start(parser, argv)
    G, _, faces = pretrained(options)
    print(f"a web page of the networks in {options.weights}, to be opened in a browser")
    found = directions(G, faces, options.seed)
    path = options.out / "0-main_44.html"
    with script.saving(path):
        write_page(path, G.generator, G.discriminator, options.seed, faces.pictures, found)
    print("What you see: a face that nobody has, the sixteen numbers it is made of, how real the discriminator finds "
          "it, and what becomes of it when the numbers change.")
    return [path]


if __name__ == "__main__":
    main()
