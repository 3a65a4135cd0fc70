"""What 0-main_21 and 0-main_22 share: the cloud in 49 dimensions, and the training of the three classes on it."""

import tempfile
from pathlib import Path

import numpy as np

from gan import script
from gan.examples import cloud_in_the_corner
from gan.indicators import mean_squared_dist_cloud_to_center, squared_dist_barycenter_to_center

CLASSES = (__import__("0-simple_gan").Simple_GAN, __import__("1-wgan_clip").WGAN_clip, __import__("2-wgan_gp").WGAN_GP)
N, SIGMA = 49, .05
BATCH_SIZE = 200
S = 500  # points in a sample
SHAPE = [N, 2 * N, 2 * N, N]


def real_points():
    """The cloud, 10,000 points; draws from NumPy's global stream."""
    return cloud_in_the_corner(N, SIGMA, 10000)


def weights_file(folder, chosen_type):
    """Where the weights of one class are stored for 0-main_22."""
    return folder / f"0-main_21-{chosen_type.__name__}.weights.h5"


def train(seed, options):
    """Seed, draw the cloud, and train the three classes one after the other; returns the three GANs."""
    script.set_seeds(seed)
    real = real_points()
    several = getattr(options, "seeds", 1) > 1  # then each process has a folder of its own
    folder = f"0-main_21/seed-{seed}" if several else "0-main_21"
    Gs = []
    for chosen_type in CLASSES:
        name = f"{chosen_type.__name__}-seed-{seed}"
        run = script.long_run(options, folder, name, seed=seed, epochs=options.epochs)
        Gs.append(script.example_fully_connected_GAN(
            chosen_type, real, SHAPE, options.epochs, BATCH_SIZE, options.steps, learning_rate=3e-5, verbose=0,
            callbacks=[script.TimeLeft(name)], run=run, steps_per_execution=250))
    return Gs


def indicators(G):
    """Both indicators of a sample of S examples that G makes."""
    cloud = np.asarray(G.get_fake_sample(S))
    return mean_squared_dist_cloud_to_center(cloud), squared_dist_barycenter_to_center(cloud)


def measured(seed, options):
    """Train the three classes; of each one its name, its history, both indicators and the bytes of its weight file."""
    return [(type(G).__name__, G.history.history, indicators(G), _weights(G)) for G in train(seed, options)]


def _weights(G):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "G.weights.h5"
        G.save_weights(file)
        return file.read_bytes()
