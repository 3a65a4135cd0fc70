"""A context encoder: fills a hole in a picture with what its surroundings suggest.

A square of the picture is cut out. The generator sees the rest, with 0, a middle grey, in the place of the hole. It
gives only the missing square. It makes the picture smaller and smaller (the encoder), connects all places of what is
left, and makes the square larger from that (the decoder). The discriminator sees squares only: those that were cut out,
and those that the generator made. With x what was cut out, and G its filling in [-1, 1]:

    discriminator loss   (mean -log D(x) + mean -log(1 - D(G))) / 2
    generator loss       mse_weight mean (G - x)^2 + gan_weight mean -log D(G)          (the joint loss)

The first part alone gives the mean of all squares that would fit, which is blurred. The second part alone wants any
square that looks real, whether or not it fits.

Pathak, Krahenbuhl, Donahue, Darrell and Efros (2016), Context Encoders: Feature Learning by Inpainting,
https://arxiv.org/abs/1604.07379. The default weights .999 and .001 are the paper's. The source of these networks does
not say how its generator is trained.

The source speaks of a layer that connects all places, one channel at a time, but its network has none. There a value of
the filling depends on the part of the picture that lies as far to the left and as far down as this value does in the
square, wherever the hole is: what should go on is out of its sight. `context_GenDiscr(connected=False)` builds it.
`ContextEncoderAsListed` trains with the source's batches: true and made squares in one each, and in the generator's
step a discriminator that normalises by moving averages. `beyond.common.batches` says what is wrong with that.

    python -m beyond.context_encoder --quick             drawn faces, a hole of 16 x 16 pixels in 64 x 64
    python -m beyond.context_encoder --gan 0 --quick     the mean squared error alone
    python -m beyond.context_encoder --data FOLDER --epochs 500 --steps 3400 --batch 64
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import lru_cache, partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import pairs, training
from beyond.common.base import FakesByMovingAverages, JudgedApart, JudgedTogether, in_batches, update
from beyond.common.blocks import layers, normalized
from beyond.common.cross_entropy import cross_entropy
from beyond.common.data import check_differ, signed, unit
from beyond.common.likeness import psnr
from gan import checks
from gan.engine import System

SYSTEM = {
    "family": "picture to picture",
    "line": "Context encoder: fills a hole with what its surroundings suggest",
    "totals": {"generator": 826435, "discriminator": 376705, "combined": 1203140},
    "quick": "3 minutes",
}
SHARE = 4  # the side of a picture divided by that of its hole


# ---------------------------------------------------------------- the networks

def connected_places(x):
    """Each channel's values at all places go into that channel's at all places: a dense layer for each channel."""
    height, width, channels = x.shape[1:]
    x = layers.Reshape((height * width, channels))(x)
    x = layers.EinsumDense("bpc,pqc->bqc", output_shape=(height * width, channels), bias_axes="qc")(x)
    return layers.Reshape((height, width, channels))(x)


def context_GenDiscr(size=64, filters=32, channels=3, connected=True):
    """The networks for pictures of size x size and holes of a quarter of that, size / 4 x size / 4.

    Args:
        connected: False leaves out the layer that connects all places, as the source's network does, and has its
            Dropout, with which a short training ended .2 to .5 decibels lower (one seed).

    Returns:
        generator: masked pictures in [-1, 1] -> the missing squares; not connected 826,435 parameters, connected
            965,699, of both 832 not trainable.
        discriminator: squares -> logits of "real" (batch, 1); 376,705 parameters, 896 of them not trainable.

    Raises:
        ValueError: the size is not 16, 32, 48, ...
    """
    if size < 16 or size % 16:
        raise ValueError(f"size: expected a multiple of 16, so that it can be halved four times, got {size}")

    def get_generator():
        pictures = x = keras.Input((size, size, channels))
        for count in (filters, 2 * filters, 4 * filters):
            x = normalized(layers.LeakyReLU(.2)(layers.Conv2D(count, 3, 2, padding="same")(x)))
        x = layers.LeakyReLU(.2)(layers.Conv2D(16 * filters, 1, 2, padding="same")(x))  # size / 16
        x = connected_places(x) if connected else layers.Dropout(.5)(x)
        for count in (4 * filters, 2 * filters):
            x = normalized(layers.Conv2DTranspose(count, 3, 2, padding="same", activation="relu")(x))
        x = layers.Conv2D(channels, 3, padding="same", activation="tanh")(x)  # size / 4
        return keras.Model(pictures, x, name="generator")

    def get_discriminator():
        squares = x = keras.Input((size // SHARE, size // SHARE, channels))
        for count, strides in ((2 * filters, 2), (4 * filters, 2), (8 * filters, 1)):
            x = normalized(layers.LeakyReLU(.2)(layers.Conv2D(count, 3, strides, padding="same")(x)))
        return keras.Model(squares, layers.Dense(1)(layers.Flatten()(x)), name="discriminator")

    return get_generator(), get_discriminator()


def networks():
    """The networks as the source prints them, and both together."""
    generator, discriminator = context_GenDiscr(connected=False)
    pictures = keras.Input(generator.input_shape[1:])
    filling = generator(pictures)
    return {"generator": generator, "discriminator": discriminator,
            "combined": keras.Model(pictures, [filling, discriminator(filling)])}


# ------------------------------------------------------------------- the holes

def cut(pictures, corners, side):
    """Cut a square out of each picture.

    Args:
        pictures: (n, h, w, channels) in [-1, 1].
        corners: (n, 2), whole numbers: row and column of the square's first pixel.
        side: of the square.

    Returns:
        masked: the pictures with 0 in the hole.
        missing: what was there, (n, side, side, channels).
    """
    def inside(axis):
        steps = tf.range(pictures.shape[axis])[None] - corners[:, axis - 1:axis]
        return (steps >= 0) & (steps < side)  # (n, h) or (n, w)

    hole = inside(1)[:, :, None, None] & inside(2)[:, None, :, None]
    places = corners[:, None] + tf.range(side)[None, :, None]  # (n, side, 2)
    missing = tf.gather(pictures, places[..., 0], axis=1, batch_dims=1)
    missing = tf.gather(missing, places[..., 1], axis=2, batch_dims=1)
    return tf.where(hole, tf.zeros_like(pictures), pictures), missing


def paste(pictures, filling, corners):
    """The pictures with the filling (n, side, side, channels) in their holes, as an array."""
    result, side = np.array(pictures), filling.shape[1]
    for picture, square, (y, x) in zip(result, filling, np.asarray(corners)):
        picture[y:y + side, x:x + side] = square
    return result


def hole_mask(shape, corners, side):
    """True in the hole of each picture: (n, h, w), for pictures of that shape (n, h, w, channels)."""
    return paste(np.zeros(shape[:3], bool), np.ones((shape[0], side, side), bool), corners)


def ring(picture, y, x, side):
    """The pixels that touch the hole, corners included, as far as they lie in the picture: values, rows, columns."""
    height, width = picture.shape[:2]
    around = np.zeros((height, width), bool)
    around[max(0, y - 1):y + side + 1, max(0, x - 1):x + side + 1] = True
    around[y:y + side, x:x + side] = False
    rows, columns = np.nonzero(around)
    return picture[rows, columns], rows, columns


def mean_fill(pictures, corners, side):
    """The mean colour of all that is left of a picture, for each: (n, side, side, channels)."""
    seen = ~hole_mask(pictures.shape, corners, side)
    return _plain([picture[here].mean(0) for picture, here in zip(pictures, seen)], side)


def border_fill(pictures, corners, side):
    """The mean colour of the pixels that touch the hole."""
    return _plain([ring(picture, y, x, side)[0].mean(0) for picture, (y, x) in zip(pictures, corners)], side)


def blended_fill(pictures, corners, side):
    """For each pixel the mean of those that touch the hole, weighted by 1 / distance^2: the border runs inwards."""
    result = np.empty((len(pictures), side, side, pictures.shape[-1]), pictures.dtype)
    for square, picture, (y, x) in zip(result, pictures, corners):
        values, rows, columns = ring(picture, y, x, side)
        down, across = np.mgrid[y:y + side, x:x + side][..., None]
        weights = 1 / ((down - rows) ** 2 + (across - columns) ** 2)  # (side, side, pixels of the ring)
        square[...] = weights @ values / weights.sum(-1, keepdims=True)
    return result


def _plain(colours, side):
    return np.array(colours)[:, None, None].repeat(side, axis=1).repeat(side, axis=2)


FILLS = {"mean fill": mean_fill, "border fill": border_fill, "blended border": blended_fill}


# ------------------------------------------------------------------ the system

class ContextEncoder(JudgedTogether, System):
    """Fills holes at random places.

    Args:
        generator: keras.Model from masked pictures to the missing squares, in [-1, 1].
        discriminator: keras.Model from squares to logits of "real", (batch, 1).
        pictures: whole ones, shape (n, h, w, channels), in [-1, 1].
        batch_size: pictures in a sample.
        learning_rate: of both Adam optimizers.
        mse_weight, gan_weight: of the two parts of the generator's loss, zero or positive. A discriminator whose
            opinion does not count is not trained.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, value or shape; the message names it.
    """

    beta_1 = .5
    also_settings = ("mse_weight", "gan_weight")

    def __init__(self, generator, discriminator, pictures, batch_size=16, learning_rate=.0002, mse_weight=.999,
                 gan_weight=.001):
        super().__init__(batch_size)
        rate = checks.number("learning_rate", learning_rate)
        for name, network in (("generator", generator), ("discriminator", discriminator)):
            self.add_network(name, network, keras.optimizers.Adam(rate, beta_1=self.beta_1))
        self.add_examples("pictures", pictures)
        for name, needed, got in (("pictures", generator.input_shape[1:], tuple(self.pictures.shape[1:])),
                                  ("discriminator", generator.output_shape[1:], discriminator.input_shape[1:])):
            if needed != got:
                raise ValueError(f"{name}: expected the shape {needed} of the generator, got {got}")
        self.side = generator.output_shape[1]
        self.mse_weight = checks.number("mse_weight", mse_weight, zero_allowed=True)
        self.gan_weight = checks.number("gan_weight", gan_weight, zero_allowed=True)

    def call(self, masked, training=False):
        """The filling of each hole, (n, side, side, channels)."""
        return self.generator(masked, training=training)

    def sample_holes(self):
        """A batch of pictures with a hole each, and what was there; see `cut`."""
        pictures = self.sample("pictures")
        room = tf.constant([length - self.side + 1 for length in pictures.shape[1:3]])
        draw = self.drawn(lambda: tf.random.uniform((self.batch_size, 2)))
        corners = tf.cast(draw * tf.cast(room, tf.float32), tf.int32)  # every place of the hole is as likely
        return cut(pictures, tf.minimum(corners, room - 1), self.side)

    def shown_fakes(self, masked):
        """The fillings that the discriminator learns from."""
        return self.generator(masked, training=True)

    def train_step(self, useless_argument):
        """An update of the discriminator and one of the generator, with holes of their own; their losses."""
        losses = {}
        if self.gan_weight:
            masked, missing = self.sample_holes()
            fakes = self.shown_fakes(masked)
            with tf.GradientTape() as tape:
                real_values, fake_values = self.judge(missing, fakes)
                losses["discr_loss"] = (cross_entropy(1., real_values) + cross_entropy(0., fake_values)) / 2
            update(self.discriminator, tape, losses["discr_loss"])

        masked, missing = self.sample_holes()
        with tf.GradientTape() as tape:
            fakes = self.generator(masked, training=True)
            losses["mse_loss"] = tf.reduce_mean(tf.square(fakes - missing))
            gen_loss = self.mse_weight * losses["mse_loss"]
            if self.gan_weight:
                losses["gan_loss"] = cross_entropy(1., self.judge_fakes(missing, fakes))
                gen_loss += self.gan_weight * losses["gan_loss"]
        update(self.generator, tape, gen_loss)
        return losses

    def fill(self, pictures, corners):
        """Fillings in [0, 1] of the holes at these corners in pictures in [0, 1]; what is in the holes is not seen."""
        masked = cut(signed(pictures), np.asarray(corners, "int32"), self.side)[0].numpy()
        return unit(in_batches(lambda part: self.generator(part, training=False), masked, 50))


class ContextEncoderAsListed(FakesByMovingAverages, JudgedApart, ContextEncoder):
    """The source's batches: true and made squares in one each, which batch normalisation gives away.

    The discriminator learns from fillings that were made without dropout, by moving averages; the generator plays
    against moving averages.
    """

    def shown_fakes(self, masked):
        return self.generator(masked, training=False)


# --------------------------------------------------------- training, measuring

def whole_pictures(options):
    """The pictures of `--data` to learn from and those held out, (n, h, w, 3) in [0, 1]; it says which they are.

    Of two folders, or of both halves of pictures, all are used: nothing is paired here.
    """
    several = options.halves or len(options.data) == 2

    def check_batch(count):
        if options.batch > count:
            raise ValueError(f"--batch: expected at most {count}, the number of pictures, got {options.batch}")

    def ready(shape_a, shape_b, count):
        if not several:
            check_batch(count)
        make(pairs.black(shape_a, shape_b).train_b, options)
        training.set_seeds(options.seed)  # as if nothing had been built before

    try:
        checks.channels_last()
        found = pairs.load(options.data, "own" if several else "colour", options.size, options.pictures,
                           seed=options.seed or 0, paired=not several or options.halves, halves=options.halves,
                           say=lambda text: print(text, flush=True), ready=ready)
        check_batch(len(found.train_b) + several * len(found.train_a))
        check_differ(found.train_b)
    except ValueError as error:
        raise SystemExit(pairs.in_its_words(error)) from None
    train, test = found.train_b, found.test_b
    if several:
        train, test = np.concatenate([found.train_a, train]), np.concatenate([found.test_a, test])
    shape = "x".join(map(str, train.shape[1:]))
    print(f"data: {len(train)} pictures of {shape}, {len(test)} held out: {found.name}", flush=True)
    return train, test


def random_corners(count, size, side, seed):
    """A place for the hole of each of `count` pictures of size x size."""
    return np.random.default_rng(seed).integers(0, size - side + 1, (count, 2))


def figures_of(pictures, filling, corners):
    """How good fillings (n, side, side, c) of the holes in pictures (n, h, w, c), all in [0, 1], are; a dict.

    psnr: of the holes only, see `beyond.common.likeness`; the mean over the pictures. sharpness: how much neighbours in
    the filling differ, divided by the same of what was there. seam: the same of neighbours, one in the hole and one
    beside it.
    """
    side = filling.shape[1]
    truth = cut(signed(pictures), np.asarray(corners, "int32"), side)[1].numpy() / 2 + .5
    holes = hole_mask(pictures.shape, corners, side)

    def slopes(squares):
        return np.mean([np.mean(np.abs(np.diff(squares, axis=axis))) for axis in (1, 2)])

    def step_at_seam(whole):
        return np.concatenate([np.abs(np.diff(whole, axis=axis))[np.diff(holes, axis=axis)] for axis in (1, 2)]).mean()

    return {"psnr": float(psnr(filling, truth).mean()), "sharpness": float(slopes(filling) / slopes(truth)),
            "seam": float(step_at_seam(paste(pictures, filling, corners)) / step_at_seam(pictures))}


@lru_cache(maxsize=1)  # several runs of `beyond.claims` ask for the same ones
def hair_faces(count, seed, side=16, size=64):
    """Drawn faces with a hole in the hair, and the same faces with hair of another hue.

    Faces of which no place of the hole would hide hair for the most part are left out.

    Returns a dict: pictures, other: (n, h, w, 3) in [0, 1]; corners: of the holes; hair: (n, side, side), True for a
    pixel of hair in the hole.
    """
    attributes, _ = pairs.renderer.pair_of_attributes("colour", count, seed)
    recoloured = {**attributes, "hair_hue": (attributes["hair_hue"] + .5) % 1}
    pictures, other = pairs.renderer.draw_versions([(attributes, size, True), (recoloured, size, True)],
                                                   np.random.default_rng([seed, 2]))
    hair = np.any(pictures != other, axis=-1)  # the hue of hair reaches no other pixel
    windows = np.lib.stride_tricks.sliding_window_view(hair, (side, side), axis=(1, 2)).sum((-2, -1))
    best = windows.reshape(count, -1).argmax(1)
    kept = windows.reshape(count, -1).max(1) > .6 * side ** 2
    kept &= hair.sum((1, 2)) - windows.reshape(count, -1).max(1) > side ** 2 // 4  # some is left to go on from
    corners = np.stack(np.unravel_index(best, windows.shape[1:]), axis=1)[kept]
    inside = np.array([face[y:y + side, x:x + side] for face, (y, x) in zip(hair[kept], corners)])
    return {"pictures": pictures[kept].astype("float32") / 255, "other": other[kept].astype("float32") / 255,
            "hair": inside, "corners": corners}


def hair_goes_on(fill, faces, side=16):
    """Whether a filling has the hair of the rest of the picture; a dict.

    Args:
        fill: function of pictures and corners -> fillings.
        faces: of `hair_faces`.

    hair_tone: the correlation over the faces of how bright the hair in the hole is, made and true. hair_hue: the same
    face is shown twice, its hair in two hues; how far the filling changes, divided by how far the truth does. 0: the
    filling does not care, 1: it follows.
    """
    corners, hair = np.asarray(faces["corners"], "int32"), faces["hair"]

    def of_hair(squares):
        return np.array([square[here].mean(0) for square, here in zip(squares, hair)])  # (n, 3)

    made = [of_hair(fill(faces[name], corners)) for name in ("pictures", "other")]
    true = [of_hair(cut(faces[name], corners, side)[1].numpy()) for name in ("pictures", "other")]
    tones = [colours[0] @ pairs.LUMINANCE for colours in (made, true)]
    changes = [(colours[1] - colours[0]).ravel() for colours in (made, true)]
    return {"hair_tone": float(np.corrcoef(*tones)[0, 1]),
            "hair_hue": float(changes[0] @ changes[1] / (changes[1] @ changes[1]))}


def make(train, options):
    """A new context encoder of these pictures."""
    networks = context_GenDiscr(train.shape[1], options.filters, connected=options.network == "connected")
    chosen_type = ContextEncoderAsListed if options.as_listed else ContextEncoder
    return chosen_type(*networks, signed(train), options.batch, options.rate, options.mse, options.gan)


QUICK = dict(epochs=20, steps=150, filters=16, rate=.001)
MEASURED = dict(QUICK, epochs=12, size=32, pictures=400, data=["faces"], halves=False, batch=16, mse=.999, gan=.001,
                network="connected", as_listed=False)


def measure(changed, seed, steps=None):
    """The figures of a context encoder of drawn faces with some settings changed; with `fill` of that, without one."""
    training.set_seeds(seed)
    options = training.settings(**{**MEASURED, **changed, "steps": steps or QUICK["steps"], "seed": seed})
    train, test = whole_pictures(options)
    side = options.size // SHARE
    corners = random_corners(len(test), options.size, side, seed)
    faces = hair_faces(100, seed + 1000, side, options.size)
    if "fill" in changed:
        fill = partial(FILLS[changed["fill"]], side=side)
        return {**figures_of(test, fill(test, corners), corners), **hair_goes_on(fill, faces, side)}
    G = make(train, options)
    G.compile(steps_per_execution=min(options.steps, 50))
    training.fit(G, options, steps_per_epoch=options.steps)
    filling = G.fill(test, corners)
    return {**figures_of(test, filling, corners), **hair_goes_on(G.fill, faces, side)}


CLAIMS = [("context encoder", name, partial(measure, changed)) for name, changed in [
    *[(name, {"fill": name}) for name in FILLS], ("MSE alone", {"gan": 0.}), ("joint loss", {})]]


def main(argv=None):
    from beyond.common import figures, rows, script
    parser = script.parser("context_encoder", __doc__, QUICK, data=None, epochs=40, steps=200, batch=16, rate=.0002)
    pairs.add_arguments(parser, size=64)
    parser.add_argument("--network", choices=["connected", "listed"], default="connected",
                        help="with the layer that connects all places, or without it, as listed (default connected)")
    parser.add_argument("--filters", type=script.width, default=32, metavar="N",
                        help="of the first layer (default 32, the source's)")
    parser.add_argument("--mse", type=script.zero_or_more, default=.999, metavar="X",
                        help="weight of the mean squared error (default .999)")
    parser.add_argument("--gan", type=script.zero_or_more, default=.001, metavar="X",
                        help="weight of the discriminator's opinion (default .001)")
    parser.add_argument("--as-listed", action="store_true", help="true and made squares in a batch each, as the source")
    options = script.start(parser, argv)
    train, test = whole_pictures(options)
    G = make(train, options)
    corners = random_corners(len(test), options.size, G.side, options.seed or 0)
    shown = slice(0, 8)
    some, places = test[shown], corners[shown]
    record = rows.train(G, options, lambda: paste(some, G.fill(some, places), places), "context_encoder")

    fillings = {name: fill(test, corners, G.side) for name, fill in FILLS.items()}
    fillings["context encoder"] = G.fill(test, corners)
    for name, filling in fillings.items():
        print(f"held out, {name}: {script.line(figures_of(test, filling, corners))}")
    print("(mean fill: the mean colour of the rest; border fill: of the pixels around the hole; blended border: those "
          "pixels, running inwards)")
    print("(psnr: of the hole, in decibels, more is nearer to the truth; sharpness, and the seam around the hole: 1 is "
          "the truth's)")
    truth = cut(test, np.asarray(corners, "int32"), G.side)[1].numpy()
    holes = paste(test, np.full_like(truth, .5), corners)[shown]
    sheets = [("input", holes, None)]
    for name, filling in fillings.items():
        decibels = [f"{value:.1f}" for value in psnr(filling[shown], truth[shown])]
        sheets.append((name, paste(some, filling[shown], places), decibels))
    drawn = [rows.visualize_rows([*sheets, ("truth", some, None)], "Context encoder: held-out pictures",
                                 note="below: PSNR of the filling, in decibels; more is nearer to the truth"),
             figures.visualize_losses([(type(G).__name__, record.losses)])]
    script.finish(drawn[0], options, "context_encoder-samples.png")
    script.finish(drawn[1], options, "context_encoder-losses.png")
    rows.save_film(record, holes, some, options, "context_encoder-training.gif")
    print("What you see: each column is one picture: with its hole, filled in three simple ways and by the network, "
          "and whole. Blending the border may have the better PSNR, but it never draws what the hole hides, such as "
          "an eye. After a short training the network hardly does so either.")
    return drawn


if __name__ == "__main__":
    main()
