"""Cartoon-GAN: photographs become drawings, learned from photographs and drawings of other things.

No photograph comes with its drawing. The discriminator learns to tell drawings from what the generator makes. To make
it look at edges, it is also shown drawings whose edges are smoothed, which it has to reject. And so that the drawing
still shows what the photograph shows, certain features of both, see `beyond.common.features`, have to agree. The
generator is a U-Net. It also sees the features of some drawing, as a map of the style. With D the discriminator, which
gives a map of values, G the generator, x a photograph, c a drawing, e(c) the same with smoothed edges, F the features,
s(x) the sharpened photograph, and all means over patches or features, and examples:

    discriminator loss   (mean (D(c) - 1)^2 + mean D(e(c))^2 + mean D(G(x, F(c)))^2) / 3
    generator loss       mean (D(G(x, F(c))) - 1)^2 + a mean |F(G(x, F(c))) - F(s(x))|
                         + b mean |F(G(x, F(c))) - F(c)|

The last part is the source's (b = .1). It compares with a drawing of something else, place by place; here b = 0.

Unless drawings are given, they are made: `beyond.common.drawn_style`. Then the true drawing of every photograph that
was held out is known, and what was learned without pairs is measured with it.

Chen, Lai and Liu (2018), CartoonGAN: Generative Adversarial Networks for Photo Cartoonization, CVPR 2018,
https://openaccess.thecvf.com/content_cvpr_2018/html/Chen_CartoonGAN_Generative_Adversarial_CVPR_2018_paper.html.
The source of these networks has a U-Net and the map of the style in the place of the paper's residual blocks.

    python -m beyond.cartoongan --quick                    drawn faces in a drawn style
    python -m beyond.cartoongan --content 0 --quick        nothing holds the content
    python -m beyond.cartoongan --data SELFIES CARTOONS --size 128 --network source --features vgg --epochs 500 \\
        --steps 3400 --batch 1
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import drawn_style, features, training
from beyond.common.base import in_batches, update
from beyond.common.blocks import layers
from beyond.common.data import signed, unit
from beyond.common.likeness import sharpness
from beyond.common.translators import halved_widths, instance_normalized, mean_square, patch_discriminator
from gan import checks
from gan.engine import System

SYSTEM = {
    "family": "picture to picture",
    "line": "Cartoon-GAN: photographs become drawings, without pairs",
    "totals": {"generator": 42882051, "discriminator": 2766529},
    "quick": "2 minutes",
}
VGG_LAYER = "block4_conv4"


# ---------------------------------------------------------------- the networks

def styled_unet(size, channels, filters, bottleneck, style_shape):
    """A U-Net from pictures, and a map of a style, to pictures of the same size in [-1, 1].

    Args:
        filters: of the layers on the way down, each of which halves the picture; those on the way up mirror them.
        bottleneck: filters of the last layer on the way down, which is not normalised.
        style_shape: (rows, columns, channels); the map joins on the way up where the picture has these rows.
    """
    pictures, style = x, _ = keras.Input((size, size, channels)), keras.Input(style_shape)
    down = []
    for number, count in enumerate(filters):
        x = layers.LeakyReLU(.2)(layers.Conv2D(count, 4, 2, padding="same")(x))
        x = instance_normalized(x) if number else x
        down.append(x)
    x = layers.Conv2D(bottleneck, 4, 2, padding="same", activation="relu")(x)
    for count, skip in zip(filters[::-1], down[::-1]):
        x = instance_normalized(layers.Conv2DTranspose(count, 4, 2, padding="same", activation="relu")(x))
        x = layers.Concatenate()([x, skip, style] if x.shape[1] == style_shape[0] else [x, skip])
    x = layers.Conv2DTranspose(channels, 4, 2, padding="same", activation="tanh")(x)
    return keras.Model([pictures, style], x, name="generator")


def source_GenDiscr():
    """The source's networks for 128 x 128 pixels and a style as VGG19 sees it: 42,882,051 and 2,766,529 parameters."""
    return (styled_unet(128, 3, (64, 128, 256, 512, 512, 512), 512, (16, 16, 512)),
            patch_discriminator(128, 3, (64, 128, 256, 512), instance_normalized))


def small_GenDiscr(size, channels, filters, style_shape):
    """The same kind for small pictures, of a power of two pixels.

    Raises:
        ValueError: the size is no power of two from 8 on.
    """
    widths = halved_widths(size, filters)
    return (styled_unet(size, channels, widths, widths[-1], style_shape),
            patch_discriminator(size, channels, widths[:2], instance_normalized))


def networks():
    """The networks as the source prints them."""
    return {network.name: network for network in source_GenDiscr()}


# ------------------------------------------------------------------ the system

class CartoonGAN(System):
    """A translator from photographs to drawings that learns without pairs.

    Args:
        generator: keras.Model from [photographs, maps of a style] to pictures like the drawings, in [-1, 1].
        discriminator: keras.Model from pictures to a map of values.
        photographs, drawings: shapes (n, h, w, channels) and (m, h, w, channels), in [-1, 1]. Both are sharpened: the
            drawings to learn from, the photographs for their content.
        content: `beyond.common.features.Features`; the last of its answers is the map of the style.
        batch_size: pictures of each kind in a sample.
        learning_rate: of both Adam optimizers.
        content_weight, style_weight: a and b of the generator's loss, zero or positive.
        smoothed: whether the discriminator sees smoothed drawings as well.
    """

    beta_1 = .5
    also_settings = ("content_weight", "style_weight", "smoothed", "content_name")

    def __init__(self, generator, discriminator, photographs, drawings, content, batch_size=8, learning_rate=.0002,
                 content_weight=1., style_weight=0., smoothed=True):
        super().__init__(batch_size)
        rate = checks.number("learning_rate", learning_rate)
        for name, network in (("generator", generator), ("discriminator", discriminator)):
            self.add_network(name, network, keras.optimizers.Adam(rate, beta_1=self.beta_1))
        drawings = unit(np.asarray(drawings))
        self.add_examples("photographs", photographs)
        self.add_examples("wanted", signed(drawn_style.sharpened(unit(np.asarray(photographs)))))
        self.add_examples("drawings", signed(drawn_style.sharpened(drawings)))
        self.add_examples("negatives", signed(self.negatives_of(drawings)))
        self.content, self.content_name = content, str(content)
        self.content_weight = checks.number("content_weight", content_weight, zero_allowed=True)
        self.style_weight = checks.number("style_weight", style_weight, zero_allowed=True)
        self.smoothed = bool(smoothed)

    @staticmethod
    def negatives_of(drawings):
        """What has smoothed edges and is to be rejected, of drawings that are not sharpened; all in [0, 1]."""
        return drawn_style.with_smooth_edges(drawn_style.sharpened(drawings))

    def call(self, inputs, training=False):
        """What the generator makes of [photographs, maps of a style]."""
        return self.generator(inputs, training=training)

    def style_of(self, drawings):
        """The map of the style of each drawing, (n, rows, columns, channels)."""
        return self.content.answers(drawings)[-1]

    def train_step(self, useless_argument):
        """An update of the discriminator and one of the generator, with the same pictures; returns their losses.

        The parts of the generator's loss are returned before they are weighted.
        """
        photographs, wanted = self.sample("photographs", "wanted")
        drawings, negatives = self.sample("drawings", "negatives")
        style = self.style_of(drawings)
        fakes = self.generator([photographs, style], training=True)
        discr_loss = self.train_discriminator(drawings, [negatives, fakes] if self.smoothed else [fakes])

        with tf.GradientTape() as tape:
            fakes = self.generator([photographs, style], training=True)
            gan_loss = mean_square(self.discriminator(fakes, training=True) - 1)
            content_loss = self.content.absolute(fakes, wanted)
            gen_loss = gan_loss + self.content_weight * content_loss
            losses = {"discr_loss": discr_loss, "gan_loss": gan_loss, "content_loss": content_loss}
            if self.style_weight:
                losses["style_loss"] = self.content.absolute(fakes, drawings)
                gen_loss += self.style_weight * losses["style_loss"]
        update(self.generator, tape, gen_loss)
        return losses

    def train_discriminator(self, drawings, rejected):
        """An update of the discriminator with drawings, and batches that it has to reject; returns its loss."""
        with tf.GradientTape() as tape:
            loss = mean_square(self.discriminator(drawings, training=True) - 1)
            for pictures in rejected:
                loss += mean_square(self.discriminator(pictures, training=True))
            loss /= 1 + len(rejected)
        update(self.discriminator, tape, loss)
        return loss

    def draw(self, photographs, style):
        """Drawings of photographs, in the style of one drawing, (1, h, w, channels); all are arrays in [0, 1]."""
        style = self.style_of(signed(style))

        def drawn(part):
            return self.generator([tf.constant(part), tf.repeat(style, len(part), axis=0)], training=False)
        return unit(in_batches(drawn, signed(photographs), 50))


class CartoonGANAsListed(CartoonGAN):
    """As the source lists it: the discriminator has an update for each kind of picture.

    And drawings are not sharpened before they are smoothed. So they differ from sharpened ones everywhere, and not at
    their edges alone.
    """

    @staticmethod
    def negatives_of(drawings):
        return drawn_style.with_smooth_edges(drawings)

    def train_discriminator(self, drawings, rejected):
        losses = []
        for pictures, target in [(drawings, 1.), *((pictures, 0.) for pictures in rejected)]:
            with tf.GradientTape() as tape:
                loss = mean_square(self.discriminator(pictures, training=True) - target)
            update(self.discriminator, tape, loss)
            losses.append(loss)
        return tf.add_n(losses) / len(losses)


# --------------------------------------------------------- training, measuring

QUICK = dict(epochs=10, steps=100)
DEFAULTS = dict(epochs=40, steps=200, batch=8, rate=.002, network="small", filters=32, content=1., style=0.,
                no_smoothed=False, as_listed=False)
MEASURED = dict(QUICK, steps=40, pictures=400, filters=16)  # small, so that many runs can be made
ALIKE = 6 / 255  # neighbours that differ by less belong to one tone


def in_two(pairs):
    """Coloured pictures as (photographs, drawings of others, held-out photographs), of `beyond.common.pairs.Pairs`."""
    half = len(pairs.train_b) // 2
    return pairs.train_b[:half], drawn_style.posterised(pairs.train_b[half:]), pairs.test_b


def figures_of(made, photographs, truth, judge):
    """How well held-out photographs were drawn; a dict.

    error: mean difference of a value from the true drawing, in levels of 255.
    sharpness, flat: mean difference of neighbouring pixels, and share of neighbours that hardly differ, both divided by
        the same of the true drawings.
    content: distance of the features from those of the photograph, divided by the distance of other photographs, if
        there are any.
    """
    def flat(pictures):
        return np.mean([np.mean(np.abs(np.diff(pictures, axis=axis)) < ALIKE) for axis in (1, 2)])

    result = {"error": 255 * float(np.mean(np.abs(made - truth))), "sharpness": sharpness(made) / sharpness(truth),
              "flat": float(flat(made) / flat(truth))}
    if len(photographs) > 1:
        others = judge.distance(np.roll(photographs, 1, axis=0), photographs)
        result["content"] = judge.distance(made, photographs) / others
    return result


def make(photographs, drawings, content, options):
    """A new CartoonGAN of these pictures in [0, 1]."""
    size, channels = photographs.shape[1], photographs.shape[-1]
    style = tuple(np.shape(content.answers(signed(drawings[:1]))[-1])[1:])
    if options.network == "small":
        made = small_GenDiscr(size, channels, options.filters, style)
    elif (size, channels, style) == (128, 3, (16, 16, 512)):
        made = source_GenDiscr()
    else:
        raise ValueError("--network: expected small for these pictures and features; source is for 128x128x3 and vgg, "
                         f"got {size}x{size}x{channels} and {content}")
    return (CartoonGANAsListed if options.as_listed else CartoonGAN)(
        *made, signed(photographs), signed(drawings), content, options.batch, options.rate, options.content,
        options.style, not options.no_smoothed)


def measure(row, seed, steps=None):
    """Figures of held-out faces after a short training, or of the photographs and the true drawings; see CLAIMS.

    The features that measure are those of a classifier with another seed than the one whose features were learned from.
    """
    from beyond.common import pairs
    seed += 20  # the settings were chosen with smaller ones
    options = training.settings(**{**DEFAULTS, **MEASURED, **row, "steps": steps or MEASURED["steps"]})
    photographs, drawings, held_out = in_two(pairs.load("faces", "colour", 32, options.pictures, seed=seed))
    truth, kept = drawn_style.drawn(held_out), pairs.cache_folder()
    judge = features.of_faces(32, folder=kept, seed=1)
    if "made" in row:
        return figures_of(held_out if row["made"] == "photographs" else truth, held_out, truth, judge)
    content = features.of_faces(32, folder=kept)
    training.set_seeds(seed)
    G = make(photographs, drawings, content, options)
    style = drawn_style.sharpened(drawings[:1])
    G.compile(steps_per_execution=min(options.steps, 50))
    training.fit(G, options, steps_per_epoch=options.steps)
    return figures_of(G.draw(held_out, style), held_out, truth, judge)


CLAIMS = [("Cartoon-GAN", name, partial(measure, row)) for name, row in {
    "the photographs": dict(made="photographs"), "the true drawings": dict(made="truth"), "as described": {},
    "without smoothed drawings": dict(no_smoothed=True), "without the content": dict(content=0.)}.items()]


def pictures(options):
    """(photographs, drawings, held-out photographs, their true drawings or None) of the command line.

    What cannot be built is refused before they are drawn and the classifier of faces is trained.
    """
    from beyond.common import pairs
    own = len(options.data) == 2 or options.halves

    def rehearse(data):
        size, channels = data.train_b.shape[1], data.train_b.shape[-1]
        make(data.train_b, data.train_b, features.untrained(options.features, size, channels, VGG_LAYER), options)

    data = pairs.from_options(options, "own" if own else "colour", rehearse, "photographs or of drawings",
                              share=1 if own else 2, paired=not own)
    if own:
        photographs, drawings, held_out, truth = data.train_a, data.train_b, data.test_a, None
    else:
        photographs, drawings, held_out = in_two(data)
        truth = drawn_style.drawn(held_out)
    of_what = "" if own else ", of the pictures in colour"
    print(f"{len(photographs)} photographs, {len(drawings)} drawings of others{of_what}", flush=True)
    return photographs, drawings, held_out, truth


def main(argv=None):
    from beyond.common import figures, pairs, rows, script
    parser = script.parser("cartoongan", __doc__, QUICK, data=None, epochs=DEFAULTS["epochs"], steps=DEFAULTS["steps"],
                           batch=DEFAULTS["batch"], rate=DEFAULTS["rate"])
    pairs.add_arguments(parser)
    features.add_argument(parser)
    parser.add_argument("--network", choices=["small", "source"], default="small",
                        help="small for any size, or the source's for 128 x 128 pixels and --features vgg")
    parser.add_argument("--filters", type=script.width, default=DEFAULTS["filters"], metavar="N",
                        help=f"of the first layer of small networks (default {DEFAULTS['filters']})")
    parser.add_argument("--content", type=script.zero_or_more, default=DEFAULTS["content"], metavar="X",
                        help="weight of the photograph's features (default 1)")
    parser.add_argument("--style", type=script.zero_or_more, default=DEFAULTS["style"], metavar="X",
                        help="weight of some drawing's features, place by place (default 0; the source's .1)")
    parser.add_argument("--no-smoothed", action="store_true", help="no drawings with smoothed edges to be rejected")
    parser.add_argument("--as-listed", action="store_true",
                        help="an update of the discriminator for each kind of picture; drawings are not sharpened "
                             "before they are smoothed")
    options = script.start(parser, argv)
    photographs, drawings, held_out, truth = pictures(options)
    size, channels = photographs.shape[1], photographs.shape[-1]
    content, judge = features.two(options, size, channels, layer=VGG_LAYER)
    training.set_seeds(options.seed)  # as if nothing had been trained before
    G = make(photographs, drawings, content, options)
    style, shown = drawn_style.sharpened(drawings[:1]), slice(0, 8)
    record = rows.train(G, options, lambda: G.draw(held_out[shown], style), "cartoongan")
    lines = [("photographs", held_out[shown], None)]
    lines += [(title, made, None) for title, made in rows.on_sheet(record, options.epochs)]
    if truth is not None:
        for name, made in (("left as they are", held_out), ("Cartoon-GAN", G.draw(held_out, style)), ("truth", truth)):
            print(f"held out, {name}: {script.line(figures_of(made, held_out, truth, judge))}", flush=True)
        print("(error in levels of 255; sharpness, and how much is flat: 1 is the true drawings'; content: the "
              "distance of what a classifier sees from the photograph, 1 is that of other photographs)")
        wrong = 255 * np.mean(np.abs(lines[-1][1] - truth[shown]), axis=(1, 2, 3))
        lines[-1] = (*lines[-1][:2], [f"{value:.0f}" for value in wrong])
        lines.append(("truth", truth[shown], None))
    lines.append(("other drawings", drawn_style.sharpened(drawings[np.arange(len(lines[0][1])) % len(drawings)]), None))
    plots = [rows.visualize_rows(lines, "Cartoon-GAN: held-out pictures", note=None if truth is None else
                                 "below the last drawings: mean difference from the truth, in levels of 255"),
             figures.visualize_losses([("Cartoon-GAN", record.losses)])]
    script.finish(plots[0], options, "cartoongan-samples.png")
    script.finish(plots[1], options, "cartoongan-losses.png")
    if truth is not None:
        rows.save_film(record, held_out[shown], truth[shown], options, "cartoongan-training.gif")
    print("What you see: each column is one photograph and what was drawn of it on the way; the last row has "
          "drawings of others. A good drawing has their flat tones and hard edges, and still shows the same "
          "photograph.")
    return plots


if __name__ == "__main__":
    main()
