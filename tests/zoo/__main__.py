"""Grades the zoo with other inputs than the tests do, and says which entry is not graded as it must be.

    python -m tests.zoo [--series N [M ...]] [--task N] [--only TEXT] [--every K] [--say] [--python OTHER]

In each series every entry has a seed of its own, which follows from its label and the number of the series; the tests
run series 0. Ends with exit code 1 if a right solution loses a point, or a wrong one is not caught or rightly named.
"""

import argparse
import sys
import tempfile
import time
import zlib
from contextlib import closing
from pathlib import Path

from tests.checker import grading, process, reports, rubric
from tests.zoo.solutions import FILES
from tests.zoo.unusual import ENTRIES

GENEROUS = grading.Limits(probe=240, task=600)  # seconds: these are about marks, not about the speed of a busy machine


def labels(entries):
    return [f"{entry.task} {entry.name}" for entry in entries]


def seed_of(label, series):
    return zlib.crc32(f"{series} {label}".encode())


def grade_entries(folder, entries, series=0, python=sys.executable):
    """Pairs (label, grading), one for each entry, with one start of TensorFlow."""
    with closing(process.Server(python, str(folder), GENEROUS.memory)) as server:
        for number, (label, entry) in enumerate(zip(labels(entries), entries)):
            solution = Path(folder) / f"{number}"
            solution.mkdir()
            for name, text in ((entry.file or FILES[entry.task], entry.text), *entry.beside):
                (solution / name).write_bytes(text.encode())
            seed = seed_of(label, series)
            yield label, grading.grade(solution, tasks=[entry.task], limits=GENEROUS, server=server, seed=seed)


def complaint(entry, graded):
    """What is wrong with the grading of an entry; None if it is as it must be."""
    with_seed = f" (seed {graded.seed})"
    if graded.trouble:
        return graded.trouble + with_seed
    verdicts = graded.verdicts[entry.task]
    failed = [verdict for verdict in verdicts if verdict.status in (rubric.FAILED, rubric.NOT_STARTED)]
    lost = graded.total(entry.task) - graded.points(entry.task)
    if not entry.root:
        wrong = [f"{v.behaviour.key}: {v.sentence}" for v in verdicts if v.status != rubric.PASSED]
        if wrong or lost:
            return "; ".join(wrong) + with_seed
        said = " ".join(verdict.remark for verdict in verdicts if verdict.remark)
        missing = [word for word in entry.words if word not in said]
        if missing or bool(said) != bool(entry.words):
            return f"expected the remark {entry.words}, found {said!r}{with_seed}"
        return None
    if not failed or not lost:
        return "not caught" + with_seed
    first = reports.root_cause(verdicts)
    missing = [word for word in entry.words if word not in first.sentence]
    if first.behaviour.key != entry.root or missing:
        return f"expected {entry.root} with {entry.words}, found {first.behaviour.key}: {first.sentence}{with_seed}"
    return None


def say(label, entry, graded):
    """What a student reads: the points, and every sentence."""
    print(f"{label}: {graded.points(entry.task)} of {graded.total(entry.task)}")
    for verdict in graded.verdicts[entry.task]:
        if verdict.status == rubric.FAILED or verdict.remark:
            print(f"    {verdict.behaviour.key}: {verdict.sentence or verdict.remark}")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, nargs="+", default=[1], metavar="N", help="default 1; the tests have 0")
    parser.add_argument("--task", type=int, choices=FILES, action="append", help="only entries of this task")
    parser.add_argument("--only", default="", metavar="TEXT", help="only entries with this text in their labels")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="only every Kth of them")
    parser.add_argument("--say", action="store_true", help="also print the points and the sentences of each entry")
    parser.add_argument("--python", default=sys.executable, metavar="PYTHON", help="runs the solutions")
    options = parser.parse_args(argv)
    chosen = [
        entry
        for label, entry in zip(labels(ENTRIES), ENTRIES)
        if options.only in label and (options.task is None or entry.task in options.task)
    ][:: options.every]
    began, wrong = time.monotonic(), 0
    for series in options.series:
        with tempfile.TemporaryDirectory(prefix="zoo-") as folder:
            for entry, (label, graded) in zip(chosen, grade_entries(folder, chosen, series, options.python)):
                found = complaint(entry, graded)
                if options.say:
                    say(label, entry, graded)
                if found:
                    wrong += 1
                    print(f"series {series}, {label}: {found}", flush=True)
    print(
        f"{len(chosen)} entries, {len(options.series)} series: {wrong} not graded as they must be "
        f"({time.monotonic() - began:.0f} s)"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
