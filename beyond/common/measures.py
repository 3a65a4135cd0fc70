"""How varied and how good pictures are, measured without the networks that made them.

The distances of clouds come from `gan.picture_measures`, where they are explained.
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from beyond.common.classes import one_row_a_class
from beyond.common.data import unit
from gan.picture_measures import COORDINATES, ComparedWithReal, flat

MOST = 10000  # real pictures that a classifier or the kinds are learned from
KINDS = 20


def spread(pictures):
    """Root of the total variance of the pixels, sqrt(sum over the pixels of their variance); (n, h, w, c) -> number.

    0 if all pictures are equal; sqrt(2) times it is the (quadratic) mean distance of two pictures.
    """
    return float(np.sqrt(np.sum(np.var(flat(pictures), axis=0))))


def nearest(pictures, among):
    """Median distance of pictures to the nearest of others: how far a generator is from copying them."""
    distances, _ = NearestNeighbors(n_neighbors=1).fit(flat(among)).kneighbors(flat(pictures))
    return float(np.median(distances))


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
        self.real_spread = spread(real)
        self.real_kinds = effective_number(self.kinds.labels_, self.kinds.n_clusters)

    def __call__(self, pictures):
        """A dict: `spread` and `kinds` of the pictures, both divided by those of the real ones (1. is as varied)."""
        kinds = self.kinds.predict(flat(pictures))
        return {"spread": spread(pictures) / self.real_spread,
                "kinds": effective_number(kinds, self.kinds.n_clusters) / self.real_kinds}


class Classifier:
    """Says which class a picture shows: that of most of its three nearest real pictures.

    Args:
        pictures: `beyond.common.data.Pictures` with labels.

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


class Quality(ComparedWithReal):
    """How good and how varied the pictures of a generator are, in one dict.

    Args:
        pictures: `beyond.common.data.Pictures`.

    Attributes:
        size: how many pictures it needs.
        reference: the same figures of real pictures that it does not compare with: nothing can be expected to beat it.
    """

    def __init__(self, pictures):
        super().__init__(pictures.train, seed=0, size=2000, neighbour_size=2000)
        self.pca = PCA(min(COORDINATES, self.size), random_state=0).fit(self.real)
        self.diversity = Diversity(pictures.train)
        self.classifier = Classifier(pictures) if pictures.train_labels is not None else None
        self.reference = self.calibrate()

    def __call__(self, made):
        """Figures of `size` pictures in [0, 1], in the first principal coordinates of real ones: a dict

        frechet: distance of the two clouds taken as Gaussian; precision, recall: see `gan.picture_measures`.
        spread, kinds: see `Diversity`.
        classes: how many classes they show (`Classifier.classes`), if there are any.

        Raises:
            ValueError: another number of pictures.
        """
        result = {**self.compare(made, "made"), **self.diversity(made)}
        if self.classifier:
            result["classes"] = self.classifier.classes(made)
        return result


def classes_asked_for(G, pictures, each=100):
    """A GAN that is asked for classes: `each` fakes of each class, before a classifier of real pictures.

    Args:
        G: a `beyond.common.classes.ClassGAN`.
        pictures: `beyond.common.data.Pictures` with labels.

    Returns a dict:
        class_accuracy: how often it sees the class that was asked for.
        spread: of the fakes of one class, divided by that of the real ones, mean over the classes; 0: always the same.
        real_accuracy: of the classifier on real test pictures.
    """
    classifier = Classifier(pictures)
    numbers = one_row_a_class(G.classes, each)
    made = unit(G.pictures_of(numbers))
    spreads = [spread(made[numbers == c]) / spread(pictures.train[pictures.train_labels == c])
               for c in range(G.classes)]
    return {"class_accuracy": float(np.mean(classifier(made) == numbers)),
            "spread": float(np.mean(spreads)),
            "real_accuracy": classifier.accuracy}
