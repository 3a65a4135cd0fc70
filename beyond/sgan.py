"""A semi-supervised GAN (SGAN): a classifier that learns from few labels and many pictures without one.

The discriminator sorts pictures into K + 1 classes: the K classes of the real ones, and "fake". A picture with a label
has to get its class, a fake has to get "fake", and a picture without a label must only not get "fake". So the
pictures without labels, and the generator's, teach the classifier what digits look like. After training the class
"fake" is dropped. With p the softmax of the K + 1 values, and q that of the K values without "fake":

    discr_loss           (mean -log(1 - p_fake(real)) + mean -log p_fake(fake)) / 2
    class_loss           mean -log q_class over labelled real examples
    discriminator loss   discr_loss + class_weight class_loss
    generator loss       squared distance of two means: of what the discriminator's last layer gets from real examples,
                         and from fakes (feature matching)

Fakes that fool the discriminator make no good teachers for a classifier; those that only share the mean features of
real pictures do, as Salimans et al. found.

Odena (2016), Semi-Supervised Learning with Generative Adversarial Networks, https://arxiv.org/abs/1606.01583;
Salimans et al. (2016), Improved Techniques for Training GANs, https://arxiv.org/abs/1606.03498.

The source of these networks explains this, but its program has all labels and two last layers, the second one with a
sigmoid for "real" that is not tied to the K + 1 classes (`SGAN_GenDiscr(two_heads=True)` builds those). Its class_loss
is mean -log p_class over labelled real examples, with their classes, and fakes, with "fake"; its generator's loss is
mean -log(1 - p_fake(fake)). `SGAN(as_listed=True)` trains with these losses.
"""

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.base import accuracy, in_batches, normal, update
from beyond.blocks import grow, layers, normalized, shrink
from beyond.classes import class_entropy
from beyond.dense_gan import DenseGAN
from gan import checks


class RealAgainstFake(keras.layers.Layer):
    """From the values of K + 1 classes, the last one "fake", to log(p_real / p_fake): (batch, K + 1) -> (batch, 1)."""

    def call(self, values):
        return tf.reduce_logsumexp(values[:, :-1], axis=1, keepdims=True) - values[:, -1:]


def SGAN_GenDiscr(classes=10, filters=128, two_heads=False):
    """The networks of an SGAN of clothes. With fewer filters they train faster.

    Args:
        two_heads: a last layer of its own for "real", as the source has it: 129 parameters more.

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [-1, 1]; 540,097 parameters, 3,712 of them not trainable.
        discriminator: pictures -> logits of "real" (batch, 1), logits of the classes and "fake" (batch, classes + 1),
            features (batch, filters); 562,187 parameters, with two heads 562,316, 1,024 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    def get_generator():
        latent_vectors = keras.Input((100,))
        x = normalized(layers.Dense(5 * 5 * 64, activation="relu")(latent_vectors))
        x = layers.Reshape((5, 5, 64))(x)     # 5 x 5
        x = grow(x, filters, 3, 2)            # 11 x 11
        x = grow(x, filters, 3, 2)            # 23 x 23
        x = grow(x, filters, 3, norm=False)   # 25 x 25
        x = layers.Conv2DTranspose(1, 4, activation="tanh")(x)
        return keras.Model(latent_vectors, x, name="generator")

    def get_discriminator():
        pictures = keras.Input((28, 28, 1))
        x = shrink(pictures, filters, 3, 2)          # 13 x 13
        x = shrink(x, filters, 3, 2)                 # 6 x 6
        x = shrink(x, filters, 3)                    # 4 x 4
        x = layers.Flatten()(shrink(x, filters, 4))  # 1 x 1
        values = layers.Dense(classes + 1)(x)
        real = layers.Dense(1)(x) if two_heads else RealAgainstFake()(values)
        return keras.Model(pictures, [real, values, x], name="discriminator")

    return get_generator(), get_discriminator(), normal(100)


class SGAN(DenseGAN):
    """A semi-supervised GAN. Arguments: see `gan.model.GAN`; and

    Args:
        labels: class numbers 0, 1, ... of `real_examples`, shape (n,), -1 where the class is not known.
        class_weight: weight of the classes in the discriminator's loss, zero or positive.
        as_listed: train with the two losses of the source, see above.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, value or shape, no label; the message names it.

    Labelled, unlabelled and fake examples go through the discriminator as one batch; see `beyond.classes` for why.
    """

    several_parts = True

    def __init__(self, generator, discriminator, latent_generator, real_examples, labels,
                 batch_size=100, disc_iter=1, learning_rate=.0001, class_weight=1., as_listed=False):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        labels = np.asarray(labels)
        if labels.dtype.kind not in "iu" or labels.shape != (len(self.real_examples),) or not np.any(labels >= 0):
            raise ValueError(f"labels: expected {len(self.real_examples)} whole numbers, -1 for unknown and at least "
                             f"one other, got {labels.dtype} {labels.shape}")
        self.classes = self.discriminator.output_shape[1][-1] - 1
        if labels.max() >= self.classes:
            raise ValueError(f"labels: expected numbers below {self.classes}, got {labels.max()}")
        self.labels = tf.constant(labels, tf.int32)
        self.labelled = tf.constant(np.flatnonzero(labels >= 0), tf.int32)  # (number of labels,)
        self.class_weight = checks.number("class_weight", class_weight, zero_allowed=True)
        self.as_listed = as_listed

    def get_labelled_sample(self):
        """A batch of real examples with known class, drawn with replacement, and their classes as numbers."""
        chosen = self.drawn(lambda: tf.random.uniform((self.batch_size,), 0, len(self.labelled), tf.int32))
        indices = tf.gather(self.labelled, chosen)
        return tf.gather(self.real_examples, indices), tf.gather(self.labels, indices)

    def class_loss(self, labels, values):
        """labels = classes of the labelled examples (batch,), values of these and of fakes, (2 batch, classes + 1)."""
        if self.as_listed:
            numbers = tf.concat([labels, tf.fill([self.batch_size], self.classes)], 0)
            return class_entropy(tf.one_hot(numbers, self.classes + 1), values)
        return class_entropy(tf.one_hot(labels, self.classes), values[:self.batch_size, :-1])

    @staticmethod
    def feature_distance(x, y):
        """x = features of real examples, y = features of fakes, (batch, features) each. Returns a scalar."""
        return tf.reduce_sum(tf.square(tf.reduce_mean(x, axis=0) - tf.reduce_mean(y, axis=0)))

    def train_step(self, useless_argument):
        """`disc_iter` updates of the discriminator, one of the generator; the last losses and the accuracy."""
        for _ in range(self.disc_iter):
            real_sample = self.get_real_sample()
            labelled_sample, labels = self.get_labelled_sample()
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                samples = tf.concat([real_sample, labelled_sample, fake_sample], axis=0)  # (3 batch, h, w, 1)
                real_or_fake, values, _ = self.discriminator(samples, training=True)
                real_values, _, fake_values = tf.split(real_or_fake, 3)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                class_loss = self.class_loss(labels, values[self.batch_size:])
                minimised = discr_loss + self.class_weight * class_loss
            update(self.discriminator, tape, minimised)
            right = accuracy(real_values, fake_values)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            samples = tf.concat([real_sample, labelled_sample, fake_sample], axis=0)
            real_or_fake, _, features = self.discriminator(samples, training=True)
            if self.as_listed:
                gen_loss = self.generator.loss(real_or_fake[-self.batch_size:])
            else:
                gen_loss = self.feature_distance(features[:self.batch_size], features[-self.batch_size:])
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "class_loss": class_loss, "accuracy": right}

    def classify(self, pictures):
        """The class of each picture, "fake" left out: (n, h, w, 1) -> array of numbers (n,)."""
        return classify(self.discriminator, pictures)


def few_labels(labels, count):
    """`labels` (n,) with -1 in the place of all but `count`, as many of each class as possible, the first ones."""
    labels = np.asarray(labels)
    order = np.argsort(labels, kind="stable")
    rank = np.empty(len(labels), int)  # of each example among those of its class
    rank[order] = np.arange(len(labels)) - np.searchsorted(labels[order], labels[order])
    known = np.argsort(rank, kind="stable")[:count]
    result = np.full(len(labels), -1)
    result[known] = labels[known]
    return result


def classify(discriminator, pictures):
    """The most probable class of each picture, "fake" left out: (n, h, w, 1) -> array of numbers (n,)."""
    values = in_batches(lambda some: discriminator(some)[1], pictures)
    return np.argmax(values[:, :-1], axis=1)


def train_classifier(discriminator, pictures, labels, steps, batch_size=100, learning_rate=.0001):
    """Train the discriminator of an SGAN alone, on labelled pictures only: the classifier that an SGAN has to beat.

    The same optimizer, batches of labelled pictures and number of steps, without any generator. A last layer of its
    own for "real" learns nothing.
    """
    optimizer = keras.optimizers.Adam(learning_rate, beta_1=DenseGAN.beta_1, beta_2=DenseGAN.beta_2)
    classes = discriminator.output_shape[1][-1] - 1
    data = tf.data.Dataset.from_tensor_slices((pictures, tf.one_hot(labels, classes)))
    data = data.shuffle(len(pictures)).repeat().batch(batch_size).take(steps)

    @tf.function(autograph=False)
    def train_step(sample, one_hot):
        with tf.GradientTape() as tape:
            loss = class_entropy(one_hot, discriminator(sample, training=True)[1][:, :-1])
        variables = discriminator.trainable_variables
        pairs = zip(tape.gradient(loss, variables), variables)
        optimizer.apply_gradients([(gradient, variable) for gradient, variable in pairs if gradient is not None])

    optimizer.build(discriminator.trainable_variables)
    for sample, one_hot in data:
        train_step(sample, one_hot)
