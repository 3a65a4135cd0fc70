"""CycleGAN: learns without pairs to turn pictures of one set into those of another, such as horses into zebras.

Nobody knows how a horse in a picture would look as a zebra. But there are pictures of horses, A, and of zebras, B.
One generator leads from A to B, another one from B to A, and each set has a discriminator, which gives a value
for each patch of a picture. That a generator fools the discriminator of B makes zebras, but any zebra would do. So the
way there and back again has to lead to the same picture: then the zebra still tells which horse it was. With F the
generator to B, G the one to A, D_A and D_B the discriminators, and all means over pixels, patches and examples:

    discriminators' loss   (mean (D_A(a) - 1)^2 + mean D_A(G(b))^2 + mean (D_B(b) - 1)^2 + mean D_B(F(a))^2) / 2
    gan_loss               mean (D_B(F(a)) - 1)^2 + mean (D_A(G(b)) - 1)^2
    cycle_loss             mean |G(F(a)) - a| + mean |F(G(b)) - b|
    identity_loss          mean |G(a) - a| + mean |F(b) - b|: who is in the right set already stays as it is
    generators' loss       gan_loss + cycle_weight cycle_loss + identity_weight identity_loss

Zhu, Park, Isola and Efros (2017), Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks,
https://arxiv.org/abs/1703.10593. Like the source of these networks it is trained here without the paper's store of
earlier fakes. The source has two kinds of generators and says of each that the paper has it: it has the ResNet.

    python -m beyond.cyclegan --quick                     faces without a smile and others with one
    python -m beyond.cyclegan --network resnet --quick    the other kind of generator
    python -m beyond.cyclegan --data trainA trainB --size 256 --network zebras --identity 5 --epochs 500 --steps 1067 \\
        --batch 1
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import tensorflow as tf
from tensorflow import keras

from beyond.common import unpaired
from beyond.common.blocks import layers
from beyond.common.data import signed
from beyond.common.translators import (
    halved_widths,
    instance_normalized,
    kernels,
    mean_error,
    patch_discriminator,
    unet,
)
from beyond.common.unpaired import TwoWay, combined, update_all
from gan import checks

SYSTEM = {
    "family": "picture to picture",
    "line": "CycleGAN: from one set of pictures to another and back, without pairs",
    "totals": {"apples-generator": 16888451, "apples-discriminator": 6962369, "apples-combined": 47701640,
               "zebras-generator": 11388617, "zebras-discriminator": 2766529, "zebras-combined": 28310292},
    "quick": "1 minute",
}


# ---------------------------------------------------------------- the networks

class Reflected(layers.Layer):
    """Adds a border in which the picture goes on as in a mirror: (n, h, w, c) -> (n, h + 2 width, w + 2 width, c)."""

    def __init__(self, width):
        super().__init__()
        self.width = width

    def call(self, x):
        border = [self.width, self.width]
        return tf.pad(x, [[0, 0], border, border, [0, 0]], "REFLECT")


def resnet(size, channels=3, filters=64, blocks=9, deviation=None, normalized_end=False, adds=False):
    """A generator that halves a picture twice, changes it in residual blocks, and doubles it twice.

    Args:
        blocks: how many residual blocks. Each adds something to what comes in.
        deviation: of the weights at the beginning, but the last layer's, see `beyond.common.translators.kernels`.
        normalized_end: True normalises each channel of each picture just before the tanh, as the source does. Then
            every picture that it makes has nearly the same mean colour and contrast.
        adds: see `beyond.common.translators.unet`.

    Raises:
        ValueError: the size is no multiple of 4 from 8 on.
    """
    if size < 8 or size % 4:
        raise ValueError(f"size: expected a multiple of 4 from 8 on, so that it can be halved twice, got {size}")

    def convolution(x, count, width, strides=1, border=0, **more):
        x = Reflected(border)(x) if border else x
        return layers.Conv2D(count, width, strides, padding="valid" if border else "same",
                             kernel_initializer=kernels(deviation), **more)(x)

    pictures = keras.Input((size, size, channels))
    x = layers.ReLU()(instance_normalized(convolution(pictures, filters, 7, border=3, use_bias=False)))
    for count in (2 * filters, 4 * filters):
        x = layers.ReLU()(instance_normalized(convolution(x, count, 3, 2)))
    for _ in range(blocks):
        added = layers.ReLU()(instance_normalized(convolution(x, count, 3, border=1)))
        added = instance_normalized(convolution(added, count, 3, border=1))
        x = layers.Add()([x, added])
    for count in (2 * filters, filters):
        x = layers.Conv2DTranspose(count, 3, 2, padding="same", kernel_initializer=kernels(deviation))(x)
        x = layers.ReLU()(instance_normalized(x))
    if adds:
        x = layers.Conv2D(channels, 7, kernel_initializer="zeros")(Reflected(3)(x))
        return keras.Model(pictures, layers.Add()([pictures, x]), name="generator")
    x = layers.Conv2D(channels, 7)(Reflected(3)(x))
    x = instance_normalized(x) if normalized_end else x
    return keras.Model(pictures, layers.Activation("tanh")(x), name="generator")


def apples_generator():
    """The source's U-Net for apples and oranges of 256 x 256 pixels: 16,888,451 parameters."""
    return unet(256, 3, 3, (32, 64, 128, 256, 256, 256, 256), 512, instance_normalized,
                up=(256, 256, 256, 256, 256, 64, 32))


def apples_discriminator():
    """6,962,369 parameters; 8 x 8 values, each of 190 x 190 pixels."""
    return patch_discriminator(256, 3, (64, 128, 256, 512, 512), instance_normalized)


def zebras_generator():
    """The source's ResNet for horses and zebras of 256 x 256 pixels: 11,388,617 parameters."""
    return resnet(256, deviation=.02, normalized_end=True)


def zebras_discriminator():
    """2,766,529 parameters; 32 x 32 values, each of 70 x 70 pixels."""
    return patch_discriminator(256, 3, (64, 128, 256, 512), instance_normalized, last_strides=1, deviation=.02)


def four(generator, discriminator):
    """Two of each, in the order of `TwoWay`'s arguments."""
    return generator(), generator(), discriminator(), discriminator()


def networks():
    """The networks as the source prints them."""
    result = {}
    for name, makers in {"apples": (apples_generator, apples_discriminator),
                         "zebras": (zebras_generator, zebras_discriminator)}.items():
        to_b, to_a, knows_a, knows_b = four(*makers)
        result.update({f"{name}-generator": to_b, f"{name}-discriminator": knows_b,
                       f"{name}-combined": combined(to_b, to_a, knows_a, knows_b)})
    return result


def small_networks(size, channels=3, network="resnet", filters=16, blocks=3, normalized_end=False,
                   adds=True):
    """Four networks of the same kinds for small pictures: generators, and discriminators of patches of 22 x 22 pixels.

    Args:
        network: "resnet", or "unet", which goes down to 1 x 1 pixel, whatever the size (a power of two).
        blocks, normalized_end: of the ResNet, see there.
        adds: see `beyond.common.translators.unet`.

    Raises:
        ValueError: the size cannot be halved so often.
    """
    def generator():
        if network == "resnet":
            return resnet(size, channels, filters, blocks, normalized_end=normalized_end, adds=adds)
        widths = halved_widths(size, filters)
        return unet(size, channels, channels, widths, widths[-1], instance_normalized, adds=adds)
    return four(generator, lambda: patch_discriminator(size, channels, (2 * filters, 4 * filters), instance_normalized))


# ------------------------------------------------------------------ the system

class CycleGAN(TwoWay):
    """Two generators and two discriminators that learn without pairs. Arguments: see `TwoWay`; and

    Args:
        cycle_weight, identity_weight: of these parts of the generators' loss, zero or positive.
    """

    also_settings = ("cycle_weight", "identity_weight")

    def __init__(self, to_b, to_a, knows_a, knows_b, pictures_a, pictures_b, batch_size=1, learning_rate=.0002,
                 cycle_weight=10., identity_weight=3.):
        super().__init__(to_b, to_a, knows_a, knows_b, pictures_a, pictures_b, batch_size, learning_rate)
        self.cycle_weight = checks.number("cycle_weight", cycle_weight, zero_allowed=True)
        self.identity_weight = checks.number("identity_weight", identity_weight, zero_allowed=True)

    def train_step(self, useless_argument):
        """An update of both discriminators, then one of both generators, with the same pictures; returns their losses.

        `cycle_loss` and `identity_loss` are before they are weighted.
        """
        a, b = self.sample("pictures_a"), self.sample("pictures_b")
        with tf.GradientTape() as tape:
            made_b, made_a = self.to_b(a, training=True), self.to_a(b, training=True)
            with tape.stop_recording():
                discr_loss = self.train_discriminators(a, b, made_a, made_b)

            gan_loss = self.not_fooled(made_a, made_b)
            back_a, back_b = self.to_a(made_b, training=True), self.to_b(made_a, training=True)
            cycle_loss = mean_error(back_a, a) + mean_error(back_b, b)
            gen_loss = gan_loss + self.cycle_weight * cycle_loss
            losses = {"discr_loss": discr_loss, "gan_loss": gan_loss, "cycle_loss": cycle_loss}
            if self.identity_weight:  # else it would take time for nothing
                same_a, same_b = self.to_a(a, training=True), self.to_b(b, training=True)
                losses["identity_loss"] = mean_error(same_a, a) + mean_error(same_b, b)
                gen_loss += self.identity_weight * losses["identity_loss"]
        update_all([self.to_b, self.to_a], tape, gen_loss)
        return losses


# --------------------------------------------------------- training, measuring

# Small pictures, and weights for so short a training.
QUICK = dict(epochs=12, steps=100, size=16, pictures=400, rate=.001, cycle=1., identity=.3)
DEFAULTS = dict(epochs=40, steps=200, batch=8, rate=.0005, network="unet", filters=16, blocks=3, cycle=10.,
                identity=3., normalized_end=False, anew=False)
MEASURED = {**DEFAULTS, **QUICK}


def make(data, options):
    """A new CycleGAN of these two sets."""
    shape = data.train_a.shape[1:]
    if options.network in ("apples", "zebras"):
        if shape != (256, 256, 3):
            raise ValueError(f"--network: expected resnet or unet for pictures of {'x'.join(map(str, shape))}; "
                             f"{options.network} is for 256x256x3")
        made = four(*{"apples": (apples_generator, apples_discriminator),
                      "zebras": (zebras_generator, zebras_discriminator)}[options.network])
    else:
        made = small_networks(shape[0], shape[-1], options.network, options.filters, options.blocks,
                              options.normalized_end, not (options.anew or options.normalized_end))
    return CycleGAN(*made, signed(data.train_a), signed(data.train_b), options.batch, options.rate, options.cycle,
                    options.identity)


CLAIMS = unpaired.claims("CycleGAN", make, "smile", MEASURED, {
    "U-Net": {}, "without the cycle loss": {"cycle": 0.}, "without the identity loss": {"identity": 0.},
    "ResNet": {"network": "resnet"}, "U-Net that draws anew": {"anew": True}})


def main(argv=None):
    from beyond.common import script
    parser = script.parser("cyclegan", __doc__, QUICK, data=None, epochs=DEFAULTS["epochs"], steps=DEFAULTS["steps"],
                           batch=DEFAULTS["batch"], rate=DEFAULTS["rate"])
    unpaired.add_arguments(parser, "smile")
    parser.add_argument("--network", choices=["resnet", "unet", "apples", "zebras"], default=DEFAULTS["network"],
                        help="resnet or unet for any size, or the source's for 256 x 256 pixels (default unet)")
    parser.add_argument("--filters", type=script.width, default=DEFAULTS["filters"], metavar="N",
                        help=f"of the first layer of resnet or unet (default {DEFAULTS['filters']})")
    parser.add_argument("--blocks", type=script.whole_number(0, 100), default=DEFAULTS["blocks"], metavar="N",
                        help=f"residual blocks of resnet (default {DEFAULTS['blocks']})")
    parser.add_argument("--cycle", type=script.zero_or_more, default=DEFAULTS["cycle"], metavar="X",
                        help="weight of the way there and back (default 10)")
    parser.add_argument("--identity", type=script.zero_or_more, default=DEFAULTS["identity"], metavar="X",
                        help="weight of staying as one is in the right set (default 3)")
    parser.add_argument("--anew", action="store_true",
                        help="resnet or unet draws the whole picture, as the source's, not what is to be added")
    parser.add_argument("--normalized-end", action="store_true",
                        help="normalise each picture of resnet before its tanh, as the source; this implies --anew")
    return unpaired.run(parser, argv, "cyclegan", make)


if __name__ == "__main__":
    main()
