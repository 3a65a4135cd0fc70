"""Attacks: pictures (n, h, w, c) in [0, 1] -> pictures that a classifier takes for something else.

`model` is a function from pictures to logits (n, classes), such as a Keras network without a last softmax. White box
attacks take its gradients; `zoo` takes its answers only. `labels` are the true classes, `targets` those that it shall
see. Nothing guarantees success: ask the model.
"""

import numpy as np
import tensorflow as tf
from scipy.optimize import minimize
from tensorflow import keras

from gan import checks

__all__ = ["fgsm", "lbfgs", "jsma", "deepfool", "carlini_wagner", "train_attacker", "zoo", "sizes", "predicted",
           "second_choice", "estimated_gradient"]


def _pictures(pictures):
    """Checked, as an array float32 (n, h, w, c)."""
    array = np.asarray(checks.real_examples(pictures, "pictures"))
    if array.ndim < 2 or array.min() < 0 or array.max() > 1:
        raise ValueError(f"pictures: expected an array (n, ...) of values in [0, 1], got shape {array.shape} with "
                         f"values from {array.min():.4g} to {array.max():.4g}")
    return array


def _classes(name, numbers, pictures):
    """Checked, as an array of whole numbers (n,)."""
    array = np.asarray(numbers)
    if array.dtype.kind not in "iu" or array.shape != (len(pictures),) or array.min() < 0:
        raise ValueError(f"{name}: expected {len(pictures)} class numbers 0, 1, ..., got {array.dtype} {array.shape}")
    return array.astype("int64")


def predicted(model, pictures):
    """The class that the model sees in each picture, (n,)."""
    return np.argmax(np.asarray(model(tf.convert_to_tensor(pictures, tf.float32))), axis=1)


def second_choice(model, pictures, labels):
    """The most probable class besides the true one, (n,): the easiest target."""
    logits = np.array(model(tf.convert_to_tensor(pictures, tf.float32)))
    logits[np.arange(len(logits)), labels] = -np.inf
    return np.argmax(logits, axis=1)


def sizes(pictures, changed):
    """How much was changed, mean over the pictures: L0 (number of values), L2 (length), Linf (largest change)."""
    change = np.abs(np.asarray(changed, "float64") - pictures).reshape(len(pictures), -1)
    return {"L0": float(np.mean(np.sum(change > 1e-4, axis=1))),
            "L2": float(np.mean(np.sqrt(np.sum(change ** 2, axis=1)))), "Linf": float(np.mean(change.max(axis=1)))}


# ------------------------------------------------------------------- white box

def gradient_of_loss(model, pictures, targets):
    """Gradient of the summed cross-entropy with one-hot targets (n, classes): a tensor like the pictures."""
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        loss = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(targets, model(pictures)))
    return tape.gradient(loss, pictures)


def fgsm_of_tensors(model, pictures, targets, epsilon):
    """`fgsm` inside a graph, for training; targets one-hot."""
    return tf.clip_by_value(pictures + epsilon * tf.sign(gradient_of_loss(model, pictures, targets)), 0., 1.)


def fgsm(model, pictures, labels, epsilon, targeted=False):
    """Fast gradient sign method: x + epsilon sign(gradient). No pixel changes by more than epsilon.

    Args:
        labels: the true classes; with `targeted` those to be seen, and the step goes down their loss.

    Of a linear model's two logits w x and 0 the first changes by epsilon |w|_1, the most that is possible.
    Goodfellow et al. (2015), https://arxiv.org/abs/1412.6572.
    """
    pictures, epsilon = _pictures(pictures), checks.number("epsilon", epsilon, zero_allowed=True)
    x = tf.constant(pictures)
    targets = tf.one_hot(_classes("labels", labels, pictures), model(x[:1]).shape[-1])
    return fgsm_of_tensors(model, x, targets, -epsilon if targeted else epsilon).numpy()


def lbfgs(model, pictures, targets, factors=(10., 1., .1, .01), steps=60):
    """min over r of c |r|^2 + cross-entropy(x + r, target), x + r in [0, 1], by L-BFGS; of several c the shortest r.

    Args:
        targets: the classes to be seen, (n,).
        factors: the values of c, from large to small; a small one succeeds more often, with longer changes.
        steps: iterations of L-BFGS for each c; all pictures are moved together.

    Where no c succeeds the picture stays as it is. Szegedy et al. (2014), https://arxiv.org/abs/1312.6199.
    """
    pictures = _pictures(pictures)
    targets = _classes("targets", targets, pictures)
    x, one_hot = tf.constant(pictures), tf.one_hot(targets, model(pictures[:1]).shape[-1])
    bounds = np.stack([np.zeros(pictures.size), np.ones(pictures.size)], axis=1)
    keep = _Shortest(model, pictures, targets)

    @tf.function(autograph=False)
    def value_and_gradient(moved, factor):
        with tf.GradientTape() as tape:
            tape.watch(moved)
            loss = factor * tf.reduce_sum(tf.square(moved - x)) + tf.reduce_sum(
                tf.nn.softmax_cross_entropy_with_logits(one_hot, model(moved)))
        return loss, tape.gradient(loss, moved)

    def function(flat, factor):
        value, gradient = value_and_gradient(tf.constant(flat.reshape(pictures.shape), tf.float32), factor)
        return float(value), np.asarray(gradient, "float64").ravel()

    start = pictures.ravel().astype("float64")
    for factor in factors:
        found = minimize(function, start, (tf.constant(factor, tf.float32),), method="L-BFGS-B", jac=True,
                         bounds=bounds, options={"maxiter": steps})
        start = found.x  # the next, smaller c goes on from here
        keep(found.x.reshape(pictures.shape).astype("float32"))
    return keep.best


class _Shortest:
    """Of the pictures that are shown to it, the nearest ones that the model takes for the targets (or, with
    `labels`, for another class than those)."""

    def __init__(self, model, pictures, targets=None, labels=None):
        self.model, self.pictures, self.targets, self.labels = model, pictures, targets, labels
        self.best, self.least = pictures.copy(), np.full(len(pictures), np.inf)

    def __call__(self, moved):
        seen = predicted(self.model, moved)
        right = seen == self.targets if self.targets is not None else seen != self.labels
        length = np.sum(np.square(moved - self.pictures).reshape(len(moved), -1), axis=1)
        better = right & (length < self.least)
        self.best[better], self.least[better] = moved[better], length[better]
        return right


def _logits_and_jacobian(model, pictures):
    """Logits (n, K) and their gradients (n, K, d) as arrays."""
    x = tf.constant(pictures, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        logits = model(x)
        single = tf.unstack(logits, axis=1)
    rows = [tape.gradient(value, x) for value in single]
    return logits.numpy(), np.stack([np.reshape(row, (len(pictures), -1)) for row in rows], axis=1)


def jsma(model, pictures, targets, most=80, candidates=60):
    """Jacobian saliency map attack: two pixels at a time are made white, those that help the target most.

    Args:
        targets: the classes to be seen, (n,).
        most: pixels that may be changed in a picture.
        candidates: pairs are looked for among so many pixels, those with the largest difference of both gradients.

    A pair counts if together it raises the target's logit (alpha > 0) and lowers the sum of the others (beta < 0); the
    one with the largest -alpha beta is taken, without any such pair the one with the largest alpha - beta.
    Papernot et al. (2016), https://arxiv.org/abs/1511.07528.
    """
    pictures = _pictures(pictures)
    targets = _classes("targets", targets, pictures)
    moved = pictures.reshape(len(pictures), -1).copy()
    free = moved < .999
    numbers = np.arange(len(moved))
    for _ in range(checks.whole_number("most", most) // 2):
        logits, slopes = _logits_and_jacobian(model, moved.reshape(pictures.shape))
        going = (np.argmax(logits, axis=1) != targets) & (free.sum(axis=1) > 1)
        if not going.any():
            break
        alpha = slopes[numbers, targets]
        beta = slopes.sum(axis=1) - alpha
        for i in np.flatnonzero(going):
            few = np.flatnonzero(free[i])
            few = few[np.argsort(-(alpha[i] - beta[i])[few], kind="stable")[:candidates]]
            a, b = (values[i][few][:, None] + values[i][few] for values in (alpha, beta))
            saliency = np.where((a > 0) & (b < 0), -a * b, 0)
            if not saliency.any():
                saliency = a - b - (a - b).min() + 1
            saliency[np.tril_indices(len(few))] = -1  # each pair once
            pair = few[list(np.unravel_index(np.argmax(saliency), saliency.shape))]
            moved[i, pair], free[i, pair] = 1, False
    return moved.reshape(pictures.shape)


def deepfool(model, pictures, overshoot=.02, steps=50):
    """The shortest way to another class, step after step as if the model was linear: r = |f| w / |w|^2.

    f and w are the difference of the logits of the nearest other class and the present one, and its gradient, without
    the pixels that would leave [0, 1]. Each step is made longer by `overshoot`, to cross the boundary. On a linear
    model one step is exact, where no pixel is at its end. Moosavi-Dezfooli et al. (2016), https://arxiv.org/abs/1511.04599.
    """
    pictures, overshoot = _pictures(pictures), checks.number("overshoot", overshoot, zero_allowed=True)
    moved, labels, numbers = pictures, None, np.arange(len(pictures))
    for _ in range(steps):
        logits, slopes = _logits_and_jacobian(model, moved)
        labels = np.argmax(logits, axis=1) if labels is None else labels
        going = np.argmax(logits, axis=1) == labels
        if not going.any():
            break
        w = slopes - slopes[numbers, labels][:, None]          # (n, K, d)
        f = logits - logits[numbers, labels][:, None]          # (n, K)
        here = moved.reshape(len(moved), 1, -1)
        w = np.where(((here <= 0) & (w < 0)) | ((here >= 1) & (w > 0)), 0, w)
        lengths = np.linalg.norm(w, axis=2)
        distance = np.where(lengths > 1e-12, np.abs(f) / np.maximum(lengths, 1e-12), np.inf)
        distance[numbers, labels] = np.inf
        nearest = np.argmin(distance, axis=1)
        reachable = going & np.isfinite(distance[numbers, nearest])
        factors = np.where(reachable, distance[numbers, nearest], 0) / np.maximum(lengths[numbers, nearest], 1e-12)
        step = factors[:, None] * w[numbers, nearest]
        change = ((1 + overshoot) * step).reshape(pictures.shape)
        moved = np.clip(moved + change, 0, 1).astype("float32")
    return moved


def carlini_wagner(model, pictures, labels, targets=None, confidence=0., rounds=4, steps=100, rate=.05, first=1.):
    """min |r|^2 + c max(margin, -confidence) by Adam over w, with x + r = (tanh(w) + 1) / 2, which stays in [0, 1].

    The margin is the true class's logit minus the largest other one; with targets: the largest other one minus the
    target's. Logits and no probabilities: where a softmax is flat, as behind distillation, they still have a gradient.

    Args:
        labels: the true classes; targets: those to be seen, default any other one.
        confidence: by how much the margin shall be exceeded.
        rounds: c is `first` and then ten times as large where it failed, half as large where it succeeded.

    Where it fails the picture stays as it is. Carlini and Wagner (2017), https://arxiv.org/abs/1608.04644.
    """
    pictures = _pictures(pictures)
    labels = _classes("labels", labels, pictures)
    confidence = checks.number("confidence", confidence, zero_allowed=True)
    classes = model(pictures[:1]).shape[-1]
    wanted = labels if targets is None else _classes("targets", targets, pictures)
    one_hot, x, axes = tf.one_hot(wanted, classes), tf.constant(pictures), list(range(1, pictures.ndim))
    start = np.arctanh((2 * pictures - 1) * .999).astype("float32")
    keep = _Shortest(model, pictures, None if targets is None else wanted, labels)

    @tf.function(autograph=False)
    def pictures_and_gradients(w, factors):
        with tf.GradientTape() as tape:
            tape.watch(w)
            moved = (tf.tanh(w) + 1) / 2
            logits = model(moved)
            own = tf.reduce_sum(one_hot * logits, axis=1)
            other = tf.reduce_max(logits - 1e9 * one_hot, axis=1)
            margin = own - other if targets is None else other - own
            loss = tf.reduce_sum(tf.square(moved - x), axes) + factors * tf.maximum(margin, -confidence)
        return moved, logits, tape.gradient(loss, w)

    factors = np.full(len(pictures), first, "float32")
    for _ in range(rounds):
        w, mean, square = start.copy(), 0., 0.
        succeeded = np.zeros(len(pictures), bool)
        for step in range(1, steps + 1):
            moved, logits, gradients = (value.numpy() for value in pictures_and_gradients(tf.constant(w), factors))
            own = logits[np.arange(len(w)), wanted]
            others = np.where(np.eye(classes, dtype=bool)[wanted], -np.inf, logits).max(axis=1)
            far = (others - own if targets is None else own - others) >= confidence
            succeeded |= far
            length = np.sum(np.square(moved - pictures), axis=tuple(axes))
            better = far & (length < keep.least) & (others != own)
            keep.best[better], keep.least[better] = moved[better], length[better]
            mean, square = .9 * mean + .1 * gradients, .999 * square + .001 * gradients ** 2
            w = (w - rate * mean / (1 - .9 ** step) / (np.sqrt(square / (1 - .999 ** step)) + 1e-8)).astype("float32")
        factors = np.where(succeeded, factors / 2, factors * 10).astype("float32")
    return keep.best


# ------------------------------------------------------------------------ a GAN

def train_attacker(model, pictures, labels, epsilon, steps=300, batch=50, rate=.001, fool_weight=20.):
    """A generator of changes, trained against the classifier and a discriminator (AdvGAN); then one pass is an attack.

    Args:
        labels: true classes of the pictures to learn from, (n,).
        epsilon: largest change of a pixel.
        fool_weight: how much fooling the classifier counts, beside fooling the discriminator.

    Returns: a function from pictures to changed pictures (arrays). Xiao et al. (2018),
    https://arxiv.org/abs/1801.02610.
    """
    pictures, epsilon = _pictures(pictures), checks.number("epsilon", epsilon)
    labels, layers = _classes("labels", labels, pictures), keras.layers
    shape, classes = pictures.shape[1:], model(pictures[:1]).shape[-1]
    changes = keras.Sequential([
        keras.Input(shape), layers.Flatten(), layers.Dense(128, activation="relu"),
        layers.Dense(int(np.prod(shape)), activation="tanh"), layers.Reshape(shape)], name="changes")
    discriminator = keras.Sequential([
        keras.Input(shape), layers.Flatten(), layers.Dense(128), layers.LeakyReLU(.2), layers.Dense(1)],
        name="discriminator")
    optimizers = [keras.optimizers.Adam(rate) for _ in range(2)]
    for optimizer, network in zip(optimizers, (changes, discriminator)):
        optimizer.build(network.trainable_variables)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    def changed(some):
        return tf.clip_by_value(some + epsilon * changes(some), 0., 1.)

    @tf.function(autograph=False)
    def step(some, one_hot):
        with tf.GradientTape(persistent=True) as tape:
            made = changed(some)
            real, fake = discriminator(some), discriminator(made)
            discr_loss = entropy(tf.ones_like(real), real) + entropy(tf.zeros_like(fake), fake)
            logits = model(made)
            margin = tf.reduce_sum(one_hot * logits, 1) - tf.reduce_max(logits - 1e9 * one_hot, 1)
            loss = fool_weight * tf.reduce_mean(tf.maximum(margin, -1.)) + entropy(tf.ones_like(fake), fake)
        for optimizer, network, value in zip(optimizers, (changes, discriminator), (loss, discr_loss)):
            optimizer.apply_gradients(zip(tape.gradient(value, network.trainable_variables),
                                          network.trainable_variables))

    sets = tf.data.Dataset.from_tensor_slices((pictures, np.eye(classes, dtype="float32")[labels]))
    for some, one_hot in sets.shuffle(len(pictures)).repeat().batch(min(batch, len(pictures))).take(steps):
        step(some, one_hot)
    return lambda some: changed(tf.constant(_pictures(some))).numpy()


# ------------------------------------------------------------------- black box

def estimated_gradient(function, pictures, coordinates, h=.01):
    """Symmetric differences (f(x + h e) - f(x - h e)) / 2h of some coordinates of each picture.

    Args:
        function: from pictures (k, ...) to one number each, (k,).
        coordinates: which, (n, m) whole numbers.

    Returns: (n, m). It takes 2 n m answers; the error is of the order h^2, none for a linear function.
    """
    n, m = coordinates.shape
    moved = np.repeat(pictures.reshape(n, 1, -1), 2 * m, axis=1)  # (n, 2 m, d)
    rows, columns = np.arange(n)[:, None], np.arange(m)
    moved[rows, columns, coordinates] += h
    moved[rows, m + columns, coordinates] -= h
    values = np.asarray(function(moved.reshape(n * 2 * m, *pictures.shape[1:]))).reshape(n, 2 * m)
    return (values[:, :m] - values[:, m:]) / (2 * h)


def zoo(answers, pictures, labels, steps=200, coordinates=32, rate=.2, seed=0):
    """Zeroth order optimisation: down Carlini and Wagner's margin, with estimated gradients of random pixels.

    Args:
        answers: function from pictures (arrays) to probabilities (n, classes): all that the attack knows.
        labels: the true classes.
        steps: at most; a picture that is taken for another class is left alone.
        coordinates: pixels of a picture that are tried in a step.
        rate: largest change of a pixel in a step.

    Returns: the pictures, and how many answers it took. Chen et al. (2017), https://arxiv.org/abs/1708.03999.
    """
    pictures = _pictures(pictures)
    labels, moved, queries = _classes("labels", labels, pictures), pictures.copy(), 0
    draws, size = np.random.default_rng(seed), pictures[0].size
    coordinates = min(checks.whole_number("coordinates", coordinates), size)

    def margins(some, own):
        logarithms = np.log(np.maximum(np.asarray(answers(some.astype("float32"))), 1e-12))
        hidden = np.where(np.arange(logarithms.shape[1]) == own[:, None], -np.inf, logarithms)
        return logarithms[np.arange(len(some)), own] - hidden.max(axis=1)

    for _ in range(steps):
        left = np.flatnonzero(margins(moved, labels) > 0)
        queries += len(moved)
        if not len(left):
            break
        chosen = np.argsort(draws.random((len(left), size)), axis=1)[:, :coordinates]
        repeated = np.repeat(labels[left], 2 * coordinates)
        slopes = estimated_gradient(lambda some, repeated=repeated: margins(some, repeated), moved[left], chosen)
        queries += 2 * chosen.size
        largest = np.maximum(np.abs(slopes).max(axis=1, keepdims=True), 1e-12)
        flat = moved[left].reshape(len(left), -1)
        flat[np.arange(len(left))[:, None], chosen] -= rate * slopes / largest
        moved[left] = np.clip(flat, 0, 1).reshape(len(left), *pictures.shape[1:])
    return moved, queries
