"""Measures of two sets of points (n, d), real and made: pixels, or better the features of a classifier.

Pictures (n, h, w[, c]) are taken as rows of pixels. `frechet_distance` and `precision_recall` are explained in
`gan.picture_measures`.
"""

import numpy as np
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances, pairwise_kernels
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KernelDensity, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from beyond.evaluation import checked
from gan import checks, picture_measures
from gan.indicators import sliced_wasserstein

__all__ = ["frechet_distance", "fast_frechet_distance", "conditional_frechet_distance", "memorization_distance",
           "memorization_informed_frechet_distance", "mmd", "kernel_distance", "sliced_wasserstein",
           "precision_recall", "f1_score", "c2st", "one_nearest_neighbor", "ndb", "birthday_paradox",
           "average_log_likelihood", "parzen_bandwidth", "coverage", "classification_accuracy", "gan_train_test"]


# ------------------------------------------------------------------- distances

def frechet_distance(real, fake):
    """Squared Frechet distance of two clouds taken as normal laws: |m - m'|^2 + trace(S + S' - 2 (S S')^(1/2)).

    0 for the same cloud. On Inception's features it is the FID of Heusel et al. (2017).
    """
    return _frechet(*checked.clouds(real, fake))


def _frechet(real, fake):
    """The distance of two clouds that are checked; rounding can bring it below 0."""
    return max(picture_measures.frechet_distance(real, fake), 0.)


def fast_frechet_distance(real, fake):
    """The same without any (d, d) matrix: for few points of many coordinates.

    With A and B the centred clouds, the trace of (S S')^(1/2) is the sum of the singular values of A B'.
    Mathiasen and Hvilshoej (2020), https://arxiv.org/abs/2009.14075.
    """
    real, fake = checked.clouds(real, fake)
    a, b = (cloud - cloud.mean(axis=0) for cloud in (real, fake))
    a, b = a / np.sqrt(len(a) - 1), b / np.sqrt(len(b) - 1)
    distance = (np.sum(np.square(real.mean(axis=0) - fake.mean(axis=0))) + np.sum(a ** 2) + np.sum(b ** 2)
                - 2 * np.linalg.svd(a @ b.T, compute_uv=False).sum())
    return max(float(distance), 0.)


def conditional_frechet_distance(real, real_labels, fake, fake_labels):
    """Frechet distance of each real class to the fakes that were made for it, the mean over the classes.

    It notices two classes that are exchanged, where the distance of the whole clouds is 0. Infinite if a class has
    less than two fakes. Soloveitchik et al. (2021), https://arxiv.org/abs/2103.11521.
    """
    real, fake = checked.clouds(real, fake)
    real_labels = checked.labels("real_labels", real_labels, len(real))
    fake_labels = checked.labels("fake_labels", fake_labels, len(fake))
    found = []
    for label in np.unique(real_labels):
        ours, theirs = real[real_labels == label], fake[fake_labels == label]
        if len(ours) > 1:
            found.append(_frechet(ours, theirs) if len(theirs) > 1 else np.inf)
    if not found:
        raise ValueError("real_labels: expected a class with at least two points, got none")
    return float(np.mean(found))


def mmd(real, fake, kernel="rbf", biased=False, **options):
    """Squared maximum mean discrepancy: E k(x, x') + E k(y, y') - 2 E k(x, y), x and x' real, y and y' made.

    Args:
        kernel: of `sklearn.metrics.pairwise_kernels`, with its options (`gamma`, `degree`, `coef0`). "rbf" without
            `gamma` takes 1 / (2 median^2), with the median distance of the points.
        biased: with the pairs of a point and itself; never negative, and 0 for equal sets. Without them its mean is 0
            for two sets of the same law.

    Gretton et al. (2012), A Kernel Two-Sample Test.
    """
    x, y = checked.clouds(real, fake)
    if kernel == "rbf" and options.get("gamma") is None:
        middle = np.median(pairwise_distances(np.concatenate([x, y]))[np.triu_indices(len(x) + len(y), 1)])
        options["gamma"] = 1 / (2 * middle ** 2) if middle > 0 else 1.
    within = []
    for cloud in (x, y):
        values = pairwise_kernels(cloud, metric=kernel, **options)
        count = len(cloud)
        within.append(values.mean() if biased else (values.sum() - np.trace(values)) / (count * (count - 1)))
    return float(sum(within) - 2 * pairwise_kernels(x, y, metric=kernel, **options).mean())


def kernel_distance(real, fake):
    """KID: the unbiased squared MMD with the kernel (x y / d + 1)^3. Binkowski et al. (2018),
    https://arxiv.org/abs/1801.01401.
    """
    return mmd(real, fake, "polynomial", degree=3, coef0=1)


def precision_recall(real, fake, neighbors=picture_measures.NEIGHBOURS):
    """Precision: share of the fakes that lie among real ones; recall: share of the real ones that lie among fakes.

    A point lies among others if it is nearer to one of them than that one's k-th neighbour is. 1, 1 for equal sets; a
    mode that is missing lowers recall only. Kynkaanniemi et al. (2019), https://arxiv.org/abs/1904.06991.
    """
    neighbors = checks.whole_number("neighbors", neighbors)
    return picture_measures.precision_recall(*checked.clouds(real, fake, fewest=neighbors + 1), neighbors)


def f1_score(precision, recall):
    """Their harmonic mean, 2 p r / (p + r); 0 if both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.


# ---------------------------------------------------------------------- copies

def memorization_distance(train, fake):
    """Mean over the fakes of 1 - |cosine| to the most similar training point: 0 if all are copies, or multiples."""
    train, fake = checked.clouds(train, fake, fewest=1, names=("train", "fake"))
    rows = []
    for cloud in (train, fake):
        lengths = np.linalg.norm(cloud, axis=1, keepdims=True)
        rows.append(cloud / np.where(lengths > 0, lengths, 1.))
    nearest = np.abs(rows[1] @ rows[0].T).max(axis=1)
    return float(np.mean(np.maximum(1 - nearest, 0)))


def memorization_informed_frechet_distance(real, fake, train=None, threshold=.2):
    """MiFID: the Frechet distance, divided by the memorisation distance if that is below the threshold.

    Copies of the training pictures get a value without bound (here infinity below 1e-9), though their Frechet distance
    is the best that there is.

    Args:
        real: real points, with which the fakes are compared.
        train: those that the generator was trained on; default: `real`.
        threshold: half of what new real points have would be a good one; .2 suits the features of Inception.

    Bai et al. (2021), https://arxiv.org/abs/2106.03062.
    """
    threshold = checks.number("threshold", threshold, zero_allowed=True)
    distance = frechet_distance(real, fake)
    memorized = memorization_distance(real if train is None else train, fake)
    if memorized >= threshold:
        return distance
    return distance / memorized if memorized > 1e-9 else np.inf


def one_nearest_neighbor(real, fake):
    """How often the nearest other point of both sets together is of the same set: the accuracy of real, of fake points.

    Both 1/2 for two sets of the same law. Copies of the real points have the accuracy 0: the nearest of each is the
    other one. A collapse has 1 for the fakes. Xu et al. (2018), https://arxiv.org/abs/1806.07755.
    """
    real, fake = checked.clouds(real, fake)
    count = min(len(real), len(fake))  # as many of each, else the larger set wins
    distances = pairwise_distances(np.concatenate([real[:count], fake[:count]]))
    np.fill_diagonal(distances, np.inf)
    same = np.minimum(distances[:count, :count].min(axis=1), np.inf), distances[count:, count:].min(axis=1)
    other = distances[:count, count:].min(axis=1), distances[count:, :count].min(axis=1)
    # a tie is half right
    return tuple(float(np.mean(np.where(s < o, 1., np.where(s == o, .5, 0.)))) for s, o in zip(same, other))


def birthday_paradox(points, threshold):
    """How many different pictures there are, told from how many pairs are duplicates: (batch, support).

    Of `support` equally likely pictures two are the same with the chance 1 / support. `batch` is the smallest number of
    pictures that holds a pair of duplicates with a chance of at least 1/2; 23 for 365 birthdays, about
    1.18 sqrt(support). Both are infinite if no two points are nearer than the threshold.

    Args:
        points: generated, (n, d).
        threshold: two points at most so far apart are duplicates.

    Arora and Zhang (2017), https://arxiv.org/abs/1706.08224; they look for duplicates by eye.
    """
    points, threshold = checked.cloud("points", points), checks.number("threshold", threshold, zero_allowed=True)
    pairs = pairwise_distances(points)[np.triu_indices(len(points), 1)]
    share = float(np.mean(pairs <= threshold))
    return _batch_with_a_pair(share), (1 / share if share else np.inf)


def _batch_with_a_pair(share):
    """The smallest s with 1 - (1 - share)^(s (s - 1) / 2) >= 1/2."""
    if share in (0, 1):
        return np.inf if share == 0 else 2
    pairs = np.log(.5) / np.log1p(-share)
    return max(2, int(np.ceil((1 + np.sqrt(1 + 8 * pairs)) / 2 - 1e-9)))


# ------------------------------------------------------------ two-sample tests

def c2st(real, fake, classifier=None, folds=5, seed=0):
    """Classifier two-sample test: how often a classifier tells real from fake points that it has not seen; 1/2 if it
    cannot, 1 if it always can.

    Args:
        classifier: of scikit-learn; default: a random forest.
        folds: each point is tested by a classifier trained on the other folds.

    With n points of each set, a value above 1/2 + .82 / sqrt(n) would be met with a chance of 1 % if both had the same
    law. Lopez-Paz and Oquab (2017), https://arxiv.org/abs/1610.06545.
    """
    folds = checks.whole_number("folds", folds, smallest=2)
    real, fake = checked.clouds(real, fake, fewest=folds)
    count = min(len(real), len(fake))
    draws = np.random.default_rng(seed)
    points = np.concatenate([cloud[draws.permutation(len(cloud))[:count]] for cloud in (real, fake)])
    classifier = classifier or RandomForestClassifier(30, min_samples_leaf=3, random_state=seed)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return float(np.mean(cross_val_score(classifier, points, np.repeat([0, 1], count), cv=parts)))


def ndb(train, fake, bins=100, alpha=.05, seed=0):
    """Share of statistically different bins: 0 is best, about alpha for new points of the same law.

    The training points are sorted into bins by k-means, the fakes into the nearest one. A bin is different if its two
    shares differ in a two-proportion z-test at the level alpha. Richardson and Weiss (2018),
    https://arxiv.org/abs/1805.12462.
    """
    train, fake = checked.clouds(train, fake, names=("train", "fake"))
    bins = min(checks.whole_number("bins", bins, smallest=2), len(train))
    if not 0 < alpha < 1:
        raise ValueError(f"alpha: expected a level between 0 and 1, got {checks.shown(alpha)}")
    kinds = KMeans(bins, n_init=1, random_state=seed).fit(train)
    counts = [np.bincount(labels, minlength=bins) for labels in (kinds.labels_, kinds.predict(fake))]
    return float(np.mean(_two_proportions(counts[0], len(train), counts[1], len(fake)) < alpha))


def _two_proportions(successes, total, other_successes, other_total):
    """The two-sided p-values of the z-test for equal proportions, element by element; 1 where nothing was counted."""
    pooled = (successes + other_successes) / (total + other_total)
    deviation = np.sqrt(pooled * (1 - pooled) * (1 / total + 1 / other_total))
    difference = successes / total - other_successes / other_total
    return 2 * stats.norm.sf(np.abs(difference) / np.where(deviation > 0, deviation, np.inf))


# ------------------------------------------------------------------ likelihood

def average_log_likelihood(test, fake, bandwidth):
    """Mean log density, in nats, of real test points under a normal law of that bandwidth around each fake (Parzen).

    With one fake it is the log density of a normal law. In many dimensions it says little: a few centres of clusters
    can beat real pictures. Theis et al. (2016), https://arxiv.org/abs/1511.01844.
    """
    test, fake = checked.clouds(test, fake, fewest=1, names=("test", "fake"))
    density = KernelDensity(bandwidth=checks.number("bandwidth", bandwidth)).fit(fake)
    return float(np.mean(density.score_samples(test)))


def parzen_bandwidth(fake, validation, candidates=None):
    """The bandwidth under which other real points, `validation`, are most likely; default: of 20 around their distance.
    """
    fake, validation = checked.clouds(fake, validation, fewest=1, names=("fake", "validation"))
    if candidates is None:
        distances = NearestNeighbors(n_neighbors=1).fit(fake).kneighbors(validation)[0]
        middle = np.sqrt(np.mean(distances ** 2) / fake.shape[1])
        candidates = (middle if middle > 0 else 1.) * np.geomspace(.1, 10, 20)
    return float(max(candidates, key=lambda width: average_log_likelihood(validation, fake, width)))


def coverage(real, fake, bandwidth, share=.95):
    """Share of the real points that lie where the fakes' density is above t, with t such that `share` of the fakes do.

    .95 if both have the same law, 0 if the real points are nowhere near. The density is a Parzen one around one half of
    the fakes; the other half sets t. Tolstikhin et al. (2017), https://arxiv.org/abs/1701.02386.
    """
    real, fake = checked.clouds(real, fake, fewest=4)
    density = KernelDensity(bandwidth=checks.number("bandwidth", bandwidth)).fit(fake[::2])
    limit = np.quantile(density.score_samples(fake[1::2]), 1 - share)
    return float(np.mean(density.score_samples(real) > limit))


# ----------------------------------------------------------------- classifying

def classification_accuracy(train, train_labels, test, test_labels, classifier=None):
    """Accuracy on test points of a classifier (default: logistic regression) trained on the first two arguments."""
    train, test = checked.clouds(train, test, fewest=1, names=("train", "test"))
    train_labels = checked.labels("train_labels", train_labels, len(train))
    test_labels = checked.labels("test_labels", test_labels, len(test))
    if len(np.unique(train_labels)) == 1:  # nothing to learn: it always answers that class
        return float(np.mean(test_labels == train_labels[0]))
    classifier = classifier or make_pipeline(StandardScaler(), LogisticRegression(max_iter=500, C=.1))
    return float(np.mean(classifier.fit(train, train_labels).predict(test) == test_labels))


def gan_train_test(real, real_labels, fake, fake_labels, test, test_labels, classifier=None):
    """What labelled fakes are worth to a classifier. A dict of accuracies:

    baseline: trained on real points, tested on others. gan_train: trained on fakes, tested on real ones; low if modes
    are missing or pictures are bad. gan_test: trained on real ones, tested on fakes; low if pictures are bad.
    distortion: baseline - gan_train, the boundary distortion of Santurkar et al. (2018).

    Shmelkov et al. (2018), How Good Is My GAN?, https://arxiv.org/abs/1807.09499.
    """
    found = {"baseline": classification_accuracy(real, real_labels, test, test_labels, classifier),
             "gan_train": classification_accuracy(fake, fake_labels, test, test_labels, classifier),
             "gan_test": classification_accuracy(real, real_labels, fake, fake_labels, classifier)}
    return {**found, "distortion": found["baseline"] - found["gan_train"]}
