"""An InfoGAN: nobody names classes, and the generator is made to have some.

Beside its latent vector z the generator gets a code c, one of ten, drawn at random. A network Q, which shares all but
its last layer with the discriminator, has to read the code off the picture, and both are trained so that it can. Then
the code must show in the picture, and the easiest things to show are those that tell pictures apart, such as digits.
With D and Q the two answers, H the binary cross-entropy:

    info loss            cross-entropy of Q(fake) against the code c of the fake
    discriminator loss   (H(1, D(real)) + H(0, D(fake))) / 2 + info_weight info loss
    generator loss       H(1, D(fake)) + info_weight info loss

The entropy of the codes, log 10, minus the info loss is a lower bound of the mutual information of code and picture
(in nats, at most log 10). `information` gives it.

Chen et al. (2016), InfoGAN, https://arxiv.org/abs/1606.03657. The source of these networks trains nothing of what Q
and D share on the info loss, and its printed "Info-Loss" is the generator's other loss; here, as in the authors' own
program, both networks train on it, and `info_loss` is the info loss. With info_weight 0 the code is just more noise.
"""

import math

import tensorflow as tf
from tensorflow import keras

from beyond.base import accuracy, normal, update
from beyond.blocks import grow, layers, shrink
from beyond.classes import ClassGAN, class_entropy
from gan import checks


def InfoGAN_GenDiscr(codes=10, filters=128):
    """The networks of an InfoGAN of digits. With fewer filters they train faster.

    Returns:
        generator: [latent vectors (batch, 50), one-hot codes] -> (batch, 28, 28, 1) in [-1, 1]; 531,425 parameters,
            768 of them not trainable.
        discriminator: pictures -> D, logits of "real" (batch, 1), and Q, logits of the codes (batch, codes). D alone
            has 428,929 parameters, Q alone 429,514; they share 428,864, of which 640 are not trainable.
        latent_generator: normal, k -> (k, 50).
    """
    def get_generator():
        latent_vectors, one_hot = keras.Input((50,)), keras.Input((codes,))
        x = layers.Concatenate()([layers.Dense(64)(latent_vectors), layers.Dense(32)(one_hot)])
        x = layers.Dense(5 * 5 * 64, activation="relu")(x)
        x = layers.Reshape((5, 5, 64))(x)   # 5 x 5
        x = grow(x, filters, 3, 2)          # 11 x 11
        x = grow(x, filters, 3, 2)          # 23 x 23
        x = grow(x, filters, 3)             # 25 x 25
        x = layers.Conv2DTranspose(1, 4, activation="tanh")(x)
        return keras.Model([latent_vectors, one_hot], x, name="generator")

    def get_discriminator():
        pictures = keras.Input((28, 28, 1))
        x = shrink(pictures, filters, 3, 2, norm=False)   # 13 x 13
        x = shrink(x, filters, 3, 2)                      # 6 x 6
        x = shrink(x, filters, 3)                         # 4 x 4
        x = layers.Flatten()(shrink(x, filters // 2, 4))  # 1 x 1
        return keras.Model(pictures, [layers.Dense(1)(x), layers.Dense(codes)(x)], name="discriminator")

    return get_generator(), get_discriminator(), normal(50)


class InfoGAN(ClassGAN):
    """An InfoGAN. Arguments and samples: see `beyond.classes.ClassGAN`, but for labels: it takes none; and

    Args:
        codes: how many codes there are.
        info_weight: weight of the info loss, zero or positive (lambda in the paper).
    """

    def __init__(self, generator, discriminator, latent_generator, real_examples, codes=10, info_weight=1., **options):
        super().__init__(generator, discriminator, latent_generator, real_examples, None, codes, **options)
        self.info_weight = checks.number("info_weight", info_weight, zero_allowed=True)

    def train_step(self, useless_argument):
        """As in `CGAN`, with the info loss in what both minimise; also returns the generator's `info_loss`."""
        for _ in range(self.disc_iter):
            real_sample = self.get_real_sample()
            fake_sample, codes = self.get_fake_sample_of_classes(training=True)
            samples = tf.concat([real_sample, fake_sample], axis=0)  # (2 batch, h, w, 1)
            with tf.GradientTape() as tape:
                values, code_logits = self.discriminator(samples, training=True)
                real_values, fake_values = tf.split(values, 2)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                minimised = discr_loss + self.info_weight * class_entropy(codes, code_logits[self.batch_size:])
            update(self.discriminator, tape, minimised)

        with tf.GradientTape() as tape:
            fake_sample, codes = self.get_fake_sample_of_classes(training=True)
            values, code_logits = self.discriminator(tf.concat([real_sample, fake_sample], axis=0), training=True)
            gen_loss = self.generator.loss(values[self.batch_size:])
            info_loss = class_entropy(codes, code_logits[self.batch_size:])
            minimised = gen_loss + self.info_weight * info_loss
        update(self.generator, tape, minimised)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "info_loss": info_loss,
                "accuracy": accuracy(real_values, fake_values)}

    def information(self, info_loss):
        """The lower bound of the mutual information of code and picture, in nats, that belongs to an info loss."""
        return math.log(self.classes) - info_loss
