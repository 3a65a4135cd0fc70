"""Indicators of how close generated small pictures come to real ones.

Inception-based scores mean nothing on grey pictures of 16 x 16 pixels; these look at the pixels and at principal
coordinates instead. Every indicator is calibrated by `calibrate`: real pictures against other real ones give the value
that nothing can be expected to beat.
"""

import numpy as np
from scipy import linalg
from scipy.stats import wasserstein_distance
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from gan.indicators import sliced_wasserstein

COORDINATES = 49  # principal coordinates, as in the course's appendix
NEIGHBOURS = 5
LABELS = {"sliced_wasserstein": "sliced W", "frechet": "Frechet", "precision": "precision", "recall": "recall",
          "sum_of_squares": "sum of squares"}


def flat(pictures):
    """Pictures (n, h, w) or (n, h, w, 1) as float64 rows (n, h w)."""
    pictures = np.asarray(pictures, dtype="float64")
    return pictures.reshape(len(pictures), int(np.prod(pictures.shape[1:])))


def frechet_distance(a, b):
    """Squared Frechet distance of two clouds (n, d), each taken as Gaussian.

    |difference of the means|^2 + trace(A + B - 2 sqrt(A B)), with A and B the covariances.
    Dowson and Landau (1982); Heusel et al. (2017) use it on Inception features.
    """
    covariance_a, covariance_b = (np.atleast_2d(np.cov(cloud, rowvar=False)) for cloud in (a, b))
    # The trace of the root is the sum of the roots of the eigenvalues, also where A B is singular and has no root.
    roots = np.sqrt(np.maximum(linalg.eigvals(covariance_a @ covariance_b).real, 0))
    return float(np.sum(np.square(a.mean(axis=0) - b.mean(axis=0)))
                 + np.trace(covariance_a) + np.trace(covariance_b) - 2 * np.sum(roots))


def precision_recall(real, fake, neighbours=NEIGHBOURS):
    """Improved precision and recall of two clouds (n, d).

    Precision: the fraction of fake points that lie within the distance of some real point to its k-th real neighbour.
    Recall: the same with the roles exchanged. Kynkaanniemi et al. (2019), https://arxiv.org/abs/1904.06991.
    """
    return _covered(fake, real, neighbours), _covered(real, fake, neighbours)


def _covered(points, cloud, neighbours):
    """The fraction of `points` in the union of the balls of the cloud's points."""
    tree = NearestNeighbors(n_neighbors=neighbours + 1).fit(cloud)
    radii = tree.kneighbors(cloud)[0][:, -1]  # the nearest neighbour of a point of the cloud is the point itself
    distances = np.sqrt(np.maximum(np.sum(points ** 2, axis=1)[:, None] + np.sum(cloud ** 2, axis=1)
                                   - 2 * points @ cloud.T, 0))  # (points, cloud)
    return float(np.mean(np.any(distances <= radii, axis=1)))


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


class PictureQuality:
    """Compares sets of pictures with a set of real ones.

    Args:
        pictures: all real pictures, (n, h, w) in [0, 1].
        seed: of the random half that generated pictures are compared with, and of the directions.
        size: pictures of each side that are compared (at most n / 2).
        neighbour_size: how many of those enter precision and recall.
    """

    def __init__(self, pictures, seed=0, size=5000, neighbour_size=2000):
        self.size = min(size, len(pictures) // 2)
        self.neighbour_size = min(neighbour_size, self.size)
        order = np.random.default_rng(seed).permutation(len(pictures))
        self.real = flat(pictures[order[:self.size]])
        self.other_real = flat(pictures[order[self.size:2 * self.size]])
        self.seed = seed
        self.pca = PCA(min(COORDINATES, self.size - 1, self.real.shape[1]), svd_solver="full").fit(flat(pictures))

    def __call__(self, fakes):
        """The indicators of `size` pictures as the generator makes them, (size, h, w[, 1]): a dict of numbers.

        Raises:
            ValueError: another number of pictures.
        """
        fakes = flat(fakes)
        if len(fakes) != self.size:
            raise ValueError(f"fakes: expected {self.size} pictures, got {len(fakes)}")
        real, fake = self.pca.transform(self.real), self.pca.transform(fakes)
        few = self.neighbour_size
        precision, recall = precision_recall(real[:few], fake[:few])
        count = self.pca.n_components_
        return {"sliced_wasserstein": sliced_wasserstein(self.real, fakes, seed=self.seed),
                "frechet": frechet_distance(real, fake),
                "precision": precision,
                "recall": recall,
                "sum_of_squares": float(wasserstein_distance(sums_of_squares(self.real, count),
                                                             sums_of_squares(fakes, count)))}

    def calibrate(self):
        """The indicators of the other half of the real pictures."""
        return self(self.other_real)


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
            values = [one[indicator] for one in found]
            cells.append(f"{np.mean(values):.4f}" + (f" +- {np.std(values):.4f}" if len(values) > 1 else ""))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
