#!/usr/bin/env python3
"""Task 2: the three classes on a cloud in 49 dimensions, and two indicators of how well they learned it."""

import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import files, jobs, script
from gan.figures import visualize_corner
from gan.indicators import expected_mean_squared_dist_cloud_to_center, expected_squared_dist_barycenter_to_center
from gan.numbers_in_words import mean_and_spread
from points_in_49_dimensions import BATCH_SIZE, CLASSES, SIGMA, N, S, measured, weights_file

EXPECTED = (expected_mean_squared_dist_cloud_to_center(N, SIGMA, S),
            expected_squared_dist_barycenter_to_center(N, SIGMA, S))


def main(argv=None):
    parser = script.parser(__doc__, epochs=100, steps=250)
    parser.add_argument("--seeds", type=script.positive, default=1, metavar="K",
                        help="repeat with K seeds, counted up from --seed; print mean and spread (default 1)")
    script.add_long_run(parser)
    script.add_devices(parser)
    jobs.add_jobs(parser, "seeds")
    options = script.start(parser, argv)
    if options.seed + options.seeds - 1 > script.LARGEST_SEED:
        parser.error(f"--seeds: expected --seed and those after it to be at most {script.LARGEST_SEED}, "
                     f"got {options.seeds} from {options.seed} on")
    print("Simple_GAN, WGAN_clip and WGAN_GP on 10000 points of a Gaussian cloud in 49 dimensions")
    told = SimpleNamespace(**{name: value for name, value in vars(options).items() if name != "strategy"})
    runs = {}
    with script.scope(options, BATCH_SIZE):
        for number, run in jobs.results(measured, [(options.seed + k, told) for k in range(options.seeds)], options):
            runs[number] = run

    results = np.array([[found for _, _, found, _ in runs[k]] for k in sorted(runs)])  # (seeds, classes, indicators)
    print(f"indicators over {options.seeds} seeds, mean +- standard deviation" if options.seeds > 1 else "indicators")
    widths = (18, 23) if options.seeds > 1 else (8, 11)
    rows = [(chosen_type.__name__, mean_and_spread(msdcc, ".4f"), mean_and_spread(dbc, ".6f"))
            for chosen_type, msdcc, dbc in zip(CLASSES, *results.T)]
    for name, *cells in [("", "msdcc", "dbc"), *rows]:
        print(f"{name:10}  {cells[0]:>{widths[0]}}  {cells[1]:>{widths[1]}}")
    print(f"{'expected':10}  {f'{EXPECTED[0]:8.4f}':{widths[0]}}  {EXPECTED[1]:11.6f}")

    first = runs[0]  # the picture and the stored weights are the first seed's
    for chosen_type, (_, _, _, weights) in zip(CLASSES, first):
        file = weights_file(options.out, chosen_type)
        with script.saving(file):
            files.store(file, weights)
    figure = visualize_corner([(name, history, *found) for name, history, found, _ in first], EXPECTED)
    script.finish(figure, options, "0-main_21.png")
    print("What you see: the losses of each epoch's last step, and below each panel both indicators. With the "
          "course's settings only WGAN_GP comes near the expected values; the fakes of the other two are all "
          "nearly one point, far from the centre.")
    return [figure]


if __name__ == "__main__":
    main()
