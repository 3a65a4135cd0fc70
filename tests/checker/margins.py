"""The room on both sides of every tolerance: the noise of correct solutions below it, the smallest mistake above it.

    python -m tests.checker.margins [OTHER PYTHON ...]    measures, and writes margins.csv anew

All numbers are in the unit of the comparison, nearly always relative to the largest expected number. The effects of
mistakes follow from the formulas in reference.py and the inputs alone; the noise is measured on our own solutions.
"""

import csv
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.checker import grading, inputs, reference, rubric
from tests.checker.reference import TOLERANCE, distance

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("margins.csv")
COLUMNS = ("comparison", "tolerance", "noise", "effect", "mistake")
TOLERANCES = {
    "1.clip": 1e-5,
    "4.generator_weights": 1e-6,
    "4.discriminator_weights": 1e-6,
    "2.interpolation": 1e-4,
    "defaults, learning rate": 1e-4,
    "defaults, lambda_gp": 0.05,
}


def relative(found, expected):
    """The distance of two numbers as `rubric.near` measures it."""
    return abs(found - expected) / max(abs(expected), 0.1)


def smallest(effects):
    """(effect, mistake) of the mistake with the smallest effect; a mistake that gives no number is a large one."""
    effects = {name: value if np.isfinite(value) else np.inf for name, value in effects.items() if name != "right"}
    name = min(effects, key=effects.get)
    return effects[name], name


def value_of(formula, g):
    """A formula of the penalty on gradients g; infinite if it needs other axes."""
    with np.errstate(all="ignore"):
        try:
            return float(formula(g))
        except ValueError:
            return np.inf


# ------------------------------------------------------------ effects of mistakes


def samples():
    """Weights of both networks, real examples and fakes at the first update of the probe `step`."""
    g, d = rubric.arrays(inputs.generator_weights()), rubric.arrays(inputs.discriminator_weights())
    return g, d, inputs.examples(), rubric.fakes(g)


def pictures():
    """As `samples`, of the probe `pictures`."""
    g, d = rubric.arrays(inputs.picture_generator()), rubric.arrays(inputs.linear_critic(inputs.PICTURE, 1.7))
    return g, d, inputs.pictures(), rubric.fakes(g)


def of_all(losses, gradient_in_each_case):
    """Of the largest effect that a wrong loss has on the gradients of some cases, the smallest."""
    found = {name: [gradient(loss) for gradient in gradient_in_each_case] for name, loss in losses.items()}
    return smallest({name: max(map(distance, gradients, found["right"])) for name, gradients in found.items()})


def discriminator_losses(task):
    """Task 2's penalty is the same with each of these losses, and left out; so is the hinge, which differs from the
    right loss by a constant on its critics and is known by its value."""
    g, d, real, fake = samples()
    cases = [(d, real, fake)]
    if task == 1:
        cases.append((rubric.arrays(inputs.linear_critic((inputs.DIM,), 0.5)), inputs.LARGE * real, fake))
    if task == 2:
        cases = [(rubric.arrays(inputs.linear_critic((inputs.DIM,), 1.7)), real, fake), pictures()[1:]]

    def gradient_of(d, real, fake):
        return lambda loss: reference.gradient(
            lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), d
        )

    losses = reference.DISCRIMINATOR_LOSSES[reference.FAMILY[task]]
    losses = {name: loss for name, loss in losses.items() if task != 2 or "hinge" not in name}
    return of_all(losses, [gradient_of(*case) for case in cases])


def generator_losses(task):
    g, d, _, _ = samples()
    cases = [(g, d)] + [(g, rubric.arrays(inputs.linear_critic((inputs.DIM,), 0.5)))] * (task == 1)
    cases += [pictures()[:2]] * (task == 2)

    def gradient_of(g, d):
        return lambda loss: reference.gradient(lambda w: loss(reference.discriminator(d, rubric.fakes(w))), g)

    return of_all(reference.GENERATOR_LOSSES[reference.FAMILY[task]], [gradient_of(*case) for case in cases])


def penalties():
    """Of the largest effect that a wrong formula has in one of the three probes, the smallest."""
    cases = [
        np.tile(rubric.arrays(inputs.linear_critic(shape, 1.7))[0].reshape(shape), (inputs.BATCH, *[1] * len(shape)))
        for shape in ((inputs.DIM,), inputs.PICTURE)
    ]
    cases.append(reference.slopes(rubric.arrays(inputs.discriminator_weights(1.5)), inputs.examples()))
    right = [value_of(reference.PENALTIES["right"], g) for g in cases]
    return smallest(
        {
            name: max(relative(value_of(formula, g), value) for g, value in zip(cases, right))
            for name, formula in reference.PENALTIES.items()
        }
    )


def shares_of_the_penalty():
    """What else stands in place of lambda_gp times the penalty: weight 0, 1, -lambda; and a sum in place of a mean."""
    return smallest({"it is not in the gradient": 1.0, "it is subtracted": 2.0, "it is summed": inputs.BATCH - 1.0})


def points_of_the_penalty():
    _, d, real, fake = samples()
    u = inputs.table("u", inputs.BATCH, 1, low=0, high=1)

    def gradient(points):
        return reference.gradient(
            lambda w: (
                float(np.mean(reference.discriminator(w, fake)) - np.mean(reference.discriminator(w, real)))
                + 10 * reference.penalty(w, points)
            ),
            d,
        )

    right = gradient(u * real + (1 - u) * fake)
    return smallest(
        {name: distance(gradient(x), right) for name, x in (("at the real examples", real), ("at the fakes", fake))}
    )


def training(task):
    """Weights of the discriminator before each of its three updates and after the last, and gradients, with Adam."""
    g, d, real, fake = samples()
    loss = reference.DISCRIMINATOR_LOSSES[reference.FAMILY[task]]["right"]
    beta_1 = 0.3 if task == 2 else 0.5
    u = inputs.table("u", inputs.BATCH, 1, low=0, high=1)
    starts, gradients, flat = [], [], [np.concatenate([w.ravel() for w in d])]
    for _ in range(3):
        starts.append(d)
        gradient = reference.gradient(
            lambda w: (
                loss(reference.discriminator(w, real), reference.discriminator(w, fake))
                + (10 * reference.penalty(w, u * real + (1 - u) * fake) if task == 2 else 0)
            ),
            d,
        )
        gradients.append(np.concatenate([one.ravel() for one in gradient]))
        moved = list(reference.adam(flat, gradients, 0.05, beta_1, 0.9))[-1]
        if task == 1:
            moved = np.clip(moved, -1, 1)
        flat.append(moved)
        sizes = np.cumsum([w.size for w in d])[:-1]
        d = [part.reshape(w.shape) for part, w in zip(np.split(moved, sizes), d)]
    return starts, d, flat[:-1], gradients


def adams(task):
    """Other constants of Adam, seen in the discriminator's three updates of one step (the checker looks at two)."""
    _, _, starts, gradients = training(task)
    right = (0.3, 0.9) if task == 2 else (0.5, 0.9)
    made = list(reference.adam(starts, gradients, 0.05, *right))
    others = {f"beta_1 = {a}, beta_2 = {b}": (0.05, a, b) for a, b in rubric.ADAMS if (a, b) != right}
    others.update({f"learning rate {rate}": (rate, *right) for rate in (0.005, 0.001, 0.0001, 0.01, 0.1, 0.025)})
    return smallest(
        {
            name: max(
                float(np.max(np.abs(a - b))) for a, b in zip(made, reference.adam(starts, gradients, *one))
            ) / 0.05
            for name, one in others.items()
        }
    )  # fmt: skip


def returned_values(task):
    g, _, real, fake = samples()
    starts, end, _, _ = training(task)
    losses = reference.DISCRIMINATOR_LOSSES[reference.FAMILY[task]]

    def value(loss, d):
        return loss(reference.discriminator(d, real), reference.discriminator(d, fake))

    values = [value(losses["right"], d) for d in starts]
    # Minus the size is the right value wherever that is negative, and so here; absolute errors come near it by
    # chance. Both have other gradients, and nobody minimises the right loss and returns one of them.
    known = {name: loss for name, loss in losses.items() if "minus the size" not in name and "absolute" not in name}
    found = {name: value(loss, starts[-1]) for name, loss in known.items()}
    found["the mean over the iterations"] = np.mean(values)
    found["that of the first iteration"] = values[0]
    found["computed after the last update"] = value(losses["right"], end)
    effects = {name: relative(one, values[-1]) for name, one in found.items()}
    y = reference.discriminator(end, fake)
    for name, loss in reference.GENERATOR_LOSSES[reference.FAMILY[task]].items():
        if name not in ("right", "is the size of the mean, without its sign"):  # the same: D(fake) is negative here
            right = reference.GENERATOR_LOSSES[reference.FAMILY[task]]["right"](y)
            effects[f"gen_loss {name}"] = relative(loss(y), right)
    return smallest(effects)


def clippings():
    weights = rubric.arrays(inputs.clipped_weights())
    right = [np.clip(w, -1, 1) for w in weights]

    def worst(found):
        return max(distance([a], [b]) for a, b in zip(found, right))

    return smallest(
        {
            "no clipping": worst(weights),
            "clipped to [-2, 2]": worst([np.clip(w, -2, 2) for w in weights]),
            "clipped to [-.01, .01]": worst([np.clip(w, -0.01, 0.01) for w in weights]),
            "kernels only": worst([np.clip(w, -1, 1) if w.ndim > 1 else w for w in weights]),
            "biases only": worst([np.clip(w, -1, 1) if w.ndim == 1 else w for w in weights]),
            "scaled instead of cut": worst([w / max(1, np.max(np.abs(w))) for w in weights]),
        }
    )


def on_pictures():
    """The norm over some axes of a picture only, in the gradient of the penalty of a linear critic.

    Over the first two axes it is right for these pictures, whose third has length 1; it stops on other examples.
    """
    w = rubric.arrays(inputs.linear_critic(inputs.PICTURE, 1.7))[0]
    fake = reference.generator(rubric.arrays(inputs.picture_generator()), inputs.latent_vectors())
    plain = fake.mean(axis=0) - inputs.pictures().reshape(inputs.BATCH, -1).mean(axis=0)

    def gradient(formula):
        def loss(weights):
            g = np.tile(weights[0].reshape(inputs.PICTURE), (inputs.BATCH, 1, 1, 1))
            return value_of(formula, g)

        return plain[:, None] + 10 * reference.gradient(loss, [w])[0]

    right = gradient(reference.PENALTIES["right"])
    words = [name for name in reference.PENALTIES if "all axes of a picture" in name and "first two" not in name]
    return smallest({name: distance([gradient(reference.PENALTIES[name])], [right]) for name in words})


def networks_of_task_3(which):
    name = ("generator", "discriminator")[which]
    weights = inputs.stored_weights(name)
    function = (reference.generator_of_task_3, reference.discriminator_of_task_3)[which]
    mistakes = (reference.GENERATOR_MISTAKES, reference.DISCRIMINATOR_MISTAKES)[which]
    x = inputs.latent_vectors(4, 16) if which == 0 else inputs.table("faces", 4, 16, 16, 1)
    training = ({"training": False},) if which == 0 else ({},)
    right = function(weights, x, *training[0].values())
    return smallest(
        {
            sentence: distance([function(weights, x, **training[0], **wrong)], [right])
            for sentence, wrong in mistakes.items()
        }
    )


def one_array_not_loaded(which):
    """One array of a network left at the zeros or ones that Keras begins with (kernels are random there)."""
    stored = rubric.sampled(which)
    effects = {}
    for i in range(len(stored)):
        for begin in (0, 1):
            found = [np.full_like(one, begin) if i == j else one for j, one in enumerate(stored)]
            effects[f"array {i + 1} is all {begin}"] = distance(found, stored)
    return smallest(effects)


def weights_inside_an_example():
    u = inputs.table("u", inputs.BATCH, inputs.DIM, low=0, high=1)
    return float(u.std(axis=1).max()), "a weight for each number"


def effects():
    """Comparison -> (smallest effect of a known mistake, which one). NumPy only."""
    return {
        "0.discriminator_loss": discriminator_losses(0),
        "0.generator_loss": generator_losses(0),
        "0.returned_values": returned_values(0),
        "0.adam": adams(0),
        "1.discriminator_loss": discriminator_losses(1),
        "1.generator_loss": generator_losses(1),
        "1.clip": clippings(),
        "1.returned_values": returned_values(1),
        "1.adam": adams(1),
        "2.interpolation": weights_inside_an_example(),
        "2.penalty": penalties(),
        "2.discriminator_loss": discriminator_losses(2),
        "2.penalty_in_loss": shares_of_the_penalty(),
        "2.generator_loss": generator_losses(2),
        "2.penalty_points": points_of_the_penalty(),
        "2.pictures": on_pictures(),
        "2.returned_values": returned_values(2),
        "2.adam": adams(2),
        "3.generator": networks_of_task_3(0),
        "3.discriminator": networks_of_task_3(1),
        "4.generator_weights": one_array_not_loaded("generator"),
        "4.discriminator_weights": one_array_not_loaded("discriminator"),
        "defaults, learning rate": (0.001, "another rate, such as .004"),
        "defaults, lambda_gp": (9.0, "lambda_gp=1"),
    }


# ------------------------------------------------------------------------- noise


def noise(python=sys.executable):
    """Comparison -> the largest distance that the judges accepted in a grading of our own solutions."""
    found, current, kept = {}, [None], (rubric.close, rubric.near, reference.adam)

    def note(distance, key=None):
        key = key or current[0]
        found[key] = max(found.get(key, 0.0), float(distance))

    def close(a, b, tolerance=TOLERANCE):
        accepted = distance(a, b) < tolerance
        if accepted:
            note(distance(a, b))
        return accepted

    def near(a, b):
        accepted = kept[1](a, b)
        if accepted:
            note(relative(a, b))
        return accepted

    session_records = records_of(python)
    rubric.close, rubric.near = close, near
    try:
        for task, records in session_records.items():
            for behaviour in rubric.RUBRIC[task]:
                current[0] = behaviour.key
                sentence = behaviour.judge(records)
                assert sentence is None, f"our own solution fails: {sentence}"
    finally:
        rubric.close, rubric.near, _ = kept
    for task in (0, 1, 2):
        note(noise_of_adam(task, session_records[task]["step"]), f"{task}.adam")
        update = rubric.steps_of(session_records[task]["defaults"])[0].of("G")[0]
        change = rubric.moved(update["before"]["generator"], update["after"]["generator"])
        note(abs(change - 0.005), "defaults, learning rate")
    note(noise_of_lambda(session_records[2]["defaults"]), "defaults, lambda_gp")
    note(noise_of_shares(session_records[2]["interpolate"]), "2.interpolation")
    return found


def records_of(python):
    """Task -> records of our own solutions."""
    home = os.path.realpath(tempfile.mkdtemp(prefix="margins-"))
    session = grading.Session(ROOT, python, home, grading.Limits(), None)
    try:
        for task in inputs.FILES:
            session.run(task)
        return session.records
    finally:
        session.close()
        grading.remove(home)


def noise_of_adam(task, record):
    worst, beta_1 = 0.0, 0.3 if task == 2 else 0.5
    steps = rubric.steps_of(record)
    for letter, which in (("D", "discriminator"), ("G", "generator")):
        updates = [update for step in steps for update in step.of(letter)]
        starts, ends = (
            [np.concatenate([w.ravel() for w in rubric.arrays(update[when][which])]) for update in updates]
            for when in ("before", "after")
        )
        gradients = [np.concatenate([g.ravel() for g in rubric.gradient_of(one, which, 4)]) for one in updates]
        for a, b in zip(reference.adam(starts, gradients, 0.05, beta_1, 0.9), ends):
            worst = max(worst, float(np.max(np.abs(a - b))) / 0.05)
    return worst


def noise_of_lambda(record):
    step = rubric.steps_of(record)[0]
    found = rubric.gradient_of(step.of("D")[0], "discriminator", 2)[0]
    weights, real = rubric.arrays(inputs.linear_critic((inputs.DIM,), 1.7)), inputs.examples(200)
    fake = rubric.fakes(rubric.arrays(step.of("G")[0]["before"]["generator"]), 200)
    plain = (fake.mean(axis=0) - real.mean(axis=0))[:, None]
    right = 2 * 0.7 * weights[0] / 1.7
    return abs(float(np.sum((found - plain) * right) / np.sum(right**2)) - 10)


def noise_of_shares(record):
    real = inputs.examples()
    fake = inputs.table("fake", *real.shape, low=2, high=3)
    return max(float(((np.asarray(made) - real) / (fake - real)).std(axis=1).max()) for made in record["made"])


# ------------------------------------------------------------------------- table


def rows():
    """The committed table: comparison -> row, numbers as floats."""
    with open(TABLE, newline="") as file:
        return {
            row["comparison"]: {**row, **{name: float(row[name]) for name in COLUMNS[1:4]}}
            for row in csv.DictReader(file)
        }


def main():
    measured = [noise(python) for python in [sys.executable, *sys.argv[1:]]]
    with open(TABLE, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for comparison, (effect, mistake) in effects().items():
            largest = max(one.get(comparison, 0.0) for one in measured)
            tolerance = TOLERANCES.get(comparison, TOLERANCE)
            values = (comparison, f"{tolerance:g}", f"{largest:.1e}", f"{effect:.6g}", mistake)
            writer.writerow(dict(zip(COLUMNS, values)))


if __name__ == "__main__":
    main()
