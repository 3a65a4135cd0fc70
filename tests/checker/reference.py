"""What a correct solution computes from the inputs, and what each known mistake computes instead.

Written from the formulas of the papers, in float64, without TensorFlow: networks are lists of arrays, gradients of
losses are central differences. Nothing here is taken from the task modules.
"""


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


# Losses that are those above, or others, as long as no mean changes its sign: only several updates show them.
WITHOUT_SIGNS = {
    "squares": {},
    "means": {
        "is of the sizes of D(real) and D(fake), without their signs": lambda x, y: mean(np.abs(y)) - mean(np.abs(x)),
        "adds the sizes of both means, without their signs": lambda x, y: np.abs(mean(y)) + np.abs(mean(x)),
        "is the size of the sum of both means": lambda x, y: np.abs(mean(y) + mean(x)),
        "is minus the size of the sum of both means": lambda x, y: -np.abs(mean(y) + mean(x)),
        "is cut at 0 from below (tf.maximum, relu)": lambda x, y: np.maximum(mean(y) - mean(x), 0),
        "is cut at 0 from above (tf.minimum)": lambda x, y: np.minimum(mean(y) - mean(x), 0),
    },
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
    "takes the root of the sum of the sizes of the components, not of their squares": lambda g: np.mean(
        (np.sqrt(np.sum(np.abs(g.reshape(len(g), -1)), axis=1)) - 1) ** 2
    ),
    "takes the largest norm of the batch: it is the mean over all examples": lambda g: (np.max(norms(g)) - 1) ** 2,
    "has no square root, and the size in place of the square": lambda g: np.mean(np.abs(norms(g) ** 2 - 1)),
    "takes the fourth power instead of the square": lambda g: np.mean((norms(g) - 1) ** 4),
    "leaves out the examples whose norm is above 1: it has two sides": lambda g: np.mean(
        np.minimum(norms(g) - 1, 0) ** 2
    ),
    "divides the gradient by its norm first: so nothing of the norm is left": lambda g: np.mean(
        (g / norms(g).reshape(-1, *[1] * (g.ndim - 1)) - 1) ** 2
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


def right_slope(w):
    """The gradient of the penalty of a linear critic, (|w| - 1)^2: 2 (|w| - 1) w / |w|, and nothing for the bias."""
    size = np.linalg.norm(w)
    return [2 * (size - 1) * np.asarray(w, "float64") / size, np.zeros(1)]


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
