#!/usr/bin/env python3
"""Appendix: the principal coordinates of the faces, faces made from them, and why these are not convincing."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.faces.figures import visualize_chi2, visualize_coordinates
from gan.faces.quality import (
    PCA_generator,
    PictureQuality,
    standardized_coordinates,
    sums_of_squares,
    table,
)
from gan.figures import visualize_pictures
from gan.picture_measures import COORDINATES
from stored_faces import pretrained, stored_faces_parser

convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr
DEPTHS = (128, 192, 256)
SAMPLES = 3


def main(argv=None):
    parser = stored_faces_parser(__doc__)
    options = script.start(parser, argv)
    G, _, faces = pretrained(options, least=min(DEPTHS) + 1)
    coordinates = standardized_coordinates(faces.pictures)
    figures = [visualize_coordinates(coordinates)]

    generators = {depth: PCA_generator(faces.pictures, depth) for depth in DEPTHS if depth < len(faces.pictures)}
    depth = min(generators)
    figures.append(visualize_pictures([
        (f"PCA fake faces (depth {depth})", generators[depth].get_fake_sample(100)),
        (f"PCA reconstructed real faces (depth {depth})", generators[depth].reconstructed(100)),
        ("fake faces of the GAN", np.asarray(G.get_fake_sample(100))[:, :, :, 0])], columns=10,
        title="100 faces of each kind; black is 0, white is 1"))

    shuffled = np.stack([np.random.permutation(column) for column in coordinates.T], axis=1)
    made = np.asarray(G.get_fake_sample(len(faces.pictures)))
    figures.append(visualize_chi2([("real faces", np.sum(coordinates ** 2, axis=1)),
                                   ("each coordinate shuffled", np.sum(shuffled ** 2, axis=1)),
                                   ("fake faces of the GAN", sums_of_squares(made))], COORDINATES))

    quality = PictureQuality(faces.pictures)
    rows = {"real against real": quality.calibrate()}
    for depth, generator in generators.items():
        rows[f"PCA, depth {depth}"] = quality(generator.get_fake_sample(quality.size))
    rows["untrained GAN"] = quality(convolutional_GenDiscr()[0](G.latent_generator(quality.size)))
    rows[f"GAN, {SAMPLES} samples"] = [quality(G.get_fake_sample(quality.size)) for _ in range(SAMPLES)]
    print(table(rows))
    for figure, name in zip(figures, ("coordinates", "pca", "chi2")):
        script.finish(figure, options, f"0-main_42-{name}.png")
    print("What you see: each coordinate alone nearly follows the normal law, but the sums of squares follow the "
          "chi-square law only when each coordinate is shuffled: the coordinates of a face depend on each other. "
          "So faces drawn with independent coordinates look smeared, whatever the depth; those of the GAN have "
          "nearly the sums of real faces.")
    return figures


if __name__ == "__main__":
    main()
