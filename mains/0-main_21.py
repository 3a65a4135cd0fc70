#!/usr/bin/env python3
"""Task 2: the three classes on a cloud in 49 dimensions, and two indicators of how well they learned it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.figures import visualize_corner
from gan.indicators import (
    expected_mean_squared_dist_cloud_to_center,
    expected_squared_dist_barycenter_to_center,
    mean_squared_dist_cloud_to_center,
    squared_dist_barycenter_to_center,
)
from gan.numbers_in_words import mean_and_spread
from points_in_49_dimensions import BATCH_SIZE, CLASSES, SIGMA, N, train, weights_file

S = 500  # points in a sample
EXPECTED = (expected_mean_squared_dist_cloud_to_center(N, SIGMA, S),
            expected_squared_dist_barycenter_to_center(N, SIGMA, S))


def indicators(G):
    """Both indicators of a sample of S examples that G makes."""
    cloud = np.asarray(G.get_fake_sample(S))
    return mean_squared_dist_cloud_to_center(cloud), squared_dist_barycenter_to_center(cloud)


def main(argv=None):
    parser = script.parser(__doc__, epochs=100, steps=250)
    parser.add_argument("--seeds", type=script.positive, default=1, metavar="K",
                        help="repeat with K seeds, counted up from --seed; print mean and spread (default 1)")
    script.add_long_run(parser)
    script.add_devices(parser)
    options = script.start(parser, argv)
    if options.seed + options.seeds - 1 > script.LARGEST_SEED:
        parser.error(f"--seeds: expected --seed and those after it to be at most {script.LARGEST_SEED}, "
                     f"got {options.seeds} from {options.seed} on")
    print("Simple_GAN, WGAN_clip and WGAN_GP on 10000 points of a Gaussian cloud in 49 dimensions")
    results = []
    for seed in range(options.seed, options.seed + options.seeds):
        with script.scope(options, BATCH_SIZE):
            Gs = train(seed, options)
        results.append([indicators(G) for G in Gs])
        if seed == options.seed:  # the picture and the stored weights are the first seed's
            runs = [(type(G).__name__, G.history.history, *found) for G, found in zip(Gs, results[0])]
            trained = Gs

    results = np.array(results)  # (seeds, classes, indicators)
    print(f"indicators over {options.seeds} seed{'s' * (options.seeds > 1)}, mean +- standard deviation")
    print(f"{'':10}  {'msdcc':>18}  {'dbc':>22}")
    for chosen_type, msdcc, dbc in zip(CLASSES, *results.T):
        print(f"{chosen_type.__name__:10}  {mean_and_spread(msdcc, '.4f', alone=True):>18}  "
              f"{mean_and_spread(dbc, '.6f', alone=True):>23}")
    print(f"{'expected':10}  {EXPECTED[0]:8.4f}            {EXPECTED[1]:11.6f}")

    for G in trained:
        file = weights_file(options.out, type(G))
        with script.saving(file):
            G.save_weights(file)
    figure = visualize_corner(runs, EXPECTED)
    script.finish(figure, options, "0-main_21.png")
    print("What you see: the losses of each epoch's last step, and below each panel both indicators. With the "
          "course's settings only WGAN_GP comes near the expected values; the fakes of the other two are all "
          "nearly one point, far from the centre.")
    return [figure]


if __name__ == "__main__":
    main()
