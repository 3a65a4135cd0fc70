"""DiscoGAN: discovers without pairs how two sets of pictures belong together, such as the faces of men and of women.

Two generators lead from set A to set B and back, and each set has a discriminator, which gives a value for each patch
of a picture. A generator is paid for fooling the discriminator of its set, and for pictures from which the other
generator can reconstruct the first. So each picture of A gets a picture of B for itself, and the easiest thing to tell
it by is what both sets have in common, such as the way a head is turned. With F the generator to B, G the one to A,
D_A and D_B the discriminators, and all means over pixels, patches and examples:

    discriminators' loss   (mean (D_A(a) - 1)^2 + mean D_A(G(b))^2 + mean (D_B(b) - 1)^2 + mean D_B(F(a))^2) / 2
    gan_loss               mean (D_B(F(a)) - 1)^2 + mean (D_A(G(b)) - 1)^2
    reconstruction_loss    mean |G(F(a)) - a| + mean |F(G(b)) - b|
    generators' loss       gan_loss + reconstruction_weight reconstruction_loss

CycleGAN, found at the same time, is the same with a reconstruction that weighs ten times as much as in this source, and
with a loss of staying as one is.

Kim, Cha, Kim, Lee and Kim (2017), Learning to Discover Cross-Domain Relations with Generative Adversarial Networks,
https://arxiv.org/abs/1703.05192. Like the source of these networks it is trained here with squares in the place of the
paper's cross-entropy, with a U-Net, which the paper does not have, and with a discriminator of patches.

The source's program has one loss more, which its text has not: mean |F(a) - b| + mean |G(b) - a|, though b is the
picture of somebody else than a. `DiscoGANAsListed` trains with it. Its best answer is the median of all faces.

    python -m beyond.discogan --quick                     women become men, and men women
    python -m beyond.discogan --as-listed --quick         the source's program
    python -m beyond.discogan --data women men --size 128 --network faces --epochs 500 --steps 2000 --batch 1
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import tensorflow as tf

from beyond.common import unpaired
from beyond.common.data import signed
from beyond.common.translators import halved_widths, instance_normalized, mean_error, patch_discriminator, unet
from beyond.common.unpaired import TwoWay, combined, update_all
from gan import checks

SYSTEM = {
    "family": "picture to picture",
    "line": "DiscoGAN: discovers how two sets of pictures belong together",
    "totals": {"generator": 41833475, "discriminator": 2766529, "combined": 89200008},
    "quick": "1 minute",
}


# ---------------------------------------------------------------- the networks

def faces_networks():
    """The source's networks for faces of 128 x 128 pixels: two generators of 41,833,475 parameters, two discriminators
    of 2,766,529, which give 8 x 8 values, each of 94 x 94 pixels.
    """
    return (*(unet(128, 3, 3, (64, 128, 256, 512, 512, 512), 512, instance_normalized) for _ in range(2)),
            *(patch_discriminator(128, 3, (64, 128, 256, 512), instance_normalized) for _ in range(2)))


def networks():
    """The networks as the source prints them."""
    four = faces_networks()
    return {"generator": four[0], "discriminator": four[2], "combined": combined(*four)}


def small_networks(size, channels=3, filters=16):
    """Four networks of the same kind for small pictures: the U-Net goes down to 1 x 1 pixel, whatever the size.

    The generators give what has to be added to the picture, see `beyond.common.translators.unet`.

    Raises:
        ValueError: the size is no power of two from 8 on.
    """
    widths = halved_widths(size, filters)
    return (*(unet(size, channels, channels, widths, widths[-1], instance_normalized, adds=True) for _ in range(2)),
            *(patch_discriminator(size, channels, (2 * filters, 4 * filters), instance_normalized) for _ in range(2)))


# ------------------------------------------------------------------ the system

class DiscoGAN(TwoWay):
    """Two generators and two discriminators that learn without pairs. Arguments: see `TwoWay`; and

    Args:
        reconstruction_weight: of this part of the generators' loss, zero or positive.
    """

    also_settings = ("reconstruction_weight",)

    def __init__(self, to_b, to_a, knows_a, knows_b, pictures_a, pictures_b, batch_size=1, learning_rate=.0002,
                 reconstruction_weight=1.):
        super().__init__(to_b, to_a, knows_a, knows_b, pictures_a, pictures_b, batch_size, learning_rate)
        self.reconstruction_weight = checks.number("reconstruction_weight", reconstruction_weight, zero_allowed=True)

    def other_losses(self, a, b, made_a, made_b):
        """What the generators minimise beside what the formulas above say; a dict."""
        return {}

    def train_step(self, useless_argument):
        """An update of both discriminators, then one of both generators, with the same pictures; returns their losses.

        `reconstruction_loss` is before it is weighted.
        """
        a, b = self.sample("pictures_a"), self.sample("pictures_b")
        with tf.GradientTape() as tape:
            made_b, made_a = self.to_b(a, training=True), self.to_a(b, training=True)
            with tape.stop_recording():
                discr_loss = self.train_discriminators(a, b, made_a, made_b)

            gan_loss = self.not_fooled(made_a, made_b)
            back_a, back_b = self.to_a(made_b, training=True), self.to_b(made_a, training=True)
            reconstruction_loss = mean_error(back_a, a) + mean_error(back_b, b)
            others = self.other_losses(a, b, made_a, made_b)
            gen_loss = gan_loss + self.reconstruction_weight * reconstruction_loss + sum(others.values())
        update_all([self.to_b, self.to_a], tape, gen_loss)
        return {"discr_loss": discr_loss, "gan_loss": gan_loss, "reconstruction_loss": reconstruction_loss, **others}


class DiscoGANAsListed(DiscoGAN):
    """The source's program: what is made of a picture is also compared with a picture of somebody else."""

    def other_losses(self, a, b, made_a, made_b):
        return {"unpaired_loss": mean_error(made_b, b) + mean_error(made_a, a)}


# --------------------------------------------------------- training, measuring

QUICK = dict(epochs=12, steps=100, size=16, pictures=400, rate=.001)  # small pictures
DEFAULTS = dict(epochs=40, steps=200, batch=8, rate=.0005, network="small", filters=16, reconstruction=1.,
                as_listed=False)
MEASURED = {**DEFAULTS, **QUICK}


def make(data, options):
    """A new DiscoGAN of these two sets."""
    shape = data.train_a.shape[1:]
    if options.network == "faces" and shape != (128, 128, 3):
        raise ValueError(f"--network: expected small for pictures of {'x'.join(map(str, shape))}; faces is for "
                         "128x128x3")
    made = faces_networks() if options.network == "faces" else small_networks(shape[0], shape[-1], options.filters)
    chosen_type = DiscoGANAsListed if options.as_listed else DiscoGAN
    return chosen_type(*made, signed(data.train_a), signed(data.train_b), options.batch, options.rate,
                       options.reconstruction)


CLAIMS = unpaired.claims("DiscoGAN", make, "male", MEASURED, {
    "as here": {}, "reconstruction weighs 10": {"reconstruction": 10.},
    "without reconstruction": {"reconstruction": 0.}, "as listed": {"as_listed": True}})


def main(argv=None):
    from beyond.common import script
    parser = script.parser("discogan", __doc__, QUICK, data=None, epochs=DEFAULTS["epochs"], steps=DEFAULTS["steps"],
                           batch=DEFAULTS["batch"], rate=DEFAULTS["rate"])
    unpaired.add_arguments(parser, "male")
    parser.add_argument("--network", choices=["small", "faces"], default="small",
                        help="small for any size, or the source's for 128 x 128 pixels")
    parser.add_argument("--filters", type=script.width, default=DEFAULTS["filters"], metavar="N",
                        help=f"of the first layer of small networks (default {DEFAULTS['filters']})")
    parser.add_argument("--reconstruction", type=script.zero_or_more, default=DEFAULTS["reconstruction"], metavar="X",
                        help="weight of the way there and back (default 1)")
    parser.add_argument("--as-listed", action="store_true",
                        help="also compare with a picture of somebody else, as the source")
    return unpaired.run(parser, argv, "discogan", make)


if __name__ == "__main__":
    main()
