"""Judges of weights: clipped after an update, or loaded from files."""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges.losses import clipped_gradients
from tests.checker.outcomes import Misnamed
from tests.checker.records import arrays, fakes, gradient_of, identifiers, moved, numeral, plural, said, steps_of
from tests.checker.reference import CLIPPED


def gradients_cut(records):
    """Whether the gradients of the critic, or those that its optimizer makes of them, are clipped."""
    record = records["steep"]
    step = steps_of(record)[0] if "steps" in record else None
    if not step or step.raised or "D" not in step.letters:
        return False
    update = step.of("D")[0]
    weights, fake = arrays(update["before"]["discriminator"]), fakes(arrays(update["before"]["generator"]))
    real = step.drawn(update, inputs.LARGE * inputs.examples())
    loss = reference.DISCRIMINATOR_LOSSES["means"]["right"]
    right = reference.gradient(
        lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
    )
    found = gradient_of(update, "discriminator", 2)
    found = [np.zeros_like(r) if g is None else g for g, r in zip(found, right)]
    return bool(update.get("cuts")) or clipped_gradients(found, right)


def other_limits(states):
    """(lowest, highest) to which all weights of the discriminator are cut, each time; None without such limits."""
    pairs = [
        (w, v)
        for first, after in states
        for w, v in zip(arrays(first["discriminator"]), arrays(after["discriminator"]))
    ]
    low, high = (float(find([find(v) for _, v in pairs])) for find in (np.min, np.max))
    cut = any(np.min(w) < low - 1e-6 for w, _ in pairs) and any(np.max(w) > high + 1e-6 for w, _ in pairs)
    fits = all(reference.close([np.clip(w, low, high)], [v], CLIPPED) for w, v in pairs)
    return (low, high) if cut and fits else None


def by_norm(w):
    return w / max(1, np.sqrt(np.sum(w**2)))


# What people do to weights instead of clipping each of them, to the arrays of a network.
OTHER_CUTS = {
    "each variable is scaled to a norm of at most 1 (clip_by_norm)": lambda ws: [by_norm(w) for w in ws],
    "all of them are scaled to one norm of at most 1 (clip_by_global_norm)": lambda ws: [
        w / max(1, np.sqrt(sum(np.sum(v**2) for v in ws))) for w in ws
    ],
    "each column is scaled to a norm of at most 1 (MaxNorm)": lambda ws: [
        w / np.maximum(1, np.sqrt(np.sum(w**2, axis=0, keepdims=True))) for w in ws
    ],
    "each variable is divided by its largest weight": lambda ws: [w / max(np.max(np.abs(w)), 1e-12) for w in ws],
    "tanh is taken of them": lambda ws: [np.tanh(w) for w in ws],
    "only their signs are left": lambda ws: [np.sign(w) for w in ws],
}


def judge_clip(records):
    record = records["clip"]
    if "failed" in record:
        return f"train_step cannot be called: {said(record['failed'])}"
    step = steps_of(record)[0]
    if step.raised:
        return f"With large weights train_step stops with {said(step.raised)}"
    updates = step.of("D")
    if not updates:
        return "train_step never updates the discriminator"
    index = [step.done.index(update) for update in updates]
    following = [step.done[i + 1]["before"] if i + 1 < len(step.done) else step.record["end"] for i in index]
    states = [(update["after"], after) for update, after in zip(updates, following)]
    largest = [max(float(np.max(np.abs(w))) for w in arrays(after["discriminator"])) for _, after in states]
    kinds = [[float(np.max(np.abs(w))) for w in arrays(after["discriminator"])] for _, after in states]
    right = [
        all(
            reference.close([np.clip(w, -1, 1)], [v], CLIPPED)
            for w, v in zip(arrays(first["discriminator"]), arrays(after["discriminator"]))
        )
        for first, after in states
    ]
    generator_moved = any(moved(first["generator"], after["generator"]) > 0 for first, after in states)
    at_end = [np.max(np.abs(w)) for w in arrays(step.record["end"]["generator"])]
    if generator_moved or max(at_end) <= 1 + 1e-6:
        if not all(right):
            both = other_limits(states)
            if both:
                return (
                    f"The weights of both networks are clipped, to [{', '.join(map(numeral, both))}]: only those of "
                    "the discriminator are, and to [-1, 1]"
                )
            return (
                "The generator's weights are clipped, and those of the discriminator are not, or not after each of "
                "its updates: it is the discriminator that is clipped"
            )
        return "The generator's weights are clipped, too: only those of the discriminator are"
    if all(right):
        last = step.done[-1]["after"] if step.done else step.record["end"]
        if moved(last["generator"], step.record["end"]["generator"]) > 0:
            return "The generator's weights are clipped, too: only those of the discriminator are"
        if gradients_cut(records):
            return "The gradients of the discriminator are clipped, too: clip its weights only"
        return None
    if max(largest) <= 0.5:
        return (
            f"After an update the largest weight of the discriminator is {numeral(max(largest))}: the weights are "
            "clipped "
            f"to [-{numeral(max(largest))}, {numeral(max(largest))}] instead of [-1, 1]"
        )
    limits = other_limits(states)
    if limits:
        return (
            "After an update the discriminator's weights are clipped to "
            f"[{', '.join(map(numeral, limits))}] instead of [-1, 1]"
        )
    if all(value <= 1 + 1e-6 for value in largest):
        other = next((words for words, cut in OTHER_CUTS.items() if made_by(cut, states)), None)
        return (
            "The discriminator's weights are within [-1, 1] after the update, but are not the clipped ones: "
            f"{other or 'values inside are changed'}. Values that are inside already must stay as they are (to clip to "
            "[-1, 1] is tf.clip_by_value)"
        )
    if right[-1] or (len(largest) > 1 and largest[-1] <= 1 + 1e-6):
        when = "after some of them" if any(right[:-1]) else "once after the loop"
        return (
            f"After the first update the largest weight of the discriminator is {numeral(largest[0])}: clip after "
            f"every update of the discriminator, not {when}"
        )
    end = max(float(np.max(np.abs(w))) for w in arrays(step.record["end"]["discriminator"]))
    if end <= 1 + 1e-6:
        return (
            f"When the generator is updated the largest weight of the discriminator is {numeral(largest[-1])}: "
            "clip after "
            "every update of the discriminator, not at the end of train_step"
        )
    started = max(float(np.max(np.abs(w))) for w in arrays(updates[0]["before"]["discriminator"]))
    if started <= 1 + 1e-6:
        before = max(float(np.max(np.abs(w))) for w in arrays(step.record["start"]["discriminator"])) > 1 + 1e-6
        return (
            f"After an update the largest weight of the discriminator is {numeral(largest[-1])}: the weights are "
            f"clipped {'before the update' if before else 'when the object is made'}: it must be done after each update"
        )
    kernels = max(max(k[0::2]) for k in kinds)
    biases = max(max(k[1::2]) for k in kinds)
    if kernels <= 1 + 1e-6 < biases:
        return (
            f"After an update the largest bias of the discriminator is {numeral(biases)}: clip all its trainable "
            "variables, "
            "biases too"
        )
    if biases <= 1 + 1e-6 < kernels:
        return (
            f"After an update the largest kernel weight of the discriminator is {numeral(kernels)}: clip all its "
            "trainable "
            "variables"
        )
    for side in (-1, 1):
        if all(
            reference.close([np.minimum(side * w, 1)], [side * v], CLIPPED)
            for first, after in states
            for w, v in zip(arrays(first["discriminator"]), arrays(after["discriminator"]))
        ):
            return f"The weights are cut at {side} only: clip them to [-1, 1], on both sides"
    cut, left = set(), set()
    for first, after in states:
        for i, (w, v) in enumerate(zip(arrays(first["discriminator"]), arrays(after["discriminator"]))):
            if np.max(np.abs(w)) > 1 + 1e-6:
                (cut if reference.close([np.clip(w, -1, 1)], [v], CLIPPED) else left).add(i)
    if cut and left and not cut & left:
        return (
            f"Only {len(cut)} of the discriminator's {plural(len(cut | left), 'variable')} are clipped: after an "
            f"update its largest weight is {numeral(max(largest))}; clip all its trainable variables"
        )
    if gradients_cut(records):
        return (
            "The gradients of the discriminator are clipped, but not its weights: after "
            f"{plural(len(updates), 'update')} its largest weight is {numeral(largest[-1])}; clip the weights to "
            "[-1, 1] after every update"
        )
    if any(moved(first["discriminator"], after["discriminator"]) > 0 for first, after in states) and not cut:
        return (
            "After an update the discriminator's weights are changed, but not clipped to [-1, 1]: the largest of its "
            f"variables are then {', '.join(numeral(size) for size in kinds[0])}. The limits are -1 and 1 for all"
        )
    tried = (
        ". tf.clip_by_value changes no variable: what it gives must be assigned to one"
        if {"clip_by_value", "clip"} & identifiers(records) and not cut
        else ""
    )
    return (
        f"After {plural(len(updates), 'update')} the largest weight of the discriminator is {numeral(largest[-1])}: "
        f"clip its weights to [-1, 1] after every update{tried}"
    )


def made_by(cut, states):
    """Whether the discriminator's weights are what this makes of those after the update, each time."""
    return all(
        reference.close(cut(arrays(first["discriminator"])), arrays(after["discriminator"]), 1e-4)
        for first, after in states
    )


def judge_replace_method(records):
    methods, other = records["class"]["methods"], records["class"].get("replacing")
    if "replace_weights" in methods or "replace_weight" in methods:
        return None
    sentence = "WGAN_GP has no method replace_weights(gen_h5, disc_h5)"
    return Misnamed(f"{sentence}. Its method {other} is graded in its place") if other else sentence


def sampled(name):
    return [w.reshape(-1)[:: max(1, w.size // 100)].astype("float64") for w in inputs.stored_weights(name)]


def judge_replaced(which):
    def judge(records):
        record = records["replace"]
        if "failed" in record:
            return f"replace_weights fails with {said(record['failed'])}"
        found, before = (arrays(record[which][part]) for part in ("sample", "before"))
        expected = sampled(which)
        if reference.close(found, expected, 1e-6):
            return None
        saves = "save_weights" in identifiers(records) and "load_weights" not in identifiers(records)
        writes = ". save_weights writes a file: load_weights reads one" * saves
        if record.get("raised"):
            message = record["raised"].get("message", "")
            if (
                record["raised"].get("error") == "TypeError"
                and "argument" in message
                and not record["raised"].get("place")
            ):
                return f"replace_weights must take two files, gen_h5 and disc_h5: {said(record['raised'])}"
            if which == "generator" or reference.close(
                arrays(record["generator"]["sample"]), sampled("generator"), 1e-6
            ):
                file = ("gen_h5", "disc_h5")[which == "discriminator"]
                order = (
                    f"; the {which}'s weights stand in {file}: are the files exchanged, or is one of them taken twice?"
                    if any(word in message for word in ("shape", "layer", "incompatible", "match"))
                    else ""
                )
                if "self.load_weights(" in ((record["raised"].get("place") or ["", 0, ""])[2] or ""):
                    order = (
                        ". self.load_weights loads one file into the whole object: each network has a load_weights of "
                        "its own, self.generator.load_weights and self.discriminator.load_weights"
                    )
                return f"replace_weights(gen_h5, disc_h5) stops with {said(record['raised'])}{order or writes}"
            return f"replace_weights stops before it loads the {which}'s weights: {said(record['raised'])}"
        if reference.close(found, before, 1e-6):
            return (
                f"After replace_weights the {which} has the weights it had before: either its file is not loaded, or "
                f"into another network than self.{which}, or it is loaded by name, which finds no layer and loads "
                f"nothing{writes}"
            )
        wrong = [
            place for place, one in enumerate(zip(found, expected)) if not reference.close([one[0]], [one[1]], 1e-6)
        ]
        table = (inputs.GENERATOR_LAYERS, inputs.DISCRIMINATOR_LAYERS)[which == "discriminator"]
        owners = [kind for kind, shapes in table for _ in shapes]
        if len(found) != len(expected) or len(wrong) == len(expected):
            return f"After replace_weights the {which}'s weights are not those of the file"
        kinds = " and ".join(sorted({owners[place] for place in wrong}))
        if "by_name" in identifiers(records):
            return (
                f"replace_weights loads by name (by_name=True): {len(wrong)} of the {which}'s {len(expected)} arrays "
                "of weights are not those of the file, whose layers have other names. Load without by_name"
            )
        return (
            f"After replace_weights {len(wrong)} of the {which}'s {len(expected)} arrays of weights are not those of "
            f"the file; they belong to {kinds} layers"
        )

    return judge
