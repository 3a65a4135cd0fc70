"""Pix2Pix: learns from pairs of pictures to turn the one into the other, such as a grey one into a coloured one.

The generator is a U-Net. It makes the input smaller and smaller, then larger again, and each size on the way up also
sees the picture of that size from the way down (a skip), so that edges stay where they are. The discriminator sees an
input together with a target, or with what the generator made of it. It gives a value for each patch of the picture, not
one for the whole. With D such maps of values, G the generator, x an input, y its target, and all means over pixels,
patches and examples:

    discriminator loss   (mean (D(x, y) - 1)^2 + mean D(x, G(x))^2) / 2
    generator loss       mean (D(x, G(x)) - 1)^2 + 100 mean |G(x) - y|

The second part of the generator's loss, called L1, alone gives the median of all targets that fit an input: where both
brown and red hair fit, something between. The first part alone gives a picture that looks right, but need not fit.

Isola, Zhu, Zhou and Efros (2017), Image-to-Image Translation with Conditional Adversarial Networks,
https://arxiv.org/abs/1611.07004. Like the source of these networks it is trained here with squares in the place of the
paper's cross-entropy, and without its dropout.

    python -m beyond.pix2pix --quick                      grey faces in colour
    python -m beyond.pix2pix --change size --quick        small faces made large
    python -m beyond.pix2pix --patch 10 --quick           a discriminator that sees 10 x 10 pixels at a time
    python -m beyond.pix2pix --data maps/train --halves --size 256 --network maps --epochs 500 --steps 1096 --batch 1
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import training
from beyond.common.base import FakesByMovingAverages, JudgedApart, JudgedTogether, in_batches, update
from beyond.common.batches import told
from beyond.common.blocks import layers
from beyond.common.data import signed, unit
from beyond.common.translators import (
    enlarged,
    halved_widths,
    instance_normalized,
    mean_square,
    patch_discriminator,
    unet,
)
from gan import checks
from gan.engine import System

SYSTEM = {
    "family": "picture to picture",
    "line": "Pix2Pix: a U-Net learns from pairs, a discriminator looks at patches",
    "totals": {"colour-generator": 3684099, "colour-discriminator": 731393, "colour-combined": 4415492,
               "maps-generator": 54419459, "maps-discriminator": 2769601, "maps-combined": 57189060},
    "quick": "2 minutes",
}
PATCHES = {4: 0, 10: 1, 22: 2, 46: 3, 94: 4}  # the side of a patch by pixels: layers of the discriminator that halve


# ---------------------------------------------------------------- the networks

def colour_GenDiscr():
    """The source's networks for grey pictures of 256 x 256 to be coloured: 3,684,099 and 731,393 parameters."""
    return unet(256, 1, 3, (64, 64, 64, 128, 128, 128, 128), 128), patch_discriminator(256, 4, (64, 64, 128, 256))


def maps_GenDiscr():
    """The source's networks for photographs from the air to be maps: 54,419,459 and 2,769,601 parameters."""
    return (unet(256, 3, 3, (64, 128, 256, 512, 512, 512, 512), 512, instance_normalized),
            patch_discriminator(256, 6, (64, 128, 256, 512), instance_normalized))


def small_GenDiscr(size, channels_in=1, channels_out=3, filters=32, patch_layers=2, skips=True):
    """The same kind for small pictures: the U-Net goes down to 1 x 1 pixel, whatever the size (a power of two).

    Args:
        patch_layers: how often the discriminator halves the picture, see PATCHES.

    Raises:
        ValueError: the size is no power of two from 8 on, or too small for so many layers.
    """
    widths = halved_widths(size, filters)
    if patch_layers > len(widths):
        raise ValueError(f"patch_layers: expected at most {len(widths)} for pictures of {size} x {size}, so that 2 x 2 "
                         f"pixels are left, got {patch_layers}")
    return (unet(size, channels_in, channels_out, widths, widths[-1], skips=skips),
            patch_discriminator(size, channels_in + channels_out, widths[:patch_layers]))


def networks():
    """The networks as the source prints them, and each pair as one: the input, what it becomes, how that is judged."""
    found = {}
    for name, (generator, discriminator) in {"colour": colour_GenDiscr(), "maps": maps_GenDiscr()}.items():
        inputs = keras.Input(generator.input_shape[1:])
        made = generator(inputs)
        combined = keras.Model(inputs, [made, discriminator(layers.Concatenate()([inputs, made]))])
        found.update({f"{name}-generator": generator, f"{name}-discriminator": discriminator,
                      f"{name}-combined": combined})
    return found


# ------------------------------------------------------------------ the system

class Pix2Pix(JudgedTogether, System):
    """A translator that learns from pairs.

    Args:
        generator: keras.Model from inputs to pictures like the targets, in [-1, 1].
        discriminator: keras.Model from input and target, one behind the other in the channels, to a map of values.
        inputs, targets: pairs, shape (n, h, w, channels), in [-1, 1].
        batch_size: pairs in a sample.
        learning_rate: of both Adam optimizers.
        l1_weight, gan_weight: of the two parts of the generator's loss, zero or positive.
    """

    beta_1 = .5
    also_settings = ("l1_weight", "gan_weight")

    def __init__(self, generator, discriminator, inputs, targets, batch_size=16, learning_rate=.0002, l1_weight=100.,
                 gan_weight=1.):
        super().__init__(batch_size)
        rate = checks.number("learning_rate", learning_rate)
        for name, network in (("generator", generator), ("discriminator", discriminator)):
            self.add_network(name, network, keras.optimizers.Adam(rate, beta_1=self.beta_1))
        self.add_examples("inputs", inputs)
        self.add_examples("targets", targets)
        if len(self.inputs) != len(self.targets):
            raise ValueError(f"targets: expected as many as inputs, {len(self.inputs)}, got {len(self.targets)}")
        self.l1_weight = checks.number("l1_weight", l1_weight, zero_allowed=True)
        self.gan_weight = checks.number("gan_weight", gan_weight, zero_allowed=True)

    def call(self, inputs, training=False):
        """What the generator makes of these inputs."""
        return self.generator(inputs, training=training)

    def train_step(self, useless_argument):
        """An update of the discriminator and one of the generator, each with pairs of its own; returns their losses.

        `l1_loss` is the mean error of a value in [-1, 1], before it is weighted.
        """
        inputs, targets = self.sample("inputs", "targets")
        fakes = self.generator(inputs, training=True)
        with tf.GradientTape() as tape:
            real_values, fake_values = self.judge(beside(inputs, targets), beside(inputs, fakes))
            discr_loss = (mean_square(real_values - 1) + mean_square(fake_values)) / 2
        update(self.discriminator, tape, discr_loss)

        inputs, targets = self.sample("inputs", "targets")
        with tf.GradientTape() as tape:
            fakes = self.generator(inputs, training=True)
            values = self.judge_fakes(beside(inputs, targets), beside(inputs, fakes))
            gan_loss = mean_square(values - 1)
            l1_loss = tf.reduce_mean(tf.abs(fakes - targets))
            gen_loss = self.gan_weight * gan_loss + self.l1_weight * l1_loss
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gan_loss": gan_loss, "l1_loss": l1_loss}

    def translate(self, inputs):
        """Pictures in [0, 1] made of inputs in [0, 1], as an array."""
        return unit(in_batches(lambda part: self.generator(part, training=False), signed(inputs), 50))


class Pix2PixAsListed(FakesByMovingAverages, JudgedApart, Pix2Pix):
    """As the source lists it: real and fake pairs are a batch each, and the generator plays against moving averages.

    A discriminator with batch normalisation can then tell the two by the batch alone, see `beyond.common.base`.
    """


def beside(inputs, pictures):
    """Input and picture as one: its channels are those of both, (batch, h, w, channels)."""
    return tf.concat([inputs, pictures], axis=-1)


# --------------------------------------------------------- training, measuring

def figures_of(made, truth):
    """How near pictures (n, h, w, c) in [0, 1] come to the truth; a dict.

    error: mean difference of a value, in levels of 255. edges: the same of the differences of neighbouring pixels.
    colour, sharpness: how strong colours are, and how much neighbours differ, divided by the same of the truth.
    """
    def slopes(pictures):
        return np.concatenate([np.diff(pictures, axis=axis).ravel() for axis in (1, 2)])

    def colour(pictures):
        return float(np.mean(np.ptp(pictures, axis=-1)))

    result = {"error": 255 * float(np.mean(np.abs(made - truth))),
              "edges": 255 * float(np.mean(np.abs(slopes(made) - slopes(truth)))),
              "sharpness": float(np.mean(np.abs(slopes(made))) / np.mean(np.abs(slopes(truth))))}
    if colour(truth) > 0:
        result["colour"] = colour(made) / colour(truth)
    return result


def make(pairs, options):
    """A new Pix2Pix of these pairs."""
    size, channels_in, channels_out = pairs.train_b.shape[1], pairs.train_a.shape[-1], pairs.train_b.shape[-1]
    if options.network == "small":
        most = max(side for side, count in PATCHES.items() if 2 ** (count + 1) <= max(size, 8))
        if options.patch > most:
            raise ValueError(f"--patch: expected at most {most} for pictures of {size} x {size}, got {options.patch}")
        networks = small_GenDiscr(size, channels_in, channels_out, options.filters, PATCHES[options.patch],
                                  not options.no_skips)
    else:
        networks = {"colour": colour_GenDiscr, "maps": maps_GenDiscr}[options.network]()
        needed, got = networks[0].input_shape[1:], pairs.train_a.shape[1:]
        if needed != got:
            raise ValueError(f"--network: expected small for pictures of {'x'.join(map(str, got))}; {options.network} "
                             f"is for {'x'.join(map(str, needed))}")
    chosen_type = Pix2PixAsListed if options.as_listed else Pix2Pix
    return chosen_type(*networks, signed(pairs.train_a), signed(pairs.train_b), options.batch, options.rate, options.l1,
                       options.gan)


def as_large(pairs):
    """The pairs with A as large as B."""
    pairs.train_a, pairs.test_a = (enlarged(part, pairs.train_b.shape[1]) for part in (pairs.train_a, pairs.test_a))
    return pairs


QUICK = dict(epochs=12, steps=150)
MEASURED = dict(epochs=6, steps=100, pictures=400, filters=16, batch=8, rate=.001, l1=100., gan=1., patch=22,
                no_skips=False, network="small", as_listed=False)


def measure(changed, seed, steps=None):
    """The figures of a small Pix2Pix that colours drawn faces of 32 x 32 pixels, with some of the settings changed."""
    from beyond.common import pairs
    training.set_seeds(seed)
    options = training.settings(**{**MEASURED, **changed, "steps": steps or MEASURED["steps"]})
    data = pairs.load("faces", "colour", 32, options.pictures, seed=seed)
    G = make(data, options)
    G.compile(steps_per_execution=min(options.steps, 50))
    training.fit(G, options, steps_per_epoch=options.steps)
    made = G.translate(data.test_a)
    real, fake = (beside(signed(data.test_a), signed(pictures)).numpy() for pictures in (data.test_b, made))
    return {**figures_of(made, data.test_b),
            **{f"told_{how}": share for how, share in told(G.discriminator, real, fake, .5).items()}}


CLAIMS = [("Pix2Pix", name, partial(measure, changed)) for name, changed in [
    ("both losses", {}), ("L1 weighs 10", {"l1": 10.}), ("L1 alone", {"gan": 0.}), ("GAN alone", {"l1": 0.}),
    ("no skips", {"no_skips": True}), ("patches of 10 pixels", {"patch": 10})]]


def main(argv=None):
    from beyond.common import figures, pairs, rows, script
    parser = script.parser("pix2pix", __doc__, QUICK, data=None, epochs=40, steps=200, batch=16,
                           rate=.0002)
    pairs.add_arguments(parser)
    parser.add_argument("--change", choices=[name for name in pairs.CHANGES if name != "own"],
                        help="what the pairs differ in (default colour; of two folders, and of halves, what they hold)")
    parser.add_argument("--network", choices=["small", "colour", "maps"], default="small",
                        help="small for any size, or the source's for 256 x 256 pixels")
    parser.add_argument("--filters", type=script.width, metavar="N",
                        help="of the first layer of small networks (default 32)")
    parser.add_argument("--patch", type=script.whole_number(min(PATCHES), max(PATCHES)), choices=PATCHES, metavar="N",
                        help="side of the patches of small networks in pixels: "
                             f"{', '.join(map(str, PATCHES))} (default 22)")
    parser.add_argument("--l1", type=script.zero_or_more, default=100., metavar="X",
                        help="weight of the mean error (default 100)")
    parser.add_argument("--gan", type=script.zero_or_more, default=1., metavar="X",
                        help="weight of the discriminator's opinion (default 1)")
    parser.add_argument("--no-skips", action="store_true", help="leave out the skips of small networks")
    parser.add_argument("--as-listed", action="store_true", help="real and fake pairs in a batch each, as the source")
    options = script.start(parser, argv)
    for name, value in (("--filters", options.filters), ("--patch", options.patch), ("--no-skips", options.no_skips)):
        if value and options.network != "small":
            raise SystemExit(f"{name}: expected with --network small only, got it with --network {options.network}")
    options.filters, options.patch = options.filters or 32, options.patch or 22
    as_they_are = options.halves or len(options.data) == 2
    change = options.change or ("own" if as_they_are else "colour")
    data = as_large(pairs.from_options(options, change, lambda data: make(as_large(data), options)))
    G = make(data, options)
    shown = slice(0, 8)
    inputs, truth = data.test_a[shown], data.test_b[shown]
    record = rows.train(G, options, lambda: G.translate(inputs), "pix2pix")
    print("held out:", script.line(figures_of(G.translate(data.test_a), data.test_b)))
    print("(error and edges: mean differences from the truth, in levels of 255; sharpness, colour: 1 is the truth's)")
    sheets = [(name, made, [f"{255 * error:.1f}" for error in np.abs(made - truth).mean((1, 2, 3))])
              for name, made in rows.on_sheet(record, options.epochs)]
    drawn = [rows.visualize_rows([("input", inputs, None), *sheets, ("truth", truth, None)],
                                 "Pix2Pix: held-out pictures", note="below: mean error of a value, in levels of 255"),
             figures.visualize_losses([("Pix2Pix", record.losses)])]
    script.finish(drawn[0], options, "pix2pix-samples.png")
    script.finish(drawn[1], options, "pix2pix-losses.png")
    rows.save_film(record, inputs, truth, options, "pix2pix-training.gif")
    print("What you see: each column is a held-out picture, from the input down to the truth. What the input tells "
          "comes early; what it does not tell, such as the hue of hair in a grey picture, stays a guess.")
    return drawn


if __name__ == "__main__":
    main()
