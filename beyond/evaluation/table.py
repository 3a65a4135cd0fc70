"""Every measure that two sets of pictures allow, beside the same measures of real pictures that were held back."""

import numpy as np
from sklearn.metrics import pairwise_distances

from beyond.common.classifier import Judge
from beyond.common.measures import effective_number
from beyond.evaluation import checked, clouds, pixels, scores
from gan import picture_measures

__all__ = ["Table", "evaluate", "BETTER"]

# What is better: a high value, a low one, or one near that of real pictures.
BETTER = {
    "inception score": "high", "modified inception score": "real", "mode score": "high", "AM score": "low",
    "classes (perplexity)": "high",
    "Frechet distance": "low", "Frechet distance, pixels": "low", "conditional Frechet distance": "low",
    "MiFID": "low", "kernel distance (KID)": "low", "MMD, normal kernel": "low", "sliced Wasserstein": "low",
    "precision": "high", "recall": "high", "F1": "high",
    "C2ST accuracy": "real", "1-NN accuracy, real": "real", "1-NN accuracy, fakes": "real",
    "different bins (NDB)": "low", "log likelihood": "high", "coverage": "real",
    "trained on fakes": "high", "tested on fakes": "high",
    "memorization distance": "real", "birthday support": "real", "PSNR to the nearest": "real",
    "SSIM of pairs": "real", "spectrum slope": "real", "contrast": "real", "edge kurtosis": "real",
}
FEWEST = 20  # pictures in each set
PAIRS = 300
BINS = 30


class Table:
    """All measures of fakes, against real pictures.

    Args:
        real: pictures (n, h, w, c) in [0, 1] that fakes are compared with: those that their generator was trained on.
        held_out: others, that it was not trained on; they calibrate.
        judge: a `beyond.common.classifier.Judge`.
        real_labels, held_out_labels: class numbers, (n,); default: the judge's answers.
        size: at most so many of each set are compared.

    Attributes:
        reference: the measures of the held-out pictures, as if they were fakes.
    """

    def __init__(self, real, held_out, judge, real_labels=None, held_out_labels=None, size=1000):
        self.judge = judge
        self.real, self.held_out = (checked.pictures(name, value, FEWEST)[:size]
                                    for name, value in (("real", real), ("held_out", held_out)))
        self.count = min(len(self.real), len(self.held_out))
        self.features, self.held_features = judge.features(self.real), judge.features(self.held_out)
        self.probabilities = judge.probabilities(self.real)
        self.labels, self.held_labels = (
            judge.classes(pictures) if labels is None else np.asarray(labels)[:size]
            for pictures, labels in ((self.real, real_labels), (self.held_out, held_out_labels)))
        rows = picture_measures.flat(self.real)
        own = pairwise_distances(rows)
        np.fill_diagonal(own, np.inf)
        self.duplicate = float(np.quantile(own.min(axis=1), .02))  # nearer than nearly all real pictures are
        self.memorized = clouds.memorization_distance(self.real, self.held_out) / 2
        self.reference = self._measure(self.held_out, self.held_labels, density_of=self.features,
                                       learned=(self.features, self.labels))

    def __call__(self, fakes, labels=None):
        """The measures of fakes (n, h, w, c) in [0, 1], by the names of BETTER; `labels`: what they were asked for."""
        fakes = checked.pictures("fakes", fakes, FEWEST)
        if fakes.shape[1:] != self.real.shape[1:]:
            raise ValueError(f"fakes: expected pictures of shape {self.real.shape[1:]} as the real ones, got "
                             f"{fakes.shape[1:]}")
        return self._measure(fakes[:self.count], labels if labels is None else np.asarray(labels)[:self.count])

    def _measure(self, fakes, labels, density_of=None, learned=None):
        """See above. The held-out pictures cannot be tested on themselves: real ones stand in, in both last arguments.
        """
        features, probabilities = self.judge.features(fakes), self.judge.probabilities(fakes)
        seen = np.argmax(probabilities, axis=1)
        labels = seen if labels is None else labels
        density_of = features if density_of is None else density_of
        learned = (features, labels) if learned is None else learned
        real, held = self.features, self.held_features
        frechet = clouds.frechet_distance(real, features)
        precision, recall = clouds.precision_recall(real[:self.count], features)
        one_nn = clouds.one_nearest_neighbor(real, features)
        width = clouds.parzen_bandwidth(density_of, held[::2])
        rows, real_rows = picture_measures.flat(fakes), picture_measures.flat(self.real)
        nearest = np.argmin(pairwise_distances(rows, real_rows), axis=1)
        different = np.any(rows != real_rows[nearest], axis=1)
        values = [
            scores.inception_score(probabilities),
            scores.modified_inception_score(probabilities, labels),
            scores.mode_score(self.probabilities, probabilities),
            scores.am_score(self.probabilities, probabilities),
            effective_number(seen, probabilities.shape[1]),
            frechet,
            clouds.fast_frechet_distance(real_rows[:PAIRS], rows[:PAIRS]),
            clouds.conditional_frechet_distance(real, self.labels, features, labels),
            self._mifid(frechet, fakes),
            clouds.kernel_distance(real, features),
            clouds.mmd(real, features),
            clouds.sliced_wasserstein(real[:len(features)], features[:len(real)], directions=100),
            precision, recall, clouds.f1_score(precision, recall),
            clouds.c2st(real, features), *one_nn,
            clouds.ndb(real, features, bins=min(BINS, len(real) // 10)),
            clouds.average_log_likelihood(held[1::2], density_of, width),
            clouds.coverage(real, features, width),
            clouds.classification_accuracy(*learned, held, self.held_labels),
            clouds.classification_accuracy(real, self.labels, features, labels),
            clouds.memorization_distance(real_rows, rows),
            clouds.birthday_paradox(rows, self.duplicate)[1],
            pixels.psnr(self.real[nearest][different], fakes[different]) if different.any() else np.inf,
            pixels.ssim_of_pairs(fakes, PAIRS),
            pixels.spectrum_slope(fakes), pixels.contrast(fakes), pixels.edge_kurtosis(fakes)]
        return dict(zip(BETTER, map(float, values)))

    def _mifid(self, frechet, fakes):
        memorized = clouds.memorization_distance(self.real, fakes)
        return frechet if memorized >= self.memorized else frechet / memorized if memorized > 1e-9 else np.inf


def evaluate(fakes, real, judge, fake_labels=None, real_labels=None, seed=0):
    """The measures of fakes and, beside them, of real pictures: two dicts by the names of BETTER.

    One half of the real pictures, drawn by the seed, is compared with; the other half calibrates.

    Args:
        fakes, real: pictures (n, h, w, c) in [0, 1], at least 20 fakes and 40 real ones.
        judge: a `beyond.common.classifier.Judge`.
        fake_labels, real_labels: class numbers; default: the judge's answers.
    """
    if not isinstance(judge, Judge):
        raise TypeError(f"judge: expected a beyond.common.classifier.Judge, got {type(judge).__name__}")
    real, fakes = checked.pictures("real", real, 2 * FEWEST), checked.pictures("fakes", fakes, FEWEST)
    halves = np.array_split(np.random.default_rng(seed).permutation(len(real)), 2)
    labels = (None, None) if real_labels is None else (np.asarray(real_labels)[half] for half in halves)
    table = Table(*(real[half] for half in halves), judge, *labels)
    return table(fakes, fake_labels), table.reference


def lines(columns):
    """The table for people: a row a measure, a column for each (title, measures), and what is better."""
    width = max(12, *(len(title) + 2 for title, _ in columns))
    best = {"high": "high", "low": "low", "real": "as real"}
    head = f"{'measure':30}" + "".join(f"{title:>{width}}" for title, _ in columns) + "   better"
    return [head, *(f"{name:30}" + "".join(f"{short(values[name]):>{width}}" for _, values in columns)
                    + f"   {best[BETTER[name]]}" for name in BETTER)]


def short(value):
    """A number with four figures, for people; infinite ones in words."""
    if not np.isfinite(value):
        return "infinite" if value > 0 else "none" if np.isnan(value) else "-infinite"
    return f"{value:.4g}"


def badness(name, value, reference):
    """How much worse a value of that measure is than that of real pictures; negative: better."""
    if np.isnan(value) or np.isnan(reference):
        return 0. if np.isnan(value) == np.isnan(reference) else np.inf
    if value == reference:  # both may be infinite
        return 0.
    if name == "birthday support":  # a number of pictures: what counts is how many times as many
        value, reference = np.log10(value), np.log10(reference)
    return {"high": reference - value, "low": value - reference, "real": abs(value - reference)}[BETTER[name]]
