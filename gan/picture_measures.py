"""How close generated small pictures come to real ones.

Inception-based scores mean nothing on grey pictures of 16 x 16 pixels; these look at the pixels and at principal
coordinates instead. Every indicator is calibrated: real pictures against other real ones give the value that nothing
can be expected to beat.
"""

import numpy as np
from scipy import linalg
from sklearn.neighbors import NearestNeighbors

COORDINATES = 49  # principal coordinates, as in the course's appendix
NEIGHBOURS = 5


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


class ComparedWithReal:
    """Compares pictures with one half of the real ones in principal coordinates; the other half calibrates.

    Args:
        pictures: all real pictures, (n, h, w[, channels]) in [0, 1].
        seed: of the two halves.
        size: pictures of each side that are compared (at most n / 2).
        neighbour_size: how many of those enter precision and recall.

    A subclass sets `pca`, the fitted coordinates, and says by `__call__` which indicators it gives.
    """

    def __init__(self, pictures, seed, size, neighbour_size):
        self.size = min(size, len(pictures) // 2)
        self.neighbour_size = min(neighbour_size, self.size)
        order = np.random.default_rng(seed).permutation(len(pictures))
        self.real = flat(pictures[order[:self.size]])
        self.other_real = flat(pictures[order[self.size:2 * self.size]])

    def compare(self, fakes, name="fakes"):
        """Frechet distance, precision and recall of `size` pictures: a dict.

        Raises:
            ValueError: another number of pictures; the message calls them `name`.
        """
        if len(fakes) != self.size:
            raise ValueError(f"{name}: expected {self.size} pictures, got {len(fakes)}")
        real, fake = self.pca.transform(self.real), self.pca.transform(flat(fakes))
        precision, recall = precision_recall(real[:self.neighbour_size], fake[:self.neighbour_size])
        return {"frechet": frechet_distance(real, fake), "precision": precision, "recall": recall}

    def calibrate(self):
        """The indicators of the other half of the real pictures."""
        return self(self.other_real)
