"""SRGAN: makes a small picture four times larger, with details that look real.

Where an eyebrow ends, a small picture does not tell. A generator that is paid for small errors of the pixels answers
with the mean of all possibilities, which is a blur. So this one is paid for two other things: that certain features of
its picture, see `beyond.common.features`, are those of the true one; and that a discriminator takes it for real. With D
the discriminator, which gives a map of values, one for each patch, G the generator, x a small picture, y the true large
one, F the features, and all means over patches or features, and examples:

    discriminator loss   (mean -log sigmoid(D(y)) + mean -log(1 - sigmoid(D(G(x))))) / 2
    generator loss       a mean (F(G(x)) - F(y))^2 + b mean -log sigmoid(D(G(x))) + c mean (G(x) - y)^2

The third part is not used (c = 0) but in the generator that is trained to compare with: it has nothing else.

Ledig et al. (2017), Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network,
https://arxiv.org/abs/1609.04802. Like the source of these networks the generator has nearest neighbours and a
convolution in the place of the paper's pixel shuffle (`--shuffle` has it), ReLU in the place of PReLU, and instance
normalisation in half of its places. The source's discriminator learns by squares, of fakes that moving averages made,
while its generator learns by the cross-entropy: `SRGANAsListed`.

    python -m beyond.srgan --quick                        faces of 8 x 8 pixels made 32 x 32
    python -m beyond.srgan --size 64 --data photographs   patches of photographs, from 16 x 16
    python -m beyond.srgan --data FOLDER --size 256 --network source --features vgg --epochs 500 --steps 2000 --batch 1
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import tensorflow as tf
from tensorflow import keras

from beyond.common import features, training
from beyond.common.base import in_batches, update
from beyond.common.blocks import layers, normalized
from beyond.common.cross_entropy import cross_entropy
from beyond.common.data import signed, unit
from beyond.common.likeness import bicubic, likeness, psnr
from beyond.common.translators import enlarged, instance_normalized
from gan import checks
from gan.engine import System

SYSTEM = {
    "family": "picture to picture",
    "line": "SRGAN: makes pictures four times larger, with details that look real",
    "totals": {"generator": 2040643, "discriminator": 5215425},
    "quick": "3 minutes",
}
SCALE = 4


# ---------------------------------------------------------------- the networks

def enlarging(x, filters, shuffle=False):
    """Twice as many rows and columns of `filters` channels.

    By nearest neighbours and a convolution; or, with `shuffle`, by a convolution that makes four values for each
    channel, which become 2 x 2 pixels.
    """
    if shuffle:
        x = layers.Conv2D(4 * filters, 3, padding="same", activation="relu")(x)
        return layers.Lambda(pixel_shuffle, output_shape=(2 * x.shape[1], 2 * x.shape[2], filters))(x)
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(layers.UpSampling2D(2)(x))


def pixel_shuffle(x):
    """(n, h, w, 4 k) -> (n, 2 h, 2 w, k): channels 0 to k - 1 are each square's upper left pixel, the next k the upper
    right one, then the lower left and the lower right one.
    """
    return tf.nn.depth_to_space(x, 2)


def sr_generator(size=64, channels=3, filters=64, blocks=16, up_filters=256, shuffle=False, from_bicubic=False):
    """From pictures of size x size to such of 4 size x 4 size in [-1, 1]; as the source has it: 2,040,643 parameters.

    Args:
        blocks: how many residual blocks, each of which adds a little to what comes in.
        up_filters: of the layers that enlarge.
        shuffle: see `enlarging`.
        from_bicubic: the network gives what has to be added to the bicubic enlargement, at first nothing. So it need
            not learn first what enlarging is. A sum may leave [-1, 1] a little.
    """
    small = keras.Input((size, size, channels))
    x = first = layers.Conv2D(filters, 9, padding="same", activation="relu")(small)
    for _ in range(blocks):
        y = normalized(layers.Conv2D(filters, 3, padding="same", activation="relu")(x))
        y = instance_normalized(layers.Conv2D(filters, 3, padding="same")(y))
        x = layers.Add()([y, x])
    x = layers.Add()([normalized(layers.Conv2D(filters, 3, padding="same")(x)), first])
    for _ in range(2):
        x = enlarging(x, up_filters, shuffle)
    if from_bicubic:
        shape = SCALE * size, SCALE * size
        large = layers.Lambda(lambda small: tf.image.resize(small, shape, method="bicubic"),
                              output_shape=(*shape, channels))(small)
        added = layers.Conv2D(channels, 9, padding="same", kernel_initializer="zeros")(x)
        return keras.Model(small, layers.Add()([large, added]), name="generator")
    return keras.Model(small, layers.Conv2D(channels, 9, padding="same", activation="tanh")(x), name="generator")


def sr_discriminator(size=256, channels=3, filters=(64, 128, 256, 512), units=1024):
    """From pictures of size x size to a map of values, one a patch; as the source has it: 5,215,425 parameters.

    Each of `filters` is two layers, of which the second one halves the picture. The source ends in a sigmoid, which is
    in the losses here.
    """
    pictures = x = keras.Input((size, size, channels))
    for number, (count, strides) in enumerate((count, strides) for count in filters for strides in (1, 2)):
        x = layers.LeakyReLU(.2)(layers.Conv2D(count, 3, strides, padding="same")(x))
        x = instance_normalized(x) if number else x
    x = layers.LeakyReLU(.2)(layers.Dense(units)(x))
    return keras.Model(pictures, layers.Dense(1)(x), name="discriminator")


def source_GenDiscr(size=256, channels=3):
    """The source's networks, made for large pictures of this size."""
    return sr_generator(size // SCALE, channels), sr_discriminator(size, channels)


def small_GenDiscr(size=32, channels=3, filters=32, blocks=4, shuffle=False):
    """The same kind for small pictures, with fewer filters and blocks. The generator adds to the bicubic enlargement.

    Raises:
        ValueError: the size is no multiple of 4, or below 16.
    """
    if size < 16 or size % SCALE:
        raise ValueError(f"size: expected a multiple of {SCALE} from 16 on, got {size}")
    widths = (filters, 2 * filters, 4 * filters)[:3 if size >= 32 else 2]  # down to more than one pixel
    return (sr_generator(size // SCALE, channels, filters, blocks, filters, shuffle, True),
            sr_discriminator(size, channels, widths, 4 * filters))


def networks():
    """The networks as the source prints them."""
    return {network.name: network for network in source_GenDiscr()}


# ------------------------------------------------------------------ the system

class SRGAN(System):
    """A generator that makes small pictures larger.

    Args:
        generator: keras.Model from small pictures to large ones, in [-1, 1].
        discriminator: keras.Model from large pictures to a map of values.
        small, large: pairs of pictures, shapes (n, h, w, channels) and (n, 4 h, 4 w, channels), in [-1, 1].
        content: `beyond.common.features.Features` of large pictures; None if their weight is 0.
        batch_size: pairs in a sample.
        learning_rate: of both Adam optimizers.
        content_weight, gan_weight, pixel_weight: a, b and c of the generator's loss, zero or positive. What weighs
            nothing is not computed, and a discriminator whose opinion does not count is not trained.
    """

    beta_1 = .5
    also_settings = ("content_weight", "gan_weight", "pixel_weight", "content_name")
    training_fakes = True  # how the generator normalises when it makes fakes for the discriminator

    def __init__(self, generator, discriminator, small, large, content=None, batch_size=8, learning_rate=.0002,
                 content_weight=1., gan_weight=.001, pixel_weight=0.):
        super().__init__(batch_size)
        rate = checks.number("learning_rate", learning_rate)
        for name, network in (("generator", generator), ("discriminator", discriminator)):
            self.add_network(name, network, keras.optimizers.Adam(rate, beta_1=self.beta_1))
        self.add_examples("small", small)
        self.add_examples("large", large)
        if len(self.small) != len(self.large):
            raise ValueError(f"large: expected as many as small, {len(self.small)}, got {len(self.large)}")
        self.content_weight = checks.number("content_weight", content_weight, zero_allowed=True)
        self.gan_weight = checks.number("gan_weight", gan_weight, zero_allowed=True)
        self.pixel_weight = checks.number("pixel_weight", pixel_weight, zero_allowed=True)
        if self.content_weight and content is None:
            raise ValueError("content: expected Features, as content_weight is not 0, got None")
        if not (self.content_weight or self.gan_weight or self.pixel_weight):
            raise ValueError("pixel_weight: expected one of content_weight, gan_weight and pixel_weight above 0, got "
                             "0 for all three")
        self.content, self.content_name = content, str(content)

    def call(self, small, training=False):
        """What the generator makes of these small pictures."""
        return self.generator(small, training=training)

    def train_step(self, useless_argument):
        """An update of the discriminator and one of the generator, each with pairs of its own; returns their losses.

        Each part of the generator's loss is returned before it is weighted.
        """
        losses = {}
        if self.gan_weight:
            small, large = self.sample("small", "large")
            fakes = self.generator(small, training=self.training_fakes)
            with tf.GradientTape() as tape:
                losses["discr_loss"] = self.discriminator_objective(self.discriminator(large, training=True),
                                                                    self.discriminator(fakes, training=True))
            update(self.discriminator, tape, losses["discr_loss"])

        small, large = self.sample("small", "large")
        with tf.GradientTape() as tape:
            fakes, gen_loss = self.generator(small, training=True), 0.
            if self.content_weight:
                losses["content_loss"] = self.content.square(fakes, large)
                gen_loss += self.content_weight * losses["content_loss"]
            if self.gan_weight:
                losses["gan_loss"] = cross_entropy(1., self.discriminator(fakes, training=True))
                gen_loss += self.gan_weight * losses["gan_loss"]
            if self.pixel_weight:
                losses["pixel_loss"] = tf.reduce_mean(tf.square(fakes - large))
                gen_loss += self.pixel_weight * losses["pixel_loss"]
        update(self.generator, tape, gen_loss)
        return losses

    def discriminator_objective(self, real_values, fake_values):
        """What the discriminator minimises; its values of real and made pictures, (batch, rows, columns, 1) each."""
        return (cross_entropy(1., real_values) + cross_entropy(0., fake_values)) / 2

    def enlarge(self, small):
        """Large pictures in [0, 1] made of small ones in [0, 1], as an array."""
        return unit(in_batches(lambda part: self.generator(part, training=False), signed(small), 50))


class SRGANAsListed(SRGAN):
    """As the source lists it: the discriminator learns by squares of its probabilities, and from fakes for which the
    generator used its moving averages.
    """

    training_fakes = False

    def discriminator_objective(self, real_values, fake_values):
        return (tf.reduce_mean(tf.square(tf.sigmoid(real_values) - 1))
                + tf.reduce_mean(tf.square(tf.sigmoid(fake_values)))) / 2


# --------------------------------------------------------- training, measuring

QUICK = dict(epochs=10, steps=100)
DEFAULTS = dict(epochs=40, steps=200, batch=8, rate=.001, network="small", filters=32, blocks=4, shuffle=False,
                content=1., gan=.005, as_listed=False)
MEASURED = dict(QUICK, steps=40, pictures=500, filters=16, blocks=2)  # small, so that many runs can be made
PIXELS = dict(content=0., gan=0., pixels=1.)  # what the generator to compare with is trained by


def make(data, options, content, content_weight, gan_weight, pixel_weight=0.):
    """A new SRGAN of these pairs."""
    size, channels = data.train_b.shape[1], data.train_b.shape[-1]
    if options.network == "small":
        made = small_GenDiscr(size, channels, options.filters, options.blocks, options.shuffle)
    else:
        made = source_GenDiscr(size, channels)
    return (SRGANAsListed if options.as_listed else SRGAN)(
        *made, signed(data.train_a), signed(data.train_b), content, options.batch, options.rate, content_weight,
        gan_weight, pixel_weight)


def measure(row, seed, steps=None):
    """Figures of held-out pictures after a short training, or of bicubic enlargement; see CLAIMS.

    The features that measure are those of a classifier with another seed than the one whose features were learned from.
    """
    from beyond.common import pairs
    seed += 20  # the settings were chosen with smaller ones
    options = training.settings(**{**DEFAULTS, **MEASURED, **row, "steps": steps or MEASURED["steps"]})
    data = pairs.load(row.get("data", "faces"), "size", 32, options.pictures, seed=seed)
    kept = pairs.cache_folder()
    judge = features.of_faces(32, folder=kept, seed=1)
    if row.get("bicubic"):
        return likeness(bicubic(data.test_a, 32), data.test_b, judge)
    content = features.of_faces(32, folder=kept) if options.content else None
    training.set_seeds(seed)
    G = make(data, options, content, options.content, options.gan, row.get("pixels", 0.))
    G.compile(steps_per_execution=min(options.steps, 50))
    training.fit(G, options, steps_per_epoch=options.steps)
    return likeness(G.enlarge(data.test_a), data.test_b, judge)


ROWS = {"bicubic": dict(bicubic=True), "mean square error": PIXELS, "features": dict(gan=0.), "features + GAN": {}}
CLAIMS = [*(("SRGAN", name, partial(measure, row)) for name, row in ROWS.items()),
          *(("SRGAN, photographs", name, partial(measure, {**row, "data": "photographs"}))
            for name, row in ROWS.items())]


def main(argv=None):
    from beyond.common import figures, pairs, rows, script
    parser = script.parser("srgan", __doc__, QUICK, data=None, epochs=DEFAULTS["epochs"], steps=DEFAULTS["steps"],
                           batch=DEFAULTS["batch"], rate=DEFAULTS["rate"])
    pairs.add_arguments(parser)
    features.add_argument(parser)
    parser.add_argument("--network", choices=["small", "source"], default="small", help="small, or the source's")
    parser.add_argument("--filters", type=script.width, default=DEFAULTS["filters"], metavar="N",
                        help=f"of small networks (default {DEFAULTS['filters']})")
    parser.add_argument("--blocks", type=script.whole_number(0, 100), default=DEFAULTS["blocks"], metavar="N",
                        help=f"residual blocks of small networks (default {DEFAULTS['blocks']})")
    parser.add_argument("--shuffle", action="store_true", help="small networks enlarge by pixel shuffle, as the paper")
    parser.add_argument("--content", type=script.zero_or_more, default=DEFAULTS["content"], metavar="X",
                        help="weight of the features (default 1; those of vgg are large: .006 is the paper's scale)")
    parser.add_argument("--gan", type=script.zero_or_more, default=DEFAULTS["gan"], metavar="X",
                        help=f"weight of the discriminator's opinion (default {DEFAULTS['gan']}; the source's .001)")
    parser.add_argument("--pixels", type=script.zero_or_more, default=0., metavar="X",
                        help="weight of the mean square error (default 0)")
    parser.add_argument("--as-listed", action="store_true",
                        help="the discriminator learns by squares, and from fakes made by moving averages")
    options = script.start(parser, argv)

    def make_both(data, content):
        return (make(data, options, None, 0., 0., 1.),
                make(data, options, content, options.content, options.gan, options.pixels))

    def rehearse(data):
        """What cannot be built is refused before the pictures are drawn and the classifier of faces is trained."""
        size, channels = data.train_b.shape[1], data.train_b.shape[-1]
        make_both(data, features.untrained(options.features, size, channels) if options.content else None)

    data = pairs.from_options(options, "size", rehearse)
    size, channels = data.train_b.shape[1], data.train_b.shape[-1]
    content, judge = features.two(options, size, channels, bool(options.content))
    training.set_seeds(options.seed)  # as if nothing had been trained before
    plain, G = make_both(data, content)

    shown, losses = slice(0, 8), []
    small = enlarged(data.test_a[shown], size)
    made = {"bicubic": bicubic(data.test_a, size)}
    for name, model in (("mean square error", plain), ("SRGAN", G)):
        print("first a generator by the mean square error alone, to compare:" if model is plain else "now the SRGAN:",
              flush=True)
        record = rows.train(model, options, lambda model=model: model.enlarge(data.test_a[shown]),
                            "srgan" if model is G else "srgan-pixels")
        made[name] = model.enlarge(data.test_a)
        losses.append((name, record.losses))
    lines = [("small", small, None)]
    for name, pictures in made.items():
        print(f"held out, {name}: {script.line(likeness(pictures, data.test_b, judge))}", flush=True)
        lines.append((name, pictures[shown], [f"{value:.1f}" for value in psnr(pictures[shown], data.test_b[shown])]))
    print("(psnr in decibels, ssim: more is nearer to the truth; sharpness: 1 is the truth's; features: a distance)")
    plots = [rows.visualize_rows([*lines, ("truth", data.test_b[shown], None)], "SRGAN: held-out pictures",
                                 note="below each: its PSNR in decibels, more is nearer to the truth"),
             figures.visualize_losses(losses)]
    script.finish(plots[0], options, "srgan-samples.png")
    script.finish(plots[1], options, "srgan-losses.png")
    rows.save_film(record, small, data.test_b[shown], options, "srgan-training.gif")
    print("What you see: each column is one picture, from the small one to the truth. Mean square errors give the "
          "higher PSNR; features and a discriminator ask for sharper details, which need many more steps than "
          "--quick has.")
    return plots


if __name__ == "__main__":
    main()
