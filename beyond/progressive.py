"""A progressive GAN: networks that begin with pictures of 4 x 4 pixels and grow to 8 x 8 and 16 x 16.

Coarse things first: each stage has an easier question than the whole. When the networks grow, the new layers are faded
in, so that what was learned is not thrown over. With s the share of the new layers, which goes from 0 to 1:

    generator       s new picture + (1 - s) old picture, enlarged
    discriminator   s features of the picture by new layers + (1 - s) those of the picture, made smaller, by old ones
    real pictures   at the stage's size, s sharp + (1 - s) as sharp as in the stage before

Losses and penalty are those of task 2, and a small weight keeps the critic's values near 0, which its loss leaves free.
Two layers help: the generator divides each pixel's features by their root mean square; the critic sees how much the
pictures of a batch differ from each other, so that it notices when all are alike.

Karras et al. (2018), Progressive Growing of GANs, https://arxiv.org/abs/1710.10196. The source describes the method and
has no networks of its own; these are small ones, without the paper's scaled weights. Their settings have not been
tuned, and the 600 steps of --quick make no faces yet.

    python -m beyond.progressive --quick      it grows; beside it the same networks, trained at full size at once
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import functools
import time

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import update
from beyond.common.measures import Quality
from gan import checks
from gan.engine import System

WGAN_GP = __import__("2-wgan_gp").WGAN_GP
layers = keras.layers

SYSTEM = {
    "family": "growing",
    "line": "progressive GAN: faces of 4, 8 and 16 pixels, layers faded in",
    "totals": {},
    "quick": "3 minutes",
}
SIZES = (4, 8, 16)
LATENT = 32


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


def growing_networks(filters=32):
    """The networks of all stages. A stage has the layers of the stage before, whatever they have learned, and more.

    Returns:
        A function stage (0, 1, 2) -> generator, (batch, LATENT) -> (batch, size, size, 1), and discriminator, which
        leads back to (batch, 1); size is SIZES[stage]. From stage 1 on each has a layer "fade", a FadeIn.
    """
    first = [PixelNorm(), layers.Dense(16 * filters), layers.Reshape((4, 4, filters)), layers.LeakyReLU(.2),
             PixelNorm(), *leaky(3, filters), PixelNorm()]
    last = [MinibatchDeviation(), *leaky(3, filters), layers.Flatten(), layers.Dense(1)]

    @functools.lru_cache(None)  # the layers of a stage are made once
    def made_by(stage):
        more = [layers.UpSampling2D(), *leaky(3, filters), PixelNorm(), *leaky(3, filters), PixelNorm()]
        return (more if stage else first), layers.Conv2D(1, 1)

    @functools.lru_cache(None)
    def judged_by(stage):
        more = [*leaky(3, filters), *leaky(3, filters), layers.AveragePooling2D(2)]
        return leaky(1, filters), (more if stage else last)

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


# ------------------------------------------------------------ the class

class ProgressiveGAN(System):
    """A WGAN_GP whose networks grow.

    Args:
        networks: function stage -> generator, discriminator, such as `growing_networks()`.
        pictures: in [-1, 1], of the size of the last stage: (n, size, size, 1).
        grow_at: epochs, counted from 0, that begin with larger networks.
        fade_steps: training steps until new layers have the whole share.
        batch_size, learning_rate, lambda_gp: as in task 2.
        start: the first stage; the last one is a training at full size.
    """

    get_interpolated_sample, gradient_penalty = WGAN_GP.get_interpolated_sample, WGAN_GP.gradient_penalty

    def __init__(self, networks, pictures, grow_at=(), fade_steps=100, batch_size=16, learning_rate=.001, lambda_gp=10,
                 start=0):
        super().__init__(batch_size)
        self.stages, self.grow_at, self.start = networks, tuple(grow_at), start
        self.learning_rate = checks.learning_rate(learning_rate)
        self.lambda_gp = checks.number("lambda_gp", lambda_gp, zero_allowed=True)
        self.fade_steps = checks.whole_number("fade_steps", fade_steps)
        for network in networks(start):
            self.add_network(network.name, network, self.new_optimizer())
        self.add_examples("pictures", pictures)
        self.add_number("share", 1.)
        self.fade(1.)

    def new_optimizer(self):
        return keras.optimizers.Adam(self.learning_rate, beta_1=0., beta_2=.99)

    def grow(self):
        """The networks of the next stage; their new layers have no share yet."""
        for network in self.stages(self.start + self.stage + 1):
            self.replace_network(network.name, network, self.new_optimizer())
        self.fade(0.)

    def fade(self, share):
        """Give the new layers of both networks that share."""
        self.share.assign(share)
        for network in (self.generator, self.discriminator):
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
        """So many new pictures."""
        return self.generator(self.drawn(lambda: tf.random.normal((count, LATENT))), training=True)

    def train_step(self, useless_argument):
        """As task 2's with one update of the critic, and the fading; returns the share too."""
        real_sample, fake_sample = self.at_this_size(self.sample("pictures")), self.make(self.batch_size)
        interpolated_sample = self.get_interpolated_sample(real_sample, fake_sample)
        with tf.GradientTape() as tape:
            real_values = self.discriminator(real_sample, training=True)
            fake_values = self.discriminator(fake_sample, training=True)
            discr_loss = WGAN_GP.discriminator_loss(real_values, fake_values)
            gp = self.gradient_penalty(interpolated_sample)
            whole_loss = discr_loss + self.lambda_gp * gp + .001 * tf.reduce_mean(tf.square(real_values))
        update(self.discriminator, tape, whole_loss)

        with tf.GradientTape() as tape:
            gen_loss = WGAN_GP.generator_loss(self.discriminator(self.make(self.batch_size), training=True))
        update(self.generator, tape, gen_loss)
        share = self.share + 0.
        self.fade(tf.minimum(1., self.share + 1 / self.fade_steps))
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "gp": gp, "share": share}


# ------------------------------------------------------------ training, measuring

def enlarged(pictures):
    """From [-1, 1] at any stage to [0, 1] at the last one's size; each pixel becomes a square of equal ones."""
    factor = SIZES[-1] // pictures.shape[1]
    return np.clip(data.unit(np.repeat(np.repeat(pictures, factor, axis=1), factor, axis=2)), 0, 1)


class StopAfter(keras.callbacks.Callback):
    """Ends a training at the end of the epoch in which so many seconds are over."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs=None):
        self.begin = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        if time.monotonic() - self.begin >= self.seconds:
            self.model.stop_training = True


def stages_of(epochs):
    """The epochs that begin with larger networks: the small stages have a fifth and three tenths of the training."""
    return max(1, round(.2 * epochs)), max(2, round(.5 * epochs))


def train(pictures, options, direct=False, name=None, seconds=None):
    """Train with growing networks, or at full size at once.

    Args:
        options: of the command line, or `training.settings`, with epochs, steps, batch, filters.
        seconds: how long; default: `options.epochs`.

    Returns:
        The record, the GAN, and the seconds that it took; after `--resume` those since then.
    """
    growing = {"start": len(SIZES) - 1} if direct else {"grow_at": stages_of(options.epochs)}
    G = ProgressiveGAN(growing_networks(options.filters), data.signed(pictures.train), batch_size=options.batch,
                       fade_steps=max(1, options.epochs * options.steps // 10), **growing)
    latent = tf.random.normal((81, LATENT))
    looked_at = None if direct else {*G.grow_at, *np.linspace(G.grow_at[1], options.epochs, 3).round().astype(int)}
    record = training.Record(lambda: enlarged(np.asarray(G.generator(latent, training=False))), looked_at)
    G.compile()
    began = time.monotonic()
    if seconds:
        options = training.settings(**{**vars(options), "epochs": 100 * options.epochs})
    training.fit(G, options, name, [record, *([StopAfter(seconds)] if seconds else [])], [record],
                 steps_per_epoch=options.steps)
    return record, G, time.monotonic() - began


def quality_of(G, quality):
    """Figures of as many new pictures as `quality`, a `Quality`, needs."""
    made = enlarged(np.concatenate([G.make(50) for _ in range(0, quality.size, 50)]))
    return quality(made[:quality.size])


def measure(seed, steps=None):
    """Figures of a GAN that grows, and of one at full size that has as many seconds; see UNMEASURED."""
    pictures = data.load("faces", SIZES[-1])
    quality = Quality(pictures)
    options = training.settings(epochs=10, steps=steps or 60, batch=16, filters=32)
    training.set_seeds(seed)
    _, grown, seconds = train(pictures, options)
    training.set_seeds(seed)
    _, direct, _ = train(pictures, options, direct=True, seconds=seconds)
    return {f"{name}, {figure}": value for name, G in (("grown", grown), ("at full size", direct))
            for figure, value in quality_of(G, quality).items()}


# As CLAIMS of other systems; they become these as soon as their figures stand in claims.csv.
UNMEASURED = [("progressive GAN", "faces", measure)]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("progressive", __doc__, dict(epochs=10, steps=60), data="faces", epochs=20, steps=300,
                           batch=16)
    parser.add_argument("--filters", type=script.width, default=32, metavar="N",
                        help="width of the layers (default 32)")
    options = script.start(parser, argv)
    pictures = script.pictures(options, size=SIZES[-1])
    quality = Quality(pictures)
    record, G, seconds = train(pictures, options, name="progressive")
    training.set_seeds(options.seed)
    direct_record, direct, direct_seconds = train(pictures, options, direct=True, seconds=seconds)
    for name, model, took in (("grown", G, seconds), ("at full size", direct, direct_seconds)):
        print(f"{name}, {took:.0f} seconds: {script.line(quality_of(model, quality))}")
    sheets = [("real", pictures.train[:81]), *record.sheets, ("full size at once", direct_record.sheets[-1][1])]
    plots = [figures.visualize_sheets(sheets, panel_columns=3),
             figures.visualize_losses([("grown", record.losses), ("at full size", direct_record.losses)])]
    script.finish(plots[0], options, "progressive-samples.png")
    script.finish(plots[1], options, "progressive-losses.png")
    return plots


if __name__ == "__main__":
    main()
