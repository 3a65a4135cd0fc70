"""What the GANs that know about classes share: real pictures with their classes, and pictures made to order.

In the source the discriminator sees real and fake pictures as one batch, and in the generator's step it normalises by
moving averages: the generator then plays against another function than the one that the discriminator has learned.
Here both steps are alike. In `CGAN` real and fake pictures are a batch each. The discriminators of the others normalise
pictures of one pixel just before the last layer: two batches would get the same mean there, and the same mean answer,
and could not be told apart. They see one batch of real and fake pictures in both steps.
"""

import numpy as np
import tensorflow as tf

from beyond.common.base import in_batches
from beyond.common.cross_entropy import CrossEntropyGAN
from gan import checks


class ClassGAN(CrossEntropyGAN):
    """A GAN with cross-entropy whose generator takes latent vectors and classes.

    A class stands in the networks as a one-hot vector. Losses: see `beyond.common.cross_entropy`. Arguments:
    see `gan.model.GAN`; and

    Args:
        generator: keras.Model from [latent vectors, one-hot classes] to pictures.
        labels: class numbers 0, 1, ... of `real_examples`, shape (n,); None for a subclass that uses none.
        classes: how many classes there are.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, value or shape; the message names it.
    """

    several_parts = True

    def __init__(self, generator, discriminator, latent_generator, real_examples, labels, classes=10,
                 batch_size=100, disc_iter=1, learning_rate=.0001):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        self.classes = checks.whole_number("classes", classes)
        self.check_inputs([tuple(tensor.shape[1:]) for tensor in generator.inputs])
        if labels is None:
            self.labels = None
        else:
            self.add_examples("labels", checked_labels(labels, len(self.real_examples), self.classes), dtype="int32")

    def check_inputs(self, shapes):
        """ValueError if the generator takes anything else than latent vectors and one-hot classes."""
        if len(shapes) != 2 or shapes[1] != (self.classes,):
            raise ValueError(f"generator: expected two inputs, latent vectors and one-hot classes (n, {self.classes}), "
                             f"got inputs of shape {shapes}")

    def one_hot(self, numbers):
        """Class numbers (n,) as vectors (n, classes)."""
        return tf.one_hot(numbers, self.classes)

    def get_labelled_sample(self, size=None):
        """`size` (default: the batch size) real examples and their one-hot classes, drawn with replacement."""
        examples, labels = self.sample("real_examples", "labels", size=size, replace=True)
        return examples, self.one_hot(labels)

    def get_fake_sample_of_classes(self, size=None, training=False):
        """`size` (default: the batch size) fakes and the classes that they were made for, each equally likely."""
        size = size or self.batch_size
        classes = self.one_hot(self.drawn(lambda: tf.random.uniform((size,), 0, self.classes, tf.int32)))
        latent_vectors = self.drawn(lambda: self.latent_generator(size))
        return self.generator([latent_vectors, classes], training=training), classes

    def get_fake_sample(self, size=None, training=False):
        """The pictures of `get_fake_sample_of_classes` alone."""
        return self.get_fake_sample_of_classes(size, training)[0]

    def pictures_of(self, numbers, latent_vectors=None):
        """A picture of each of these classes, (n,) -> array (n, h, w, 1) as the generator makes them."""
        latent_vectors = self.latent_generator(len(numbers)) if latent_vectors is None else latent_vectors
        split, inputs = latent_vectors.shape[1], np.concatenate([latent_vectors, self.one_hot(numbers)], axis=1)
        return in_batches(lambda rows: self.generator([rows[:, :split], rows[:, split:]]), inputs)


def checked_labels(labels, count, classes, lowest=0):
    """Class numbers as an int32 tensor (count,); ValueError if they are others than `lowest`, ..., classes - 1."""
    array = np.asarray(labels)
    if array.dtype.kind not in "iu" or array.shape != (count,):
        raise ValueError(f"labels: expected {count} whole numbers, one for each real example, got {array.dtype} "
                         f"{array.shape}")
    if array.min() < lowest or array.max() >= classes:
        raise ValueError(f"labels: expected numbers from {lowest} to {classes - 1}, got {array.min()} to {array.max()}")
    return tf.constant(array, tf.int32)


def one_row_a_class(classes=10, columns=9):
    """The class numbers of a sheet with one row for each class: (classes columns,)."""
    return np.repeat(np.arange(classes), columns)
