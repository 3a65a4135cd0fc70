"""Judges of the networks of task 3."""

import numpy as np

from tests.checker import inputs, reference, reference_networks
from tests.checker.judges.module import LIBRARIES
from tests.checker.judges.strangers import main_script
from tests.checker.outcomes import Beside, Misnamed, Remark
from tests.checker.records import numeral, plural, said


def judge_function(records):
    record = records["networks"]
    if "failed" in record:
        error = record["failed"]
        if error.get("error") == "AttributeError" and "convolutional_GenDiscr" in error.get("message", ""):
            script = f". {main_script(records)}" if main_script(records) else ""
            defined = [n for n in records["import"]["names"] if n not in LIBRARIES]
            return (
                f"The file defines no convolutional_GenDiscr; it defines {', '.join(defined[:6]) or 'nothing'}{script}"
            )
        asked = ". The main script calls it without arguments" if "required positional" in error["message"] else ""
        return f"convolutional_GenDiscr() fails with {said(error)}{asked}"
    if record["count"] != 2 or not all(record["models"]):
        return (
            "convolutional_GenDiscr() must return two Keras models, the generator and the discriminator; it returns "
            f"{plural(record['count'], 'value')}, of which {sum(record['models'])} are such models"
        )
    if record["name"] != "convolutional_GenDiscr":
        return Misnamed(
            f"The file defines no convolutional_GenDiscr. Its function {record['name']} is graded in its place: call "
            "it convolutional_GenDiscr"
        )
    return None


# Those without weights; names as Keras 2 and 3 have them.
USUAL_LAYERS = (
    "InputLayer", "Activation", "Reshape", "Flatten", "UpSampling2D", "MaxPooling2D", "Tanh", "tf.math.tanh",
    "tf.nn.tanh", "tf.reshape",
)  # fmt: skip
WORKS = (("UpSampling2D",), ("MaxPooling2D",))  # of each network, without weights
WORDS = {"Dense": "a Dense layer", "Conv2D": "a Conv2D", "BatchNormalization": "a BatchNormalization"}


def judge_structure(which):
    name = ("generator", "discriminator")[which]
    wanted_in, wanted_out = ((16,), (16, 16, 1)) if which == 0 else ((16, 16, 1), (1,))
    layers = (inputs.GENERATOR_LAYERS, inputs.DISCRIMINATOR_LAYERS)[which]
    total = (339493, 388097)[which]

    def judge(records):
        networks = records["networks"]["networks"]
        found = networks[which]
        if records["networks"]["exchanged"] and which == 0:
            return Beside("The two networks are returned in the wrong order: the generator comes first")
        if tuple(found["input"][1:]) != wanted_in:
            return f"The {name}'s input has shape {tuple(found['input'][1:])}, expected {wanted_in}"
        if tuple(found["output"][1:]) != wanted_out:
            size = found["output"][1:3] if which == 0 and len(found["output"]) == 4 else [16, 16]
            also = (
                ". Three times the up-sampling doubles height and width, beginning with 2 x 2, and the convolutions "
                'keep them, with padding="same"'
            ) * (list(size) != [16, 16])
            return f"The {name}'s output has shape {tuple(found['output'][1:])}, expected {wanted_out}{also}"
        seen = [(kind, [tuple(shape) for shape in shapes]) for kind, shapes in found["layers"]]
        if [shapes for _, shapes in seen] == [shapes for _, shapes in layers]:
            return None
        if len(seen) != len(layers):
            return (
                f"The {name} has {plural(len(seen), 'layer')} with weights "
                f"({', '.join(kind for kind, _ in seen)}), expected "
                f"{len(layers)} ({', '.join(kind for kind, _ in layers)})"
            )
        for place, ((kind, shapes), (wanted, expected)) in enumerate(zip(seen, layers), 1):
            if shapes != expected:
                if kind != wanted:
                    return (
                        f"Layer {place} with weights of the {name} is {WORDS.get(kind, kind)}, expected {WORDS[wanted]}"
                    )
                layer = f"The {name}'s {kind} number {sum(k == kind for k, _ in seen[:place])}"
                if len(shapes) != len(expected):
                    return f"{layer} has {plural(len(shapes), 'array')} of weights, expected {len(expected)}" + (
                        ": it needs a bias" if kind != "BatchNormalization" else ""
                    )
                wrong = [(a, b) for a, b in zip(shapes, expected) if a != b][0]
                if kind == "Dense" and which == 1 and wrong[0] in ((1024, 1), (4096, 1), (16384, 1)):
                    return (
                        f"{layer} is given {wrong[0][0]} numbers, expected {wrong[1][0]}: each of the four "
                        "max-poolings halves height and width. Is one missing, or of another size?"
                    )
                return (
                    f"{layer} has weights of shape {wrong[0]}, expected {wrong[1]}; {found['parameters']:,} parameters "
                    f"in all, expected {total:,}"
                )
        return None

    return judge


def put_behind(found, right):
    """What a network has behind the last layer of the task, in words; None if it is nothing that is known."""
    for name, activation in reference_networks.ACTIVATIONS.items():
        if name != "none" and reference.close([found], [activation(right)]):
            return f"a further activation ({name}) stands behind its last tanh"
    if right.ndim == 2:
        found_before = np.arctanh(np.clip(found.ravel(), -1 + 1e-9, 1 - 1e-9))
        bias = float(inputs.stored_weights("discriminator")[-1][0])
        told = of_the_flattened(found_before, np.arctanh(np.clip(right.ravel(), -1 + 1e-9, 1 - 1e-9)), bias)
        if told:
            return told
    share = np.cov(found.ravel(), right.ravel())[0, 1] / max(np.var(right.ravel(), ddof=1), 1e-12)
    shift = float(np.mean(found) - share * np.mean(right))
    if reference.close([found], [share * right + shift]):
        return (
            f"they are {numeral(round(float(share), 4))} times those of the task"
            + (f" plus {numeral(round(shift, 4))}" if abs(shift) > 1e-4 else "")
            + ". What its last tanh gives must stay as it is"
        )
    turned = (("upside down", -3, None), ("mirrored", -2, None), ("with rows for columns", -3, -2))
    for words, axis, other in turned if right.ndim == 4 else ():
        if reference.close([found], [np.flip(right, axis) if other is None else np.swapaxes(right, axis, other)]):
            return f"the pictures are right, but {words}"
    before = np.arctanh(np.clip(right.ravel(), -1 + 1e-9, 1 - 1e-9))
    best = np.inf, 0.0, 0.0
    for inner in (0.1 * np.arange(1, 41)).tolist() + [1 / 3, 2 / 3]:
        values = np.tanh(inner * before)
        outer = float(found.ravel() @ values / max(values @ values, 1e-12))
        best = min(best, (reference.distance([found.ravel()], [outer * values]), outer, inner))
    if best[0] < reference.TOLERANCE:
        return (
            f"its last activation is {numeral(round(best[1], 4))} tanh({numeral(round(best[2], 4))} x), not tanh(x) as "
            "it stands"
        )
    low, high = float(np.min(found)), float(np.max(found))
    if low < high and reference.close([found], [np.clip(right, low, high)]):
        return f"they are cut to [{numeral(low)}, {numeral(high)}] behind its last tanh"
    return None


def of_the_flattened(found, right, bias):
    """What is said if the last Dense layer has some multiple of what it should have; else None.

    Args:
        found, right: what stands before the last tanh.
    """
    wanted = right - bias
    share = float((found - bias) @ wanted / max(float(wanted @ wanted), 1e-12))
    if abs(share - 1) < 1e-2 or not reference.close([np.tanh(found)], [np.tanh(bias + share * wanted)]):
        return None
    swapped = ": their signs are swapped, so that it gives what is real for fake" * (abs(share + 1) < 1e-2)
    return (
        f"what goes into its last Dense layer is {numeral(round(share, 4))} times what the layers before it give"
        f"{swapped}. Flatten takes them as they are"
    )


def judge_values(which):
    name = ("generator", "discriminator")[which]

    def judge(records):
        record = records[name]
        if "failed" in record:
            return f"The {name} cannot be used: {said(record['failed'])}"
        weights = inputs.stored_weights(name)
        function = (reference_networks.generator_of_task_3, reference_networks.discriminator_of_task_3)[which]
        x = inputs.latent_vectors(inputs.FACES, 16) if which == 0 else inputs.table("faces", inputs.FACES, 16, 16, 1)
        use, training = np.asarray(record["use"]), np.asarray(record["training"])
        options = [{"training": False}, {"training": True}] if which == 0 else [{}, {}]
        right = function(weights, x, **options[0])

        def fits(found, **wrong):
            """Whether all that the network gives is that of these options; of `found`, which is seen already, too."""
            if not reference.close([use], [found]):
                return False
            more = inputs.more_faces() if "more" in record else None
            return more is None or reference.close([record["more"]], [function(weights, more, **wrong)])

        if fits(right) and reference.close([training], [function(weights, x, **options[1])]):
            if "unset" in record and reference.close([record["unset"]], [training]):
                return Remark(
                    "Called without a training argument the generator uses the statistics of the batch, since its "
                    "BatchNormalization is given training=True. Keras 2 then uses them always: leave that argument "
                    "out. On this Keras it costs nothing"
                )
            return None
        if np.ptp(use) < 1e-6 < np.ptp(right):
            return (
                f"For known weights the {name} gives {numeral(use.flat[0])} for every input: does it end in a softmax, "
                "which makes 1 of a single number?"
            )
        for epsilon in (1e-5, 1e-6, 1e-7, 1e-8, 1e-4, 1e-2, 0.1) if which == 0 else ():
            pair = [function(weights, x, **one, epsilon=epsilon) for one in options]
            if reference.close([use], pair[:1]) and reference.close([training], pair[1:]):
                return f"The generator's batch normalisation has epsilon = {epsilon:g}, not Keras's own"
        if which == 0 and all(reference.close([one], [function(weights, x, **options[1])]) for one in (use, training)):
            return (
                "The generator's batch normalisation uses the batch's statistics with training=False, too: call the "
                "layer without a training argument of its own"
            )
        if fits(right):
            if which == 0 and reference.close([training], [right]):
                return "The generator's batch normalisation ignores training=True: it never uses the batch's statistics"
            return (
                f"With training=False the {name} gives the right values for known weights, with training=True other "
                "ones: is there a Dropout or a noise layer, which the task does not have?"
            )
        known = (reference_networks.GENERATOR_MISTAKES, reference_networks.DISCRIMINATOR_MISTAKES)[which]
        others = {**reference_networks.rarer_mistakes(which), **reference_networks.other_layers(which)}
        dense, no_tanh = next((words, wrong) for words, wrong in known.items() if wrong == {"dense": "none"})
        with_dense = {f"{dense.split(':')[0]}, and {words}": {**no_tanh, **wrong} for words, wrong in others.items()
                      if "dense" not in wrong}  # fmt: skip
        for sentence, wrong in (*reference_networks.combined(known), *others.items(), *with_dense.items()):
            with np.errstate(all="ignore"):
                found = function(weights, x, **options[0], **wrong)
                if not fits(found, **wrong):
                    continue
            return f"For known weights the {name} gives other values: {sentence}"
        if "more" in record:
            use = np.concatenate([use, record["more"]])
            right = np.concatenate([right, function(weights, inputs.more_faces())])
        behind = put_behind(use, right)
        if behind:
            return f"For known weights the {name} gives other values: {behind}"
        kinds = records.get("networks", {}).get("networks", [{}, {}])[which].get("without_weights", ())
        more = [kind for kind in kinds if kind not in USUAL_LAYERS]
        if more:
            also = " (an addition is a residual connection)" * any("add" in kind.lower() for kind in more)
            lacks = [kind for kind in ("MaxPooling2D", "UpSampling2D") if kind in WORKS[which] and kind not in kinds]
            instead = f", and no {lacks[0]}" if lacks else ""
            return (
                f"For known weights the {name} gives other values: besides the layers of the task it has "
                f"{', '.join(more[:4])}{also}{instead}. Take what the task mentions, and nothing else"
            )
        return (
            f"For known weights the {name}'s values differ by up to {numeral(np.max(np.abs(use - right)))} from "
            "those of the "
            "network that the task describes: compare activations, their places, padding and "
            + ("up-sampling", "pooling")[which]
        )

    return judge
