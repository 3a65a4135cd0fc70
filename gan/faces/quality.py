"""Indicators of how close generated faces come to real ones, as a table; the PCA generator of the course's appendix."""

import numpy as np
from scipy.stats import wasserstein_distance
from sklearn.decomposition import PCA

from gan.indicators import sliced_wasserstein
from gan.numbers_in_words import mean_and_spread
from gan.picture_measures import COORDINATES, ComparedWithReal, flat

LABELS = {"sliced_wasserstein": "sliced W", "frechet": "Frechet", "precision": "precision", "recall": "recall",
          "sum_of_squares": "sum of squares"}


def standardized_coordinates(pictures, count=COORDINATES):
    """The first principal coordinates of a set of pictures in its own PCA, each with spread 1: (n, count).

    Those along which the pictures do not vary, but for rounding errors, are 0.
    """
    with np.errstate(invalid="ignore"):  # scikit-learn divides by the variance, which is 0 if all pictures are equal
        coordinates = PCA(count, svd_solver="full").fit_transform(flat(pictures))
    spread = coordinates.std(axis=0)
    varies = spread > 1e-6 * spread.max()
    return np.where(varies, coordinates, 0) / np.where(varies, spread, 1)


def sums_of_squares(pictures, count=COORDINATES):
    """Sum of the squares of the standardised coordinates of each picture: (n,).

    Independent normal coordinates would give the chi-square law with `count` degrees of freedom (course, appendix).
    """
    return np.sum(np.square(standardized_coordinates(pictures, count)), axis=1)


class PictureQuality(ComparedWithReal):
    """Compares sets of pictures with a set of real ones.

    Args:
        pictures: all real pictures, (n, h, w) in [0, 1].
        seed: of the random half that generated pictures are compared with, and of the directions.
        size: pictures of each side that are compared (at most n / 2).
        neighbour_size: how many of those enter precision and recall.
    """

    def __init__(self, pictures, seed=0, size=5000, neighbour_size=2000):
        super().__init__(pictures, seed, size, neighbour_size)
        self.seed = seed
        self.pca = PCA(min(COORDINATES, self.size - 1, self.real.shape[1]), svd_solver="full").fit(flat(pictures))

    def __call__(self, fakes):
        """The indicators of `size` pictures as the generator makes them, (size, h, w[, 1]): a dict of numbers.

        Raises:
            ValueError: another number of pictures.
        """
        found, count = self.compare(fakes), self.pca.n_components_
        return {"sliced_wasserstein": sliced_wasserstein(self.real, flat(fakes), seed=self.seed), **found,
                "sum_of_squares": float(wasserstein_distance(sums_of_squares(self.real, count),
                                                             sums_of_squares(fakes, count)))}


class PCA_generator:
    """Makes pictures from independent normal principal coordinates (course, appendix).

    Args:
        array_of_pictures: (n, h, w) in [0, 1].
        depth: how many principal coordinates; at most h w.
    """

    def __init__(self, array_of_pictures, depth):
        self.depth = depth
        self.shape = array_of_pictures.shape[1:]
        self.pca = PCA(depth, svd_solver="full")
        self.transformed = self.pca.fit_transform(flat(array_of_pictures))
        self.stds = self.transformed.std(axis=0)

    def from_coordinates(self, coordinates):
        """The pictures (k, h, w) of these principal coordinates (k, depth)."""
        return self.pca.inverse_transform(coordinates).reshape(-1, *self.shape)

    def get_fake_sample(self, k):
        """k pictures with coordinates drawn from NumPy's global stream: (k, h, w)."""
        return self.from_coordinates(np.random.randn(k, self.depth) * self.stds)

    def reconstructed(self, k):
        """The first k real pictures as their first `depth` coordinates tell them: (k, h, w)."""
        return self.from_coordinates(self.transformed[:k])


def table(rows):
    """Lines of a Markdown table of indicators; `rows`: dict of name -> indicators, or -> list of them (over seeds)."""
    lines = ["| | " + " | ".join(LABELS.values()) + " |", "|---" * (len(LABELS) + 1) + "|"]
    for name, found in rows.items():
        found = found if isinstance(found, list) else [found]
        cells = []
        for indicator in LABELS:
            cells.append(mean_and_spread([one[indicator] for one in found]))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
