"""Measures by the classes that a classifier sees in generated pictures: `probabilities` has a row for each picture.

Their logarithms are natural ones. 0 log 0 is 0.
"""

import numpy as np
from scipy.special import entr, rel_entr

from beyond.evaluation import checked

__all__ = ["inception_score", "modified_inception_score", "mode_score", "am_score", "perplexity",
           "adversarial_divergence"]


def inception_score(probabilities, splits=1):
    """e to the mean of KL(p(y|x) || p(y)): high if every picture is clearly of one class, and all classes occur.

    1 at least: all pictures alike to the classifier. At most the number of classes. It never sees a real picture, and
    one picture a class, repeated, gets the highest value.

    Args:
        probabilities: of the classes, for each generated picture, (n, classes).
        splits: the mean over so many parts of the pictures; fewer pictures give a lower score.

    Salimans et al. (2016), https://arxiv.org/abs/1606.03498.
    """
    p = checked.probabilities("probabilities", probabilities)
    if not (isinstance(splits, (int, np.integer)) and 1 <= splits <= len(p)):
        raise ValueError(f"splits: expected a whole number from 1 to {len(p)}, the number of pictures, got {splits!r}")
    return float(np.mean([np.exp(np.mean(rel_entr(part, part.mean(axis=0)).sum(axis=1)))
                          for part in np.array_split(p, splits)]))


def modified_inception_score(probabilities, labels=None):
    """e to the mean of KL(p(y|x_i) || p(y|x_j)) over all pairs of a class, the mean over the classes: variety inside.

    1 if all pictures of a class look alike to the classifier. The classes are `labels`, by default the most probable
    ones. Gurumurthy et al. (2017), DeLiGAN, https://arxiv.org/abs/1706.02071.
    """
    p = checked.probabilities("probabilities", probabilities)
    labels = np.argmax(p, axis=1) if labels is None else checked.labels("labels", labels, len(p))
    found = []
    for label in np.unique(labels):
        these = p[labels == label]
        logarithms = np.log(np.maximum(these, 1e-12))  # a probability of 0 would make every mean infinite
        found.append(np.exp(-entr(these).sum(axis=1).mean() - these.mean(axis=0) @ logarithms.mean(axis=0)))
    return float(np.mean(found))


def mode_score(real_probabilities, probabilities):
    """e to (mean of KL(p(y|x) || p_real(y)) - KL(p(y) || p_real(y))), with the classes of real pictures in it.

    So it is written, and the real classes cancel: wherever it is finite it is the inception score, as Zhou et al.
    (2018, https://arxiv.org/abs/1703.02000) showed. Che et al. (2017), https://arxiv.org/abs/1612.02136.
    """
    p, real = checked.probabilities("probabilities", probabilities), _marginal(real_probabilities)
    return float(np.exp(rel_entr(p, real).sum(axis=1).mean() - rel_entr(p.mean(axis=0), real).sum()))


def am_score(real_probabilities, probabilities):
    """KL(p_real(y) || p(y)) + mean entropy of p(y|x): 0 is best, for clear pictures whose classes are as frequent as
    real ones. Infinite if a class is missing for certain. Zhou et al. (2018), https://arxiv.org/abs/1703.02000.
    """
    p, real = checked.probabilities("probabilities", probabilities), _marginal(real_probabilities)
    return float(rel_entr(real, p.mean(axis=0)).sum() + entr(p).sum(axis=1).mean())


def adversarial_divergence(probabilities_by_real, probabilities_by_fake):
    """Mean KL of what two classifiers say of the same pictures, one trained on real pictures and one on fakes; 0 is
    best. Yang et al. (2017), LR-GAN, https://arxiv.org/abs/1703.01560.
    """
    p, q = (checked.probabilities(name, value) for name, value in (("probabilities_by_real", probabilities_by_real),
                                                                   ("probabilities_by_fake", probabilities_by_fake)))
    if p.shape != q.shape:
        raise ValueError(f"probabilities_by_fake: expected shape {p.shape} as probabilities_by_real, got {q.shape}")
    return float(rel_entr(p, q).sum(axis=1).mean())


def perplexity(negative_log_likelihoods):
    """e to the mean of -log p(x), in nats: with how many equally likely outcomes one would be as unsure.

    K for the uniform law on K outcomes. It needs a model with a likelihood, such as a PixelCNN.
    """
    values = np.asarray(negative_log_likelihoods, "float64")
    if not values.size or np.isnan(values).any():
        raise ValueError("negative_log_likelihoods: expected numbers, -log p of each outcome in nats, got "
                         f"{'NaN' if values.size else 'none'}")
    return float(np.exp(np.mean(values)))


def _marginal(real_probabilities):
    """The frequencies of the classes of real pictures, (classes,): of one row a picture, or given as one row."""
    return checked.probabilities("real_probabilities", np.atleast_2d(real_probabilities)).mean(axis=0)
