"""The records that the worker sends, as the judges read them: steps, updates, samples, gradients, what was returned."""

import re

import numpy as np

from tests.checker import inputs, reference
from tests.checker.messages import plain


def said(error):
    """An exception of a solution in words."""
    if error.get("stopped"):
        return error["stopped"]
    place = error.get("place")
    where = f" ({place[0]}, line {place[1]}: {place[2]})" if place and place[2] else ""
    kind, message = plain(error["error"], error.get("message") or "")
    return f"{kind}{': ' * bool(message)}{message}{where}"


def has_penalty(task):
    """Task 4's class is that of task 2, and more."""
    return task in (2, 4)


def numeral(x):
    """A number as a student would print it."""
    return "not a number" if np.isnan(x) else f"{x:.4g}"


def arrays(lists):
    return [np.asarray(one, "float64") for one in lists]


def plural(count, noun):
    return f"{count} {noun}" + "s" * (count != 1)


class Step:
    """One `train_step` as the worker saw it."""

    def __init__(self, record):
        self.record = record
        self.raised = record.get("raised")
        self.returned = record.get("returned")
        self.updates = [event for event in record["events"] if event["kind"] == "update"]
        self.done = [update for update in self.updates if "after" in update]

    @property
    def letters(self):
        """The order of the updates: D discriminator, G generator, B both at once, ? of something else."""
        return "".join(self.letter(update) for update in self.done)

    @staticmethod
    def letter(update):
        moved = {variable[0] for variable in update["variables"] if variable}
        return {
            frozenset(["discriminator"]): "D",
            frozenset(["generator"]): "G",
            frozenset(["discriminator", "generator"]): "B",
        }.get(frozenset(moved), "?")

    def of(self, letter):
        return [update for update in self.done if self.letter(update) == letter]

    @property
    def latent_rows(self):
        return sum(event["rows"] for event in self.record["events"] if event["kind"] == "latent")

    def draws_between(self, one, other):
        """Whether latent vectors were drawn between two updates."""
        events = self.record["events"]
        places = [next(i for i, event in enumerate(events) if event is update) for update in (one, other)]
        return any(event["kind"] == "latent" for event in events[places[0] : places[1]])

    def seen_before(self, update):
        """The samples that the discriminator was called with since the update of the discriminator before."""
        found = []
        for event in self.record["events"]:
            if event is update:
                return found
            if event["kind"] == "update":
                found = []
            elif event["network"] == "discriminator" if event["kind"] == "call" else False:
                if event["x"] is not None:
                    found.append(np.asarray(event["x"]))
        return found

    def real_before(self, update, examples):
        """What seen_before gives, of each sample only the rows that are among the examples."""
        samples = [x for x in self.seen_before(update) if x.shape[1:] == examples.shape[1:]]
        return [x[apart(x, examples) < 1e-6 * max(1, np.max(np.abs(examples)))] for x in samples]

    def sees_real(self, update):
        """Whether the discriminator was called with real examples since its update before."""
        return any(len(x) for x in self.real_before(update, inputs.examples()))

    def drawn(self, update, examples=None):
        """The real sample of an update of the discriminator, in its order.

        A right one holds each of the examples once. One that was drawn with replacement does not: "samples" says so,
        and everything else is judged on what was drawn. If that cannot be seen it is taken for a right one.
        """
        examples = inputs.examples() if examples is None else examples
        found = [x for x in self.real_before(update, examples) if len(x) == len(examples)]
        return found[0] if found else examples


def apart(x, examples):
    """The distance of each row of x from the nearest example."""
    gaps = np.abs(x[:, None] - examples[None]).reshape(len(x), len(examples), -1)
    return gaps.max(axis=2).min(axis=1) if len(x) else np.zeros(0)


def repeats(x, examples):
    """Whether x, whose rows are examples, lacks one of them and so holds another one twice."""
    return bool(apart(examples, x).max() > 1e-6)


def steps_of(record):
    return [Step(one) for one in record["steps"]]


def gradient_of(update, which, count):
    """The gradients of an update in the order of the network's variables; None where one is missing."""
    found = [None] * count
    for variable, values in zip(update["variables"], update["gradients"]):
        if variable and variable[0] == which and values is not None:
            found[variable[1]] = np.asarray(values)
    return found


def fakes(weights, rows=None):
    return reference.generator(weights, inputs.latent_vectors(rows))


def usual_letters():
    """The updates of the probe `step`, as `Step.letters` tells them, if all is right."""
    return "D" * inputs.DISC_ITER + "G"


def updates_of(records, letter, others=(), step=True):
    """The updates of one network in the probe `step` (the first if their order is not the course's), and the first in
    each of the other probes: a list of (step, update)."""
    found = []
    for probe in (*["step"] * step, *others):
        record = records.get(probe, {})
        steps = [one for one in map(Step, record.get("steps") or record.get("first") or []) if one.of(letter)]
        usual = probe == "step" and all(one.letters == usual_letters() for one in steps)
        pairs = [(one, update) for one in steps for update in one.of(letter)]
        found += pairs if usual else pairs[:1]
    return found


def identifiers(records):
    """All names and short strings in the text of the file."""
    source = records.get("import", {}).get("source")
    return set(source.get("identifiers", ())) if isinstance(source, dict) else set()


def moved(before, after):
    """The largest change of a weight; infinite for one that is a number before or after only."""
    changes = [np.where(np.isnan(a) & np.isnan(b), 0, np.abs(a - b)) for a, b in zip(arrays(before), arrays(after))]
    largest = float(np.max([np.max(change) for change in changes]))
    return np.inf if np.isnan(largest) else largest


def crossed(steps):
    """A sentence if one network is updated by the optimizer that belongs to the other one, else None."""
    for step in steps:
        for update in step.updates:
            moving = {variable[0] for variable in update["variables"] if variable}
            if update.get("owner") and len(moving) == 1 and update["owner"] not in moving:
                return f"The {moving.pop()} is updated by the {update['owner']}'s optimizer: each has one of its own"
    return None


def returned_numbers(task, step):
    """(the course's key -> number, the course's key -> key) of what a step returned; a key may be spelled otherwise."""
    keys, returned = {}, step.returned or {}
    rest = [key for key in returned if key not in ("discr_loss", "gen_loss", "gp")]
    spelled = {
        "gp": r"penal|(^|_)gp($|_)|grad",
        "discr_loss": r"^(d|c)(_|l|is|r|$)|disc|crit",
        "gen_loss": r"^g(_|l|e|$)|gener",
    }
    for key, pattern in spelled.items():
        found = [key] if key in returned else [one for one in rest if re.search(pattern, one.lower())]
        if found and (key != "gp" or has_penalty(task)):
            keys[key] = found[0]
            rest = [one for one in rest if one != found[0]]
    return {key: returned[own]["value"] for key, own in keys.items() if returned[own]}, keys
