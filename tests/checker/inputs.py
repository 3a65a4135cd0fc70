"""Fixed inputs of the probes: weights of small networks, latent vectors, examples. No expected value stands here.

The worker, which runs beside the solution, and the judges, which do not, both read this file. Every table is drawn
from a seed of its own. NumPy only.
"""

import zlib

import numpy as np

BATCH = 8
LATENT, WIDTH, DIM = 2, 4, 3  # latent vectors -> hidden layer -> examples
PICTURE = (4, 3, 1)
LARGE = np.float32(50)  # factor of the examples whose gradients are large

FILES = {
    0: ("0-simple_gan.py",),
    1: ("1-wgan_clip.py",),
    2: ("2-wgan_gp.py",),
    3: ("3-generate_faces.py",),
    4: ("4-wgan_gp.py", "4-wgan_gp_faces.py"),
}
CLASSES = {0: "Simple_GAN", 1: "WGAN_clip", 2: "WGAN_GP", 4: "WGAN_GP"}
PARAMETERS = [
    "generator",
    "discriminator",
    "latent_generator",
    "real_examples",
    "batch_size",
    "disc_iter",
    "learning_rate",
]

# The layers of task 3 that have weights, and the shapes of those weights, in order.
GENERATOR_LAYERS = [("Dense", [(16, 2048), (2048,)])]
for before, filters in ((512, 64), (64, 16), (16, 1)):
    GENERATOR_LAYERS += [("Conv2D", [(3, 3, before, filters), (filters,)]), ("BatchNormalization", [(filters,)] * 4)]
DISCRIMINATOR_LAYERS = [
    ("Conv2D", [(3, 3, before, filters), (filters,)]) for before, filters in ((1, 32), (32, 64), (64, 128), (128, 256))
]
DISCRIMINATOR_LAYERS += [("Dense", [(256, 1), (1,)])]


def table(name, *shape, low=-1.0, high=1.0):
    """Uniform numbers in [low, high), float32, the same ones for the same name and shape."""
    rng = np.random.default_rng(zlib.crc32(f"{name} {shape}".encode()))
    return rng.uniform(low, high, size=shape).astype("float32")


def dense_weights(name, *widths, size=1.0):
    """[W, b, W, b, ...] of dense layers of these widths."""
    return [
        size * table(f"{name} {i} {kind}", *shape)
        for i, (a, b) in enumerate(zip(widths, widths[1:]))
        for kind, shape in (("W", (a, b)), ("b", (b,)))
    ]


def generator_weights(size=1.0):
    return dense_weights("generator", LATENT, WIDTH, DIM, size=size)


def discriminator_weights(size=1.0):
    return dense_weights("discriminator", DIM, WIDTH, 1, size=size)


def latent_vectors(rows=BATCH, dim=LATENT):
    """The same eight over and over, so that several samples may be drawn at once."""
    return table("latent", BATCH, dim, low=-2, high=2)[np.arange(rows) % BATCH]


def examples(rows=BATCH):
    """Points of the unit cube, each coordinate of another spread."""
    return table("examples", rows, DIM, low=0, high=1) * np.float32([1, 0.6, 0.3]) + np.float32([0, 0.3, 0.1])


def pictures(rows=BATCH):
    return table("pictures", rows, *PICTURE, low=0, high=1)


def linear_critic(shape, norm):
    """Weights of a critic D(x) = x w + b of flattened examples; |w| = norm, all coordinates different."""
    w = table(f"critic {shape}", int(np.prod(shape)), 1, low=0.2, high=1)
    w[::2] *= -1
    return [(norm * w / np.linalg.norm(w)).astype("float32"), np.float32([0.3])]


def picture_generator():
    """Weights of one dense layer from latent vectors to flattened pictures."""
    return dense_weights("picture generator", LATENT, int(np.prod(PICTURE)))


def clipped_weights():
    """Weights of the discriminator of task 1's probe: within [-1, 1] and far outside, in kernels and in biases."""
    kernel_1, bias_1, kernel_2, bias_2 = discriminator_weights()
    kernel_1, bias_1, kernel_2 = 0.9 * kernel_1, 0.9 * bias_1, 0.9 * kernel_2
    kernel_1[0, 0], kernel_1[1, 2], bias_1[1], kernel_2[2, 0], bias_2[0] = 2.5, -1.8, -2.2, 1.6, 1.9
    return [kernel_1, bias_1, kernel_2, bias_2]


def layer_weights(network, position, shapes, kind):
    """Weights for a layer of task 3: of the size of usual initial ones, and batch statistics that are not trivial."""
    name = f"{network} {position}"
    if kind == "BatchNormalization":
        gamma, beta, mean, variance = (
            table(f"{name} {part}", *shape) for part, shape in zip(("gamma", "beta", "mean", "variance"), shapes)
        )
        return [1 + 0.5 * gamma, 0.5 * beta, 0.3 * mean, 1 + 0.5 * variance]
    size = np.sqrt(3 / np.prod(shapes[0][:-1]))
    if shapes[0] == (256, 1):
        size *= 4  # the discriminator's values are so large that the tanh behind them shows
    return [np.float32(size) * table(f"{name} kernel", *shapes[0]), 0.3 * table(f"{name} bias", *shapes[1])]


def stored_weights(network):
    """Weights for every layer of a network of task 3, as one list of arrays."""
    layers = GENERATOR_LAYERS if network == "generator" else DISCRIMINATOR_LAYERS
    return [
        array
        for position, (kind, shapes) in enumerate(layers)
        for array in layer_weights(network, position, shapes, kind)
    ]
