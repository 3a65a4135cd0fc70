"""Inputs of the probes: sizes, weights of small networks, latent vectors, examples. No expected value stands here.

All of them follow from a key, so that no solution can be right for one set of inputs only: the grader derives a key for
each task from the seed of a command (draws.py), and the worker, which runs beside the solution, is told the key of its
own task and nothing else. The worker asks a `Draw`. The judges ask this module, as in `inputs.BATCH` or
`inputs.examples()`: it answers with the draw that is in force in their thread (`use`). NumPy only.
"""

import contextlib
import contextvars
import hashlib

import numpy as np

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
# What the course gives to the arguments that are left out; the probe `defaults` is the only one that cannot draw them.
DEFAULT_BATCH, DEFAULT_DISC_ITER, DEFAULT_RATE, DEFAULT_LAMBDA = 200, 2, 0.005, 10

# The layers of task 3 that have weights, and the shapes of those weights, in order.
GENERATOR_LAYERS = [("Dense", [(16, 2048), (2048,)])]
for before, filters in ((512, 64), (64, 16), (16, 1)):
    GENERATOR_LAYERS += [("Conv2D", [(3, 3, before, filters), (filters,)]), ("BatchNormalization", [(filters,)] * 4)]
DISCRIMINATOR_LAYERS = [
    ("Conv2D", [(3, 3, before, filters), (filters,)]) for before, filters in ((1, 32), (32, 64), (64, 128), (128, 256))
]
DISCRIMINATOR_LAYERS += [("Dense", [(256, 1), (1,)])]


# Tables that are drawn again alone, by what their names begin with; each has two digits at the end of a key.
PARTS = ("discriminator", "critic", "picture")
BEGINNING = 26  # digits of a key that everything follows from


class Draw:
    """Everything that one key gives. Numbers are drawn once; every table is drawn anew from the key and its name.

    Attributes:
        key: what everything follows from; its end counts how often each of PARTS was drawn again.
        BATCH, DISC_ITER, RATE, LAMBDA: arguments of the class in most probes (`batch_size` and so on).
        OTHER_LAMBDA: a second weight of the penalty, smaller than the first.
        LATENT, WIDTH, DIM: latent vectors -> hidden layer -> examples. Like BATCH, no two of them are equal.
        PICTURE: the shape of the pictures; its height and width differ from each other and from BATCH.
        ROWS: number of examples where more of them are needed than a sample holds.
        MANY, FEW: sizes asked of get_real_sample (between BATCH and ROWS) and of get_fake_sample.
        SLOPE: the norm of the gradient of a linear critic, above 1.
        LARGE: factor of the examples whose gradients are large.
        The others are named for their probe: CLIP_RATE is the `learning_rate` of the probe `clip`.
    """

    def __init__(self, key):
        self.key, self.tables = str(key), {}  # tables: (name, shape, lowest, highest) -> numbers
        rng = self.rng("numbers")

        def between(low, high):
            return low + int(rng.random() * (high + 1 - low))

        def decimal(low, high, digits=2):
            return round(float(rng.uniform(low, high)), digits)

        self.LATENT, self.DIM, self.WIDTH = self.different(rng, (2, 3, 4, 5), (3, 4, 5, 6), (4, 5, 6))
        self.PICTURE = (*self.different(rng, (2, 3, 4, 5), (3, 4, 5)), between(1, 2))
        self.BATCH = between(7, 24)
        while self.BATCH == np.prod(self.PICTURE):
            self.BATCH = between(7, 24)
        self.DISC_ITER, self.CLIP_DISC_ITER, self.FIT_DISC_ITER = between(3, 5), between(2, 4), between(2, 3)
        self.RATE = decimal(0.03, 0.09, 3)
        self.STEEP_RATE, self.CLIP_RATE, self.FIT_RATE = (
            decimal(0.02, 0.08, 3),
            decimal(0.3, 0.5),
            decimal(0.01, 0.03, 3),
        )
        self.LAMBDA, self.OTHER_LAMBDA = decimal(7, 9.5, 1) + between(0, 1) * 4, decimal(1.5, 3, 1)
        self.SLOPE, self.STEEP_SLOPE = decimal(1.5, 2.3), decimal(0.4, 0.7)
        self.CRITIC_DISC_ITER = between(1, 3)
        self.PENALTY_SIZE, self.CLIP_SIZE, self.DEFAULT_SIZE = decimal(1.3, 1.7), decimal(2.2, 2.8), decimal(0.4, 0.6)
        self.LARGE = np.float32(decimal(45, 70, 1))
        self.ROWS = self.BATCH + between(18, 30)
        self.MANY = between(self.BATCH + 3, self.ROWS - 5)
        self.FEW = between(3, self.BATCH - 2)
        self.FIT_ROWS, self.FIT_STEPS = between(41, 80), between(2, 4)
        self.CALLS, self.MIXED_ROWS = between(20, 24), 10 * self.BATCH  # of get_interpolated_sample
        self.FACES, self.FACES_BATCH, self.FACES_ROWS = between(3, 6), between(7, 10), between(11, 20)
        self.FACES_DISC_ITER, self.FACES_RATE = between(2, 4), decimal(0.001, 0.004, 4)
        self.FIRST_LAYER = {"generator": between(2, 40), "discriminator": between(41, 90)}  # numbers in a weight file
        self.STEM = "".join(chr(between(97, 122)) for _ in range(8))  # of the names of weight files

    def draw_again(self, part):
        """Draw the tables of a part once more; all else stays."""
        place = BEGINNING + 2 * PARTS.index(part)
        count = int(self.key[place : place + 2], 16) + 1
        self.key = f"{self.key[:place]}{count:02x}{self.key[place + 2 :]}"
        self.tables = {name: table for name, table in self.tables.items() if not name[0].startswith(part)}

    def rng(self, name):
        """A generator of numbers for this name alone; only uniform ones, which are the same in every NumPy."""
        places = [BEGINNING + 2 * i for i, part in enumerate(PARTS) if name.startswith(part)]
        again = [self.key[place : place + 2] for place in places]
        text = f"{self.key[:BEGINNING]} {''.join(again)} {name}".encode()
        return np.random.default_rng(int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "big"))

    @staticmethod
    def different(rng, *choices):
        """One of each of the choices, no two of them equal."""
        while True:
            found = [one[int(rng.random() * len(one))] for one in choices]
            if len(set(found)) == len(found):
                return found

    def table(self, name, *shape, low=-1.0, high=1.0):
        """Uniform numbers in [low, high), float32, the same ones for the same name and shape."""
        key = name, shape, low, high
        if key not in self.tables:
            self.tables[key] = self.rng(f"{name} {shape}").uniform(low, high, size=shape).astype("float32")
        return self.tables[key].copy()

    def dense_weights(self, name, *widths, size=1.0):
        """[W, b, W, b, ...] of dense layers of these widths."""
        shapes = [shape for a, b in zip(widths, widths[1:]) for shape in ((a, b), (b,))]
        ends = np.cumsum([np.prod(shape) for shape in shapes])
        parts = np.split(self.table(name, int(ends[-1])), ends[:-1])
        return [size * part.reshape(shape) for part, shape in zip(parts, shapes)]

    def generator_weights(self, size=1.0):
        return self.dense_weights("generator", self.LATENT, self.WIDTH, self.DIM, size=size)

    def discriminator_weights(self, size=1.0):
        return self.dense_weights("discriminator", self.DIM, self.WIDTH, 1, size=size)

    def without_biases(self):
        """Kernels of a generator and a discriminator, where it does not matter what they compute."""
        return [self.generator_weights()[::2], self.discriminator_weights()[::2]]

    def latent_vectors(self, rows=None, dim=None):
        """The same BATCH over and over, so that several samples may be drawn at once."""
        rows, dim = rows or self.BATCH, dim or self.LATENT
        return self.table("latent", self.BATCH, dim, low=-2, high=2)[np.arange(rows) % self.BATCH]

    def examples(self, rows=None):
        """Points of the unit cube, each coordinate of another spread."""
        spread = self.table("spreads", self.DIM, low=0.3, high=1)
        start = self.table("starts", self.DIM, low=0, high=1) * (1 - spread)
        return self.table("examples", rows or self.BATCH, self.DIM, low=0, high=1) * spread + start

    def pictures(self, rows=None):
        return self.table("pictures", rows or self.BATCH, *self.PICTURE, low=0, high=1)

    def more_faces(self):
        """Pictures for the discriminator of task 3, each of which it gives one number only."""
        return self.table("more faces", 24, 16, 16, 1)

    def linear_critic(self, shape, norm):
        """Weights of a critic D(x) = x w + b of flattened examples; |w| = norm, all coordinates different."""
        w = self.table(f"critic {shape}", int(np.prod(shape)), 1, low=0.2, high=1)
        w[::2] *= -1
        return [(norm * w / np.linalg.norm(w)).astype("float32"), self.table("critic bias", 1, low=0.2, high=0.5)]

    def picture_generator(self):
        """Weights of one dense layer from latent vectors to flattened pictures."""
        return self.dense_weights("picture generator", self.LATENT, int(np.prod(self.PICTURE)))

    def clipped_weights(self):
        """Weights of the discriminator of task 1's probe: in [-1, 1] and far outside, in kernels and in biases.

        Those stay above 2 in an update, so that it shows whether they are cut at 2.
        """
        kernel_1, bias_1, kernel_2, bias_2 = (0.9 * w for w in self.discriminator_weights())
        far = iter(self.table("far", 5, low=2.6, high=3.4))
        for w, large in ((kernel_1, (next(far), -next(far))), (bias_1, [-next(far)]), (kernel_2, [next(far)])):
            places = np.argsort(self.table("places of the large weights", w.size))
            w.flat[places[: len(large)]] = large
        bias_2[0] = next(far)
        return [kernel_1, bias_1, kernel_2, bias_2]

    def layer_weights(self, network, position, shapes, kind):
        """Weights for a layer of task 3: of the size of usual initial ones; batch statistics that are not trivial."""
        name = f"{network} {position}"
        if kind == "BatchNormalization":
            gamma, beta, mean, variance = (
                self.table(f"{name} {part}", *shape)
                for part, shape in zip(("gamma", "beta", "mean", "variance"), shapes)
            )
            return [1 + 0.5 * gamma, 0.5 * beta, 0.3 * mean, 1 + 0.5 * variance]
        size = np.sqrt(3 / np.prod(shapes[0][:-1]))
        if shapes[0] == (256, 1):
            size *= 4  # the discriminator's values are so large that the tanh behind them shows
        return [
            np.float32(size) * self.table(f"{name} kernel", *shapes[0]),
            0.3 * self.table(f"{name} bias", *shapes[1]),
        ]

    def stored_weights(self, network):
        """Weights for every layer of a network of task 3, as one list of arrays."""
        layers = GENERATOR_LAYERS if network == "generator" else DISCRIMINATOR_LAYERS
        return [
            array
            for position, (kind, shapes) in enumerate(layers)
            for array in self.layer_weights(network, position, shapes, kind)
        ]


# ------------------------------------------------------------------ the draw in force

_draw = contextvars.ContextVar("the draw in force")


@contextlib.contextmanager
def use(key):
    """Within this block, and in this thread, the module answers with the draw of this key, which it gives."""
    token = _draw.set(Draw(key))
    try:
        yield _draw.get()
    finally:
        _draw.reset(token)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        draw = _draw.get()
    except LookupError:
        raise AttributeError(f"{name} belongs to a draw, and none is in force: with inputs.use(key): ...") from None
    return getattr(draw, name)
