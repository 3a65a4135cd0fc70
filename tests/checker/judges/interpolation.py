"""Judges of the points between real and fake, and of everything that pictures add to vectors."""

import re

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges import seldom
from tests.checker.judges.critic import critic_of
from tests.checker.judges.losses import loss_named
from tests.checker.judges.penalty import (
    CRITICS,
    ON_PICTURES,
    means_and_spreads,
    penalties_in_training,
    shares_of_rows,
    wrong_penalty,
)
from tests.checker.messages import share_of
from tests.checker.outcomes import CannotTell, passes
from tests.checker.records import Step, apart, arrays, gradient_of, numeral, said
from tests.checker.reference import distance


def judge_interpolation(records):
    """The method on vectors, and the points of the penalty in training, wherever they were made."""
    record = records["interpolate"]
    if "failed" in record:
        sentence = f"get_interpolated_sample fails with {said(record['failed'])}"
        flat = re.search(r"shapes: \[(\d+)\] vs\. \[\1,|shapes: \[(\d+),\d+\] vs\. \[\2\]", sentence)
        return sentence + "; one number for each example needs the shape (batch_size, 1)" * bool(flat)
    if not record.get("absent"):
        shares = shares_of_vectors(record)
        wrong = shares if isinstance(shares, str) else wrong_weights(shares)
        if wrong:
            real, made = inputs.examples(inputs.MIXED_ROWS), np.asarray(record.get("made", [0])[0])
            both = made.shape == real.shape and seldom.without_sum_one(made, real, table_of_fakes(real))
            return both or wrong
    try:
        taken = [(x, real, fake) for real, fake, x, _, _ in penalties_in_training(records) if x is not None]
    except Exception:  # no points can be told: other behaviours say why
        taken = []
    found = [shares_of_rows(*one) for one in taken]
    if any(not mixed for _, mixed in found) or any(np.isnan(one).all(axis=1).any() for one, _ in found):
        taken = []
    at_ends = any(np.max(apart(x, end)) < 1e-6 for x, real, fake in taken for end in (real, fake))
    if not taken or at_ends:
        if record.get("absent"):
            raise CannotTell("class")
        return None
    wrong = wrong_weights(np.array([one for one, _ in found]), few=True)
    return f"In train_step: {wrong[0].lower()}{wrong[1:]}" if wrong else None


def shares_of_vectors(record):
    return shares_of_samples(record, inputs.examples(inputs.MIXED_ROWS))


def table_of_fakes(real):
    return inputs.table("fake", *real.shape, low=2, high=3)


def shares_of_samples(record, real):
    """Shares of the way from real to fake: (calls, batch, coordinates); a sentence if a sample has another shape."""
    fake, shares = table_of_fakes(real), []
    if "shape" in record:
        return f"get_interpolated_sample gives shape {tuple(record['shape'])} for samples of shape {real.shape}"
    for made in record["made"]:
        made = np.asarray(made)
        if not made.shape:
            return "get_interpolated_sample gives no sample: does it lack its return?"
        if made.shape != real.shape:
            return f"get_interpolated_sample gives shape {made.shape} for samples of shape {real.shape}"
        shares.append(((made - real) / (fake - real)).reshape(len(real), -1))
    return np.array(shares)


def wrong_weights(shares, few=False):
    """A sentence on shares that are not one uniform number for each example; NaN is a number that cannot be known."""
    tolerance = 1e-3 if few else 1e-4
    means, spreads = means_and_spreads(shares)
    if np.nanmax(spreads) >= tolerance:
        if np.allclose(shares, shares[:, :1, :], atol=tolerance, equal_nan=True):
            return (
                "The interpolation weight varies inside an example, and is the same for all examples: it must "
                "be one number for each example"
            )
        if np.nanmin(shares) < -1e-3 or np.nanmax(shares) > 1 + 1e-3:
            return "An interpolated example does not lie between its real and its fake example"
        for end, other, share in (("real", "fake", np.nanmax(shares)), ("fake", "real", 1 - np.nanmin(shares))):
            if share < 0.5 and not few:  # numbers of their own weights would reach from 0 to 1
                return (
                    f"An interpolated example stays near its {end} example, whatever the {other} one is: it must lie "
                    "anywhere on the way from one to the other, as far as one random number says"
                )
        return (
            "The interpolation weight varies inside an example (one for each number or pixel): it must be one "
            "number for each example"
        )
    u = means  # (calls, batch)
    if np.ptp(u) < tolerance:
        share = numeral(abs(round(float(u.mean()), 4)))
        return f"The interpolation weight is always {share}: it must be drawn at random for each example"
    if u.std(axis=1).max() < tolerance:
        return "The interpolation weight is one for the whole batch: it must be drawn for each example"
    if len(u) > 1 and u.std(axis=0).max() < tolerance:
        return "The interpolation weights are the same at every call: they must be drawn anew"
    if u.min() < -1e-3 or u.max() > 1 + 1e-3:
        return (
            f"The interpolation weights (of the fakes) reach from {numeral(u.min())} to {numeral(u.max())}: they "
            "must be uniform on [0, 1]" + (", not normal" if u.min() < -0.3 and u.max() > 1.3 else "")
        )
    at_ends = np.minimum(u, 1 - u) < 2e-6
    if at_ends.all():
        return "The interpolation weights are either 0 or 1, so nothing is mixed: they must be uniform on [0, 1]"
    if at_ends.sum() > 3:  # of right draws the chance is below one in 10^9
        return (
            f"{at_ends.sum()} of {u.size} interpolation weights are 0 or 1: they are cut there. They must be uniform "
            "on [0, 1] as they are drawn"
        )
    # Of 1600 draws, if all is right, a distance of .08 has a chance of 1 in 300 million; of 48 draws, .45 one in 10^8.
    ordered = np.sort(u.ravel())
    gap = np.max(np.abs(ordered - (np.arange(len(ordered)) + 0.5) / len(ordered)))
    if gap > (0.45 if few else 0.08) and (few or len(ordered) > 1000):
        return (
            "The interpolation weights (of the fakes) are not uniform on [0, 1]: their mean is "
            f"{numeral(u.mean())} and their standard deviation {numeral(u.std())}, expected .5 and .289"
        )
    return None


def judge_pictures(records):
    """What works for vectors, on pictures: both methods, and a step. What is wrong for vectors is told elsewhere."""
    mixed = records["interpolate_pictures"]
    if "failed" in mixed:
        return (
            f"get_interpolated_sample fails on pictures with {said(mixed['failed'])}: it must work for examples of any "
            "shape"
        )
    if not mixed.get("absent"):
        shares = shares_of_samples(mixed, inputs.pictures())
        if isinstance(shares, str):
            return shares
        if passes(lambda r: wrong_weights(shares_of_vectors(r["interpolate"])), records):
            wrong = wrong_weights(shares)
            if wrong:
                return f"On pictures: {wrong[0].lower()}{wrong[1:]}"
    if not records["penalty_pictures"].get("absent") and passes(lambda r: wrong_penalty(r, CRITICS), records):
        wrong = wrong_penalty(records, ON_PICTURES)
        if wrong:
            return wrong
    record, shape = records["pictures"], (inputs.BATCH, *inputs.PICTURE)
    if "failed" in record:
        return f"On pictures of shape {shape} the class fails with {said(record['failed'])}"
    step = Step(record["first"][0])
    if step.raised:
        return f"On pictures of shape {shape} train_step stops with {said(step.raised)}"
    if "D" not in step.letters:
        return "On pictures train_step never updates the discriminator"
    found = gradient_of(step.of("D")[0], "discriminator", 2)[0]
    if found is None:
        return "On pictures the discriminator's update has no gradient"
    name, formula, share = critic_of(records)
    if name not in reference.DISCRIMINATOR_LOSSES["means"] or formula is None:
        return None  # it is not known what to expect; a step that ends is what can be seen
    w = arrays(inputs.linear_critic(inputs.PICTURE, inputs.SLOPE))
    fake = reference.generator(arrays(inputs.picture_generator()), inputs.latent_vectors())
    real = step.drawn(step.of("D")[0], inputs.pictures())
    loss = loss_named("means", name)

    def expected(formula):
        def minimised(weights):
            g = np.tile(weights[0].reshape(inputs.PICTURE), (inputs.BATCH, *[1] * len(inputs.PICTURE)))
            penalty = float(reference.PENALTIES[formula](g))
            return (
                loss(reference.discriminator(weights, real), reference.discriminator(weights, fake)) + share * penalty
            )

        with np.errstate(all="ignore"):
            return reference.gradient(minimised, w)[0]

    if reference.close([found], [expected(formula)]):
        return None
    for other in reference.PENALTIES if formula == "right" else ():
        if "all axes of a picture" in other and reference.close([found], [expected(other)]):
            return f"On pictures the penalty in train_step {other}"
    return (
        f"On pictures the critic's gradient differs by {share_of(distance([found], [expected(formula)]))} from that of "
        "the loss and the penalty: all axes of a picture belong to the norm"
    )
