"""Judges of the samples: of the methods that draw them, and of those that the updates see."""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.outcomes import CannotTell, Misnamed, passes
from tests.checker.records import arrays, fakes, plural, repeats, said, steps_of, usual_letters


def judge_samples(records):
    record = records["samples"]
    if "failed" in record:
        return f"get_real_sample() or get_fake_sample() fails with {said(record['failed'])}"
    if not record:
        raise CannotTell("class")
    return wrong_samples(record) or wrong_sizes(record)


def wrong_sizes(record):
    """A sentence if the size of a sample cannot be chosen, which the training does without."""
    calls = f"get_real_sample({inputs.MANY}), get_fake_sample({inputs.FEW})"
    if "sized" in record:
        return Misnamed(
            f"With a size get_real_sample or get_fake_sample fails with {said(record['sized'])}; both take a size that "
            f"may be left out: {calls}"
        )
    for name, call in zip(("real_of_size", "fake_of_size"), calls.split(", ")):
        rows = inputs.MANY if name == "real_of_size" else inputs.FEW
        if name in record and np.shape(record[name]) != (rows, inputs.DIM):
            return Misnamed(
                f"{call} gives shape {np.shape(record[name])}, expected {(rows, inputs.DIM)}: the size that is given "
                "counts, batch_size without one"
            )
    return None


def wrong_samples(record):
    """A sentence if the samples of the training are wrong, whatever their size is."""
    real, again, many, fake, few = (
        np.asarray(record[name]) if name in record else None
        for name in ("real", "again", "real_of_size", "fake", "fake_of_size")
    )
    for sample, rows, call in (
        (real, inputs.BATCH, "get_real_sample()"),
        (fake, inputs.BATCH, "get_fake_sample()"),
    ):
        if sample is None:  # a helper that is missing: "class" says so
            continue
        if sample.shape == ():
            return f"{call} gives no sample: does its return stand there?"
        if sample is fake and sample.shape == (rows, inputs.LATENT):
            return "get_fake_sample() gives the latent vectors themselves: they have to go through the generator"
        if sample.shape != (rows, inputs.DIM):
            expected = (rows, inputs.DIM)
            return f"{call} with batch_size={inputs.BATCH} gives shape {sample.shape}, expected {expected}"
    weights = arrays(inputs.generator_weights())
    many, few = (one if one is not None and one.shape == (rows, inputs.DIM) else None
                 for one, rows in ((many, inputs.MANY), (few, inputs.FEW)))  # fmt: skip
    for sample in (fake, few):
        if sample is not None and not reference.close([sample], [fakes(weights, len(sample))]):
            return "get_fake_sample() does not give what the generator makes of the vectors of latent_generator"
    if real is None:
        return None
    examples = inputs.examples(inputs.ROWS)
    for sample in (real, again) if many is None else (real, again, many):
        index = np.argmin(np.abs(sample[:, None] - examples[None]).sum(axis=2), axis=1)
        if not np.allclose(sample, examples[index], atol=1e-6):
            return "get_real_sample() gives rows that are not among real_examples"
        if len(set(index.tolist())) != len(index):
            return "get_real_sample() gives the same example twice: it must draw without replacement"
    rows = [np.argmin(np.abs(x[:, None] - examples[None]).sum(axis=2), axis=1) for x in (real, again)]
    if not np.allclose(real, again) and all(np.ptp(index) == len(index) - 1 for index in rows):
        # for two draws from all subsets of 7 (the fewest) of 25 examples the chance is (19 / 480,700)^2
        return "get_real_sample() gives neighbouring rows of real_examples: it must draw from all of them at random"
    if np.allclose(real, again):
        return "get_real_sample() gives the same sample twice: it must draw at random each time"
    return None


def draws_neighbours(records):
    """Whether get_real_sample gives neighbouring rows."""
    try:
        return "neighbouring rows" in str(wrong_samples(records["samples"]))
    except Exception:  # the method is missing, or it fails
        return False


def judge_fresh_fakes(records):
    step = steps_of(records["step"])[0]
    wanted = (inputs.DISC_ITER + 1) * inputs.BATCH
    usual = step.letters == usual_letters()
    if not usual:  # "updates" says so
        wanted = len(step.done) * inputs.BATCH
    if step.latent_rows < wanted:
        if not step.latent_rows:
            return (
                "train_step never calls the latent_generator that was given: each update needs a fake sample that the "
                "generator makes of its vectors"
            )
        if not usual:
            return (
                f"With batch_size = {inputs.BATCH} the {plural(len(step.done), 'update')} of train_step had "
                f"{step.latent_rows} latent vectors in all: each update needs a fake sample of its own"
            )
        return (
            f"With disc_iter = {inputs.DISC_ITER} and batch_size = {inputs.BATCH} train_step drew {step.latent_rows} "
            f"latent vectors: each of the {inputs.DISC_ITER + 1} updates needs a fake sample of its own, {wanted} "
            "latent vectors in all"
        )
    # All of the real examples are in every batch; only their order tells one draw from another.
    examples, orders = inputs.examples(), []
    for update in step.of("D"):
        rows = [x for x in step.seen_before(update) if x.shape == examples.shape]
        index = [np.argmin(np.abs(x[:, None] - examples[None]).sum(axis=2), axis=1) for x in rows]
        orders.append({tuple(i) for i, x in zip(index, rows) if np.allclose(x, examples[i], atol=1e-6)})
    # Neighbouring rows of so few examples are all of them, always in one order: "samples" says so.
    if len(orders) == inputs.DISC_ITER and set.intersection(*orders) and not draws_neighbours(records):
        return (
            f"The {len(orders)} updates of the discriminator see one and the same batch of real examples: draw a new "
            "real sample for each of them"
        )
    if passes(judge_samples, records):
        for x in (x for step in steps_of(records["step"]) for u in step.of("D") for x in step.real_before(u, examples)):
            if len(x) == len(examples) and repeats(x, examples):
                return (
                    "The real sample of an update holds the same example twice: it must be drawn without replacement, "
                    "as get_real_sample draws it"
                )
    return None
