"""How varied and how good pictures are, measured without the networks that made them.

Sharpness and likeness to real pictures: see also `gan.quality.PictureQuality`, which works on these pictures too.
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.neighbors import KNeighborsClassifier

from gan.quality import PictureQuality, flat

MOST = 10000  # real pictures that a classifier or the kinds are learned from
KINDS = 20


def spread(pictures):
    """Root of the total variance of the pixels, sqrt(sum over the pixels of their variance); (n, h, w, c) -> number.

    0 if all pictures are equal; sqrt(2) times it is the (quadratic) mean distance of two pictures.
    """
    return float(np.sqrt(np.sum(np.var(flat(pictures), axis=0))))


def effective_number(numbers, count):
    """How many kinds occur, rare ones counted for less: e to the entropy of their frequencies.

    Args:
        numbers: the kind of each picture, 0 to count - 1.
        count: how many kinds there are.

    Returns: 1. if all are of one kind, `count` if all kinds are equally frequent.
    """
    share = np.bincount(numbers, minlength=count) / len(numbers)
    share = share[share > 0]
    return float(np.exp(-np.sum(share * np.log(share))))


class Diversity:
    """How varied pictures are, compared with real ones.

    Args:
        real: real pictures, (n, h, w, c) in [0, 1].

    Real pictures are sorted into KINDS kinds by k-means, without any label.
    """

    def __init__(self, real):
        real = flat(real[:MOST])
        self.kinds = KMeans(min(KINDS, len(real)), n_init=3, random_state=0).fit(real)
        self.real_spread = float(np.sqrt(np.sum(np.var(real, axis=0))))
        self.real_kinds = effective_number(self.kinds.labels_, self.kinds.n_clusters)

    def __call__(self, pictures):
        """A dict: `spread` and `kinds` of the pictures, both divided by those of the real ones (1. is as varied)."""
        kinds = self.kinds.predict(flat(pictures))
        return {"spread": spread(pictures) / self.real_spread,
                "kinds": effective_number(kinds, self.kinds.n_clusters) / self.real_kinds}


class Classifier:
    """Says which class a picture shows: that of most of its three nearest real pictures.

    Args:
        pictures: `beyond.data.Pictures` with labels.

    Attributes:
        accuracy: on the test pictures.

    Raises:
        ValueError: the pictures have no labels.
    """

    def __init__(self, pictures):
        if pictures.train_labels is None:
            raise ValueError(f"pictures: expected pictures with labels, got {pictures}")
        self.count = len(pictures.classes)
        self.neighbours = KNeighborsClassifier(3).fit(flat(pictures.train[:MOST]),
                                                      pictures.train_labels[:MOST])
        self.accuracy = float(np.mean(self(pictures.test[:MOST]) == pictures.test_labels[:MOST]))

    def __call__(self, pictures):
        """The class of each picture: (n, h, w, c) in [0, 1] -> (n,)."""
        return self.neighbours.predict(flat(pictures))

    def classes(self, pictures):
        """How many classes the pictures show (`effective_number`)."""
        return effective_number(self(pictures), self.count)


class Quality:
    """How good and how varied the pictures of a generator are, in one dict.

    Args:
        pictures: `beyond.data.Pictures`.

    Attributes:
        size: how many pictures it needs.
        reference: the same figures of real pictures that it does not compare with: nothing can be expected to beat it.
    """

    def __init__(self, pictures):
        self.compare = PictureQuality(pictures.train[:MOST])
        self.size = self.compare.size
        self.diversity = Diversity(pictures.train)
        self.classifier = Classifier(pictures) if pictures.train_labels is not None else None
        self.reference = self(self.compare.other_real)

    def __call__(self, made):
        """Figures of `size` pictures in [0, 1]: see `gan.quality.PictureQuality` and `Diversity`; and

        classes: how many classes they show (`Classifier.classes`), if there are any.
        """
        found = self.compare(made)
        result = {name: found[name] for name in ("frechet", "precision", "recall")}
        result.update(self.diversity(made))
        if self.classifier:
            result["classes"] = self.classifier.classes(made)
        return result
