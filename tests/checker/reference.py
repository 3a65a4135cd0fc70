"""What a correct solution computes from the inputs, and what each known mistake computes instead.

Written from the formulas of the papers, in float64, without TensorFlow: networks are lists of arrays, gradients of
losses are central differences. Nothing here is taken from the task modules.
"""

import functools
import itertools
import math

import numpy as np

TOLERANCE = 1e-3  # relative; see margins.csv for the noise below it and the smallest effect of a mistake above it
CLIPPED = 2e-5  # the same of weights that are clipped: what rounding leaves of the numbers themselves
STEP = 1e-5


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def generator(weights, z):
    """tanh hidden layers, a sigmoid at the end."""
    return sigmoid(hidden(weights, z))


def discriminator(weights, x):
    """(batch, 1): tanh at the end, or linear if there is one layer only."""
    return scores(weights, np.asarray(x, "float64").reshape(len(x), -1))


def scores(weights, x):
    """The same of rows; weights or rows may be a stack."""
    values = hidden(weights, x)
    return values if len(weights) == 2 else np.tanh(values)


def hidden(weights, x):
    for W, b in zip(weights[:-2:2], weights[1:-2:2]):
        x = np.tanh(x @ W + b[..., None, :])
    return x @ weights[-2] + weights[-1][..., None, :]


def slopes(weights, x):
    """The gradient of the discriminator at each point: (batch, coordinates)."""
    x = np.asarray(x, "float64").reshape(len(x), -1)
    if len(weights) == 2:
        return np.tile(weights[0].T, (len(x), 1))
    W, b, V, c = weights
    h = np.tanh(x @ W + b[..., None, :])
    outer = 1 - np.tanh(h @ V + c[..., None, :]) ** 2
    return outer * (((1 - h**2) * np.swapaxes(V, -1, -2)) @ np.swapaxes(W, -1, -2))


def gradient(loss, weights):
    """Central differences of loss(weights), one array for each array of weights."""
    weights = [np.array(w, "float64") for w in weights]
    result = [np.zeros_like(w) for w in weights]
    for w, g in zip(weights, result):
        for place in np.ndindex(w.shape):
            kept = w[place]
            w[place] = kept + STEP
            above = loss(weights)
            w[place] = kept - STEP
            below = loss(weights)
            w[place] = kept
            g[place] = (above - below) / (2 * STEP)
    return result


def one_by_one(weights):
    """The weights changed one number at a time, up and then down: of each array a stack, shape (changes, ...)."""
    weights = [np.array(w, "float64") for w in weights]
    count, begin = sum(w.size for w in weights), 0
    stacks = [np.repeat(w[None], 2 * count, axis=0) for w in weights]
    for w, stack in zip(weights, stacks):
        own, rows = np.arange(w.size), stack.reshape(2 * count, -1)
        rows[begin + own, own] += STEP
        rows[count + begin + own, own] -= STEP
        begin += w.size
    return stacks


def differences(values):
    """Of what was computed from such a stack the central differences, shape (numbers, ...)."""
    half = len(values) // 2
    return (values[:half] - values[half:]) / (2 * STEP)


def gradient_at_once(loss, weights):
    """As `gradient`, for a loss that takes a stack and gives a number for each change; many times as quick."""
    values = loss(one_by_one(weights))
    if not np.ndim(values):  # one number for the whole stack: it takes none
        return gradient(loss, weights)
    slopes = np.split(differences(values), np.cumsum([w.size for w in weights])[:-1])
    return [part.reshape(w.shape) for part, w in zip(slopes, weights)]


def distance(found, expected):
    """Largest difference between two lists of arrays, relative to the largest expected number; inf for other shapes."""
    found, expected = ([np.asarray(x, "float64") for x in side] for side in (found, expected))
    if [x.shape for x in found] != [x.shape for x in expected]:
        return np.inf
    scale = max([float(np.max(np.abs(x))) for x in expected if x.size] + [1e-3])
    # np.max keeps a NaN wherever it stands; Python's max loses one that does not come first
    worst = float(np.max([np.max(np.abs(a - b)) for a, b in zip(found, expected) if a.size] + [0.0]))
    return worst / scale if np.isfinite(worst) else np.inf


def close(found, expected, tolerance=TOLERANCE):
    return bool(distance(found, expected) < tolerance)


def near(found, expected):
    """The same for two numbers."""
    return bool(abs(found - expected) < TOLERANCE * max(abs(expected), 0.1))


# --------------------------------------------------------------------- losses


def total(x):
    """The sum over the examples and their values, the last two axes; what stands before them is a stack."""
    return np.add.reduce(x, axis=(-2, -1))


def mean(x):
    """As `total`; in half the time that np.mean takes: most of what is computed here are losses of a few numbers."""
    return total(x) / (x.shape[-2] * x.shape[-1])


def squared(x, target):
    return mean((x - target) ** 2)


def cross_entropy(p, target):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


# x = D(real), y = D(fake). The first of each is the right one; the others are what people write instead.
DISCRIMINATOR_LOSSES = {
    "squares": {
        "right": lambda x, y: squared(x, 1) + squared(y, -1),
        "takes +1 as the target of fakes: it must be -1": lambda x, y: squared(x, 1) + squared(y, 1),
        "takes 0 as the target of fakes: it must be -1": lambda x, y: squared(x, 1) + squared(y, 0),
        "takes -1 as the target of real examples and 1 as that of fakes: it is the other way round": lambda x, y: (
            squared(x, -1) + squared(y, 1)
        ),
        "takes 0 as the target of real examples: it must be 1": lambda x, y: squared(x, 0) + squared(y, -1),
        "is the binary cross-entropy, on values between -1 and 1: the task asks for mean squared errors": lambda x, y: (
            cross_entropy(x, 1) + cross_entropy(y, 0)
        ),
        "is the binary cross-entropy of logits: the task asks for mean squared errors": lambda x, y: (
            cross_entropy(sigmoid(x), 1) + cross_entropy(sigmoid(y), 0)
        ),
        "looks at real examples only": lambda x, y: squared(x, 1),
        "looks at fakes only": lambda x, y: squared(y, -1),
        "is half of what it should be: the two mean squared errors are added, not averaged": lambda x, y: (
            (squared(x, 1) + squared(y, -1)) / 2
        ),
        "is the Wasserstein loss of tasks 1 and 2: this task asks for mean squared errors": lambda x, y: (
            mean(y) - mean(x)
        ),
        "has the wrong sign: the discriminator is driven away from its targets": lambda x, y: (
            -squared(x, 1) - squared(y, -1)
        ),
        "subtracts the error on fakes instead of adding it": lambda x, y: squared(x, 1) - squared(y, -1),
        "sums over the batch instead of taking means": lambda x, y: x.shape[-2] * (squared(x, 1) + squared(y, -1)),
        "is twice what it should be": lambda x, y: 2 * (squared(x, 1) + squared(y, -1)),
        "takes absolute errors, or a hinge, in place of the squared errors": lambda x, y: (
            mean(np.abs(x - 1)) + mean(np.abs(y + 1))
        ),
        "takes the roots of the mean squared errors": lambda x, y: np.sqrt(squared(x, 1)) + np.sqrt(squared(y, -1)),
        "takes 0.9 as the target of real examples: it must be 1": lambda x, y: squared(x, 0.9) + squared(y, -1),
        "takes 0 as the target of real examples and 1 as that of fakes: they must be 1 and -1": lambda x, y: (
            squared(x, 0) + squared(y, 1)
        ),
        "is the Wasserstein loss of tasks 1 and 2 with its sign swapped: this task asks for mean squared errors": (
            lambda x, y: mean(x) - mean(y)
        ),
        "is the mean square of D(fake) - D(real): each of them has a target of its own": lambda x, y: mean(
            (y - x) ** 2
        ),
        "squares the distance of the mean of D from its target: each value has a distance of its own": lambda x, y: (
            (mean(x) - 1) ** 2 + (mean(y) + 1) ** 2
        ),
        "holds D(real) against both targets, and never looks at fakes": lambda x, y: squared(x, 1) + squared(x, -1),
        "holds D(fake) against both targets, and never looks at real examples": lambda x, y: (
            squared(y, 1) + squared(y, -1)
        ),
    },
    "means": {
        "right": lambda x, y: mean(y) - mean(x),
        "has the wrong sign: mean D(fake) - mean D(real) is what the discriminator must minimise": lambda x, y: (
            mean(x) - mean(y)
        ),
        "is the mean squared error of task 0: a critic minimises mean D(fake) - mean D(real)": lambda x, y: (
            squared(x, 1) + squared(y, -1)
        ),
        "looks at real examples only": lambda x, y: -mean(x),
        "looks at fakes only": lambda x, y: mean(y),
        "adds both means instead of taking their difference": lambda x, y: mean(x) + mean(y),
        "is minus the sum of both means instead of a difference": lambda x, y: -mean(x) - mean(y),
        "sums over the batch instead of taking means": lambda x, y: total(y) - total(x),
        "is half of what it should be": lambda x, y: (mean(y) - mean(x)) / 2,
        "is the mean size of D(fake) - D(real), without its sign": lambda x, y: mean(np.abs(y - x)),
        "is the mean square of D(fake) - D(real)": lambda x, y: mean((y - x) ** 2),
        "is the square of the difference of the means": lambda x, y: (mean(y) - mean(x)) ** 2,
        "is the size of the difference of the means, without its sign": lambda x, y: np.abs(mean(y) - mean(x)),
        "is minus the size of the difference of the means, without its sign": lambda x, y: -np.abs(mean(y) - mean(x)),
        "is the difference of the sizes of the means, without their signs": lambda x, y: (
            np.abs(mean(y)) - np.abs(mean(x))
        ),
        "is the difference of the mean squares": lambda x, y: mean(y**2) - mean(x**2),
        "is twice what it should be": lambda x, y: 2 * (mean(y) - mean(x)),
        "is a hinge loss: a critic minimises mean D(fake) - mean D(real)": lambda x, y: (
            mean(np.maximum(1 - x, 0)) + mean(np.maximum(1 + y, 0))
        ),
        "is the binary cross-entropy of logits: a critic minimises mean D(fake) - mean D(real)": lambda x, y: (
            cross_entropy(sigmoid(x), 1) + cross_entropy(sigmoid(y), 0)
        ),
    },
}
# y = D(fake)
GENERATOR_LOSSES = {
    "squares": {
        "right": lambda y: squared(y, 1),
        "takes -1 as the target of fakes: the generator wants the discriminator to say 1": lambda y: squared(y, -1),
        "takes 0 as the target of fakes: the generator wants the discriminator to say 1": lambda y: squared(y, 0),
        "is the binary cross-entropy, on values between -1 and 1: the task asks for the mean squared error": lambda y: (
            cross_entropy(y, 1)
        ),
        "is the binary cross-entropy of logits: the task asks for the mean squared error": lambda y: cross_entropy(
            sigmoid(y), 1
        ),
        "is the Wasserstein loss of tasks 1 and 2: this task asks for the mean squared error": lambda y: -mean(y),
        "has the wrong sign: the generator is driven away from its target": lambda y: -squared(y, 1),
        "is half of what it should be": lambda y: squared(y, 1) / 2,
        "sums over the batch instead of taking the mean": lambda y: y.shape[-2] * squared(y, 1),
        "is twice what it should be": lambda y: 2 * squared(y, 1),
        "takes the absolute error in place of the squared error": lambda y: mean(np.abs(y - 1)),
        "takes the root of the mean squared error": lambda y: np.sqrt(squared(y, 1)),
        "is the Wasserstein loss of tasks 1 and 2 with its sign swapped: this task asks for the mean squared error": (
            lambda y: mean(y)
        ),
        "squares the distance of the mean of D(fake) from 1: each value has a distance of its own": lambda y: (
            (mean(y) - 1) ** 2
        ),
        "is minus the discriminator's error on fakes: the task asks for the mean squared distance from 1": lambda y: (
            -squared(y, -1)
        ),
    },
    "means": {
        "right": lambda y: -mean(y),
        "has the wrong sign: the generator must raise D(fake), so it minimises -mean D(fake)": lambda y: mean(y),
        "is the mean squared error of task 0: a Wasserstein generator minimises -mean D(fake)": lambda y: squared(y, 1),
        "sums over the batch instead of taking the mean": lambda y: -total(y),
        "is half of what it should be": lambda y: -mean(y) / 2,
        "is twice what it should be": lambda y: -2 * mean(y),
        "is minus the size of the mean, without its sign": lambda y: -np.abs(mean(y)),
        "is the size of the mean, without its sign": lambda y: np.abs(mean(y)),
        "is minus the mean square": lambda y: -mean(y**2),
        "is the square of the mean": lambda y: mean(y) ** 2,
        "is the binary cross-entropy of logits: a Wasserstein generator minimises -mean D(fake)": lambda y: (
            cross_entropy(sigmoid(y), 1)
        ),
    },
}
FAMILY = {0: "squares", 1: "means", 2: "means", 4: "means"}

# What people do to the discriminator's values before they go into a loss.
OTHER_SCORES = {
    "is of atanh(D), which undoes the tanh of the discriminator's last layer, instead of D": lambda x: np.arctanh(
        np.clip(x, -1 + 1e-7, 1 - 1e-7)
    ),
    "is of sigmoid(D) instead of D": sigmoid,
    "is of tanh(D), a second tanh, instead of D": np.tanh,
    "is of (D + 1) / 2 instead of D": lambda x: (x + 1) / 2,
    "is of log(sigmoid(D)) instead of D": lambda x: np.log(sigmoid(x)),
    "is of log(D) instead of D": lambda x: np.log(np.clip(x, 1e-7, None)),
    "is of |D|, without the sign, instead of D": np.abs,
    "is of D rounded to 1 or -1": np.sign,
}


# What is left of the squared errors without their squares. Each has the gradient of a mean, and a value of its own.
DISCRIMINATOR_WITHOUT_SQUARES = (
    lambda x, y: mean(x - 1) + mean(y + 1),
    lambda x, y: mean(1 - x) + mean(y + 1),
    lambda x, y: mean(1 - x) + mean(-1 - y),
    lambda x, y: mean(x - 1) + mean(-1 - y),
)
GENERATOR_WITHOUT_SQUARES = (lambda y: mean(y - 1), lambda y: mean(1 - y))


def huber(x):
    size = np.abs(x)
    return mean(np.where(size <= 1, x**2 / 2, size - 0.5))


def log_cosh(x):
    return mean(np.log(np.cosh(x)))


# Rarer losses, which are looked for where none of those above fits: no inputs are drawn so that they can be told apart.
RARER_DISCRIMINATOR_LOSSES = {
    "is Huber's loss": lambda x, y: huber(x - 1) + huber(y + 1),
    "is the logarithm of the hyperbolic cosine (LogCosh)": lambda x, y: log_cosh(x - 1) + log_cosh(y + 1),
    "is a squared hinge": lambda x, y: mean(np.maximum(1 - x, 0) ** 2) + mean(np.maximum(1 + y, 0) ** 2),
    "is a hinge": lambda x, y: mean(np.maximum(1 - x, 0)) + mean(np.maximum(1 + y, 0)),
    "takes fourth powers": lambda x, y: mean((x - 1) ** 4) + mean((y + 1) ** 4),
    "takes third powers": lambda x, y: mean((x - 1) ** 3) + mean((y + 1) ** 3),
    "takes one root of the sum of both errors": lambda x, y: np.sqrt(squared(x, 1) + squared(y, -1)),
    "multiplies the errors on real examples and on fakes": lambda x, y: squared(x, 1) * squared(y, -1),
    "takes the larger of the errors on real examples and on fakes": lambda x, y: np.maximum(
        squared(x, 1), squared(y, -1)
    ),
    "takes exponentials of the scores": lambda x, y: mean(np.exp(-x)) + mean(np.exp(y)),
    "takes logarithms of D(real) and of 1 - D(fake), as the first GANs did": lambda x, y: (
        -mean(np.log(np.abs(x))) - mean(np.log(np.abs(1 - y)))
    ),
    "takes logarithms of D(real) and of D(fake)": lambda x, y: mean(np.log(np.abs(y))) - mean(np.log(np.abs(x))),
    "is the mean square of D(real) + D(fake)": lambda x, y: mean((x + y) ** 2),
    "multiplies D(real) by D(fake)": lambda x, y: mean(x * y),
    "divides the mean of D(fake) by that of D(real)": lambda x, y: mean(y) / mean(x),
    "divides the mean of D(real) by that of D(fake)": lambda x, y: mean(x) / mean(y),
    "is the mean of D(real) and D(fake) together, not their difference": lambda x, y: (mean(x) + mean(y)) / 2,
    "compares D(real) with D(fake) by a sigmoid, as relativistic GANs do": lambda x, y: (
        cross_entropy(sigmoid(x - mean(y)[..., None, None]), 1)
        + cross_entropy(sigmoid(y - mean(x)[..., None, None]), 0)
    ),
    "is the binary cross-entropy of D(real) - D(fake), as in relativistic GANs": lambda x, y: cross_entropy(
        sigmoid(x - y), 1
    ),
}
RARER_GENERATOR_LOSSES = {
    "is Huber's loss": lambda y: huber(y - 1),
    "is the logarithm of the hyperbolic cosine (LogCosh)": lambda y: log_cosh(y - 1),
    "is a hinge": lambda y: mean(np.maximum(1 - y, 0)),
    "takes fourth powers": lambda y: mean((y - 1) ** 4),
    "takes third powers": lambda y: mean((y - 1) ** 3),
    "takes exponentials of the scores": lambda y: mean(np.exp(-y)),
    "is minus the mean of log(D)": lambda y: -mean(np.log(np.abs(y))),
    "is the mean of log(1 - D), as the first GANs had it": lambda y: mean(np.log(np.abs(1 - y))),
    "is the mean of log(1 - sigmoid(D)), which the first GANs minimised": lambda y: -cross_entropy(sigmoid(y), 0),
    "is the mean of log(1 - D)": lambda y: -cross_entropy(y, 0),
    "is the mean of log(1 - D), with D brought to [0, 1]": lambda y: -cross_entropy((y + 1) / 2, 0),
}


def of_other_scores(losses):
    """Each of the losses, of other scores than the discriminator's: name -> loss."""
    found = {}
    for words, score in OTHER_SCORES.items():
        for name, loss in losses.items():
            if "(D + 1) / 2" in words and losses is DISCRIMINATOR_LOSSES["means"]:
                continue  # of means that is half of a loss, whatever was meant
            also = "" if name == "right" else f", and {name.replace(', on values between -1 and 1', '')}"
            found[words + also] = lambda *v, loss=loss, score=score: loss(*map(score, v))
    return found


# -------------------------------------------------------------------- penalty


def norms(g):
    return np.sqrt(np.sum(g.reshape(len(g), -1) ** 2, axis=1))


# g = the gradients, shape (batch, ...) of the examples.
PENALTIES = {
    "right": lambda g: np.mean((norms(g) - 1) ** 2),
    "has no square root: it squares the norm and subtracts 1 from that": lambda g: np.mean((norms(g) ** 2 - 1) ** 2),
    "lacks the - 1: the norm shall be near 1, not near 0": lambda g: np.mean(norms(g) ** 2),
    "is the norm itself, without - 1 and without the square": lambda g: np.mean(norms(g)),
    "is not squared": lambda g: np.mean(norms(g) - 1),
    "takes the size of (norm - 1) instead of its square": lambda g: np.mean(np.abs(norms(g) - 1)),
    "is summed over the batch instead of averaged": lambda g: np.sum((norms(g) - 1) ** 2),
    "takes one norm over the whole batch: each example has a norm of its own": lambda g: (
        (np.sqrt(np.sum(g**2)) - 1) ** 2
    ),
    "takes the norm over the batch axis": lambda g: np.mean((np.sqrt(np.sum(g**2, axis=0)) - 1) ** 2),
    "takes the norm over the first axis of an example only: all axes of a picture belong to the norm": lambda g: (
        np.mean((np.sqrt(np.sum(g**2, axis=1)) - 1) ** 2)
    ),
    "takes the norm over the first two axes of an example only: all axes of a picture belong to the norm": lambda g: (
        np.mean((np.sqrt(np.sum(g**2, axis=(1, 2))) - 1) ** 2) if g.ndim > 2 else np.inf
    ),
    "takes the norm over the last axis only: all axes of a picture belong to the norm": lambda g: np.mean(
        (np.sqrt(np.sum(g**2, axis=-1)) - 1) ** 2
    ),
    "takes no norm: 1 is subtracted from each component of the gradient": lambda g: np.mean((g - 1) ** 2),
    "averages the squares of the components instead of adding them": lambda g: np.mean(
        (np.sqrt(np.mean(g.reshape(len(g), -1) ** 2, axis=1)) - 1) ** 2
    ),
    "subtracts 1 from the sum of the squares, without a square around it": lambda g: np.mean(norms(g) ** 2 - 1),
    "averages the norms before it subtracts 1 and squares": lambda g: (np.mean(norms(g)) - 1) ** 2,
    "leaves out the examples whose norm is below 1: it has two sides": lambda g: np.mean(
        np.maximum(norms(g) - 1, 0) ** 2
    ),
    "takes the gradient of the mean of D: each example has a gradient of its own": lambda g: np.mean(
        (norms(g) / len(g) - 1) ** 2
    ),
    "adds the components instead of their squares": lambda g: np.mean((np.sum(g.reshape(len(g), -1), axis=1) - 1) ** 2),
    "takes the sum of the sizes of the components instead of the root of their squares": lambda g: np.mean(
        (np.sum(np.abs(g.reshape(len(g), -1)), axis=1) - 1) ** 2
    ),
    "takes the largest component instead of the root of the sum of all squares": lambda g: np.mean(
        (np.max(np.abs(g.reshape(len(g), -1)), axis=1) - 1) ** 2
    ),
    "takes a square root of the mean in the end": lambda g: np.sqrt(np.mean((norms(g) - 1) ** 2)),
    "is twice what it should be": lambda g: 2 * np.mean((norms(g) - 1) ** 2),
    "subtracts the sum of the squares from 1, without a square around it": lambda g: np.mean(1 - norms(g) ** 2),
    "has + 1 in place of - 1": lambda g: np.mean((norms(g) + 1) ** 2),
    "already contains lambda, always 10: gradient_penalty is without it": lambda g: 10 * np.mean((norms(g) - 1) ** 2),
    "is half of what it should be": lambda g: np.mean((norms(g) - 1) ** 2) / 2,
    "is twice (norm - 1), not its square": lambda g: np.mean(2 * (norms(g) - 1)),
    "takes the third power instead of the square": lambda g: np.mean((norms(g) - 1) ** 3),
}


# Rarer formulas, which are looked for where none of those above fits.
RARER_PENALTIES = {
    "takes one norm, of the mean gradient: each example has a norm of its own": lambda g: (
        (np.sqrt(np.sum(np.mean(g, axis=0) ** 2)) - 1) ** 2
    ),
    "takes the largest norm of the batch: it is the mean over all examples": lambda g: (np.max(norms(g)) - 1) ** 2,
    "has no square root, and the size in place of the square": lambda g: np.mean(np.abs(norms(g) ** 2 - 1)),
    "takes the fourth power instead of the square": lambda g: np.mean((norms(g) - 1) ** 4),
    "leaves out the examples whose norm is above 1: it has two sides": lambda g: np.mean(
        np.minimum(norms(g) - 1, 0) ** 2
    ),
    "is of the logarithm of the norm": lambda g: np.mean(np.log(norms(g)) ** 2),
}


def penalties(lambda_gp):
    """Also with the weight of the penalty that the class was given."""
    return {
        **PENALTIES,
        "already contains lambda: gradient_penalty is without it": lambda g: lambda_gp * np.mean((norms(g) - 1) ** 2),
        "subtracts lambda_gp from the norm: 1 is what it must be near": lambda g: np.mean((norms(g) - lambda_gp) ** 2),
    }


def penalty(weights, x):
    """Mean of (norm of the gradient - 1)^2 at the points x."""
    return float(PENALTIES["right"](slopes(weights, x)))


# ----------------------------------------------------------------------- Adam


def adam(starts, gradients, rate, beta_1, beta_2, epsilon=1e-7):
    """Weights after each update that begins at starts[i] with gradients[i] (Kingma and Ba, 2014, end of section 2)."""
    m = v = 0.0
    for t, (start, g) in enumerate(zip(starts, gradients), 1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        scaled = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        yield start - scaled * m / (np.sqrt(v) + epsilon)


# ---------------------------------------------------------- networks of task 3


def convolution(x, kernel, bias, dilation=1):
    """3 x 3 convolution that keeps the size, zeros outside."""
    n, height, width, _ = x.shape
    reach = kernel.shape[0] // 2 * dilation
    padded = np.pad(x, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
    result = np.zeros((n, height, width, kernel.shape[3]))
    for i, j in itertools.product(range(kernel.shape[0]), range(kernel.shape[1])):
        seen = padded[:, i * dilation : i * dilation + height, j * dilation : j * dilation + width]
        result += seen @ kernel[i, j]  # so small that no thread waits for another
    return result + bias


def normalized(x, gamma, beta, mean, variance, training, epsilon=1e-3):
    if training:
        mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def smoothed(x):
    """Twice the size, linear between the pixels' centres."""
    for axis in (1, 2):
        before = np.concatenate([x.take([0], axis), x.take(range(x.shape[axis] - 1), axis)], axis)
        after = np.concatenate([x.take(range(1, x.shape[axis]), axis), x.take([-1], axis)], axis)
        pairs = np.stack([0.25 * before + 0.75 * x, 0.75 * x + 0.25 * after], axis + 1)
        x = pairs.reshape(*x.shape[:axis], -1, *x.shape[axis + 1 :])
    return x


def repeated(x, times=2):
    return x.repeat(times, axis=1).repeat(times, axis=2)


def strided(blocks, axis):
    """What a convolution with strides of 2 has in place of the maximum of each 2 x 2 block."""
    return blocks[:, :, 1, :, 1]


def combined(mistakes):
    """Pairs (sentence, options): each mistake, then each two that do not concern the same option."""
    yield from mistakes.items()
    for (one, first), (other, second) in itertools.combinations(mistakes.items(), 2):
        if not set(first) & set(second):
            yield f"{one.split(':')[0]}, and {other}", {**first, **second}


def blocks(x, size, how):
    n, height, width, channels = x.shape
    return how(x.reshape(n, height // size, size, width // size, size, channels), axis=(2, 4))


ACTIVATIONS = {
    "tanh": np.tanh,
    "none": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": sigmoid,
    "leaky": lambda x: np.where(x > 0, x, 0.2 * x),
    "leaky .3": lambda x: np.where(x > 0, x, 0.3 * x),
    "leaky .1": lambda x: np.where(x > 0, x, 0.1 * x),
    "leaky .01": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
}
RARER_ACTIVATIONS = {
    "softsign": lambda x: x / (1 + np.abs(x)),
    "softplus": lambda x: np.logaddexp(x, 0),
    "gelu": lambda x: x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "selu": lambda x: 1.05070098 * np.where(x > 0, x, 1.67326324 * np.expm1(np.minimum(x, 0))),
    "swish": lambda x: x * sigmoid(x),
    "mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "a tanh cut from straight lines": lambda x: np.clip(x, -1, 1),
    "a hard sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "a hard sigmoid of Keras 2": lambda x: np.clip(x / 5 + 0.5, 0, 1),
    "relu6": lambda x: np.clip(x, 0, 6),
    "2 sigmoid - 1": lambda x: 2 * sigmoid(x) - 1,
    "arctan": np.arctan,
    "sin": np.sin,
    "exp": np.exp,
}
ACTIVATIONS.update(RARER_ACTIVATIONS)


def directly(function, *values):
    return function(*values)


def dense_layer(x, kernel, bias):
    return x @ kernel + bias


def generator_of_task_3(
    weights,
    z,
    training,
    dense="tanh",
    convolutions="none",
    activations=("tanh",) * 3,
    order="normalize first",
    up=repeated,
    up_first=True,
    last="",
    epsilon=1e-3,
    sizes=(2, 2, 2),
    dilations=(1, 1, 1),
    fold=None,
    do=directly,
):
    """From (n, 16) to (n, 16, 16, 1). `order` and `up` are of all blocks, or one for each. `do` applies a layer; what
    several networks begin with need not be done twice.
    """
    arrays = iter(np.asarray(w, "float64") for w in weights)
    x = do(dense_layer, np.asarray(z, "float64"), next(arrays), next(arrays))
    x = do(fold or in_pictures, do(ACTIVATIONS[dense], x))
    orders = (order,) * 3 if isinstance(order, str) else order
    ups = up if isinstance(up, tuple) else (up,) * 3
    for place, (activation, order) in enumerate(zip(activations, orders)):
        bigger = ups[place] if sizes[place] == 2 else functools.partial(repeated, times=sizes[place])
        x = do(bigger, x) if up_first else x
        x = do(convolution, x, next(arrays), next(arrays), dilations[place])
        x = x if up_first else do(bigger, x)
        x = do(ACTIVATIONS[last if last and place == 2 else convolutions], x)
        four = [next(arrays) for _ in range(4)]
        if order == "normalize first":
            x = do(ACTIVATIONS[activation], do(normalized, x, *four, training, epsilon))
        elif order == "activate first":
            x = do(normalized, do(ACTIVATIONS[activation], x), *four, training, epsilon)
        else:
            x = do(ACTIVATIONS[activation], x)
    return x


def in_pictures(x):
    return x.reshape(-1, 2, 2, 512)


def channels_first(x):
    """The same of who takes the first numbers for the first channel."""
    return np.moveaxis(x.reshape(-1, 512, 2, 2), 1, -1)


def discriminator_of_task_3(
    weights,
    x,
    dense="tanh",
    convolutions="none",
    activations=("tanh",) * 4,
    pool=np.max,
    sizes=(2, 2, 2, 2),
    dilations=(1, 1, 1, 1),
    pool_first=False,
    do=directly,
):
    """From (n, 16, 16, 1) to (n, 1). `pool` is of all blocks, or one for each. `do`: see `generator_of_task_3`."""
    arrays = iter(np.asarray(w, "float64") for w in weights)
    x = np.asarray(x, "float64")
    pools = pool if isinstance(pool, tuple) else (pool,) * 4
    for activation, pool, size, dilation in zip(activations, pools, sizes, dilations):
        x = do(blocks, x, size, pool) if pool_first else x
        x = do(ACTIVATIONS[convolutions], do(convolution, x, next(arrays), next(arrays), dilation))
        x = do(ACTIVATIONS[activation], x if pool_first else do(blocks, x, size, pool))
    return ACTIVATIONS[dense](dense_layer(x.reshape(len(x), -1), next(arrays), next(arrays)))


# What is wrong -> the options that make the network so.
GENERATOR_MISTAKES = {
    'its Dense layer has no tanh: every layer has one, "even in Dense layers"': {"dense": "none"},
    "its Dense layer has relu in place of tanh": {"dense": "relu"},
    "its Dense layer has a sigmoid in place of tanh": {"dense": "sigmoid"},
    "its Dense layer has LeakyReLU in place of tanh": {"dense": "leaky .3"},
    "its convolutions have a tanh of their own besides the Activation layers": {"convolutions": "tanh"},
    "its convolutions have relu besides the Activation layers": {"convolutions": "relu"},
    "its last convolution has a tanh of its own besides the Activation layer": {"last": "tanh"},
    "its last convolution has a sigmoid of its own": {"last": "sigmoid"},
    **{
        f"its activations are {word} instead of tanh{but}": {"activations": (short, short, end)}
        for word, short in (
            ("relu", "relu"),
            ("LeakyReLU", "leaky"),
            ("LeakyReLU of slope .3", "leaky .3"),
            ("elu", "elu"),
        )
        for but, end in (("", short), (" but for the last", "tanh"), (", and the last is a sigmoid", "sigmoid"))
    },
    **{
        f"its {word} activation is missing": {"activations": tuple("none" if i == place else "tanh" for i in range(3))}
        for place, word in enumerate(("first", "second", "last"))
    },
    "its last activation is a sigmoid instead of tanh": {"activations": ("tanh", "tanh", "sigmoid")},
    "its activations are sigmoids instead of tanh": {"activations": ("sigmoid",) * 3},
    "its Activation layers are missing": {"activations": ("none",) * 3},
    "its tanh comes before the batch normalisation instead of after it": {"order": "activate first"},
    "its up-sampling is bilinear: it must repeat each pixel": {"up": smoothed},
    "its up-sampling comes after the convolution instead of before it": {"up_first": False},
}
DISCRIMINATOR_MISTAKES = {
    'its last Dense layer has no tanh: every layer has one, "even in Dense layers"': {"dense": "none"},
    "its last Dense layer ends in a sigmoid instead of tanh": {"dense": "sigmoid"},
    "its last Dense layer has relu in place of tanh": {"dense": "relu"},
    "its convolutions have a tanh of their own besides the Activation layers": {"convolutions": "tanh"},
    "its convolutions have relu besides the Activation layers": {"convolutions": "relu"},
    "its activations are relu instead of tanh": {"activations": ("relu",) * 4},
    "its activations are LeakyReLU instead of tanh": {"activations": ("leaky",) * 4},
    **{
        f"its activations are LeakyReLU of slope {slope} instead of tanh": {"activations": (f"leaky {slope}",) * 4}
        for slope in (".3", ".1", ".01")
    },
    "its activations are elu instead of tanh": {"activations": ("elu",) * 4},
    "its activations are sigmoids instead of tanh": {"activations": ("sigmoid",) * 4},
    "its Activation layers are missing": {"activations": ("none",) * 4},
    **{
        f"its {word} activation is missing": {"activations": tuple("none" if i == place else "tanh" for i in range(4))}
        for place, word in enumerate(("first", "second", "third", "last"))
    },
    "it takes the mean of each 2 x 2 block instead of the maximum": {"pool": np.mean},
    "its convolutions have strides in place of the max-pooling": {"pool": strided},
}


def rarer_mistakes(which):
    """The same for activations that are seldom seen: no inputs are drawn so that they can be told apart."""
    count, found = (3, 4)[which], {}
    for word in RARER_ACTIVATIONS:
        found[f"its activations are {word} instead of tanh, and so is that of its Dense layer"] = {
            "activations": (word,) * count, "dense": word}  # fmt: skip
        found[f"its activations are {word} instead of tanh"] = {"activations": (word,) * count}
        found[f"its Dense layer has {word} in place of tanh"] = {"dense": word}
        found[f"its last activation is {word} instead of tanh"] = {"activations": ("tanh",) * (count - 1) + (word,)}
        found[f"its activations are {word} instead of tanh but for the last"] = {
            "activations": (word,) * (count - 1) + ("tanh",)
        }
    return found


def other_layers(which):
    """The same for layers that have the right weights, but work otherwise."""
    count, found = (3, 4)[which], {}
    words = ("its up-sampling is by", "its pooling is by")[which]
    for sizes in itertools.product((1, 2, 4, 8, 16), repeat=count):
        if math.prod(sizes) == 2**count and set(sizes) != {2}:
            found[f"{words} {', '.join(map(str, sizes))}, one block after the other: it is by 2 in each"] = {
                "sizes": sizes
            }
    for place in range(count):

        def here(one, other, place=place):
            return tuple(one if i == place else other for i in range(count))

        which_one = f"of the {('first', 'second', 'third', 'last')[place if place + 1 < count else 3]} block"
        found[f"the convolution {which_one} has a dilation_rate of 2"] = {"dilations": here(2, 1)}
        if which:
            found[f"the convolution {which_one} has strides in place of the max-pooling"] = {
                "pool": here(strided, np.max)
            }
            found[f"the pooling {which_one} takes the mean instead of the maximum"] = {"pool": here(np.mean, np.max)}
        else:
            found[f"the up-sampling {which_one} is bilinear: it must repeat each pixel"] = {
                "up": here(smoothed, repeated)
            }
            found[f"the tanh {which_one} comes before the batch normalisation instead of after it"] = {
                "order": here("activate first", "normalize first")
            }
    found["its convolutions have a dilation_rate of 2"] = {"dilations": (2,) * count}
    if which:
        found["its pooling comes before the convolutions instead of after them"] = {"pool_first": True}
    else:
        found["the numbers of its Dense layer are folded into (512, 2, 2), channels first: it is (2, 2, 512)"] = {
            "fold": channels_first
        }
    return found
