"""The room on both sides of every tolerance: the noise of correct solutions below it, the smallest mistake above it.

    python -m tests.checker.margins [OTHER PYTHON ...]    measures, and writes margins.csv anew

All numbers are in the unit of the comparison, nearly always relative to the largest expected number. The effects of
mistakes (effects.py) are the smallest ones over a hundred seeds; the table says of which seed. The noise is measured on
our own solutions, with a handful of seeds.
"""

import csv
import math
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.checker import effects, grading, inputs, reference
from tests.checker.effects import TOLERANCES, relative
from tests.checker.records import arrays, fakes, gradient_of, moved, steps_of
from tests.checker.reference import TOLERANCE, distance
from tests.checker.rubric import RUBRIC

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("margins.csv")
COLUMNS = ("comparison", "tolerance", "noise", "effect", "mistake", "seed")
SEEDS, SEEDS_OF_NOISE = range(100), range(5)


# ------------------------------------------------------------------------- noise


def noise(python=sys.executable, seeds=SEEDS_OF_NOISE):
    """Comparison -> the largest distance that the judges accepted in gradings of our own solutions."""
    found, current, kept = {}, [None], (reference.close, reference.near)

    def note(distance, key=None):
        key = key or current[0]
        found[key] = max(found.get(key, 0.0), float(distance))

    def close(a, b, tolerance=TOLERANCE):
        accepted = distance(a, b) < tolerance
        if accepted:  # a judge may compare by several tolerances: noise counts as a share of the one that it is below
            note(distance(a, b) * TOLERANCES.get(current[0], TOLERANCE) / tolerance)
        return accepted

    def near(a, b):
        accepted = kept[1](a, b)
        if accepted:
            note(relative(a, b))
        return accepted

    gradings = list(records_of(python, seeds))
    reference.close, reference.near = close, near
    try:
        for task, key, records in gradings:
            with inputs.use(key):
                for behaviour in RUBRIC[task]:
                    current[0] = behaviour.key
                    sentence = behaviour.judge(records) if behaviour.judge else None
                    assert sentence is None, f"our own solution fails: {sentence}"
    finally:
        reference.close, reference.near = kept
    for task, key, records in gradings:
        with inputs.use(key):
            for name, value in noise_beside_judges(task, records):
                note(value, name)
    return found


def noise_beside_judges(task, records):
    """(comparison, noise) of the comparisons that are not made by `reference.close` or `reference.near`."""
    if task in (0, 1, 2):
        yield f"{task}.adam", noise_of_adam(task, records["step"])
        update = steps_of(records["defaults"])[0].of("G")[0]
        change = moved(update["before"]["generator"], update["after"]["generator"])
        yield "defaults, learning rate", abs(change - 0.005)
    if task == 2:
        yield "defaults, lambda_gp", noise_of_lambda(records["defaults"])
        yield "2.interpolation", noise_of_shares(records["interpolate"])


def records_of(python, seeds):
    """(task, key of its inputs, records) of our own solutions, for every seed."""
    home = os.path.realpath(tempfile.mkdtemp(prefix="margins-"))
    server = None
    try:
        for seed in seeds:
            session = grading.Session(ROOT, python, home, grading.Limits(), None, seed)
            session.server = server
            for task in inputs.FILES:
                session.run(task)
                yield task, effects.key(seed, task), session.records[task]
            server = session.server
    finally:
        if server:
            server.close()
        grading.remove(home)


def noise_of_adam(task, record):
    worst, beta_1 = 0.0, 0.3 if task == 2 else 0.5
    steps = steps_of(record)
    for letter, which in (("D", "discriminator"), ("G", "generator")):
        updates = [update for step in steps for update in step.of(letter)]
        starts, ends = (
            [np.concatenate([w.ravel() for w in arrays(update[when][which])]) for update in updates]
            for when in ("before", "after")
        )
        gradients = [np.concatenate([g.ravel() for g in gradient_of(one, which, 4)]) for one in updates]
        for a, b in zip(reference.adam(starts, gradients, inputs.RATE, beta_1, 0.9), ends):
            worst = max(worst, float(np.max(np.abs(a - b))) / inputs.RATE)
    return worst


def noise_of_lambda(record):
    step = steps_of(record)[0]
    found = gradient_of(step.of("D")[0], "discriminator", 2)[0]
    weights, real = arrays(inputs.linear_critic((inputs.DIM,), inputs.SLOPE)), inputs.examples(200)
    fake = fakes(arrays(step.of("G")[0]["before"]["generator"]), 200)
    plain = (fake.mean(axis=0) - real.mean(axis=0))[:, None]
    right = 2 * (inputs.SLOPE - 1) * weights[0] / inputs.SLOPE
    return abs(float(np.sum((found - plain) * right) / np.sum(right**2)) - 10)


def noise_of_shares(record):
    real = inputs.examples(inputs.MIXED_ROWS)
    fake = inputs.table("fake", *real.shape, low=2, high=3)
    return max(float(((np.asarray(made) - real) / (fake - real)).std(axis=1).max()) for made in record["made"])


# ------------------------------------------------------------------------- table


def smallest_effects(seeds=SEEDS):
    """Comparison -> (smallest effect of a known mistake over the seeds, which mistake, with which seed)."""
    found = {}
    for seed in seeds:
        for task in inputs.FILES:
            for comparison, (effect, mistake) in effects.taken(seed, task)[1].items():
                if not (task == 4 and comparison[0] != "4") and effect < found.get(comparison, (math.inf,))[0]:
                    found[comparison] = effect, mistake, seed
    return {comparison: found.get(comparison) for comparison in effects.COMPARISONS}


def rows():
    """The committed table: comparison -> row, numbers as floats."""
    with open(TABLE, newline="") as file:
        return {
            row["comparison"]: {**row, **{name: float(row[name]) for name in COLUMNS[1:4]}}
            for row in csv.DictReader(file)
        }


def main():
    smallest = smallest_effects()
    measured = [noise(python) for python in [sys.executable, *sys.argv[1:]]]
    with open(TABLE, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for comparison, (effect, mistake, seed) in smallest.items():
            largest = max(one.get(comparison, 0.0) for one in measured)
            tolerance = TOLERANCES.get(comparison, TOLERANCE)
            values = (comparison, f"{tolerance:g}", f"{largest:.1e}", f"{effect:.6g}", mistake, seed)
            writer.writerow(dict(zip(COLUMNS, values)))


if __name__ == "__main__":
    main()
