"""What is seldom done with scores, losses and penalties: looked for where nothing else explains what was found.

No inputs are drawn so that these can be told apart from each other; each fits all that was seen, or is not named.
"""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.records import apart, arrays, fakes, gradient_of, numeral


def parts_of(count):
    """(words, places) of some of the values of a batch."""
    for some in range(1, count):
        yield f"the first {some}", slice(some)
        yield f"the last {some}", slice(count - some, None)
    for begin in (0, 1):
        yield "every second one", slice(begin, None, 2)


def of_some_scores(which, loss, gradient, found):
    """A sentence if gradients are those of a loss of some values of D only, where all of them are meant; else None.

    Args:
        loss: the right loss, of D(real) and D(fake), or of D(fake) alone.
        gradient: loss -> its gradient.
    """
    both = {"D(real) and of D(fake)": (0, 1), "D(real)": (0,), "D(fake)": (1,)}
    for values, cut in both.items() if which == "discriminator" else (("D(fake)", (0,)),):
        for words, places in parts_of(inputs.BATCH):

            def of_part(*scores, cut=cut, places=places):
                return loss(*(x[..., places, :] if i in cut else x for i, x in enumerate(scores)))

            with np.errstate(all="ignore"):
                if reference.close(found, gradient(of_part)):
                    return (
                        f"The loss that moves the {which} counts {words} of the {inputs.BATCH} values of {values} "
                        "only: every example of a batch takes part"
                    )
    return None


def scaled_gradients(found, right, which):
    """A sentence if each array of gradients is the right one times a positive number of its own, else None."""
    pairs = [(g, r) for g, r in zip(found, right) if np.max(np.abs(r)) > 1e-4]
    shares = [float(np.sum(g * r) / np.sum(r * r)) for g, r in pairs]
    same = all(share > 1e-6 and reference.close([g / share], [r]) for share, (g, r) in zip(shares, pairs))
    if not same or len(pairs) < 2 or np.ptp(shares) < 1e-2 * max(shares):
        return None
    return (
        f"The gradients of the {which} are scaled, those of each variable by a number of their own ("
        f"{', '.join(map(numeral, shares))}): the optimizer must have them as the tape gives them"
    )


def product(total, slope, loss, value):
    """A sentence if the critic's loss and the penalty are multiplied, else None.

    Args:
        total, slope: the gradient of a linear critic, and its part that grows with lambda_gp.
        loss, value: the gradient of its loss without the penalty, and the loss.
    """
    size = inputs.SLOPE - 1
    penalty = reference.right_slope(inputs.linear_critic((inputs.DIM,), inputs.SLOPE)[0])
    both = [size**2 * g + value * p for g, p in zip(loss, penalty)]
    if reference.close(slope, both):
        return (
            "The penalty and the loss are multiplied: the critic minimises the sum of the loss and lambda_gp times the "
            "penalty"
        )
    if reference.close(total, [g + inputs.LAMBDA * p for g, p in zip(both, penalty)]):
        return (
            "The penalty multiplies the sum of the loss and lambda_gp: it is lambda_gp * gp that is added to the loss, "
            "discr_loss + lambda_gp * gp without brackets around the sum"
        )
    return None


# Words -> the factor of the gradient, for who takes that of a function of D in place of that of D.
FUNCTIONS = {
    "the square of D": lambda d: 2 * d,
    "tanh(D)": lambda d: 1 - np.tanh(d) ** 2,
    "sigmoid(D)": lambda d: reference.sigmoid(d) * (1 - reference.sigmoid(d)),
    "log(sigmoid(D))": lambda d: 1 - reference.sigmoid(d),
    "log(1 - sigmoid(D))": reference.sigmoid,
    "log(D)": lambda d: 1 / d,
    "exp(D)": np.exp,
    "the third power of D": lambda d: 3 * d**2,
    "(D - 1)^2": lambda d: 2 * (d - 1),
    "the mean of D^2": lambda d: 2 * d / len(d),
    "the mean of (D - 1)^2": lambda d: 2 * (d - 1) / len(d),
}


def other_gradient(seen):
    """The end of a sentence if penalties are of another gradient than that of D by the interpolated points, else None.

    Args:
        seen: (found, gradients of D, points, weights of D) of some penalties.
    """

    def fits(penalty):
        with np.errstate(all="ignore"):
            return all(reference.near(found, penalty(g, x, w)) for found, g, x, w in seen)

    for words, factor in FUNCTIONS.items():

        def of_function(g, x, w, factor=factor):
            factors = np.abs(factor(reference.discriminator(w, x)[:, 0]))
            return np.mean((factors * reference.norms(g) - 1) ** 2)

        if fits(of_function):
            return f"takes the gradient of {words}: it is that of D itself"
    for how in (np.sum, np.mean):

        def by_weights(g, x, w, how=how):
            slopes = reference.gradient(lambda v: float(how(reference.discriminator(v, x))), w)
            return (np.sqrt(sum(np.sum(one**2) for one in slopes)) - 1) ** 2

        if fits(by_weights):
            return "takes the gradient by D's weights: it is that by the interpolated points"
    for words, value in (
        ("D - 1", lambda d: np.mean((d - 1) ** 2)),
        ("D", lambda d: np.mean(d**2)),
        ("|D| - 1", lambda d: np.mean((np.abs(d) - 1) ** 2)),
    ):
        if fits(lambda g, x, w, value=value: value(reference.discriminator(w, x))):
            return f"is the mean square of {words} at the interpolated points: it must be of the gradient of D there"
    return None


def by_one_end(missing, shares):
    """A sentence if what the penalty adds to a linear critic's gradient is of D's gradient by one end of the segments.

    Args:
        missing: the gradient without that of the loss.
        shares: where on the way from the real example to the fake one each point lies.
    """
    direction = np.ravel(inputs.linear_critic((inputs.DIM,), inputs.SLOPE)[0]) / inputs.SLOPE
    for words, ends in (("the fakes", np.array(shares)), ("the real examples", 1 - np.array(shares))):
        expected = inputs.LAMBDA * np.mean(2 * (ends * inputs.SLOPE - 1) * ends) * direction
        if reference.close([np.ravel(missing)], [expected]):
            return (
                f"The penalty takes D's gradient by {words}: it is that by the interpolated sample, which the tape "
                "must watch itself"
            )
    return None


def sample_named(x, real, fake):
    """What the rows of x are, in words."""
    for words, sample in (("real examples", real), ("fakes", fake)):
        if np.max(apart(x, sample)) < 1e-5:
            return words
    return "other points"


# Words -> how much the gradient of a function of the penalty is that of the penalty itself, a number.
OF_THE_PENALTY = {
    "log(1 + penalty)": lambda p: 1 / (1 + p),
    "the logarithm of the penalty": lambda p: 1 / p,
    "the square of the penalty": lambda p: 2 * p,
    "the root of the penalty": lambda p: 1 / (2 * np.sqrt(p)),
    "the exponential of the penalty": np.exp,
}


def weight_of_the_penalty(slope, right):
    """A sentence if what grows with lambda_gp is the penalty's gradient times a number, or with the loss's; else None.

    Args:
        slope: the part of a linear critic's gradient that grows with lambda_gp.
        right: the gradients of (the penalty, the loss).
    """
    columns = np.array([np.concatenate([np.ravel(g) for g in one]) for one in right]).T
    seen = np.concatenate([np.ravel(g) for g in slope])
    if not np.isfinite(seen).all():
        return None
    (times, more), *_ = np.linalg.lstsq(columns, seen, rcond=None)
    if not reference.close([columns @ [times, more]], [seen]) or abs(times) < 1e-3:
        return None
    if abs(more) > 1e-3:
        return (
            f"lambda_gp multiplies the penalty {numeral(round(times, 3))} times and the loss {numeral(round(more, 3))} "
            "times: it is the weight of the penalty alone"
        )
    penalty = (inputs.SLOPE - 1) ** 2
    for words, factor in OF_THE_PENALTY.items():
        if reference.near(times, factor(penalty)):
            return f"The critic minimises lambda_gp times {words}: it is lambda_gp times the penalty itself"
    return f"The weight of the penalty is {numeral(round(times, 4))} times lambda_gp; it must be lambda_gp"


def asks_beside_the_fakes(step, update):
    """Whether D was called with the fakes before an update of the generator, and with points that are no examples."""
    fake = fakes(arrays(update["before"]["generator"]))
    seen = [x for x in step.seen_before(update) if x.shape == fake.shape]
    far = [[float(np.max(apart(x, one))) for one in (fake, inputs.examples())] for x in seen]
    return any(one[0] < 1e-5 for one in far) and any(min(one) > 1e-5 for one in far)


def without_sum_one(made, real, fake):
    """A sentence if interpolated rows are a times real plus b times fake, with a + b other than 1; else None."""
    rows = [x.reshape(len(real), -1) for x in (made, real, fake)]
    sums = []
    for x, *ends in zip(*rows):
        shares = np.linalg.lstsq(np.array(ends).T, x, rcond=None)[0]
        if not np.allclose(np.array(ends).T @ shares, x, atol=1e-4):
            return None
        sums.append(float(sum(shares)))
    if np.max(np.abs(np.array(sums) - 1)) < 1e-2:
        return None
    words = numeral(round(sums[0], 3))
    if np.ptp(sums) > 1e-2:
        words = f"numbers from {numeral(round(min(sums), 2))} to {numeral(round(max(sums), 2))}"
    return (
        f"The weights of a real example and its fake add up to {words}, not to 1: draw one number u for each example, "
        "and take u and 1 - u"
    )


def changed_on_the_way(update, updates, right, which):
    """A sentence if the tape gave the gradients of the right loss, and the optimizer was given other ones; else None.

    Args:
        updates: of this network, with which it is seen whether what was added is random.
        right: the gradients of the right loss, for `update`.
    """
    if not update.get("taped") or not of_the_tape(update, which, len(right), right):
        return None
    added = []
    for one in updates[:4]:
        count = len(one["before"][which])
        pair = [gradient_of({**one, "gradients": one.get("taped") or one["gradients"]}, which, count)]
        pair.append(gradient_of(one, which, count))
        if not any(g is None for side in pair for g in side):
            added.append([np.concatenate([np.ravel(g) for g in side]) for side in (pair[0], pair[1])])
    size = max([float(np.max(np.abs(b - a))) for a, b in added], default=0.0)
    words = f"The gradients of the {which} are changed on their way from the tape to the optimizer"
    end = "The optimizer must have them as the tape gives them"
    if len(added) < 2 or not np.isfinite(size):
        return f"{words}. {end}"
    (first, one), (second, other) = added[:2]
    alike = [abs(correlation(one - first, b)) for b in (other - second, first)]
    if max(alike) < 0.6:
        return (
            f"{words}: numbers of up to {numeral(size)} are added, in each update other ones. Is it noise? {end}"
        )
    return f"{words}, by up to {numeral(size)}. {end}"


def changes_later(cases, updates, loss, which, stale=None):
    """A sentence if gradients are those of the right loss in the first update, and others in a later one; else None.

    Args:
        cases: as `losses.named` takes them.
        updates: of this network, in which it is seen whether gradients are changed on their way.
        stale: place of an update -> the gradient at the weights that the one before has left.
    """
    wrong = []
    for place, (gradient, found) in enumerate(cases[1:]):
        expected = gradient(loss)
        large = max(float(np.max(np.abs(g))) for g in expected)
        if large > 1e-3 and not reference.close(found, expected, 0.05):
            wrong += [place] * (stale is None or not reference.close(found, stale(place + 1), 0.05))
    if not wrong:
        return None
    sizes = [added_on_the_way(update, which) for update in updates]
    if max(sizes, default=0) > 1e-3:
        return (
            f"The gradients of the {which} are changed on their way from the tape to the optimizer, in other updates "
            f"than the first, by up to {numeral(max(sizes))}. The optimizer must have them as the tape gives them"
        )
    return (
        f"In its first update the {which} has the gradient of its loss, and in a later one that of something else: "
        "every update must have the same loss"
    )


def added_on_the_way(update, which):
    """The largest number that was added to a gradient after the tape gave it."""
    if not update.get("taped"):
        return 0.0
    count = len(update["before"][which])
    pair = [gradient_of({**update, "gradients": update[key]}, which, count) for key in ("taped", "gradients")]
    return max(
        [float(np.max(np.abs(a - b))) for a, b in zip(*pair) if a is not None and b is not None and a.shape == b.shape],
        default=0.0,
    )


def of_the_tape(update, which, count, right):
    """Whether the tape gave these gradients."""
    taped = gradient_of({**update, "gradients": update["taped"]}, which, count)
    return not any(g is None for g in taped) and reference.close(taped, right)


def correlation(a, b):
    """Of two lists of numbers; 0 where one of them does not vary."""
    sizes = float(np.std(a)) * float(np.std(b))
    return float(np.mean((a - a.mean()) * (b - b.mean()))) / sizes if sizes > 0 else 0.0


def means_of_two_fakes(points, fake):
    """Whether each of these points is the mean of two of the fakes."""
    if points.shape[1:] != fake.shape[1:]:
        return False
    pairs = ((fake[:, None] + fake[None]) / 2).reshape(-1, *fake.shape[1:])
    return bool(len(points) and np.max(apart(points, pairs)) < 1e-5 < np.max(apart(points, fake)))
