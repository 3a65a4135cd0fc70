"""A progressive GAN: networks that begin with pictures of 4 x 4 pixels and grow to 8 x 8 and 16 x 16.

Coarse things first: each stage has an easier question than the whole. When the networks grow, the new layers are faded
in, so that what was learned is not thrown over. With s the share of the new layers, which goes from 0 to 1:

    generator       s new picture + (1 - s) old picture, enlarged
    discriminator   s features of the picture by new layers + (1 - s) those of the picture, made smaller, by old ones
    real pictures   at the stage's size, s sharp + (1 - s) as sharp as in the stage before

Two layers help: the generator divides each pixel's features by their root mean square; the discriminator sees how much
the pictures of a batch differ from each other, so that it notices when all are alike.

    discriminator   -mean log D(real) - mean log(1 - D(fake)) + r1 / 2 mean |slope of D's value at real pictures|^2
    generator       -mean log D(fake)
    average         after each step the generator's weights are mixed into those of a third network, which makes the
                    pictures that are shown: a generator swings about, and its average does not

Karras et al. (2018), Progressive Growing of GANs, https://arxiv.org/abs/1710.10196. The source describes the method and
has no networks of its own; these are small ones, without the paper's scaled weights. The paper has task 2's losses.
With these, of Mescheder et al. (2018), https://arxiv.org/abs/1801.04406, faces came in fewer steps (seed 11).

    python -m beyond.progressive --quick      it grows; beside it the same networks, trained at full size at once
    python -m beyond.progressive              five times as long
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import functools
import math

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import in_batches, update
from beyond.common.cross_entropy import cross_entropy
from beyond.common.measures import Quality
from gan import checks
from gan.engine import System

layers = keras.layers

SYSTEM = {
    "family": "growing",
    "line": "progressive GAN: faces of 4, 8 and 16 pixels, layers faded in",
    "totals": {},
    "quick": "3 minutes",
}
SIZES = (4, 8, 16)
LATENT = 32
FILTERS = 64
STEPS, MEASURED_STEPS = 400, 150  # an epoch, of ten: of --quick, and of CLAIMS


# ------------------------------------------------------------ layers

class PixelNorm(layers.Layer):
    """Divides the features of each pixel by their root mean square."""

    def call(self, x):
        return x / tf.sqrt(tf.reduce_mean(tf.square(x), axis=-1, keepdims=True) + 1e-8)


class MinibatchDeviation(layers.Layer):
    """One more channel: the standard deviation over the batch, averaged over all pixels and channels."""

    def call(self, x):
        variance = tf.math.reduce_variance(x, axis=0)
        deviation = tf.reduce_mean(tf.sqrt(variance + 1e-8))  # 1e-8: the root has a slope at equal pictures too
        return tf.concat([x, tf.zeros_like(x[..., :1]) + deviation], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + 1)


class FadeIn(layers.Layer):
    """share x new + (1 - share) x old; the share is a variable that no optimizer changes."""

    def build(self, shape):
        self.share = self.add_weight(name="share", shape=(), initializer="zeros", trainable=False)

    def call(self, old_and_new):
        old, new = old_and_new
        return self.share * new + (1 - self.share) * old


def leaky(size, filters):
    """A convolution that keeps the size of the picture, and its activation."""
    return [layers.Conv2D(filters, size, padding="same"), layers.LeakyReLU(.2)]


def growing_networks(filters=FILTERS):
    """The networks of all stages. A stage has the layers of the stage before, whatever they have learned, and more.

    Args:
        filters: width of the layers of 4 x 4 pixels; those of each larger size are half as wide.

    Returns:
        A function stage (0, 1, 2) -> generator, (batch, LATENT) -> (batch, size, size, 1), and discriminator, which
        leads back to (batch, 1); size is SIZES[stage]. From stage 1 on each has a layer "fade", a FadeIn.
    """
    widths = [max(1, filters // 2 ** stage) for stage in range(len(SIZES))]
    first = [PixelNorm(), layers.Dense(16 * filters), layers.Reshape((4, 4, filters)), layers.LeakyReLU(.2),
             PixelNorm(), *leaky(3, filters), PixelNorm()]
    last = [MinibatchDeviation(), *leaky(3, filters), layers.Flatten(), layers.Dense(filters), layers.LeakyReLU(.2),
            layers.Dense(1)]

    @functools.lru_cache(None)  # the layers of a stage are made once
    def made_by(stage):
        more = [layers.UpSampling2D(), *leaky(3, widths[stage]), PixelNorm(), *leaky(3, widths[stage]), PixelNorm()]
        return (more if stage else first), layers.Conv2D(1, 1)

    @functools.lru_cache(None)
    def judged_by(stage):
        more = [*leaky(3, widths[stage]), *leaky(3, widths[stage - 1]), layers.AveragePooling2D(2)]
        return leaky(1, widths[stage]), (more if stage else last)

    def through(x, *parts):
        for layer in (layer for part in parts for layer in part):
            x = layer(x)
        return x

    def networks(stage):
        latent = x = keras.Input((LATENT,))
        for i in range(stage + 1):
            before, x = x, through(x, made_by(i)[0])
        picture = made_by(stage)[1](x)
        if stage:
            old = layers.UpSampling2D()(made_by(stage - 1)[1](before))
            picture = FadeIn(name="fade")([old, picture])
        shown = keras.Input((SIZES[stage], SIZES[stage], 1))
        x = through(shown, *judged_by(stage))
        if stage:
            old = through(layers.AveragePooling2D(2)(shown), judged_by(stage - 1)[0])
            x = FadeIn(name="fade")([old, x])
            x = through(x, *(judged_by(i)[1] for i in range(stage - 1, -1, -1)))
        return keras.Model(latent, picture, name="generator"), keras.Model(shown, x, name="discriminator")

    return networks


def copied(network, former=None):
    """A copy with weights of its own; those of layers that `former`, a smaller copy, has too are taken from there."""
    result = keras.models.clone_model(network)
    result.set_weights(network.get_weights())
    kept = {layer.name: layer for layer in former.layers} if former is not None else {}
    for layer in result.layers:
        if layer.name in kept:
            layer.set_weights(kept[layer.name].get_weights())
    return result


# ------------------------------------------------------------ the class

class ProgressiveGAN(System):
    """A GAN whose networks grow.

    Args:
        networks: function stage -> generator, discriminator, such as `growing_networks()`.
        pictures: in [-1, 1], of the size of the last stage: (n, size, size, 1).
        grow_at: epochs, counted from 0, that begin with larger networks.
        fade_steps: training steps until new layers have the whole share.
        batch_size, learning_rate: as in task 0.
        r1: weight of the penalty on the discriminator's slope at real pictures.
        keep: how much of the averaged weights a step leaves, from 0 to below 1.
        start: the first stage; the last one is a training at full size.

    Attributes:
        average: a generator with averaged weights, for pictures that people look at.
    """

    def __init__(self, networks, pictures, grow_at=(), fade_steps=100, batch_size=16, learning_rate=.001, r1=1.,
                 keep=.995, start=0):
        super().__init__(batch_size)
        self.stages, self.grow_at, self.start = networks, tuple(grow_at), start
        self.learning_rate = checks.learning_rate(learning_rate)
        self.r1 = checks.number("r1", r1, zero_allowed=True)
        self.keep = checks.number("keep", keep, zero_allowed=True)
        if self.keep >= 1:
            raise ValueError(f"keep: expected a number from 0 to below 1, got {checks.shown(keep)}")
        self.fade_steps = checks.whole_number("fade_steps", fade_steps)
        for network in networks(start):
            self.add_network(network.name, network, self.new_optimizer())
        self.add_network("average", copied(self.generator))
        self.add_examples("pictures", pictures)
        self.add_number("share", 1.)
        self.fade(1.)

    def new_optimizer(self):
        return keras.optimizers.Adam(self.learning_rate, beta_1=0., beta_2=.99)

    def grow(self):
        """The networks of the next stage; their new layers have no share yet."""
        for network in self.stages(self.start + self.stage + 1):
            self.replace_network(network.name, network, self.new_optimizer())
        self.replace_network("average", copied(self.generator, self.average))
        self.fade(0.)

    def fade(self, share):
        """Give the new layers of all networks that share."""
        self.share.assign(share)
        for network in (self.generator, self.discriminator, self.average):
            for layer in network.layers:
                if isinstance(layer, FadeIn):
                    layer.share.assign(share)

    def at_this_size(self, pictures):
        """Real pictures as the discriminator sees them now: smaller, and while it grows not yet quite as sharp."""
        size = self.discriminator.input_shape[1]
        factor = pictures.shape[1] // size
        sharp = tf.nn.avg_pool2d(pictures, factor, factor, "VALID")
        if size == SIZES[0]:
            return sharp
        blurred = tf.repeat(tf.repeat(tf.nn.avg_pool2d(sharp, 2, 2, "VALID"), 2, axis=1), 2, axis=2)
        return self.share * sharp + (1 - self.share) * blurred

    def make(self, count):
        """So many pictures to learn from."""
        return self.generator(self.drawn(lambda: tf.random.normal((count, LATENT))), training=True)

    def show(self, latent):
        """The averaged generator's pictures of these latent vectors, an array."""
        return np.asarray(self.average(latent, training=False))

    def slope(self, real_sample):
        """Mean squared length of the slope of D's value at real pictures, and the values, (batch, 1).

        The slope is that with respect to the pictures enlarged to the last size, whose distances are larger: then the
        penalty is as strict in every stage.
        """
        with tf.GradientTape() as tape:
            tape.watch(real_sample)
            values = self.discriminator(real_sample, training=True)
        slopes = tape.gradient(values, real_sample)
        smaller = (real_sample.shape[1] / SIZES[-1]) ** 2
        return smaller * tf.reduce_mean(tf.reduce_sum(tf.square(slopes), axis=[1, 2, 3])), values

    def train_step(self, useless_argument):
        """An update of each network, the averaging and the fading; returns the share too."""
        real_sample, fake_sample = self.at_this_size(self.sample("pictures")), self.make(self.batch_size)
        with tf.GradientTape() as tape:
            slope, real_values = self.slope(real_sample)
            fake_values = self.discriminator(fake_sample, training=True)
            discr_loss = cross_entropy(1., real_values) + cross_entropy(0., fake_values)
            whole_loss = discr_loss + self.r1 / 2 * slope
        update(self.discriminator, tape, whole_loss)

        with tf.GradientTape() as tape:
            gen_loss = cross_entropy(1., self.discriminator(self.make(self.batch_size), training=True))
        update(self.generator, tape, gen_loss)
        for averaged, weight in zip(self.average.trainable_variables, self.generator.trainable_variables):
            averaged.assign(self.keep * averaged + (1 - self.keep) * weight)
        share = self.share + 0.
        self.fade(tf.minimum(1., self.share + 1 / self.fade_steps))
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "slope": slope, "share": share}


# ------------------------------------------------------------ training, measuring

def enlarged(pictures):
    """From [-1, 1] at any stage to [0, 1] at the last one's size; each pixel becomes a square of equal ones."""
    factor = SIZES[-1] // pictures.shape[1]
    return np.clip(data.unit(np.repeat(np.repeat(pictures, factor, axis=1), factor, axis=2)), 0, 1)


def stages_of(epochs):
    """The epochs that begin with larger networks: the small stages have a fifth and three tenths of the training."""
    return max(1, round(.2 * epochs)), max(2, round(.5 * epochs))


def multiplications(networks):
    """How many of them the layers of these networks make for one picture."""
    return sum(math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1]) for network in networks
               for layer in network.layers if isinstance(layer, (layers.Conv2D, layers.Dense)))


def equal_work(options):
    """The steps of an epoch at full size that make as many multiplications as one of growing networks, on average."""
    networks, (second, third) = growing_networks(options.filters), stages_of(options.epochs)
    costs = [multiplications(networks(stage)) for stage in range(len(SIZES))]
    whole = np.dot(costs, [second, third - second, options.epochs - third]) * options.steps
    return max(1, round(float(whole) / costs[-1] / options.epochs))


def train(pictures, options, direct=False, name=None):
    """Train with growing networks, or at full size at once, with as much work in fewer steps; the record, and the GAN.

    Args:
        options: of the command line, or `training.settings`, with epochs, steps, batch, filters.
    """
    growing = {"start": len(SIZES) - 1} if direct else {"grow_at": stages_of(options.epochs)}
    G = ProgressiveGAN(growing_networks(options.filters), data.signed(pictures.train), batch_size=options.batch,
                       fade_steps=max(1, options.epochs * options.steps // 10), **growing)
    latent = tf.random.normal((81, LATENT))
    looked_at = {options.epochs} if direct else {
        *G.grow_at, *np.linspace(G.grow_at[1], options.epochs, 3).round().astype(int)}
    record = training.Record(lambda: enlarged(G.show(latent)), looked_at)
    G.compile()
    training.fit(G, options, name, [record], [record],
                 steps_per_epoch=equal_work(options) if direct else options.steps)
    return record, G


def quality_of(G, quality):
    """Figures of as many new pictures as `quality`, a `Quality`, needs."""
    return quality(enlarged(in_batches(G.show, tf.random.normal((quality.size, LATENT)))))


def measure(way, seed, steps=None):
    """Figures of a GAN that grows, of one at full size with equal work, or of other real faces."""
    pictures = data.load("faces", SIZES[-1])
    quality = Quality(pictures)
    if way == "real faces":
        return quality.reference
    options = training.settings(epochs=10, steps=steps or MEASURED_STEPS, batch=16, filters=FILTERS)
    training.set_seeds(seed)
    _, G = train(pictures, options, direct=way != "grown")
    return quality_of(G, quality)


CLAIMS = [("progressive GAN", way, functools.partial(measure, way))
          for way in ("real faces", "grown", "at full size, equal work")]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("progressive", __doc__, dict(steps=STEPS), data="faces", epochs=10, steps=5 * STEPS,
                           batch=16)
    parser.add_argument("--filters", type=script.width, default=FILTERS, metavar="N",
                        help=f"width of the layers of 4 x 4 pixels (default {FILTERS})")
    options = script.start(parser, argv)
    if options.epochs < len(SIZES):
        parser.error(f"--epochs: expected at least {len(SIZES)}, one for each size, or nothing grows; got "
                     f"{options.epochs}")
    pictures = script.pictures(options, size=SIZES[-1])
    quality = Quality(pictures)
    print("grown:", flush=True)
    record, G = train(pictures, options, name="progressive")
    print("at full size from the start, to compare:", flush=True)
    training.set_seeds(options.seed)
    direct_record, direct = train(pictures, options, direct=True, name="progressive-direct")
    for name, model, losses in (("grown", G, record.losses), ("at full size", direct, direct_record.losses)):
        print(f"{name}, {len(losses['share']):,} steps: {script.line(quality_of(model, quality))}")
    print(f"other real faces: {script.line(quality.reference)}")
    script.meaning(*quality.reference)
    script.meaning(share="among the losses, how much of the newest layers is faded in",
                   slope="the penalty of the discriminator's slope")

    def with_size(title):  # "epoch 2" becomes "epoch 2: 8 x 8"
        size = SIZES[sum(int(title.split()[-1]) > start for start in stages_of(options.epochs))]
        return f"{title}: {size} x {size}"

    sheets = [("real", pictures.train[:81]), *((with_size(title), made) for title, made in record.sheets),
              ("full size at once", direct_record.sheets[-1][1])]
    plots = [figures.visualize_sheets(sheets, panel_columns=3, title="progressive GAN: it grows, or has its full size "
                                                                     "at once"),
             figures.visualize_losses([("progressive GAN, grown", record.losses),
                                       ("at full size", direct_record.losses)])]
    script.finish(plots[0], options, "progressive-samples.png")
    script.finish(plots[1], options, "progressive-losses.png")
    print("What you see: the sheets grow from 4 x 4 to 16 x 16 pixels. The last one is of the same networks, trained "
          "at full size from the start with as many multiplications; the figures above say which are nearer to real "
          "faces.")
    return plots


if __name__ == "__main__":
    main()
