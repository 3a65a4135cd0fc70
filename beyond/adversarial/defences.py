"""Defences of a classifier. What each one costs on clean pictures, and what breaks it, is measured in the room."""

import numpy as np
import tensorflow as tf
from scipy.ndimage import median_filter

from beyond.adversarial.attacks import fgsm_of_tensors
from beyond.common import classifier
from beyond.common.classifier import one_hot
from beyond.evaluation.paths import project
from gan import checks

__all__ = ["adversarial_training", "distillation", "fewer_levels", "median", "squeezing_gap", "null_class",
           "DefenseGAN", "MagNet"]


def adversarial_training(net, pictures, labels, classes, epsilon, **options):
    """Train the network on each batch after FGSM has attacked it, half of the pictures clean; returns the network.

    Goodfellow et al. (2015), https://arxiv.org/abs/1412.6572.
    """
    def change(sample, targets):
        half = sample.shape[0] // 2
        return tf.concat([sample[:half], fgsm_of_tensors(net, sample[half:], targets[half:], epsilon)], axis=0)

    return classifier.train(net, pictures, one_hot(labels, classes), change=change, **options)


def distillation(teacher, student, pictures, labels, classes, temperature=20., **options):
    """Train a teacher with its logits divided by the temperature, and a student on the teacher's probabilities.

    The student is used at temperature 1: its logits are large then, its softmax is flat, and the gradient of its loss
    vanishes. Papernot et al. (2016), https://arxiv.org/abs/1511.04508. Returns the student.
    """
    temperature = checks.number("temperature", temperature)
    classifier.train(teacher, pictures, one_hot(labels, classes), temperature=temperature, **options)
    soft = tf.nn.softmax(teacher(tf.constant(pictures, tf.float32)) / temperature).numpy()
    return classifier.train(student, pictures, soft, temperature=temperature, **options)


def fewer_levels(pictures, bits=1):
    """Pictures in [0, 1] with 2^bits grey levels: small changes are rounded off. Xu et al. (2018),
    https://arxiv.org/abs/1704.01155.
    """
    steps = 2 ** checks.whole_number("bits", bits) - 1
    return (np.rint(np.asarray(pictures, "float32") * steps) / steps).astype("float32")


def median(pictures, size=3):
    """Each pixel is the median of size x size: single changed pixels go."""
    return median_filter(np.asarray(pictures, "float32"), (1, size, size, 1))


def squeezing_gap(answers, pictures, squeeze=fewer_levels):
    """Sum over the classes of |p(picture) - p(squeezed picture)|, (n,): large where somebody tampered. From 0 to 2.

    Args:
        answers: function from pictures to probabilities (n, classes).
    """
    return np.abs(np.asarray(answers(pictures)) - np.asarray(answers(squeeze(pictures)))).sum(axis=1)


def null_class(net, pictures, labels, classes, epsilon, attacked, **options):
    """Train a network with one class more, "null", for what was tampered with: an example that transfers lands there.

    Args:
        net: of classes + 1 logits.
        epsilon: size of the changes to learn.
        attacked: function (pictures, labels, epsilon) -> pictures attacked on another network.

    Half of what it learns from is clean with its class. A picture with changes of size e gets "null" with probability
    e / epsilon. Hosseini et al. (2017), https://arxiv.org/abs/1703.04318. Returns the network.
    """
    epsilon = checks.number("epsilon", epsilon)
    clean, changed, targets = np.asarray(pictures, "float32"), [], []
    for share in (.5, 1.):
        changed.append(attacked(clean, labels, share * epsilon))
        soft = (1 - share) * one_hot(labels, classes + 1)
        soft[:, classes] += share
        targets.append(soft)
    everything = np.concatenate([clean, clean, *changed])
    wanted = np.concatenate([one_hot(labels, classes + 1)] * 2 + targets)
    return classifier.train(net, everything, wanted, **options)


class DefenseGAN:
    """The classifier sees the nearest picture that a generator makes, instead of the picture itself.

    Args:
        generator: function from latent vectors to pictures in [0, 1].
        latent_generator: k -> latent vectors (k, d).
        options: of `beyond.evaluation.project`.

    Samangouei et al. (2018), https://arxiv.org/abs/1805.06605.
    """

    def __init__(self, generator, latent_generator, **options):
        self.generator, self.latent_generator, self.options = generator, latent_generator, options

    def reform(self, pictures):
        """(n, h, w, c) -> the nearest made pictures."""
        return project(self.generator, pictures, self.latent_generator, **self.options)[2]


class MagNet:
    """An autoencoder that was trained on clean pictures: what it cannot give back is refused, the rest is given back.

    Args:
        autoencoder: function from pictures to pictures.
        clean: pictures to set the threshold by.
        refused: share of clean pictures that may be refused.

    Meng and Chen (2017), https://arxiv.org/abs/1705.09064. They choose at random among several autoencoders.
    """

    def __init__(self, autoencoder, clean, refused=.05):
        if not 0 <= refused < 1:
            raise ValueError(f"refused: expected a share from 0 to below 1, got {checks.shown(refused)}")
        self.autoencoder = autoencoder
        self.threshold = float(np.quantile(self.error(clean), 1 - refused))

    def error(self, pictures):
        """Root of the mean square difference of each picture and what the autoencoder makes of it, (n,)."""
        given_back = np.asarray(self.autoencoder(tf.constant(pictures, tf.float32)))
        return np.sqrt(np.mean(np.square(given_back - pictures).reshape(len(pictures), -1), axis=1))

    def detect(self, pictures):
        """Which are refused, booleans (n,)."""
        return self.error(pictures) > self.threshold

    def reform(self, pictures):
        """What the autoencoder makes of the pictures."""
        return np.asarray(self.autoencoder(tf.constant(pictures, tf.float32)))
