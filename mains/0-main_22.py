#!/usr/bin/env python3
"""Task 2: the distribution of both indicators, and the vectors of the cloud in 49 dimensions as pictures.

Uses the weights that 0-main_21 stored in the output folder; trains them first if they are not there.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.examples import cloud_in_the_corner_numpy
from gan.figures import visualize_indicators, visualize_pictures
from gan.indicators import (
    expected_mean_squared_dist_cloud_to_center,
    expected_squared_dist_barycenter_to_center,
    mean_squared_dist_cloud_to_center,
    squared_dist_barycenter_to_center,
)
from gan.networks import fully_connected_GenDiscr
from points_in_49_dimensions import CLASSES, SHAPE, real_points, train, weights_file

N, SIGMA, S = 10, .1, 100  # of the distributions; the pictures have those of 0-main_21


def distributions(clouds):
    """Both indicators of that many clouds of S points in N dimensions."""
    np.random.seed(0)  # as the course does before its figure
    found = [(mean_squared_dist_cloud_to_center(cloud), squared_dist_barycenter_to_center(cloud))
             for cloud in (cloud_in_the_corner_numpy(N, SIGMA, S) for _ in range(clouds))]
    return np.array(found).T


def stored_GANs(folder, real):
    """The three GANs with the weights of 0-main_21; None if a file is missing."""
    Gs = []
    for chosen_type in CLASSES:
        file = weights_file(folder, chosen_type)
        if not file.is_file():
            return None
        Gs.append(chosen_type(*fully_connected_GenDiscr(SHAPE), real))
        try:
            Gs[-1].load_weights(file)
        except ValueError as error:
            sys.exit(str(error))
    return Gs


def main(argv=None):
    parser = script.parser(__doc__, epochs=100, steps=250)
    parser.add_argument("--clouds", type=script.positive, default=10000, metavar="K",
                        help="clouds in the distributions (default 10000)")
    script.add_long_run(parser)
    options = script.start(parser, argv)

    print(f"both indicators of {options.clouds} clouds of {S} points in {N} dimensions")
    msdcc, dbc = distributions(options.clouds)
    first = visualize_indicators([
        ("mean squared distance of the cloud to the centre", msdcc,
         expected_mean_squared_dist_cloud_to_center(N, SIGMA, S), r"$N\sigma^2$"),
        ("squared distance of the barycentre to the centre", dbc,
         expected_squared_dist_barycenter_to_center(N, SIGMA, S), r"$N\sigma^2/S$")])
    script.finish(first, options, "0-main_22-indicators.png")

    script.set_seeds(options.seed)
    real = real_points()
    Gs = stored_GANs(options.out, real)
    if Gs is None:
        print(f"no weights of 0-main_21 in {options.out}: training the three classes first")
        Gs = train(options.seed, options)
        for G in Gs:
            file = weights_file(options.out, type(G))
            with script.saving(file):
                G.save_weights(file)
    samples = [("real", Gs[0].get_real_sample(100))]
    samples += [(type(G).__name__, G.get_fake_sample(100)) for G in Gs]
    panels = [(name, np.asarray(sample).reshape(-1, 7, 7)) for name, sample in samples]
    second = visualize_pictures(panels, columns=10, panel_columns=2, cmap="viridis", vmin=.6,
                                title="100 vectors of 49 coordinates as pictures of 7 x 7 pixels")
    script.finish(second, options, "0-main_22-pictures.png")
    print("What you see: the indicators of real clouds lie around the expected values. As pictures, the fakes of "
          "WGAN_GP differ from each other as the real ones do; with the course's settings those of the other two "
          "are all the same.")
    return [first, second]


if __name__ == "__main__":
    main()
