#!/usr/bin/env python3
"""Task 4: a web page that makes faces, with both networks in it.

It needs no server and no network: a new face at every click, a slider for each latent coordinate, arithmetic on faces,
the way from one face to another, the discriminator's verdict, and a game: real or fake?
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from gan import script
from gan.faces.page import write_page
from stored_faces import pretrained


def main(argv=None):
    parser = script.parser(__doc__)
    script.add_faces(parser, weights=True)
    parser.set_defaults(as_course=False)  # the page shows the generator's own pictures
    options = script.start(parser, argv)
    G, _, faces = pretrained(options)
    print(f"a web page of the networks in {options.weights}, to be opened in a browser")
    path = options.out / "0-main_44.html"
    with script.saving(path):
        write_page(path, G.generator, G.discriminator, options.seed, faces.pictures)
    return [path]


if __name__ == "__main__":
    main()
