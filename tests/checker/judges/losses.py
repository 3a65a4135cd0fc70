"""Judges of the losses of both networks, known by the gradients that move them; those with a penalty: critic.py."""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges import seldom
from tests.checker.judges.strangers import another_gan
from tests.checker.messages import share_of
from tests.checker.once import found_once
from tests.checker.records import (
    Step,
    apart,
    arrays,
    fakes,
    gradient_of,
    has_penalty,
    numeral,
    plural,
    returned_numbers,
    steps_of,
    updates_of,
    usual_letters,
)
from tests.checker.reference import distance


def mentioned(found, which, noun):
    """A sentence if gradients are missing, else None."""
    missing = [i for i, values in enumerate(found) if values is None]
    if len(missing) == len(found):
        return (
            f"The {which}'s update has no gradient at all: its loss does not depend on the {which}'s weights. "
            "Compute "
            f"{noun} inside the tape"
        )
    if missing:
        return (
            f"The {which}'s update leaves out {plural(len(missing), 'variable')} of {len(found)}: every trainable "
            "variable takes part"
        )
    return None


def named(losses, cases, shown=None):
    """The name of the loss whose gradients were found, "right" first; None if it is none of them.

    Args:
        losses: name -> loss.
        cases: (gradient of a loss, found gradient) of some updates. Some losses agree on the first of them, such as a
            difference and its size; the other ones tell them apart. They never make a right loss an unknown one.
        shown: loss -> whether the solution returned its value; tells losses apart that differ by a constant only.
    """

    def fits(name, case):
        gradient, found = case
        with np.errstate(all="ignore"):
            return reference.close(found, gradient(losses[name]))

    names = [name for name in losses if fits(name, cases[0])]
    names = [name for name in names if all(fits(name, case) for case in cases[1:])] or names
    if len(names) > 1 and names[0] != "right" and shown:
        names = [name for name in names if shown(losses[name])] or names
    return names[0] if names else None


def fits_all(loss, cases):
    """Whether a loss has the gradients of all cases, and moves something in one of them."""
    with np.errstate(all="ignore"):
        made = [gradient(loss) for gradient, _ in cases]
    return any(np.max(np.abs(g)) > 1e-6 for one in made for g in one) and all(
        reference.close(found, one) for one, (_, found) in zip(made, cases)
    )


@found_once
def found_discriminator_loss(task, records):
    """(name of the loss that moves the discriminator or None, its cases as in `named`) in tasks 0 and 1."""
    family, step = reference.FAMILY[task], steps_of(records["step"])[0]

    def values(step, update, weights):
        real = step.drawn(update, inputs.LARGE * inputs.examples() if len(weights) == 2 else None)
        points = real, fakes(arrays(update["before"]["generator"]))
        return lambda w: [reference.discriminator(w, x) for x in points]

    cases = []
    for one, other in updates_of(records, "D", ("steep",) if task == 1 else ()):
        weights = arrays(other["before"]["discriminator"])
        both, seen = values(one, other, weights), gradient_of(other, "discriminator", len(weights))
        if not any(g is None for g in seen):
            cases.append(
                (lambda loss, w=weights, both=both: reference.gradient_at_once(lambda v: loss(*both(v)), w), seen)
            )
    last = step.of("D")[-1]
    weights = arrays(last["before"]["discriminator"])
    x, y = values(step, last, weights)(weights)
    returned = returned_numbers(task, step)[0].get("discr_loss")

    def shown(loss):
        return returned is not None and reference.near(returned, loss(x, y))

    name = named(reference.DISCRIMINATOR_LOSSES[family], cases, shown)
    if name is None or not fits_all(reference.DISCRIMINATOR_LOSSES[family][name], cases):
        signless = reference.WITHOUT_SIGNS[family]
        name = next((one for one, loss in signless.items() if name != "right" and fits_all(loss, cases)), name)
    if name is None:
        name = named(reference.of_other_scores(reference.DISCRIMINATOR_LOSSES[family]), cases[:1], shown)
    return name, cases


NO_SQUARES = "takes distances from the targets without their squares: the task asks for mean squared errors"


def without_squares(which, case, name, shown, scores):
    """Whether a loss is that of task 0 without its squares. A mean has the same gradient, but another value."""
    losses = {
        "discriminator": reference.DISCRIMINATOR_WITHOUT_SQUARES,
        "generator": reference.GENERATOR_WITHOUT_SQUARES,
    }[which]
    if shown is None or name and "Wasserstein" not in name:
        return False
    gradient, found = case
    return any(reference.near(shown, loss(*scores)) and reference.close(found, gradient(loss)) for loss in losses)


def last_of(key, task, step):
    """(what a step has returned under this key or None, (D(real), D(fake)) at the discriminator's last update)."""
    last = step.of("D")[-1]
    weights, fake = arrays(last["before"]["discriminator"]), fakes(arrays(last["before"]["generator"]))
    scores = reference.discriminator(weights, step.drawn(last)), reference.discriminator(weights, fake)
    return returned_numbers(task, step)[0].get(key), scores


def loss_named(family, name, whose=None):
    """The loss of this name."""
    losses = reference.DISCRIMINATOR_LOSSES if whose is None else reference.GENERATOR_LOSSES
    signless = reference.WITHOUT_SIGNS[family] if whose is None else {}
    return losses[family].get(name) or signless.get(name) or reference.of_other_scores(losses[family])[name]


def of_samples_themselves(task, name, step):
    """A sentence if a loss that looks at one sample only is the right one, but with the other sample in place of D."""
    if "only" not in str(name) or not step.of("D"):
        return None
    update = step.of("D")[-1]
    weights, loss = arrays(update["before"]["discriminator"]), reference.DISCRIMINATOR_LOSSES[reference.FAMILY[task]]
    returned = returned_numbers(task, step)[0].get("discr_loss")
    real, fake = step.drawn(update), fakes(arrays(update["before"]["generator"]))
    pairs = {
        "real": (real, reference.discriminator(weights, fake)),
        "fake": (reference.discriminator(weights, real), fake),
    }
    for which, (x, y) in pairs.items():
        if returned is not None and reference.near(returned, loss["right"](x, y)):
            return (
                f"The discriminator's loss is given the {which} sample itself instead of D({which}), what the "
                f"discriminator says about it: so it does not learn from the {which} sample"
            )
    return None


def judge_discriminator_loss(task):
    family = reference.FAMILY[task]

    def judge(records):
        step = steps_of(records["step"])[0]
        if "D" not in step.letters:
            return (
                "One update moves both networks at once: the discriminator and the generator each have an update "
                "of "
                "their own"
                if "B" in step.letters
                else "train_step never updates the discriminator"
            )
        update = step.of("D")[0]
        found = gradient_of(update, "discriminator", 4)
        wrong = mentioned(found, "discriminator", "D(real) and D(fake) and the loss")
        if wrong:
            return wrong

        name, cases = found_discriminator_loss(task, records)
        losses = reference.DISCRIMINATOR_LOSSES[family]
        if name == "right":
            pairs = updates_of(records, "D")  # a clipped gradient of the probe steep: see "clip"

            def stale(place):  # of weights that were clipped between the gradient and its update: see "clip"
                (one, update), before = pairs[place], arrays(pairs[place - 1][1]["after"]["discriminator"])
                points = one.drawn(update), fakes(arrays(update["before"]["generator"]))
                own = losses["right"]
                return reference.gradient_at_once(lambda w: own(*(reference.scores(w, x) for x in points)), before)

            steps = [one for _, one in pairs]
            return seldom.changes_later(cases[: len(steps)], steps, losses["right"], "discriminator", stale)
        still = max(float(np.max(np.abs(g))) for g in found) < 1e-6
        if still and of_one_sample(step.seen_before(update)):
            return (
                "The discriminator's gradient is zero: D(real) and D(fake) are of the same sample, so its loss does "
                "not change with its weights"
            )
        if still and name not in losses and np.max([np.max(np.abs(g)) for g in cases[0][0](losses["right"])]) > 1e-3:
            return (
                "The discriminator's gradient is zero: its loss does not change with its weights. Is it cut at 0 "
                "(tf.maximum, relu), or are the scores rounded?"
            )
        if family == "squares" and without_squares("discriminator", cases[0], name, *last_of("discr_loss", task, step)):
            return f"The loss that moves the discriminator {NO_SQUARES}"
        if name:
            return of_samples_themselves(task, name, step) or f"The loss that moves the discriminator {name}"
        right = cases[0][0](losses["right"])
        if clipped_gradients(found, right):
            return "The gradients of the discriminator are clipped" + (
                ": it is its weights that are to be clipped, after each of its updates" if task == 1 else ""
            )
        return (
            multiple(found, right, "discriminator")
            or seldom.scaled_gradients(found, right, "discriminator")
            or seldom.changed_on_the_way(update, step.of("D"), right, "discriminator")
            or of_other_points(step, update, "discriminator")
            or rarer("discriminator", cases[0])
            or seldom.of_some_scores("discriminator", losses["right"], *cases[0])
            or with_other_targets(family, cases[0])
            or one_term_more(
                found, right, terms_of_the_discriminator(update, *samples_of(step, update)), "discriminator"
            )
            or another_gan(task, records)
            or f"The discriminator's gradient is not that of its loss: {differs(found, right)}"
        )

    return judge


def of_one_sample(seen):
    """Whether all that D was given are the same points."""
    return bool(seen) and all(x.shape == seen[0].shape and np.allclose(x, seen[0]) for x in seen)


def differs(found, right):
    """How far gradients are from the expected ones, in words."""
    return (
        "on the same weights and samples it differs from the expected one by "
        f"{share_of(distance(found, right))} of its largest number{precision_hint(found, right)}"
    )


def multiple(found, right, which):
    """A sentence if gradients are the right ones times a number, else None."""
    seen, wanted = (np.concatenate([np.ravel(g) for g in side]) for side in (found, right))
    share = float(seen @ wanted) / max(float(wanted @ wanted), 1e-12)
    if abs(share) < 1e-5 or abs(share - 1) < 2e-3 or not reference.close([seen / share], [wanted]):
        return None
    numbers = (
        ("learning_rate, which the optimizer alone needs", inputs.RATE),
        ("1 / disc_iter", 1 / inputs.DISC_ITER),
        ("disc_iter", inputs.DISC_ITER),
        ("1 / batch_size: the mean is already taken", 1 / inputs.BATCH),
        ("batch_size: a mean is meant, not a sum", inputs.BATCH),
    )
    words = next((name for name, number in numbers if reference.close([share / number], [1.0])), numeral(share))
    return f"The gradient that moves the {which} is that of its loss times {words}"


def of_other_points(step, update, which, between=0):
    """A sentence if an update's loss looked at other points than a batch of examples and one of fakes, else None.

    Args:
        between: number of points beside these that belong to a penalty.
    """
    examples, fake = inputs.examples(), fakes(arrays(update["before"]["generator"]))
    samples = [x for x in step.seen_before(update) if x.shape[1:] == examples.shape[1:]]
    if not samples:
        return None
    rows = np.concatenate(samples)
    nearest = {"real examples": apart(rows, examples), "fakes": apart(rows, fake)}
    if which == "generator":
        del nearest["real examples"]
    others = rows[np.min(list(nearest.values()), axis=0) > 1e-5]
    for noun, far in nearest.items():
        count = int(np.sum(far <= 1e-5))
        if which == "generator" and seldom.means_of_two_fakes(others, fake):
            return (
                "In the generator's update D is given means of two fakes, each from a draw of its own: it is to judge "
                "the fakes themselves, of one sample"
            )
        if not count and len(others) > between:
            return (
                f"In the {which}'s update D is not given {noun} as they are: each of its points is at least "
                f"{numeral(np.min(far))} away from every one of them. Is there noise, or another scale?"
            )
        if 0 < count < inputs.BATCH and not (which == "generator" and count == len(fake)):
            return f"In the {which}'s update D is given {count} {noun}: batch_size is {inputs.BATCH}"
    return None


def rarer(which, case):
    """A sentence if gradients are those of a loss that is seldom seen, else None."""
    gradient, found = case
    losses = {
        "discriminator": reference.RARER_DISCRIMINATOR_LOSSES,
        "generator": reference.RARER_GENERATOR_LOSSES,
    }[which]
    far = {}
    with np.errstate(all="ignore"):
        for name, loss in losses.items():
            wrong = gradient(loss)
            share = sum(float(np.sum(g * w)) for g, w in zip(found, wrong))
            share /= max(sum(float(np.sum(w * w)) for w in wrong), 1e-12)
            scaled = distance([g / share for g in found], wrong) if abs(share) > 1e-3 else np.inf
            far[name] = min(distance(found, wrong), scaled)
    name = min(far, key=far.get)
    return (
        f"The loss that moves the {which} {name}: the task asks for another one"
        if far[name] < reference.TOLERANCE
        else None
    )


def sizes_of_weights(weights):
    """Name -> gradient of what people add to a loss to keep weights small."""
    return {
        "the sum of the squares of its weights": [2 * w for w in weights],
        "the sum of the squares of its weights, without the biases": [2 * w * (w.ndim > 1) for w in weights],
        "the sum of the sizes of its weights": [np.sign(w) for w in weights],
        "the sum of the sizes of its weights, without the biases": [np.sign(w) * (w.ndim > 1) for w in weights],
    }


def samples_of(step, update):
    """The real sample of an update of the discriminator, and the samples that D saw beside it and the fakes."""
    real, fake = step.drawn(update), fakes(arrays(update["before"]["generator"]))
    seen = [x for x in step.seen_before(update) if x.shape == real.shape]
    return real, [x for x in seen if all(np.max(apart(x, end)) > 1e-5 for end in (real, fake))]


def terms_of_the_discriminator(update, real, others=()):
    """Name -> gradient of what people add to the discriminator's loss, where the task adds nothing."""
    weights, fake = arrays(update["before"]["discriminator"]), fakes(arrays(update["before"]["generator"]))

    def of(loss):
        return reference.gradient(loss, weights)

    def slope(points, target):
        return of(lambda w: float(np.mean((reference.norms(reference.slopes(w, points)) - target) ** 2)))

    terms = sizes_of_weights(weights)
    for points in others:
        terms["a gradient penalty, which is task 2's"] = slope(points, 1)
    for name, points in (("real", real), ("fake", fake)):
        terms[f"the mean square of D({name})"] = of(
            lambda w, x=points: float(np.mean(reference.discriminator(w, x) ** 2))
        )
        terms[f"the mean of D({name})"] = of(lambda w, x=points: float(np.mean(reference.discriminator(w, x))))
        terms[f"the mean square of the slope of D at {name} examples"] = slope(points, 0)
        terms[f"a gradient penalty at {name} examples, which is task 2's"] = slope(points, 1)
    return terms


def terms_of_the_generator(weights, critic):
    """The same for the generator's loss."""

    def of(loss):
        return reference.gradient(lambda w: float(loss(fakes(w))), weights)

    real = inputs.examples()
    return {
        **sizes_of_weights(weights),
        "the mean square of D(fake)": of(lambda y: np.mean(reference.discriminator(critic, y) ** 2)),
        "the mean of D(fake)": of(lambda y: np.mean(reference.discriminator(critic, y))),
        "the mean square of the fakes": of(lambda y: np.mean(y**2)),
        "the distance of the means of real examples and fakes": of(
            lambda y: np.mean((y.mean(axis=0) - real.mean(axis=0)) ** 2)
        ),
        "the variance of the fakes": of(lambda y: np.mean(y.var(axis=0))),
    }


def another_term(found, terms):
    """A sentence if the generator's gradients are those of one of the terms alone, times some number; else None."""
    seen = np.concatenate([np.ravel(g) for g in found])
    if not np.isfinite(seen).all():
        return None
    for name, gradients in terms.items():
        term = np.concatenate([np.ravel(g) for g in gradients])
        share = float(seen @ term) / max(float(term @ term), 1e-12)
        if abs(share) > 1e-6 and reference.close([seen], [share * term]):
            return (
                f"The loss that moves the generator is {numeral(float(f'{share:.2g}'))} times {name}: it must be "
                "computed from D(fake), as the task says"
            )
    return None


def one_term_more(found, right, terms, which):
    """A sentence if gradients are the right ones and those of one term more, times some number; else None."""
    seen, wanted = (np.concatenate([np.ravel(g) for g in side]) for side in (found, right))
    if not np.isfinite(seen).all():
        return None
    best = np.inf, 0.0, ""
    for name, gradients in terms.items():
        term = np.concatenate([np.ravel(g) for g in gradients])
        share = float((seen - wanted) @ term) / max(float(term @ term), 1e-12)
        if abs(share) > 1e-6 and reference.close([seen], [wanted + share * term]):
            best = min(best, (distance([seen - wanted], [share * term]), share, name))
    far, share, name = best
    if far > 1e-2:
        return None
    return (
        f"The loss that moves the {which} has a term more: {numeral(float(f'{share:.2g}'))} times {name}. The task's "
        "loss has none"
    )


def precision_hint(found, right):
    small = distance(found, right) < 0.01
    return ", as little as numbers of lower precision than float32 would make: is there a float16?" if small else ""


TARGETS = "they must be 1 and -1"
ONCE = "it is that of D(real) from 1, once, and that of D(fake) from -1, once"
NO_TARGETS = "a critic minimises mean D(fake) - mean D(real)"


POWERS = (  # what squared errors with any targets and shares are made of
    lambda x, y: reference.mean(x**2),
    lambda x, y: reference.mean(x),
    lambda x, y: reference.mean(y**2),
    lambda x, y: reference.mean(y),
)


def usual_squares(gradient, seen):
    """Shares of the POWERS with usual targets and factors that make this gradient; None if there are none.

    Where the discriminator says nearly the same of all fakes, targets and factors that nobody would write fit as well.
    """
    side = [(c, -2 * t * c) for c in (1, -1, 0.5, 2, 3) for t in (1, -1, 0, 0.9, -0.9, 0.5, -0.5)]
    side += [(0, 1), (0, -1)]
    shares = np.array([(*one, *other) for one in side for other in side], "float64")
    made = shares @ np.array([np.concatenate([np.ravel(g) for g in gradient(power)]) for power in POWERS])
    far = np.max(np.abs(made - seen), axis=1) / max(float(np.max(np.abs(seen))), 1e-3)
    return shares[np.argmin(far)] if far.min() < 2e-4 else None


def of_squares(shares):
    """What is wrong with a loss that has these shares of the POWERS, in words; empty if nothing is."""
    parts, targets = [], []
    for which, target, square, line in (("real", 1, *shares[:2]), ("fake", -1, *shares[2:])):
        if max(abs(square), abs(line)) < 1e-2:
            parts.append(f"D({which}) not at all")
            continue
        if abs(square) < 1e-2:
            parts.append(f"the mean of D({which}) {numeral(round(line, 3) + 0.0)} times")
            continue
        at = round(-line / 2 / square, 3) + 0.0
        targets += [numeral(at)] * int(abs(square - 1) <= 1e-2)
        if abs(square - 1) > 1e-2 or abs(at - target) > 5e-3:
            parts.append(f"the squared distance of D({which}) from {numeral(at)} {numeral(round(square, 3))} times")
    if len(targets) == 2 and parts:
        return f"takes {targets[0]} as the target of real examples and {targets[1]} as that of fakes: {TARGETS}"
    return f"counts {' and '.join(parts)}: {ONCE}" if parts else ""


def with_other_targets(family, case):
    """A sentence if the discriminator's loss is one of targets, but with other ones, or other shares; else None."""
    gradient, found = case
    seen = np.concatenate([np.ravel(g) for g in found])

    def solved(*losses, known=None):
        if not np.isfinite(seen).all():
            return None
        columns = [np.concatenate([g.ravel() for g in gradient(loss)]) for loss in losses]
        rest = seen - (np.concatenate([g.ravel() for g in gradient(known)]) if known else 0)
        shares = np.linalg.lstsq(np.array(columns).T, rest, rcond=None)[0]
        return shares if reference.close([np.array(columns).T @ shares], [rest]) else None

    words = "The loss that moves the discriminator"
    usual = usual_squares(gradient, seen) if family == "squares" and np.isfinite(seen).all() else None
    if usual is not None:
        return f"{words} {of_squares(usual)}"
    shares = solved(
        lambda x, y: -2 * reference.mean(x),
        lambda x, y: -2 * reference.mean(y),
        known=lambda x, y: reference.mean(x**2) + reference.mean(y**2),
    )
    if shares is not None and max(abs(shares)) < 3:
        targets = (
            f"{numeral(round(shares[0], 3) + 0.0)} as the target of real examples and "
            f"{numeral(round(shares[1], 3) + 0.0)} as that of fakes"
        )
        if family != "squares":
            return f"{words} is of mean squared errors, with {targets}: {NO_TARGETS}"
        return f"{words} takes {targets}: {TARGETS}"
    for kind, entropy in (
        ("the binary cross-entropy of logits", lambda v, t: reference.cross_entropy(reference.sigmoid(v), t)),
        ("the binary cross-entropy", reference.cross_entropy),
    ):
        with np.errstate(all="ignore"):
            shares = solved(
                lambda x, y, f=entropy: f(x, 1) - f(x, 0),
                lambda x, y, f=entropy: f(y, 1) - f(y, 0),
                known=lambda x, y, f=entropy: f(x, 0) + f(y, 0),
            )
        if shares is not None and max(abs(shares)) < 1.05:
            return (
                f"{words} is {kind}, with the target {numeral(round(shares[0], 3) + 0.0)} for real examples and "
                f"{numeral(round(shares[1], 3) + 0.0)} for fakes: "
                + ("the task asks for mean squared errors from 1 and -1" if family == "squares" else NO_TARGETS)
            )
    if family != "squares":
        shares = solved(lambda x, y: -reference.mean(x), lambda x, y: reference.mean(y))
        if shares is not None and min(abs(shares)) > 1e-2:
            return (
                f"{words} counts mean D(fake) {numeral(round(shares[1], 3))} times and -mean D(real) "
                f"{numeral(round(shares[0], 3))} times: each of them counts once"
            )
        return None
    shares = solved(*POWERS)
    if shares is not None and max(abs(shares)) < 30 and of_squares(shares):
        return f"{words} {of_squares(shares)}"
    for which, own, other in (
        ("real", lambda x, y: x, lambda x, y: reference.squared(y, -1)),
        ("fake", lambda x, y: y, lambda x, y: reference.squared(x, 1)),
    ):
        if inputs.BATCH > len(seen) - 8:
            break  # so many targets would explain any gradient
        targets = solved(
            *(lambda x, y, i=i, own=own: -2 * own(x, y)[..., i, 0] / x.shape[-2] for i in range(inputs.BATCH)),
            known=lambda x, y, own=own, other=other: reference.mean(own(x, y) ** 2) + other(x, y),
        )
        if targets is not None and max(abs(targets)) < 3:
            return (
                f"{words} holds D({which}) against targets that differ from example to example, from "
                f"{numeral(round(min(targets), 2))} to {numeral(round(max(targets), 2))}: all of them must be "
                f"{1 if which == 'real' else -1}"
            )
    return None


def clipped_gradients(found, right):
    """Whether one list of arrays is the other one clipped: by value, or by norm, each array or all together."""
    pairs = [(g, r) for g, r in zip(found, right) if np.max(np.abs(r)) > 1e-4]
    if not pairs or reference.close(found, right):
        return False
    largest = max(float(np.max(np.abs(g))) for g, _ in pairs)
    if largest > 1e-6 and reference.close(found, [np.clip(g, -largest, largest) for g in right]):
        return True
    shares = [float(np.sum(g * r) / np.sum(r * r)) for g, r in pairs]
    norms = [float(np.sqrt(np.sum(g * g))) for g, _ in pairs]
    if any(not reference.close([g], [share * r]) or not 0 < share < 1.001 for share, (g, r) in zip(shares, pairs)):
        return False
    limits = [norm for norm, share in zip(norms, shares) if share < 0.999]  # a clipped norm is the limit itself
    limits += [float(np.sqrt(np.sum(np.square(norms))))] * int(np.ptp(shares) < 1e-3)
    return any(np.isclose(limit, usual, rtol=1e-3) for limit in limits for usual in (0.01, 0.1, 0.5, 1, 2, 5, 10))


def judge_generator_loss(task):
    family = reference.FAMILY[task]

    def judge(records):
        step = steps_of(records["step"])[0]
        if "G" not in step.letters:
            return (
                "One update moves both networks at once: the generator needs an update of its own, after the "
                "discriminator's"
                if "B" in step.letters
                else "train_step never updates the generator"
            )
        step, update = where_it_shows(family, step, records)
        found = gradient_of(update, "generator", 4)
        wrong = mentioned(found, "generator", "the fake sample, D(fake) and the loss")
        if wrong:
            return wrong
        weights, critic = arrays(update["before"]["generator"]), arrays(update["before"]["discriminator"])

        def gradient(loss, critic=critic, weights=weights):
            return reference.gradient_at_once(lambda w: loss(reference.scores(critic, fakes(w))), weights)

        cases, others = [], updates_of(records, "G", {0: (), 1: ("steep",)}.get(task, ("pictures",)))
        for other in [update, *(other for _, other in others if other is not update)]:
            pair = [arrays(other["before"][which]) for which in ("discriminator", "generator")]
            seen = gradient_of(other, "generator", len(pair[1]))
            if not any(g is None for g in seen):
                cases.append((lambda loss, pair=pair: gradient(loss, *pair), seen))
        shown, y = returned_numbers(task, step)[0].get("gen_loss"), reference.discriminator(critic, fakes(weights))
        name = found_generator_loss(
            task, records, cases, lambda loss: shown is not None and reference.near(shown, loss(y))
        )
        if name == "right":
            own = reference.GENERATOR_LOSSES[family]["right"]
            steps = [one for _, one in updates_of(records, "G")]
            return seldom.changes_later(cases[: len(steps)], steps, own, "generator")
        if (
            family == "squares" and shown is not None
        ):  # it has the gradient of a wrong target; only its value tells them apart
            x, y = (reference.discriminator(critic, points) for points in (inputs.examples(), fakes(weights)))
            own = reference.DISCRIMINATOR_LOSSES[family]["right"]
            if reference.close(found, gradient(lambda y: own(x, y))) and reference.near(shown, own(x, y)):
                return "The generator is moved by the discriminator's loss instead of its own"
            if without_squares("generator", cases[0], name, shown, (y,)):
                return f"The loss that moves the generator {NO_SQUARES}"
        if name:
            return f"The loss that moves the generator {name}"
        for loss in (reference.GENERATOR_LOSSES["means"]["right"], reference.GENERATOR_LOSSES["squares"]["right"]):
            if reference.close(found, reference.gradient_at_once(lambda w, loss=loss: loss(fakes(w)), weights)):
                return "The generator's loss is computed on the fake sample itself instead of on D(fake)"
        own = reference.GENERATOR_LOSSES[family]["right"]
        for earlier in step.of("D"):
            if reference.close(found, gradient(own, arrays(earlier["before"]["discriminator"]))):
                if step.letters != usual_letters():
                    return None  # a step in another order, which "updates" names
                return (
                    "The generator's loss is computed before the discriminator's updates are done: draw its fakes and "
                    "compute D(fake) after the loop"
                )
        right = gradient(own)
        if has_penalty(task):
            z = inputs.latent_vectors()
            at_fakes = reference.gradient(lambda w: reference.penalty(critic, reference.generator(w, z)), weights)
            share = sum(float(np.sum((f - r) * p)) for f, r, p in zip(found, right, at_fakes))
            share /= max(sum(float(np.sum(p**2)) for p in at_fakes), 1e-12)
            if reference.close(found, [r + share * p for r, p in zip(right, at_fakes)]):
                return (
                    f"The loss that moves the generator contains the gradient penalty, {numeral(round(share, 3))} "
                    "times: the penalty is the critic's alone"
                )
            if seldom.asks_beside_the_fakes(step, update):
                return (
                    "In the generator's update D is asked at other points than the fakes, too: the gradient penalty is "
                    "the critic's alone"
                )
        if clipped_gradients(found, right):
            return "The gradients of the generator are clipped: the task asks for them as they are"
        if not step.seen_before(update) and step.letters == usual_letters():
            return (
                "The generator's update never asks the discriminator: its loss must be computed from D(fake), as the "
                "task says"
            )
        return (
            multiple(found, right, "generator")
            or seldom.scaled_gradients(found, right, "generator")
            or seldom.changed_on_the_way(
                update, [one for _, one in updates_of(records, "G", ("float64",))], right, "generator"
            )
            or of_other_points(step, update, "generator")
            or rarer("generator", cases[0])
            or seldom.of_some_scores("generator", own, gradient, found)
            or one_term_more(found, right, terms_of_the_generator(weights, critic), "generator")
            or another_term(found, terms_of_the_generator(weights, critic))
            or another_gan(task, records)
            or f"The generator's gradient is not that of its loss: {differs(found, right)}"
        )

    return judge


def where_it_shows(family, step, records):
    """(step, update) of the generator: the first in the probe `step`, or, where wrong updates have left the
    discriminator without any slope, that after fewer of them, or of a linear critic."""
    loss, others = reference.GENERATOR_LOSSES[family]["right"], []
    for probe in ("float64", "lambdas"):
        record = records.get(probe, {})
        others += [one for one in map(Step, record.get("steps") or record.get("first") or []) if one.of("G")][:1]
    for one in (step, *others):
        update = one.of("G")[0]
        critic, weights = arrays(update["before"]["discriminator"]), arrays(update["before"]["generator"])
        right = reference.gradient_at_once(lambda w, d=critic: loss(reference.scores(d, fakes(w))), weights)
        if max(float(np.max(np.abs(g))) for g in right) > 1e-4:
            return one, update
    return step, step.of("G")[0]


@found_once
def found_generator_loss(task, records, cases=None, shown=None):
    """The name of the loss that moves the generator; None if it is none that is known."""
    losses = reference.GENERATOR_LOSSES[reference.FAMILY[task]]
    if cases is None:
        update = steps_of(records["step"])[0].of("G")[0]
        weights, critic = arrays(update["before"]["generator"]), arrays(update["before"]["discriminator"])
        cases = [
            (
                lambda loss: reference.gradient_at_once(lambda w: loss(reference.scores(critic, fakes(w))), weights),
                gradient_of(update, "generator", 4),
            )
        ]
        if any(g is None for g in cases[0][1]):
            return None
    return named(losses, cases, shown) or named(reference.of_other_scores(losses), cases[:1], shown)
