"""Next frame: from three pictures of something that moves, the fourth.

Things move across a small field. At the field's edges they turn back, and at each frame their speed changes a little at
random, so many next frames fit. A generator that is paid for small squared errors answers with their mean, and the
mean of a digit at many places is a blur. One that also has to fool a discriminator must decide for one of the places.
The discriminator sees the three frames together with the fourth, or with what the generator made of them. With D its
map of values, G the generator, x three frames, y the fourth, and all means over pixels, patches and examples:

    discriminator loss   (mean (D(x, y) - 1)^2 + mean D(x, G(x))^2) / 2
    generator loss       mean (D(x, G(x)) - 1)^2 + 30 mean (G(x) - y)^2

Mathieu, Couprie and LeCun (2016), Deep Multi-Scale Video Prediction beyond Mean Square Error,
https://arxiv.org/abs/1511.05440. A lecture shows the idea without numbers; the networks are ours: a U-Net and a
discriminator of patches at one scale, where the paper has four.

    python -m beyond.next_frame --quick               digits that move
    python -m beyond.next_frame --kick 0 --quick      they keep their speed: one next frame, and no blur
    python -m beyond.next_frame --data FOLDER         pictures of one's own that move
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import JudgedTogether, in_batches, update
from beyond.common.data import signed, unit
from beyond.common.likeness import likeness, psnr
from beyond.common.translators import halved_widths, mean_square, patch_discriminator, unet
from gan import checks
from gan.engine import System

SYSTEM = {
    "family": "picture to picture",
    "line": "Next frame: from three pictures of something that moves, the fourth",
    "totals": {},
    "quick": "2 minutes",
}
FRAMES = 3  # that are given
FIELD, THING = 32, 16  # height and width in pixels
SLOWEST, FASTEST = 1., 3.  # at the start, in pixels a frame


# ------------------------------------------------------------------- the films

def placed(picture, y, x, field=FIELD):
    """A field, black, with the square picture at a place that need not be whole: between pixels, in proportion.

    Args:
        picture: (side, side) in [0, 1].
        y, x: of its upper left corner, from 0 to field - side.
    """
    side = len(picture)
    (row, down), (column, right) = divmod(float(y), 1), divmod(float(x), 1)
    result = np.zeros((field + 1, field + 1), "float32")  # a row and a column more for what is moved by a part
    for i, share_y in ((0, 1 - down), (1, down)):
        for j, share_x in ((0, 1 - right), (1, right)):
            top, left = int(row) + i, int(column) + j
            result[top:top + side, left:left + side] += share_y * share_x * picture
    return result[:field, :field]


def turned_back(place, speed, most):
    """Place and speed after what stood beyond 0 or `most` is thrown back from there."""
    beyond = np.where(place < 0, place, np.where(place > most, place - most, 0))
    return np.clip(place - 2 * beyond, 0, most), np.where(beyond, -speed, speed)


def films(pictures, count, kick=.7, seed=0, length=FRAMES + 1):
    """Short films of pictures that move, each from a place, at a speed and in a direction of its own.

    Args:
        pictures: (n, side, side, 1) in [0, 1]; the films take them in turn.
        count: how many films.
        kick: standard deviation of what is added to the speed at each frame, in pixels a frame, both ways.
        seed: of all that is drawn.

    Returns:
        float32 in [0, 1], shape (count, FIELD, FIELD, length): the frames are the channels.
    """
    checks.whole_number("count", count)
    checks.number("kick", kick, zero_allowed=True)
    stream, most = np.random.default_rng(seed), FIELD - pictures.shape[1]
    place = stream.uniform(0, most, (count, 2))
    angle, speed = stream.uniform(0, 2 * np.pi, count), stream.uniform(SLOWEST, FASTEST, count)
    speed = np.stack([speed * np.sin(angle), speed * np.cos(angle)], axis=1)
    result = np.empty((count, FIELD, FIELD, length), "float32")
    for frame in range(length):
        if frame:
            speed = speed + kick * stream.normal(size=speed.shape)
            place, speed = turned_back(place + speed, speed, most)
        for i in range(count):
            result[i, ..., frame] = placed(pictures[i % len(pictures), ..., 0], *place[i])
    return result


# ---------------------------------------------------------------- the networks

def small_GenDiscr(filters=16):
    """A U-Net from three frames to one, and a discriminator of all four with patches of 22 x 22 pixels."""
    widths = halved_widths(FIELD, filters)
    return unet(FIELD, FRAMES, 1, widths, widths[-1]), patch_discriminator(FIELD, FRAMES + 1, widths[:2])


# ------------------------------------------------------------------ the system

class NextFrame(JudgedTogether, System):
    """A generator that goes on with a film, by squared errors and by what a discriminator says.

    Args:
        generator: keras.Model from frames (batch, h, w, k) to the next one (batch, h, w, 1), in [-1, 1].
        discriminator: keras.Model from k + 1 frames to a map of values.
        films: shape (n, h, w, k + 1), in [-1, 1].
        batch_size: films in a sample.
        learning_rate: of both Adam optimizers.
        error_weight, gan_weight: of the two parts of the generator's loss, zero or positive. With gan_weight 0 the
            discriminator is not trained.
    """

    beta_1 = .5
    also_settings = ("error_weight", "gan_weight")

    def __init__(self, generator, discriminator, films, batch_size=16, learning_rate=.001, error_weight=30.,
                 gan_weight=1.):
        super().__init__(batch_size)
        rate = checks.number("learning_rate", learning_rate)
        for name, network in (("generator", generator), ("discriminator", discriminator)):
            self.add_network(name, network, keras.optimizers.Adam(rate, beta_1=self.beta_1))
        self.add_examples("films", films)
        self.error_weight = checks.number("error_weight", error_weight, zero_allowed=True)
        self.gan_weight = checks.number("gan_weight", gan_weight, zero_allowed=True)

    def call(self, frames, training=False):
        """What the generator expects after these frames."""
        return self.generator(frames, training=training)

    def train_step(self, useless_argument):
        """An update of the discriminator and one of the generator, each with films of its own; returns their losses.

        `error_loss` is the mean squared error of a value in [-1, 1], before it is weighted.
        """
        losses = {}
        if self.gan_weight:
            films = self.sample("films")
            frames = films[..., :-1]
            fakes = continued(frames, self.generator(frames, training=True))
            with tf.GradientTape() as tape:
                real_values, fake_values = self.judge(films, fakes)
                losses["discr_loss"] = (mean_square(real_values - 1) + mean_square(fake_values)) / 2
            update(self.discriminator, tape, losses["discr_loss"])

        films = self.sample("films")
        frames = films[..., :-1]
        with tf.GradientTape() as tape:
            made = self.generator(frames, training=True)
            losses["error_loss"] = mean_square(made - films[..., -1:])
            gen_loss = self.error_weight * losses["error_loss"]
            if self.gan_weight:
                losses["gan_loss"] = mean_square(self.judge_fakes(films, continued(frames, made)) - 1)
                gen_loss += self.gan_weight * losses["gan_loss"]
        update(self.generator, tape, gen_loss)
        return losses

    def go_on(self, frames):
        """The next frames, (n, h, w, 1), of frames (n, h, w, k), all in [0, 1], as an array."""
        return unit(in_batches(lambda part: self.generator(part, training=False), signed(frames), 50))


def continued(frames, next_frame):
    """A film of the frames and the next one, (batch, h, w, k + 1)."""
    return tf.concat([frames, next_frame], axis=-1)


# --------------------------------------------------------- training, measuring

QUICK = dict(epochs=20, steps=100)
DEFAULTS = dict(epochs=40, steps=100, batch=16, rate=.001, filters=16, error=30., gan=1., kick=.7)
COUNT, HELD_OUT = 4000, 200  # films


def films_of(pictures, kick, seed):
    """Films to train on, and others of other pictures: a fifth of them where none are held out already."""
    train, test = pictures.train, pictures.test
    if not len(test):
        train, test = train[len(train) // 5:], train[:len(train) // 5]
    return films(train, COUNT, kick, seed), films(test, HELD_OUT, kick, seed + 10 ** 6)


def make(train, options, gan):
    """A new NextFrame of these films."""
    return NextFrame(*small_GenDiscr(options.filters), signed(train), options.batch, options.rate, options.error, gan)


def measure(row, seed, steps=None):
    """Figures of held-out films: how near the made frame is to the true one, and how sharp."""
    seed += 20  # the settings were chosen with smaller ones
    options = training.settings(**{**DEFAULTS, **QUICK, **row, "steps": steps or QUICK["steps"]})
    train, test = films_of(data.load("digits", THING), options.kick, seed)
    if row.get("last"):
        return likeness(test[..., -2:-1], test[..., -1:])
    training.set_seeds(seed)
    G = make(train, options, options.gan)
    G.compile(steps_per_execution=min(options.steps, 50))
    training.fit(G, options, steps_per_epoch=options.steps)
    return likeness(G.go_on(test[..., :-1]), test[..., -1:])


CLAIMS = [("next frame", name, partial(measure, row)) for name, row in [
    ("the last frame again", dict(last=True)), ("squared errors", dict(gan=0.)), ("errors and discriminator", {}),
    ("squared errors, no kick", dict(gan=0., kick=0.)), ("errors and discriminator, no kick", dict(kick=0.))]]


def main(argv=None):
    from beyond.common import figures, rows, script
    parser = script.parser("next_frame", __doc__, QUICK, epochs=DEFAULTS["epochs"], steps=DEFAULTS["steps"],
                           batch=DEFAULTS["batch"], rate=DEFAULTS["rate"])
    parser.add_argument("--kick", type=script.zero_or_more, default=DEFAULTS["kick"], metavar="X",
                        help="how much the speed changes at each frame, in pixels (default .7)")
    parser.add_argument("--filters", type=script.width, default=DEFAULTS["filters"], metavar="N",
                        help=f"of the first layer (default {DEFAULTS['filters']})")
    parser.add_argument("--error", type=script.zero_or_more, default=DEFAULTS["error"], metavar="X",
                        help=f"weight of the squared error (default {DEFAULTS['error']:g})")
    parser.add_argument("--gan", type=script.zero_or_more, default=DEFAULTS["gan"], metavar="X",
                        help="weight of the discriminator's opinion (default 1)")
    options = script.start(parser, argv)
    train, test = films_of(script.pictures(options, THING), options.kick, options.seed or 0)
    frames, truth, shown = test[..., :-1], test[..., -1:], slice(0, 8)
    training.set_seeds(options.seed)  # as if nothing had been drawn before
    models = {"squared errors": make(train, options, 0.), "NextFrame": make(train, options, options.gan)}

    lines, losses = [(f"frame {number + 1}", frames[shown][..., number, None], None) for number in range(FRAMES)], []
    for name, G in models.items():
        print("now with a discriminator:" if name == "NextFrame" else "first by squared errors alone, to compare:",
              flush=True)
        record = rows.train(G, options, lambda G=G: G.go_on(frames[shown]),
                            "next_frame" if name == "NextFrame" else "next_frame-errors")
        made = G.go_on(frames)
        print(f"held out, {name}: {script.line(likeness(made, truth))}", flush=True)
        lines.append((name, made[shown], [f"{value:.1f}" for value in psnr(made[shown], truth[shown])]))
        losses.append((name, record.losses))
    print("(psnr in decibels, ssim: more is nearer to the truth; sharpness: 1 is the truth's)")
    plots = [rows.visualize_rows([*lines, ("truth", truth[shown], None)], "Next frame: held-out films",
                                 note="below what was made: its PSNR in decibels, more is nearer to the truth"),
             figures.visualize_losses(losses)]
    script.finish(plots[0], options, "next_frame-samples.png")
    script.finish(plots[1], options, "next_frame-losses.png")
    rows.save_film(record, frames[shown][..., -1:], truth[shown], options, "next_frame-training.gif")
    print("What you see: each column is a film: three frames, what both generators expect, and the truth. The mean "
          "of all places where the digit may be next is a blur; the discriminator asks for one sharp place, which "
          "may be the wrong one.")
    return plots


if __name__ == "__main__":
    main()
