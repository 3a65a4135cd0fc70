"""Judges of the steps: whether they end, how many updates they make, whose weights these move, float64, and fit."""

import re

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges.adam import judge_adam
from tests.checker.judges.interpolation import judge_interpolation
from tests.checker.judges.losses import differs, judge_discriminator_loss
from tests.checker.judges.samples import judge_samples
from tests.checker.judges.strangers import another_gan
from tests.checker.outcomes import CannotTell, passes
from tests.checker.records import (
    Step,
    arrays,
    crossed,
    gradient_of,
    has_penalty,
    moved,
    plural,
    returned_numbers,
    said,
    steps_of,
)


def judge_runs(task):
    """Whether `train_step` gets to its end."""

    def judge(records):
        for probe in ("step", "step_once"):
            record = records[probe]
            if "failed" in record:
                stopped = record["failed"].get("stopped", "")
                if stopped.startswith("no end"):
                    return f"train_step comes to {stopped}: does a loop of it never stop, or does it call itself?"
                return f"train_step cannot be called: {said(record['failed'])}"
            for step in steps_of(record):
                empty = [update for update in step.updates if all(g is None for g in update["gradients"])]
                if empty:
                    which = Step.letter(empty[0])
                    if which == "?":
                        which = {"generator": "G", "discriminator": "D"}.get(empty[0].get("owner"), "?")
                    left_out = empty[0].get("left_out") or ()  # their gradients were None, and were not handed over
                    if left_out:
                        which = {"generator": "G", "discriminator": "D"}.get(left_out[-1], which)
                    elif not empty[0]["variables"]:
                        whose = f"{empty[0]['owner']}'s " if empty[0].get("owner") else ""
                        return (
                            f"The {whose}optimizer is asked for an update of no "
                            "variables at all: a network whose trainable is False has none. Set it to True before the "
                            "network's own update"
                        )
                    if which == "G":
                        return (
                            "The generator's gradients are all None: its fakes were made outside its tape, or cut off "
                            "from it. Draw the fake sample inside the `with tf.GradientTape()` block of the generator"
                        )
                    if which == "D":
                        return (
                            "The discriminator's gradients are all None: its loss does not depend on the "
                            "discriminator's weights. Call the discriminator inside its tape, and compute the whole "
                            "loss of its outputs there"
                        )
                    return "train_step asks for an update without any gradient" + (
                        f" ({said(step.raised)})" if step.raised else ""
                    )
                if step.raised and probe == "step_once":
                    continue  # what stops with disc_iter = 1 alone is a matter of the number of updates
                if step.raised:
                    stopped = step.updates and "after" not in step.updates[-1]
                    also = of_the_other_network(step) or crossed([step]) if stopped else None
                    also = also or another_gan(task, records) or called_otherwise(step.raised)
                    also = also or works_with_its_argument(records, step.raised)
                    return f"{also + '. ' if also else ''}train_step stops with {said(step.raised)}"
            if not any(step.updates for step in steps_of(record)):
                changes = max(
                    moved(step.record["start"][which], step.record["end"][which])
                    for step in steps_of(record)
                    for which in ("generator", "discriminator")
                )
                if changes > 0:
                    return (
                        "train_step moves weights, but neither by an optimizer of Keras nor by gradients of a "
                        "tf.GradientTape: the task asks for Adam, keras.optimizers.Adam, and its apply_gradients"
                    )
                return "train_step changes no weights: no optimizer was asked for an update"
        return None

    return judge


def of_the_other_network(step):
    """A sentence if the last update was given gradients that do not have the shapes of its variables, else None."""
    update = step.updates[-1]
    for variable, gradient in zip(update["variables"], update["gradients"]):
        weights = arrays(update["before"][variable[0]]) if variable else ()
        shapes = [w.shape for w in weights if gradient is not None]
        if variable and gradient is not None and np.shape(gradient) not in (shapes[variable[1]], ()):
            return (
                f"An update of the {variable[0]} is given gradients of other shapes than its variables have: gradients "
                "and variables in zip(gradients, variables) must be of the same network"
            )
    return None


def called_otherwise(raised):
    """A sentence if `train_step` cannot be called with one argument, else None."""
    message = raised.get("message", "")
    if raised.get("error") == "TypeError" and "train_step()" in message and "positional argument" in message:
        return (
            "train_step must take one argument besides self, def train_step(self, useless_argument): Keras's fit hands "
            "one over, of which nothing is made"
        )
    return None


def works_with_its_argument(records, raised):
    """A sentence if `train_step` has stopped because of the None that it was called with, else None."""
    name = (records.get("import", {}).get("source") or {}).get("argument")
    line = (raised.get("place") or ["", 0, ""])[2] or ""
    if not name or not (re.search(rf"\b{re.escape(name)}\b", line) or "None" in raised.get("message", "")):
        return None
    return f"train_step uses its argument {name}, which is no real sample and of no use"


def twice(updates):
    """Whether each update of a network is followed by one more with the same gradients."""
    pairs = list(zip(updates[::2], updates[1::2]))
    return len(updates) % 2 == 0 and bool(pairs) and all(a["gradients"] == b["gradients"] for a, b in pairs)


ORDER = "disc_iter updates of the discriminator, then one of the generator"


def judge_updates(records):
    for probe, count in (("step", inputs.DISC_ITER), ("step_once", 1)):
        for place, step in enumerate(steps_of(records[probe])):
            if step.raised:  # "runs" tells of what stops with a larger disc_iter
                return f"With disc_iter = {count} train_step stops with {said(step.raised)}"
            seen, expected = step.letters, "D" * count + "G"
            if seen == expected:
                continue
            d, g = seen.count("D"), seen.count("G")
            found = (
                f"With disc_iter = {count} {'a later ' * bool(place)}train_step did "
                f"{plural(d, 'update')} of the discriminator and {g} of the generator"
            )
            also = f"update also moves the {{}}'s weights; expected {ORDER}, each of its own network only"
            if seen == "D" * count + "GD" and step.draws_between(step.done[-2], step.done[-1]):
                return f"{found}, the last one after that of the generator. Expected {ORDER}"
            if seen in ("D" * count + "B", "D" * count + "GD") or (
                seen == "D" * (count + 1) + "G" and not step.sees_real(step.done[count])
            ):
                return f"The generator's {also.format('discriminator')}"
            if seen == "D" * (count + 1) and not step.sees_real(step.done[count]):
                return f"{found}: the generator's update moves the discriminator's weights instead of its own"
            if seen == "B" * count + "G":
                return f"The discriminator's {also.format('generator')}"
            if count > 1 and seen == "DG" * count + "G":
                return f"{found}: one of the generator follows each of the discriminator's. Expected {ORDER}"
            if "B" in seen:
                return f"{found}, and {seen.count('B')} of both at once: each network has updates of its own"
            if "?" in seen:
                return f"{found}, and {seen.count('?')} of neither"
            if count > 1 and seen == "DG" * count:
                return f"{found}: the generator's update stands inside the loop, it must come once after it"
            if seen == "DG" and step.latent_rows == inputs.BATCH:
                return (
                    f"{found}, both on the same batch of fakes: each update needs fakes of its own, and there are "
                    "disc_iter updates of the discriminator before that of the generator"
                )
            if count > 1 and seen == "DG" and step.latent_rows < count * inputs.BATCH:
                return (
                    f"{found}: the loop ends in its first turn (a return inside it?), or disc_iter is ignored. "
                    f"Expected {ORDER}"
                )
            if count > 1 and seen == "DG":
                return f"{found}: the discriminator's update stands outside the loop. Expected {ORDER}"
            if count > 1 and seen == "D" + "G" * count:
                return f"{found}: the loop belongs around the discriminator's update. Expected {ORDER}"
            for letter, which in (("D", "discriminator"), ("G", "generator")):
                if twice(step.of(letter)):
                    return (
                        f"{found}: the {which}'s optimizer is given the same gradients twice. One apply_gradients "
                        "belongs to each gradient"
                    )
            if seen == "D" * 2 * count + "G":
                return (
                    f"{found}: each turn of the loop makes one update, with the sum of the losses on real and on fakes"
                )
            if d == count and g == 1:
                return f"{found}, in another order: expected {ORDER}"
            before = " as in the first: what counts the updates must begin anew in each step" if place else ""
            return f"{found}: expected {count} and 1{before}"
    return None


def judge_own_weights(task):
    """Every update moves its own network only, and nothing moves between updates (but task 1's clipping)."""

    def judge(records):
        for probe in ("step",) if task == 1 else ("step", "clip"):
            for step in steps_of(records[probe]):
                if step.raised:
                    return f"With large weights train_step stops with {said(step.raised)}"
                for update in step.done:
                    for own, other in (("D", "generator"), ("G", "discriminator")):
                        if Step.letter(update) == own and moved(update["before"][other], update["after"][other]) > 0:
                            return (
                                f"An update of the {'discriminator' if own == 'D' else 'generator'} also moves the "
                                f"{other}'s weights"
                            )
                ends = [*(update["before"] for update in step.done), step.record["end"]]
                starts = [step.record["start"], *(update["after"] for update in step.done)]
                for start, end in zip(starts, ends):
                    cut = [np.clip(w, -1, 1) for w in arrays(start["generator"])]
                    if task == 1 and reference.close(cut, arrays(end["generator"]), 1e-6):
                        continue  # clipped like the discriminator's: "clip" says so
                    if moved(start["generator"], end["generator"]) > 0:
                        return "The generator's weights change outside its update: only the optimizer moves them"
                    change = moved(start["discriminator"], end["discriminator"])
                    if task != 1 and change > 0:
                        largest = max(float(np.max(np.abs(w))) for w in arrays(end["discriminator"]))
                        if largest <= 1 + 1e-6:
                            return "The discriminator's weights are clipped: that belongs to task 1. Here " + (
                                "the gradient penalty takes its place" if has_penalty(task) else "nothing is clipped"
                            )
                        return "The discriminator's weights change outside its updates: only the optimizer moves them"
        return None

    return judge


def judge_float64(task):
    """The main scripts of tasks 0 and 1 draw their clouds with NumPy, so with 64 bits a number."""

    def judge(records):
        words = "The examples of the course's main scripts are numbers of 64 bits (float64)"
        record = records["float64"]
        if "failed" in record:
            return f"{words}. With them the class cannot be made: {said(record['failed'])}"
        step = steps_of(record)[0]
        if step.raised:
            return (
                f"{words}. With them train_step stops with {said(step.raised)}. Cast them to float32 where they come in"
            )
        if passes(judge_updates, records) and step.letters != "DDG":
            return f"{words}. With them train_step makes other updates than with float32"
        for update in step.of("D")[:1]:
            found, usual = gradient_of(update, "discriminator", 4), steps_of(records["step"])[0].of("D")
            right = gradient_of(usual[0], "discriminator", 4) if usual else found
            same = (
                not any(g is None for g in (*found, *right))
                and passes(judge_samples, records)
                and passes(judge_discriminator_loss(task), records)
            )
            if same and not reference.close(found, right):
                return f"{words}. With them the discriminator's gradient is another one: {differs(found, right)}"
        return None

    return judge


def judge_fit(task):
    wanted = ["discr_loss", "gen_loss"] + ["gp"] * has_penalty(task)

    def judge(records):
        record = records["fit"]
        if records["class"]["called"]["train_step"] != "train_step":
            raise CannotTell("class")  # fit calls a method of that name and no other
        if "failed" in record:
            return f"compile() and fit() fail with {said(record['failed'])}"
        keys = returned_numbers(task, steps_of(records["step"])[0])[1]
        missing = [keys[key] for key in wanted if key in keys and keys[key] not in record["history"]]
        if missing:
            return (
                f"The history of fit has no {' and no '.join(missing)}; it has "
                f"{', '.join(record['history']) or 'nothing'}"
            )
        for which in ("generator", "discriminator"):
            if not all(np.isfinite(w).all() for w in arrays(record["after"][which])):
                return f"After {inputs.FIT_STEPS} steps of fit the {which} has weights that are not numbers"
            still = moved(record["before"][which], record["after"][which]) == 0
            if still and passes(judge_adam(task), records):  # updates that are not Adam's may leave D without any slope
                return f"fit leaves the {which}'s weights as they were"
        for method, own in (("get_real_sample", judge_samples), ("get_interpolated_sample", judge_interpolation)):
            drawn = record.get("drawn", {}).get(method)
            if drawn and np.array_equal(*drawn) and passes(own, records):
                return (
                    f"In fit {method} gives the same numbers in every step: fit calls it once, to make a graph, and "
                    "what NumPy or Python draws there stays in it as a constant. Draw with tf.random"
                )
        return None

    return judge
