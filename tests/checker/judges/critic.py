"""What moves the critic of tasks 2 and 4: its loss, the formula of its penalty, and the share that this has."""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges import seldom
from tests.checker.judges.losses import (
    differs,
    multiple,
    of_other_points,
    of_samples_themselves,
    one_term_more,
    rarer,
    sizes_of_weights,
    with_other_targets,
)
from tests.checker.judges.strangers import another_gan
from tests.checker.once import found_once
from tests.checker.records import Step, apart, arrays, fakes, gradient_of, repeats, said, steps_of, updates_of
from tests.checker.reference import distance


def judge_discriminator_loss_with_penalty(task):
    """Two weights of the penalty separate the loss from the penalty."""

    def judge(records):
        total, wasserstein, slope, problem = penalized_parts(records)
        if problem:
            return problem
        name = critic_of(records)[0]
        if name == "right":
            return None
        if name:
            step = steps_of(records["step"])[0]
            return of_samples_themselves(task, name, step) or f"The loss that moves the discriminator {name}"
        losses = reference.DISCRIMINATOR_LOSSES["means"]
        plain = loss_gradient(losses["right"])
        if on_the_way(records):
            return on_the_way(records)
        if reference.close(slope, plain):
            return "lambda_gp multiplies the loss: it is the weight of the penalty"
        if reference.close(slope, [w + p for w, p in zip(plain, right_penalty_gradient())]):
            return "lambda_gp multiplies the loss as well as the penalty: it is the weight of the penalty alone"
        multiplied = seldom.product(total, slope, plain, loss_value(losses["right"]))
        if multiplied:
            return multiplied
        if max(float(np.max(np.abs(g))) for g in wasserstein) < 1e-4:
            return (
                "Only the penalty moves the critic: its loss does not depend on its weights. Give the loss the "
                "critic's outputs D(real) and D(fake), not the samples"
            )
        times = multiple(
            total, [w + inputs.LAMBDA * p for w, p in zip(plain, right_penalty_gradient())], "discriminator"
        )
        part = loss_of_part(records)
        if times or part:
            return times or part
        if not reference.close(slope, right_penalty_gradient()) and not reference.close(slope, [0 * s for s in slope]):
            if np.isfinite(distance(slope, right_penalty_gradient())):
                return None  # the penalty is wrong, and mixes with the loss: a behaviour of its own says so
        step = Step(records["lambdas"]["first"][0])
        known = (
            multiple(wasserstein, plain, "discriminator")
            or of_other_points(step, step.of("D")[0], "discriminator", between=inputs.BATCH)
            or rarer("discriminator", (loss_gradient, wasserstein))
            or one_term_more(wasserstein, plain, terms_of_the_critic(), "discriminator")
            or with_other_targets("means", (loss_gradient, wasserstein))
            or another_gan(task, records)
        )
        return known or (
            "The discriminator's gradient without the penalty is not that of mean D(fake) - mean D(real): "
            f"{differs(wasserstein, plain)}"
        )

    return judge


@found_once
def on_the_way(records):
    """A sentence if the critic's optimizer is given other gradients than the right ones of the tape; else None."""
    plain = loss_gradient(reference.DISCRIMINATOR_LOSSES["means"]["right"])
    right = [g + inputs.LAMBDA * p for g, p in zip(plain, right_penalty_gradient())]
    update = Step(records["lambdas"]["first"][0]).of("D")[0]
    return seldom.changed_on_the_way(update, steps_of(records["step"])[0].of("D"), right, "discriminator")


@found_once
def critic_of(records):
    """What moves the critic of tasks 2 and 4: (name of the loss, name of the penalty's formula, share of the penalty).

    Each is None if it is none that is known. The share is that of the probe `step`, whose lambda_gp is LAMBDA.
    """
    total, wasserstein, slope, problem = penalized_parts(records)
    if problem:
        return None, None, None
    step = Step(records["lambdas"]["first"][0])
    real = step.drawn(step.of("D")[0])
    moves = not all(
        np.max(np.abs(g)) < 1e-4 for g in wasserstein
    )  # NaN moves: some scores have none on a linear critic
    losses = {**reference.DISCRIMINATOR_LOSSES["means"], **(reference.WITHOUT_SIGNS["means"] if moves else {})}
    formulas = penalty_gradients()
    right = formulas["right"]
    # Where the two can be told apart, what is large in the penalty's gradient must not hide what is wrong in the loss.
    fixed = reference.close(slope, [0 * s for s in slope])  # lambda_gp has no part in it
    apart = reference.close(slope, right) and not repeats(real, inputs.examples())

    def fits(loss):
        plain = loss_gradient(loss, real)
        one = float(np.sum((total[0] - plain[0]) * right[0]) / np.sum(right[0] ** 2))
        possible = (*shares(), *[one] * (fixed and 0.1 < one < 1e3))
        sums = ([w + share * p for w, p in zip(plain, right)] for share in possible if not apart)
        return reference.close(wasserstein, loss_gradient(loss)) or any(reference.close(total, one) for one in sums)

    with np.errstate(all="ignore"):
        names = [name for name, loss in losses.items() if fits(loss)]
        if len(names) > 1:  # such as a difference and its size: on the pictures it has the other sign
            names = [name for name in names if fits_pictures(records, losses[name])] or names
    formula = next((name for name, gradient in formulas.items() if reference.close(slope, gradient)), None)
    share = inputs.LAMBDA if formula else None
    if names and not formula:
        plain = loss_gradient(losses[names[0]], real)
        share = float(np.sum((total[0] - plain[0]) * right[0]) / np.sum(right[0] ** 2))
        formula, share = (
            ("right", share) if reference.close(total, [g + share * p for g, p in zip(plain, right)]) else (None, None)
        )
    return (names[0] if names else named_on_tanh(records, formula) if moves else None), formula, share


def penalty_gradients():
    """Name of a formula of the penalty -> its gradient for the linear critic; the right one first."""
    w = linear_case()[0][0]
    found = {}
    for name, formula in reference.PENALTIES.items():
        with np.errstate(all="ignore"):
            found[name] = [
                reference.gradient(lambda v, f=formula: float(f(np.tile(v[0].T, (inputs.BATCH, 1)))), [w])[0],
                np.zeros(1),
            ]
    return found


def named_on_tanh(records, formula):
    """The name of a loss of other scores than D's, seen in the probe `step` behind a tanh; None if it is none."""
    step = steps_of(records["step"])[0]
    if not step.of("D"):
        return None
    update = step.of("D")[0]
    weights, real, fake = (
        arrays(update["before"]["discriminator"]),
        step.drawn(update),
        fakes(arrays(update["before"]["generator"])),
    )
    found = gradient_of(update, "discriminator", len(weights))
    if any(g is None for g in found):
        return None
    points = [x for x in step.seen_before(update) if x.shape == real.shape]
    penalties = [
        reference.gradient(lambda w, x=x: inputs.LAMBDA * penalty_of(formula or "right", w, x), weights) for x in points
    ]
    with np.errstate(all="ignore"):
        for name, loss in reference.of_other_scores(reference.DISCRIMINATOR_LOSSES["means"]).items():
            plain = reference.gradient_at_once(
                lambda w, loss=loss: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
            )
            if any(reference.close([g - p for g, p in zip(found, one)], plain) for one in penalties):
                return name
    return None


def penalty_of(name, weights, x):
    """The penalty by this formula at the points x."""
    return float(reference.PENALTIES[name](reference.slopes(weights, x)))


def penalties_of(name, weights, x):
    """The same for each discriminator of a stack with a hidden layer."""
    slopes = reference.slopes(weights, x)
    if name == "right":
        return np.mean((np.sqrt(np.sum(slopes**2, axis=-1)) - 1) ** 2, axis=-1)
    return np.array([reference.PENALTIES[name](one) for one in slopes])


def shares():
    """Of the penalty in the critic's loss: the right one (lambda_gp), and those of mistakes."""
    return (inputs.LAMBDA, 10.0, 1.0, 0.0, -inputs.LAMBDA, -10.0, -1.0)


def fits_pictures(records, loss):
    """Whether the critic's first gradient on pictures is that of the loss and some share of the right penalty."""
    found = updates_of(records, "D", ("pictures",), step=False)
    gradient = gradient_of(found[0][1], "discriminator", 2)[0] if found else None
    if gradient is None:
        return False
    step, update = found[0]
    weights = arrays(update["before"]["discriminator"])
    real = step.drawn(update, inputs.pictures())
    fake = reference.generator(arrays(update["before"]["generator"]), inputs.latent_vectors())
    plain = reference.gradient_at_once(
        lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
    )[0]
    penalty = 2 * (inputs.SLOPE - 1) * weights[0] / inputs.SLOPE
    return any(reference.close([gradient], [plain + share * penalty]) for share in shares())


@found_once
def loss_of_part(records):
    """A sentence if the critic's loss is right, and its penalty too, but of a part of the batch only; else None."""
    total, _, _, problem = penalized_parts(records)
    if problem:
        return None
    step = Step(records["lambdas"]["first"][0])
    update, loss = step.of("D")[0], reference.DISCRIMINATOR_LOSSES["means"]["right"]
    real, fake = step.drawn(update), fakes(arrays(update["before"]["generator"]))
    plain = [g - inputs.LAMBDA * p for g, p in zip(total, right_penalty_gradient())]
    seen = [x for x in step.seen_before(update) if x.shape[1:] == real.shape[1:]]
    rows = [[x[apart(x, all_of_them) < 1e-5] for x in seen] for all_of_them in (inputs.examples(), fake)]
    if any(len(one) and len(one) < inputs.BATCH for some in rows for one in some) and all(map(any_row, rows)):
        means = [np.concatenate(some).mean(axis=0) for some in rows]
        if reference.close(plain, [(means[1] - means[0])[:, None], np.zeros(1)]):
            return of_other_points(step, update, "discriminator", between=inputs.BATCH)
    words = [seldom.sample_named(x, inputs.examples(), fake) for x in seen]
    for a, x in zip(words, seen):
        for b, y in zip(words, seen):
            if (a, b) != ("real examples", "fakes") and reference.close(
                plain, [(y.mean(axis=0) - x.mean(axis=0))[:, None], np.zeros(1)]
            ):
                known = of_other_points(step, update, "discriminator", between=inputs.BATCH)
                if known and "other points" in (a, b):
                    return known
                return (
                    f"The loss that moves the discriminator takes D of {a} for D(real), and D of {b} for D(fake): it "
                    "is of the real and of the fake sample"
                )
    return seldom.of_some_scores("discriminator", loss, lambda one: loss_gradient(one, real), plain)


def any_row(samples):
    return any(len(x) for x in samples)


def terms_of_the_critic():
    """Name -> gradient of what people add to the loss of a linear critic, besides the penalty."""
    return {
        **sizes_of_weights(linear_case()[0]),
        "the mean square of D(real)": loss_gradient(lambda x, y: reference.mean(x**2)),
        "the mean square of D(fake)": loss_gradient(lambda x, y: reference.mean(y**2)),
        "the mean squares of D(real) and D(fake)": loss_gradient(
            lambda x, y: reference.mean(x**2) + reference.mean(y**2)
        ),
    }


def linear_case():
    weights = arrays(inputs.linear_critic((inputs.DIM,), inputs.SLOPE))
    return weights, inputs.examples(), fakes(arrays(inputs.generator_weights()))


def loss_gradient(loss, real=None):
    """Of a loss for the linear critic, on all the examples or on other ones."""
    weights, examples, fake = linear_case()
    real = examples if real is None or repeats(real, examples) else real
    return reference.gradient_at_once(
        lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
    )


def loss_value(loss):
    """Of a loss for the linear critic, on all the examples."""
    weights, real, fake = linear_case()
    return float(loss(reference.discriminator(weights, real), reference.discriminator(weights, fake)))


def right_penalty_gradient():
    return reference.right_slope(linear_case()[0][0])


def penalized_parts(records):
    """(gradient at LAMBDA, its part without lambda, its part that grows with lambda, problem or None)."""
    record, found = records["lambdas"], {}
    if "failed" in record:
        return (
            None,
            None,
            None,
            (
                f"The class cannot be used with lambda_gp={inputs.LAMBDA} and lambda_gp={inputs.OTHER_LAMBDA}: "
                f"{said(record['failed'])}"
            ),
        )
    for key in ("first", "second"):
        step = Step(record[key][0])
        if step.raised:
            return None, None, None, f"With a linear critic train_step stops with {said(step.raised)}"
        if "D" not in step.letters:
            return None, None, None, "train_step never updates the discriminator"
        update = step.of("D")[0]
        found[key] = gradient_of(update, "discriminator", 2)
        if any(values is None for values in found[key]):
            # A linear critic's bias moves neither loss nor penalty; some give no gradient for it.
            found[key] = [
                np.zeros_like(np.asarray(w, "float64")) if values is None else values
                for values, w in zip(found[key], inputs.linear_critic((inputs.DIM,), inputs.SLOPE))
            ]
        if repeats(step.drawn(update), inputs.examples()):  # both runs shall be of the same examples
            missed = step.drawn(update).mean(axis=0) - inputs.examples().mean(axis=0)
            found[key][0] = found[key][0] + missed[:, None]
    more = inputs.LAMBDA - inputs.OTHER_LAMBDA
    slope = [(a - b) / more for a, b in zip(found["first"], found["second"])]
    return found["first"], [a - inputs.LAMBDA * s for a, s in zip(found["first"], slope)], slope, None


def formula_in_training(records):
    try:
        return critic_of(records)[1]
    except Exception:
        return None
