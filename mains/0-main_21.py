#!/usr/bin/env python3
"""Task 2: the three classes on a cloud in 49 dimensions, and two indicators of how well they learned it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np  # noqa: E402

from gan import script  # noqa: E402
from gan.examples import cloud_in_the_corner  # noqa: E402
from gan.figures import visualize_corner  # noqa: E402
from gan.indicators import (  # noqa: E402
    expected_mean_squared_dist_cloud_to_center,
    expected_squared_dist_barycenter_to_center,
    mean_squared_dist_cloud_to_center,
    squared_dist_barycenter_to_center,
)

CLASSES = (__import__("0-simple_gan").Simple_GAN, __import__("1-wgan_clip").WGAN_clip, __import__("2-wgan_gp").WGAN_GP)
N, SIGMA, S = 49, .05, 500
BATCH_SIZE = 200
SHAPE = [N, 2 * N, 2 * N, N]
EXPECTED = (expected_mean_squared_dist_cloud_to_center(N, SIGMA, S),
            expected_squared_dist_barycenter_to_center(N, SIGMA, S))


def weights_file(folder, chosen_type):
    """Where the weights of one class are stored for 0-main_22."""
    return folder / f"0-main_21-{chosen_type.__name__}.weights.h5"


def train(seed, options):
    """Seed, draw the cloud, and train the three classes one after the other; returns the three GANs."""
    script.set_seeds(seed)
    real = cloud_in_the_corner(N, SIGMA, 10000)
    Gs = []
    for chosen_type in CLASSES:
        name = f"{chosen_type.__name__}-seed-{seed}"
        run = script.long_run(options, "0-main_21", name, seed=seed, epochs=options.epochs)
        Gs.append(script.example_fully_connected_GAN(
            chosen_type, real, SHAPE, options.epochs, BATCH_SIZE, options.steps, learning_rate=3e-5, verbose=0,
            callbacks=[script.TimeLeft(name)], run=run, steps_per_execution=250))
    return Gs


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
    for chosen_type, mean, spread in zip(CLASSES, results.mean(axis=0), results.std(axis=0)):
        print(f"{chosen_type.__name__:10}  {mean[0]:8.4f} +- {spread[0]:.4f}  {mean[1]:11.6f} +- {spread[1]:.6f}")
    print(f"{'expected':10}  {EXPECTED[0]:8.4f}            {EXPECTED[1]:11.6f}")

    for G in trained:
        file = weights_file(options.out, type(G))
        with script.saving(file):
            G.save_weights(file)
    figure = visualize_corner(runs, EXPECTED)
    script.finish(figure, options, "0-main_21.png")
    return [figure]


if __name__ == "__main__":
    main()
