"""Real pictures damaged in ways that a measure should see: what does it see, and what is it blind to?"""

import numpy as np
from scipy.ndimage import gaussian_filter


def noisy(pictures, strength, draws):
    """Normal noise of that standard deviation on every pixel, cut to [0, 1]."""
    return np.clip(pictures + strength * draws.normal(size=pictures.shape), 0, 1).astype("float32")


def one_picture_a_class(pictures, labels, count):
    """The first picture of each class, again and again: (count pictures, their labels)."""
    numbers = [int(np.argmax(labels == label)) for label in np.unique(labels)]
    chosen = np.resize(numbers, count)
    return pictures[chosen], labels[chosen]


def few_classes(pictures, labels, count, most):
    """Pictures of the classes 0 to most - 1 only: (count pictures, their labels)."""
    chosen = np.resize(np.flatnonzero(labels < most), count)
    return pictures[chosen], labels[chosen]


def damaged(train, train_labels, held_out, labels, seed=0):
    """Sets of fakes by name: {name: (pictures, labels)}, made from held-out pictures; the copies are of `train`.

    Of each as many as there are held-out ones. The labels are what a generator would have been asked for.
    """
    draws = np.random.default_rng(seed)
    count = len(held_out)
    copies = draws.permutation(len(train))[:count]
    partner = draws.permutation(count)
    return {
        "a little noise": (noisy(held_out, .05, draws), labels),
        "noise": (noisy(held_out, .15, draws), labels),
        "much noise": (noisy(held_out, .4, draws), labels),
        "blurred": (gaussian_filter(held_out, (0, 1.5, 1.5, 0)), labels),
        "two in one": ((held_out + held_out[partner]) / 2, labels),
        "five classes of ten": few_classes(held_out, labels, count, 5),
        "one picture a class": one_picture_a_class(held_out, labels, count),
        "copies of the training set": (train[copies], train_labels[copies]),
        "other class than asked for": (held_out, (labels + 1) % (labels.max() + 1)),
    }
