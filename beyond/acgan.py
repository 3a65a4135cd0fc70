"""An auxiliary classifier GAN (ACGAN): the generator is told the class, the discriminator has to tell it.

The discriminator gives two answers about a picture, whether it is real and which class it shows; both players want
the second to be right. With D and C the two answers, H the binary cross-entropy, and "class" the cross-entropy of C
against the class of a real picture, or against the class that a fake was asked for:

    discriminator loss   (H(1, D(real)) + H(0, D(fake))) / 2 + (class(real) + class(fake)) / 2
    generator loss       H(1, D(fake)) + class(fake)

Odena, Olah and Shlens (2017), Conditional Image Synthesis with Auxiliary Classifier GANs,
https://arxiv.org/abs/1610.09585. The source of these networks halves the discriminator's loss once more, which Adam
does not notice: its steps do not depend on the scale of a loss.

    python -m beyond.acgan --quick                         one row of samples for each class that it is asked for
    python -m beyond.acgan --data fashion --epochs 50      the source's training
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import tensorflow as tf
from tensorflow import keras

from beyond.common import data
from beyond.common.base import normal, update
from beyond.common.blocks import grow, layers, normalized, shrink
from beyond.common.classes import ClassGAN
from beyond.common.cross_entropy import accuracy, class_entropy
from gan import checks

SYSTEM = {
    "family": "with classes",
    "line": "ACGAN: the discriminator names the class",
    "totals": {"generator": 649377, "discriminator": 561675},
    "quick": "2 minutes",
}


def ACGAN_GenDiscr(classes=10, filters=128):
    """The networks of an ACGAN of clothes. With fewer filters they train faster.

    Returns:
        generator: [latent vectors (batch, 100), one-hot classes] -> (batch, 28, 28, 1) in [-1, 1]; 649,377 parameters,
            3,712 of them not trainable.
        discriminator: pictures -> logits of "real" (batch, 1) and of the classes (batch, classes); 561,675 parameters,
            768 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    def get_generator():
        latent_vectors, one_hot = keras.Input((100,)), keras.Input((classes,))
        x = layers.Concatenate()([layers.Dense(128)(latent_vectors), layers.Dense(32)(one_hot)])
        x = normalized(layers.Dense(5 * 5 * 64, activation="relu")(x))
        x = layers.Reshape((5, 5, 64))(x)     # 5 x 5
        x = grow(x, filters, 3, 2)            # 11 x 11
        x = grow(x, filters, 3, 2)            # 23 x 23
        x = grow(x, filters, 3, norm=False)   # 25 x 25
        x = layers.Conv2DTranspose(1, 4, activation="tanh")(x)
        return keras.Model([latent_vectors, one_hot], x, name="generator")

    def get_discriminator():
        pictures = keras.Input((28, 28, 1))
        x = shrink(pictures, filters, 3, 2, norm=False)  # 13 x 13
        x = shrink(x, filters, 3, 2)                     # 6 x 6
        x = shrink(x, filters, 3)                        # 4 x 4
        x = layers.Flatten()(shrink(x, filters, 4))      # 1 x 1
        return keras.Model(pictures, [layers.Dense(1)(x), layers.Dense(classes)(x)], name="discriminator")

    return get_generator(), get_discriminator(), normal(100)


def networks():
    """The networks as the source prints them."""
    return dict(zip(("generator", "discriminator"), ACGAN_GenDiscr()))


class ACGAN(ClassGAN):
    """An auxiliary classifier GAN. Arguments and samples: see `beyond.common.classes.ClassGAN`; and

    Args:
        class_weight: weight of the cross-entropy of the classes in both losses, zero or positive. With 0 nothing asks
            the generator to heed the class.
    """

    def __init__(self, *arguments, class_weight=1., **options):
        super().__init__(*arguments, **options)
        self.class_weight = checks.number("class_weight", class_weight, zero_allowed=True)

    def train_step(self, useless_argument):
        """As in `beyond.cgan`, with the classes in what both minimise; also returns the generator's `class_loss`."""
        for _ in range(self.disc_iter):
            real_sample, real_classes = self.get_labelled_sample()
            fake_sample, fake_classes = self.get_fake_sample_of_classes(training=True)
            samples = tf.concat([real_sample, fake_sample], axis=0)  # (2 batch, h, w, 1)
            classes = tf.concat([real_classes, fake_classes], axis=0)
            with tf.GradientTape() as tape:
                values, logits = self.discriminator(samples, training=True)
                real_values, fake_values = tf.split(values, 2)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                class_loss = class_entropy(classes, logits)
                minimised = discr_loss + self.class_weight * class_loss
            update(self.discriminator, tape, minimised)

        with tf.GradientTape() as tape:
            fake_sample, fake_classes = self.get_fake_sample_of_classes(training=True)
            values, logits = self.discriminator(tf.concat([real_sample, fake_sample], axis=0), training=True)
            gen_loss = self.generator.loss(values[self.batch_size:])
            class_loss = class_entropy(fake_classes, logits[self.batch_size:])
            minimised = gen_loss + self.class_weight * class_loss
        update(self.generator, tape, minimised)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "class_loss": class_loss,
                "accuracy": accuracy(real_values, fake_values)}


# --------------------------------------------------------- training, measuring

NARROW = dict(filters=32, batch=32, rate=.0004)  # what trains in some minutes


def make(pictures, filters=128, batch=100, rate=.0001, class_weight=1.):
    """A new ACGAN of these pictures."""
    return ACGAN(*ACGAN_GenDiscr(len(pictures.classes), filters), data.signed(pictures.train), pictures.train_labels,
                 len(pictures.classes), batch_size=batch, learning_rate=rate, class_weight=class_weight)


def measure(class_weight, seed, steps=None):
    """Figures of a narrow ACGAN of the embedded digits; see `beyond.common.measures.classes_asked_for`."""
    from beyond.common import class_script
    return class_script.measure(make, NARROW, seed, steps, class_weight=class_weight)


CLAIMS = [("classes asked for", "ACGAN", partial(measure, 1.)),
          ("classes asked for", "ACGAN without the classes' loss", partial(measure, 0.))]


def main(argv=None):
    from beyond.common import class_script
    return class_script.main(argv, "acgan", __doc__, make, NARROW, epochs=50)


if __name__ == "__main__":
    main()
