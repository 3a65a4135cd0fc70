"""A conditional GAN (CGAN): both players are told the class.

The generator makes a picture of the class that it is asked for; the discriminator sees each picture together with its
class, and learns to reject what does not look like that class. With D the discriminator before its sigmoid, H the
binary cross-entropy and c a class:

    discriminator loss   (H(1, D(real, its c)) + H(0, D(fake, c asked for))) / 2
    generator loss       H(1, D(fake, c asked for))

Mirza and Osindero (2014), Conditional Generative Adversarial Nets, https://arxiv.org/abs/1411.1784.

Real and fake pictures are a batch each, and the discriminator normalises each by its own mean and variance. The source
puts them into one batch; with that, narrow networks made nearly the same picture for all classes. They heed the class
this way, but the pictures of a class are much alike.

    python -m beyond.cgan --quick                       one row of samples for each class that it is asked for
    python -m beyond.cgan --data mnist --epochs 30      the source's training
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import tensorflow as tf
from tensorflow import keras

from beyond.common import data
from beyond.common.base import normal, update
from beyond.common.blocks import grow, layers, shrink
from beyond.common.classes import ClassGAN
from beyond.common.cross_entropy import accuracy

SYSTEM = {
    "family": "with classes",
    "line": "CGAN: both networks are told the class",
    "totals": {"generator": 629448, "discriminator": 270641},
    "quick": "2 minutes",
}


def CGAN_GenDiscr(classes=10, filters=128):
    """The networks of a CGAN of digits. With fewer filters they train faster.

    The class is one plane more of the small picture that the generator's first layers make, and a second channel of
    the picture that the discriminator sees.

    Returns:
        generator: [latent vectors (batch, 100), one-hot classes] -> (batch, 28, 28, 1) in [-1, 1]; 629,448 parameters,
            256 of them not trainable.
        discriminator: [pictures, one-hot classes] -> (batch, 1) logits; 270,641 parameters, 512 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    def get_generator():
        latent_vectors, one_hot = keras.Input((100,)), keras.Input((classes,))
        z = layers.Reshape((5, 5, 4))(layers.Dense(100, activation="relu")(latent_vectors))
        c = layers.Reshape((5, 5, 1))(layers.Dense(25, activation="relu")(one_hot))
        x = layers.Concatenate()([z, c])      # 5 x 5, 5 channels
        x = grow(x, filters // 2, 5)          # 9 x 9
        x = grow(x, filters // 2, 7)          # 15 x 15
        x = grow(x, filters, 7, norm=False)   # 21 x 21
        x = layers.Conv2DTranspose(1, 8, activation="tanh")(x)
        return keras.Model([latent_vectors, one_hot], x, name="generator")

    def get_discriminator():
        pictures, one_hot = keras.Input((28, 28, 1)), keras.Input((classes,))
        plane = layers.Reshape((28, 28, 1))(layers.LeakyReLU(.2)(layers.Dense(28 * 28)(one_hot)))
        x = layers.Concatenate()([pictures, plane])   # 28 x 28, 2 channels
        x = shrink(x, filters, 3, 2, norm=False)      # 13 x 13
        x = shrink(x, filters, 3, 2)                  # 6 x 6
        x = shrink(x, filters // 2, 3)                # 4 x 4
        x = shrink(x, filters // 2, 3)                # 2 x 2
        return keras.Model([pictures, one_hot], layers.Dense(1)(layers.Flatten()(x)), name="discriminator")

    return get_generator(), get_discriminator(), normal(100)


def networks():
    """The networks as the source prints them."""
    return dict(zip(("generator", "discriminator"), CGAN_GenDiscr()))


class CGAN(ClassGAN):
    """A conditional GAN. Arguments, attributes and samples: see `beyond.common.classes.ClassGAN`."""

    def train_step(self, useless_argument):
        """`disc_iter` updates of the discriminator, one of the generator; both losses and the accuracy of the last."""
        for _ in range(self.disc_iter):
            real_sample, real_classes = self.get_labelled_sample()
            fake_sample, fake_classes = self.get_fake_sample_of_classes(training=True)
            with tf.GradientTape() as tape:
                real_values = self.discriminator([real_sample, real_classes], training=True)
                fake_values = self.discriminator([fake_sample, fake_classes], training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample, fake_classes = self.get_fake_sample_of_classes(training=True)
            gen_loss = self.generator.loss(self.discriminator([fake_sample, fake_classes], training=True))
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": accuracy(real_values, fake_values)}


# --------------------------------------------------------- training, measuring

NARROW = dict(filters=32, batch=32, rate=.0006)  # what trains in some minutes


def make(pictures, filters=128, batch=100, rate=.0001):
    """A new CGAN of these pictures."""
    return CGAN(*CGAN_GenDiscr(len(pictures.classes), filters), data.signed(pictures.train), pictures.train_labels,
                len(pictures.classes), batch_size=batch, learning_rate=rate)


def measure(seed, steps=None):
    """Figures of a narrow CGAN of the embedded digits; see `beyond.common.measures.classes_asked_for`."""
    from beyond.common import class_script
    return class_script.measure(make, NARROW, seed, steps)


CLAIMS = [("classes asked for", "CGAN", measure)]


def main(argv=None):
    from beyond.common import class_script
    return class_script.main(argv, "cgan", __doc__, make, NARROW, epochs=30)


if __name__ == "__main__":
    main()
