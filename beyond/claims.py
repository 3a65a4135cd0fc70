"""Measure every claim of beyond/CLAIMS.md: the runs that the systems declare, each in its list CLAIMS.

    python -m beyond.claims                     all runs, three seeds each; goes on where it stopped
    python -m beyond.claims --only failures     the runs of one claim
    python -m beyond.claims --jobs 4            four runs at a time, each in a process of its own
    python -m beyond.claims --steps 2 --out try.csv     two steps an epoch, to see whether everything runs
    python -m beyond.claims --table             only print the tables of what is there

Every run trains on data that need no network, in at most three minutes on two cores. Its figures are appended to a CSV
file as soon as it ends, one line a figure: claim, run, seed, steps, TensorFlow's version, figure, value.
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import csv
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common.catalogue import room, systems
from gan.numbers_in_words import mean_and_spread

SYSTEM = {
    "family": "measuring",
    "line": "every claim of beyond/CLAIMS.md, measured over three seeds",
    "totals": {},
    "quick": "seconds",
}

CSV = Path(__file__).resolve().with_name("claims.csv")
COLUMNS = ("claim", "run", "seed", "steps", "tensorflow", "figure", "value")
LAST = "seconds"  # the figure that is written last: a run with it is complete


@dataclass
class Run:
    """One training and what is measured of it.

    Attributes:
        claim: name of the table that it stands in.
        name: of its row.
        measure: function (seed, steps) -> dict of figures, numbers or labels; steps None: the real setting.
    """

    claim: str
    name: str
    measure: Callable


def all_runs():
    """Every run, in the order in which they are made: those in the list CLAIMS of each system."""
    return [Run(*claim) for name in systems() if name != "claims"
            for claim in getattr(room(name), "CLAIMS", ())]


def stored(path):
    """What the file holds: {(claim, run, seed, steps): {figure: value}}, complete runs only."""
    found = {}
    if path.is_file():
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                key = row["claim"], row["run"], int(row["seed"]), row["steps"]
                found.setdefault(key, {})[row["figure"]] = row["value"]
    return {key: figures for key, figures in found.items() if LAST in figures}


def append(path, key, figures):
    """Write the figures of one run at the end of the file."""
    new = not path.is_file()
    with open(path, "a", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([COLUMNS] * new)
        writer.writerows([*key, tf.__version__, name, value] for name, value in figures.items())


def tables(found):
    """Markdown tables, one a claim: a row a run, a column a figure, mean +- standard deviation over the seeds."""
    rows = {}
    for (claim, run, _, _), figures in found.items():
        rows.setdefault(claim, {}).setdefault(run, []).append(figures)
    lines = []
    for claim, runs in rows.items():
        names = list(dict.fromkeys(name for seeds in runs.values() for figures in seeds for name in figures))
        lines += [f"**{claim}**", "", f"| | {' | '.join(names)} | seeds |", "|---" * (len(names) + 2) + "|"]
        for run, seeds in runs.items():
            cells = [_cell([figures[name] for figures in seeds if name in figures]) for name in names]
            lines.append(f"| {run} | {' | '.join(cells)} | {len(seeds)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(values):
    try:
        numbers = np.array(values, dtype="float64")
    except ValueError:  # labels
        return ", ".join(f"{value} ({values.count(value)})" for value in dict.fromkeys(values))
    return mean_and_spread(numbers, ".3g", ".2g") if len(numbers) else ""


def measured(title, claim, name, seed, steps):
    """Make the run of that claim and name; returns its figures, and how many seconds it took."""
    tf.config.optimizer.set_experimental_options({"remapping": False})  # see beyond.common.script.start
    run = next(run for run in all_runs() if (run.claim, run.name) == (claim, name))
    print(f"{title}: {claim}, {name}, seed {seed}", flush=True)
    start = time.monotonic()
    figures = run.measure(seed, steps)
    keras.backend.clear_session()
    return {**figures, LAST: round(time.monotonic() - start, 1)}


def main(argv=None):
    import argparse  # here, with the rest of the command line

    from beyond.claims import measured  # other processes find it there, not in a script
    from gan import jobs, script
    parser = argparse.ArgumentParser(prog="python -m beyond.claims", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=script.positive, default=3, metavar="K", help="seeds 0 to K - 1 (default 3)")
    parser.add_argument("--only", metavar="CLAIM", help="only the runs of this claim")
    parser.add_argument("--steps", type=script.positive, metavar="N", help="steps an epoch, in place of each run's own")
    parser.add_argument("--out", type=Path, default=CSV, metavar="FILE", help="default beyond/claims.csv")
    parser.add_argument("--table", "--quick", action="store_true", help="run nothing, print what is stored")
    jobs.add_jobs(parser)
    options = parser.parse_args(argv)
    if not options.out.parent.is_dir():
        parser.error(f"--out: there is no folder {str(options.out.parent)!r}")
    runs = all_runs()
    claims = list(dict.fromkeys(run.claim for run in runs))
    if options.only and options.only not in claims:
        parser.error(f"--only: expected one of {', '.join(claims)}, got {options.only!r}")
    runs = [run for run in runs if options.only in (None, run.claim)]
    steps = str(options.steps or "")
    plan = [(run.claim, run.name, seed, steps) for seed in range(options.seeds) for run in runs]
    done = stored(options.out)
    left = [] if options.table else [key for key in plan if key not in done]
    calls = [(f"run {number + 1} of {len(left)}", *key[:3], options.steps) for number, key in enumerate(left)]
    began, count = time.monotonic(), 0
    for number, figures in jobs.results(measured, calls, options):
        append(options.out, left[number], figures)
        count += 1
        minutes = (time.monotonic() - began) / count * (len(left) - count) / 60
        print(" ", ", ".join(f"{name} {value}" for name, value in figures.items()), f"({minutes:.0f} min left)",
              flush=True)
    print(tables({key: figures for key, figures in stored(options.out).items() if key in set(plan)}))


if __name__ == "__main__":
    main()
