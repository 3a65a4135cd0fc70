"""Judges of the gradient penalty: its formula, its weight, and the points at which it is taken."""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges import seldom
from tests.checker.judges.critic import (
    critic_of,
    formula_in_training,
    loss_gradient,
    loss_of_part,
    on_the_way,
    penalized_parts,
    penalties_of,
    penalty_gradients,
    penalty_of,
    right_penalty_gradient,
)
from tests.checker.judges.losses import loss_named
from tests.checker.messages import share_of
from tests.checker.once import found_once
from tests.checker.outcomes import CannotTell, passes
from tests.checker.records import Step, apart, arrays, fakes, gradient_of, identifiers, numeral, plural, said, steps_of
from tests.checker.reference import TOLERANCE, distance


def judge_penalty_in_loss(records):
    total, wasserstein, slope, problem = penalized_parts(records)
    if problem:
        return problem
    right, first, second = right_penalty_gradient(), inputs.LAMBDA, inputs.OTHER_LAMBDA
    if reference.close(slope, right):
        return None
    if on_the_way(records) and critic_of(records)[0] != "right":
        raise CannotTell("discriminator_loss")
    formula = critic_of(records)[1]
    ends = by_one_end(records, total)
    if ends:
        return ends
    if formula != "right" and not passes(judge_penalty, records):
        if formula is None and not reference.close(slope, [0 * s for s in slope]):
            raise CannotTell("penalty")
        if formula:
            return None  # lambda_gp times a penalty of another formula: "penalty" says so
    for sign in (1, -1):
        for loss in reference.DISCRIMINATOR_LOSSES["means"].values():
            plain = [sign * g for g in loss_gradient(loss)]
            if reference.close(total, plain):
                last = steps_of({"steps": records["lambdas"]["first"]})[0].of("D")[-1]
                last = gradient_of(last, "discriminator", len(plain))
                if not any(g is None for g in last) and not reference.close(last, plain):
                    return (
                        "The penalty is missing in the first of the disc_iter updates, and there in a later one: it "
                        "belongs to the loss of each of them"
                    )
                if all(records.get(probe, {}).get("absent") for probe in ("penalty", "interpolate")):
                    return (
                        "The critic has no gradient penalty: add the methods get_interpolated_sample and "
                        "gradient_penalty, and in train_step lambda_gp times the penalty to what the critic minimises"
                    )
                if in_the_generators_update(records):
                    return (
                        "The gradient penalty stands in the generator's loss, and is missing in the critic's: add "
                        "lambda_gp times the penalty to what the critic minimises, inside its tape"
                    )
                cut = " (does a tf.stop_gradient make a constant of it?)" * ("stop_gradient" in identifiers(records))
                return (
                    f"The gradient penalty does not move the critic{cut}: with lambda_gp = {first} and with {second} "
                    "its gradient is that of the loss alone. Add lambda_gp times the penalty to the loss inside the "
                    "tape, and call gradient_penalty inside the tape, too; it must be of TensorFlow's functions alone"
                )
            for share in (1, 10):
                if reference.close(total, [g + share * p for g, p in zip(plain, right)]):
                    return (
                        "The penalty is added without lambda_gp"
                        if share == 1
                        else "The penalty has a fixed weight of 10: use lambda_gp"
                    )
    if reference.close(slope, [-s for s in right]):
        return "The penalty is subtracted: it must be added to what the critic minimises"
    if loss_of_part(records):
        return None  # the loss looks at other examples in the one run than in the other: "discriminator_loss" says so
    plain = loss_gradient(reference.DISCRIMINATOR_LOSSES["means"]["right"])
    share = float(np.sum((total[0] - plain[0]) * right[0]) / np.sum(right[0] ** 2))
    if reference.close(total, [g + share * p for g, p in zip(plain, right)]):
        growth = float(np.sum(slope[0] * right[0]) / np.sum(right[0] ** 2))
        for weight, one, other in (
            (f"{numeral(share)}, whatever lambda_gp is", share, share),
            ("the square of lambda_gp", first**2, second**2),
            ("the square root of lambda_gp", first**0.5, second**0.5),
            ("lambda_gp / batch_size", first / inputs.BATCH, second / inputs.BATCH),
            ("1 / lambda_gp", 1 / first, 1 / second),
        ):
            if reference.near(share, one) and reference.near(growth, (one - other) / (first - second)):
                return f"The weight of the penalty is {weight}; it must be lambda_gp"
    weight = seldom.weight_of_the_penalty(slope, (right, plain))
    return weight or (
        "What the penalty adds to the critic's gradient is not lambda_gp times that of the penalty: it differs by "
        f"{share_of(distance(slope, right))}. Is D's gradient taken by the interpolated sample itself?"
    )


def by_one_end(records, total):
    """A sentence if the penalty takes D's gradient by the real examples or by the fakes, else None."""
    step = Step(records["lambdas"]["first"][0])
    update = step.of("D")[0]
    real, fake = step.drawn(update), fakes(arrays(update["before"]["generator"]))
    plain = loss_gradient(reference.DISCRIMINATOR_LOSSES["means"]["right"])
    for x in step.seen_before(update):
        if x.shape == real.shape and not at_one_end(x, real, fake):
            shares = shares_between(x, real, fake)
            found = shares and seldom.by_one_end(total[0] - plain[0], shares)
            if found:
                return found
    return None


def in_the_generators_update(records):
    """Whether the generator's gradient is not that of its loss, and D is asked at other points than the fakes."""
    step = steps_of(records["step"])[0]
    for update in step.of("G")[:1]:
        weights, critic = arrays(update["before"]["generator"]), arrays(update["before"]["discriminator"])
        found = gradient_of(update, "generator", len(weights))
        right = reference.gradient_at_once(lambda w, d=critic: -reference.mean(reference.scores(d, fakes(w))), weights)
        known = not any(g is None for g in found)
        return known and seldom.asks_beside_the_fakes(step, update) and not reference.close(found, right)
    return False


@found_once
def formula_in_step(records):
    """The formula of the penalty in the probe `step`. Some agree for a linear critic, whose slope is the same
    everywhere, so behind tanh the first that fits is taken."""
    name, formula, share = critic_of(records)
    gradients, step = penalty_gradients(), steps_of(records["step"])[0]
    if name is None or formula is None or not step.of("D"):
        return formula
    update = step.of("D")[0]
    weights, real = arrays(update["before"]["discriminator"]), step.drawn(update)
    fake, loss = fakes(arrays(update["before"]["generator"])), loss_named("means", name)
    found = [np.zeros_like(w) if g is None else g for g, w in zip(gradient_of(update, "discriminator", 4), weights)]
    points = [x for x in step.seen_before(update) if x.shape == real.shape]
    alike = [one for one in gradients if one != formula and reference.close(gradients[one], gradients[formula])]
    for one in (formula, *alike):
        for x in points:

            def minimised(w, one=one, x=x):
                plain = loss(reference.discriminator(w, real), reference.discriminator(w, fake))
                return plain + share * penalties_of(one, w, x)

            if reference.close(found, reference.gradient_at_once(minimised, weights)):
                return one
    return formula


@found_once
def penalties_in_training(records):
    """For each update of the critic in the probe `step`: (real sample, fakes, the points of its penalty or None, all
    points that the critic was called with, how far the gradient is from that of the nearest of them).

    With a critic of tanh layers the penalty depends on where it is taken.
    """
    name, formula, share = critic_of(records)
    if name is None:
        raise CannotTell("discriminator_loss")
    if formula is None or abs(share) < 1e-2:
        raise CannotTell("penalty_in_loss" if passes(judge_penalty, records) else "penalty")
    formula = formula_in_step(records)
    loss = loss_named("means", name)
    result = []
    for step in steps_of(records["step"]):
        for update in step.of("D"):
            weights, real = arrays(update["before"]["discriminator"]), step.drawn(update)
            fake = fakes(arrays(update["before"]["generator"]))
            found = gradient_of(update, "discriminator", 4)
            found = [np.zeros_like(own) if g is None else g for g, own in zip(found, weights)]

            def gradient(points, weights=weights, real=real, fake=fake):
                return reference.gradient_at_once(
                    lambda w: (
                        loss(reference.discriminator(w, real), reference.discriminator(w, fake))
                        + share * penalties_of(formula, w, points)
                    ),
                    weights,
                )

            points = [x for x in step.seen_before(update) if x.shape == real.shape]
            far = [distance(found, gradient(x)) for x in points]
            best = int(np.argmin(far)) if far else None
            for place, one in enumerate(far):  # a penalty that is 0 everywhere does not say where it is taken
                if one < TOLERANCE and not at_one_end(points[place], real, fake):
                    best = place
            fits = best is not None and far[best] < TOLERANCE
            result.append((real, fake, points[best] if fits else None, points, far[best] if far else np.inf))
    return result


def left_out(records):
    """Whether some updates of the critic are those of the loss alone, and others not."""
    loss, alone = loss_named("means", critic_of(records)[0]), []
    for step in steps_of(records["step"]):
        for update in step.of("D"):
            weights, real = arrays(update["before"]["discriminator"]), step.drawn(update)
            fake = fakes(arrays(update["before"]["generator"]))
            found = gradient_of(update, "discriminator", 4)
            plain = reference.gradient_at_once(
                lambda w, x=real, y=fake: loss(reference.scores(w, x), reference.scores(w, y)), weights
            )
            alone.append(not any(g is None for g in found) and reference.close(found, plain))
    return len(set(alone)) == 2


def at_several_points(records):
    """A sentence if the penalty of the first update is a sum of penalties at several samples, else None."""
    name, formula, share = critic_of(records)
    step = steps_of(records["step"])[0]
    update = step.of("D")[0]
    weights, fake = arrays(update["before"]["discriminator"]), fakes(arrays(update["before"]["generator"]))
    real, found = step.drawn(update), gradient_of(update, "discriminator", 4)
    points = [x for x in step.seen_before(update) if x.shape == real.shape]
    points = [x for i, x in enumerate(points) if not any(np.allclose(x, other) for other in points[:i])]
    if any(g is None for g in found) or not np.isfinite(np.concatenate([np.ravel(g) for g in found])).all():
        return None

    def flat(loss):
        return np.concatenate([g.ravel() for g in reference.gradient(loss, weights)])

    loss = loss_named("means", name)
    plain = flat(lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)))
    columns = np.array([flat(lambda w, x=x: share * penalty_of(formula, w, x)) for x in points]).T
    missing = np.concatenate([np.ravel(g) for g in found]) - plain
    shares = np.linalg.lstsq(columns, missing, rcond=None)[0] if points else ()
    if not points or not reference.close([columns @ shares + plain], [missing + plain]):
        return None
    words = []
    for x, one in zip(points, shares):
        if abs(one) > 1e-3:
            where = "other points"
            for noun, sample in (("the real examples", real), ("the fakes", fake)):
                where = noun if np.max(apart(x, sample)) < 1e-6 else where
            where = "interpolated points" if where == "other points" and lies_between(x, real, fake) else where
            words.append(f"{numeral(round(float(one), 3))} times at {where}")
    return f"The penalty is taken {' and '.join(words)}: it belongs to the interpolated points, once" if words else None


def judge_penalty_points(records):
    for place, (real, fake, x, _, far) in enumerate(penalties_in_training(records)):
        if x is None and left_out(records):
            return (
                "The penalty is missing in some of the disc_iter updates of the critic: it belongs to the loss of each "
                "of them"
            )
        if x is None:
            added = max(seldom.added_on_the_way(one, "discriminator") for one in steps_of(records["step"])[0].of("D"))
            if added > 1e-3:
                return (
                    "The gradients of the discriminator are changed on their way from the tape to the optimizer, by up "
                    f"to {numeral(added)}. The optimizer must have them as the tape gives them"
                )
            if place:  # those before it are right
                return (
                    "In its first update the critic has the gradient of its loss and the penalty, and in a later one "
                    "that of something else: every update must have the same loss"
                )
            mixed = at_several_points(records)
            if mixed:
                return mixed
            if not passes(judge_penalty, records):
                raise CannotTell("penalty")
            return (
                "The critic's gradient is not that of its loss and the penalty at interpolated points: on tanh "
                f"layers it differs by {share_of(far)}"
            )
        for name, sample in (("the real examples", real), ("the fakes", fake)):
            if np.max(apart(x, sample)) < 1e-6:
                return f"The penalty is taken at {name}: it belongs to the interpolated points between real and fake"
        if not shares_of_rows(x, real, fake)[1] and not lies_between(x, real, fake):
            return (
                "The penalty is taken at points that do not lie between the real and the fake examples: it "
                "belongs to the interpolated points"
            )
    return None


def shares_of_rows(x, real, fake):
    """(share of the way from real to fake of each number of x, whether x mixes the two row by row)."""
    found = []
    for places in range(len(fake)):  # a second sample of one update has its latent vectors in another order
        moved = np.roll(fake, places, axis=0)
        with np.errstate(all="ignore"):
            shares = np.where(np.abs(moved - real) > 0.02, (x - real) / (moved - real), np.nan).reshape(len(x), -1)
        known = shares[~np.isnan(shares)]
        rows_agree = known.size and np.nanmax(means_and_spreads(shares)[1]) < 1e-3
        inside = known.size and known.min() > -1e-3 and known.max() < 1 + 1e-3
        found.append((shares, bool(rows_agree or inside)))
        if rows_agree:
            return found[-1]
    return next((one for one in found if one[1]), found[0])


def means_and_spreads(shares):
    """Mean and standard deviation along the last axis of the numbers that are known, NaN where there is none."""
    known = ~np.isnan(shares)
    with np.errstate(invalid="ignore"):
        count = np.where(known.any(axis=-1), known.sum(axis=-1), np.nan)
        mean = np.where(known, shares, 0).sum(axis=-1) / count
        return mean, np.sqrt((np.where(known, shares - mean[..., None], 0) ** 2).sum(axis=-1) / count)


def lies_between(x, real, fake):
    """Whether every row of x lies inside a segment between a real and a fake row, and not all at one end."""
    shares = shares_between(x, real, fake)
    return shares is not None and any(1e-4 < u < 1 - 1e-4 for u in shares)


def shares_between(x, real, fake):
    """Where each row of x lies on a segment from a real to a fake row; None if one of them does not."""
    shares = []
    for row in x:
        ends = (fake[:, None] - real[None]).reshape(-1, real.shape[1])  # every pair
        starts = np.broadcast_to(real[None], (len(fake), *real.shape)).reshape(-1, real.shape[1])
        u = np.sum((row - starts) * ends, axis=1) / np.sum(ends**2, axis=1)
        error = np.abs(starts + u[:, None] * ends - row).max(axis=1)
        error[(u < -1e-4) | (u > 1 + 1e-4)] = np.inf
        best = np.argmin(error)
        if error[best] > 1e-4:
            return None
        shares.append(float(u[best]))
    return shares


def at_one_end(x, real, fake):
    """Whether every row of x is an example, or every row a fake."""
    return any(np.max(apart(x, end)) < 1e-6 for end in (real, fake))


CRITICS = (
    (
        "penalty",
        lambda: np.asarray(inputs.linear_critic((inputs.DIM,), inputs.SLOPE)[0]),
        "a linear critic with a slope of {}",
    ),
    ("penalty_tanh", None, "a critic of tanh layers"),
)


ON_PICTURES = (
    (
        "penalty_pictures",
        lambda: np.asarray(inputs.linear_critic(inputs.PICTURE, inputs.SLOPE)[0]),
        "a linear critic of pictures with a slope of {}",
    ),
)


# Formulas that differ from the right one by a factor only: in training that is the weight of the penalty.
SCALES = ("summed over the batch instead", "twice what", "already contains lambda", "half of what")


def judge_penalty(records):
    """The method on vectors, and what training adds to the critic's gradient, wherever it is written."""
    if records["penalty"].get("absent"):
        formula = formula_in_training(records)
        if formula is None:
            raise CannotTell("class")
        return None if formula == "right" else f"In train_step the penalty {formula}"
    wrong = wrong_penalty(records, CRITICS)
    if wrong:
        return wrong
    formula = formula_in_training(records)
    if formula in (None, "right") or any(words in formula for words in SCALES):
        return None
    return f"gradient_penalty is right, but train_step has a penalty of its own: it {formula}"


def wrong_penalty(records, cases):
    seen, more = [], []  # (found, gradients at the points); the same with the points and the weights
    problem = None
    for probe, w, words in cases:
        record = records[probe]
        if "failed" in record:
            on = " on pictures" if probe == "penalty_pictures" else ""
            hint = ""
            if probe == "penalty" and "None" in record["failed"].get("message", ""):
                hint = "; the gradient is None if its tape does not watch the interpolated sample"
            problem = problem or f"gradient_penalty fails{on} with {said(record['failed'])}{hint}"
            continue
        found = record["penalty"]
        if found is None or found["size"] != 1:
            size = "no number" if found is None else plural(found["size"], "number")
            problem = problem or f"gradient_penalty gives {size}, expected one: the mean over the examples"
            continue
        if w is None:
            own, points = arrays(inputs.discriminator_weights(inputs.PENALTY_SIZE)), inputs.examples()
            g = reference.slopes(own, points)
        else:
            shape = (inputs.DIM,) if probe == "penalty" else inputs.PICTURE
            own = arrays(inputs.linear_critic(shape, inputs.SLOPE))
            points = inputs.examples() if probe == "penalty" else inputs.pictures()
            g = np.tile(np.asarray(w(), "float64").reshape(shape), (inputs.BATCH, *[1] * len(shape)))
        right = float(reference.PENALTIES["right"](g))
        seen.append((found["value"], g))
        more.append((found["value"], g, points, own))
        if problem or reference.near(found["value"], right):
            continue
        expected = f"({inputs.SLOPE} - 1)^2 = {numeral(right)}" if w is not None else numeral(right)
        problem = (
            f"For {words.format(inputs.SLOPE)} the penalty is {numeral(found['value'])}, expected {expected}",
            len(seen) - 1,
        )
    if not isinstance(problem, tuple):
        return problem
    sentence, worst = problem

    def fits(formula, case):
        with np.errstate(all="ignore"):
            try:
                return reference.near(case[0], float(formula(case[1])))
            except ValueError:  # this formula needs more axes
                return False

    formulas = {
        name: formula for name, formula in reference.penalties(inputs.LAMBDA).items() if fits(formula, seen[worst])
    }
    best = [name for name, formula in formulas.items() if all(fits(formula, case) for case in seen)]
    rarer = reference.RARER_PENALTIES.items()
    rare = (name for name, formula in rarer if all(fits(formula, case) for case in seen))
    name = next(iter(best or formulas), None) or next(rare, None) or under_the_root(seen)
    name = name or seldom.other_gradient(more)
    if not name and cases is CRITICS and worst == 1:
        sentence += (
            ". For a linear critic it is right, so the gradient is taken at other points than those that "
            "gradient_penalty was given: is there noise?"
        )
    return f"{sentence}: it {name}" if name else sentence


def under_the_root(seen):
    """What is said if a number that is not small is added under the root of the norm, else None."""
    value, g = seen[0]
    norm = float(reference.norms(g)[0])  # the same for all of them: the critic is linear
    for root in (1 + np.sqrt(max(value, 0)), 1 - np.sqrt(max(value, 0))):
        more = root**2 - norm**2
        if root > 0 and 1e-5 < more < 10 and all(
            reference.near(found, float(np.mean((np.sqrt(reference.norms(at) ** 2 + more) - 1) ** 2)))
            for found, at in seen
        ):  # fmt: skip
            return f"adds {numeral(round(more, 4))} under the root, where 1e-8 would do"
    return None
