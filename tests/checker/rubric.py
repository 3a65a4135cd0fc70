"""The behaviours that are graded, their points, and the judges that turn a worker's records into verdicts.

A judge looks at raw numbers and returns None if all is well, else one sentence for the student. It compares with what
reference.py computes; when that differs it looks for the known mistake that gives the student's numbers, and names it.

How points are weighed: what trains wrongly costs about a quarter of a task, what is named wrongly a few points. A fault
costs the points of the behaviour that it breaks, and no others where those can still be seen; so the same fault costs
the same wherever it is written. If it decides the training it also costs those of "trains", once for all such faults.
What the course leaves open costs nothing; where it deserves a word there is a remark.
"""

import re
from dataclasses import dataclass, field

import numpy as np

from tests.checker import inputs, reference
from tests.checker.messages import plain, share_of
from tests.checker.reference import CLIPPED, TOLERANCE, close, distance

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "could not check"
VERSION = 3  # of the rubric: one more with every change of the points, the behaviours or what they ask for


@dataclass
class Behaviour:
    """One thing that a solution must do.

    Attributes:
        key: task and name, such as "1.clip".
        title: what the solution does if it passes.
        points: of the task's total.
        judge: records of the probes -> None or a sentence.
        needs: names of behaviours of the same task without which this one cannot be judged.
        probes: names of the probes that it looks at.
        of: names of behaviours that must all pass for this one to pass; it has no judge of its own.
    """

    key: str
    title: str
    points: int
    judge: object
    needs: tuple = ()
    probes: tuple = ()
    of: tuple = ()

    @property
    def task(self):
        return int(self.key.split(".")[0])

    @property
    def name(self):
        return self.key.split(".")[1]


@dataclass
class Verdict:
    """The outcome of one behaviour.

    Attributes:
        because: the key of the behaviour that kept it from being judged.
        misnamed: whether it failed for a name alone: such a failure is told after those that train wrongly.
        remark: a sentence that costs nothing, of one that passed.
    """

    behaviour: Behaviour
    status: str
    sentence: str = ""
    because: str = ""
    points: int = field(default=0)
    misnamed: bool = False
    remark: str = ""


class Beside(str):
    """What a judge returns for a failure that keeps nothing else from being judged."""


class Misnamed(Beside):
    """The same for a name that is not the course's, when everything works under the name that it has."""


class Remark(str):
    """What a judge returns when all is well, but a word is due."""


class CannotTell(Exception):
    """Raised by a judge that needs another behaviour, whose name it gives."""


# ------------------------------------------------------------------- helpers


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


def mentioned(found, which, noun):
    """A sentence if gradients are missing, else None."""
    missing = [i for i, values in enumerate(found) if values is None]
    if len(missing) == len(found):
        return (
            f"The {which}'s update has no gradient at all: its loss does not depend on the {which}'s weights. "
            "Compute "
            f"{noun} inside the tape"
        )
    if missing:
        return (
            f"The {which}'s update leaves out {plural(len(missing), 'variable')} of {len(found)}: every trainable "
            "variable takes part"
        )
    return None


def fakes(weights, rows=None):
    return reference.generator(weights, inputs.latent_vectors(rows))


def named(losses, cases, shown=None):
    """The name of the loss whose gradients were found, "right" first; None if it is none of them.

    Args:
        losses: name -> loss.
        cases: (gradient of a loss, found gradient) of some updates. Some losses agree on the first of them, such as a
            difference and its size; the other ones tell them apart. They never make a right loss an unknown one.
        shown: loss -> whether the solution returned its value; tells losses apart that differ by a constant only.
    """

    def fits(name, case):
        gradient, found = case
        with np.errstate(all="ignore"):
            return close(found, gradient(losses[name]))

    names = [name for name in losses if fits(name, cases[0])]
    names = [name for name in names if all(fits(name, case) for case in cases[1:])] or names
    if len(names) > 1 and names[0] != "right" and shown:
        names = [name for name in names if shown(losses[name])] or names
    return names[0] if names else None


def passes(judge, records):
    """Whether a judge finds nothing wrong; not if it lacks the numbers to tell."""
    try:
        sentence = judge(records)
    except Exception:
        return False
    return sentence is None or isinstance(sentence, Remark)


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


# ------------------------------------------------------- judges: module, class


LIBRARIES = ("tf", "keras", "np", "os", "sys", "tensorflow", "plt", "K", "layers")


def judge_import(task):
    def judge(records):
        record = records["import"]
        file = record.get("file", "the file")
        if "failed" in record:
            error = record["failed"]
            unreadable = error.get("error") in ("SyntaxError", "IndentationError", "TabError")
            if unreadable or "null bytes" in error.get("message", ""):
                return f"The file cannot be read as Python: {said(error)}"
            if main_script(records):
                return f"{main_script(records)} Its import fails with {said(error)}"
            other = another_gan(task, records) if "torch" in error.get("message", "") else None
            return f"{other + '. ' if other else ''}Importing the file fails with {said(error)}"
        if record.get("aborted"):
            kind, place = record["aborted"]["error"], record["aborted"].get("place")
            where = (
                f" (line {place[1]}: {place[2]})" if place and place[0] == file else f" ({place[0]})" if place else ""
            )
            if kind == "TrainsAtImport":
                sentence = f"The file trains a network when it is imported{where}: put that into a main script"
            else:
                sentence = (
                    f"Importing the file comes to no end within seconds: it works on and on{where}. A file of a task "
                    "only defines things; what is to be run belongs into a main script"
                )
            if "failed" in records.get("class", records.get("networks", {})):  # nothing else is there
                other = another_gan(task, records)
                also = f"{other}." if other else main_script(records)
                return f"{also} {sentence}" if also else sentence
            return Beside(sentence)
        if not record["names"]:
            return f"{record['file']} is empty: it defines nothing"
        if record["fits"] or record["updates"]:
            return Beside("The file trains a network when it is imported: put that into a main script")
        if record["figures"]:
            return Beside("The file draws figures when it is imported: put that into a main script")
        if "16" in (record.get("precision") or ""):  # mixed_float16, bfloat16; not float64
            return Beside(
                f"The file sets Keras's precision to {record['precision']} for everything that is made after it. The "
                "course works with float32, whose numbers have seven digits, not three: leave that line out"
            )
        return None

    return judge


def identifiers(records):
    """All names and short strings in the text of the file."""
    source = records.get("import", {}).get("source")
    return set(source.get("identifiers", ())) if isinstance(source, dict) else set()


def main_script(records):
    """A sentence if the file makes and trains an object instead of defining what the task asks for."""
    record, seen = records["import"], identifiers(records)
    defines = {"train_step", "convolutional_GenDiscr", "replace_weights", "replace_weight"} & seen
    runs = {
        "fit",
        "__import__",
        "visualize_2D",
        "visualize_5D",
        "fully_connected_GenDiscr",
        "train",
        "train_on_batch",
    } & seen
    if len(runs) > 1 - bool(record.get("aborted")) and not defines - (
        {"convolutional_GenDiscr"} if "fit" in seen else set()
    ):
        return f"{record.get('file', 'The file')} is a main script, which runs a task: the file must define it."
    return None


CROSS_ENTROPY = {
    "BinaryCrossentropy", "binary_crossentropy", "sigmoid_cross_entropy_with_logits", "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy", "BCELoss",
}  # fmt: skip
TUTORIALS = (  # names that give away another GAN, and what it is
    ({"discriminator_extra_steps"}, "the WGAN-GP of Keras's examples"),
    ({"d_loss_fn", "g_loss_fn"}, "the WGAN-GP of Keras's examples"),
    ({"random_latent_vectors", "misleading_labels"}, "the GAN of Keras's examples"),
    ({"make_generator_model", "make_discriminator_model"}, "the DCGAN of TensorFlow's tutorial"),
    ({"train_on_batch"}, "which trains a compiled discriminator and a stack of both networks (train_on_batch)"),
    ({"BCELoss"}, "written for PyTorch"),
    ({"torch"}, "written for PyTorch"),
)


def another_gan(task, records):
    """A sentence if the file holds another GAN than the course's."""
    seen = identifiers(records)
    wanted = {
        0: "squared errors: mean (D(real) - 1)^2 + mean (D(fake) + 1)^2 for the discriminator, mean (D(fake) - 1)^2 "
        "for the generator"
    }.get(task, "no labels: mean D(fake) - mean D(real) for the critic, -mean D(fake) for the generator")
    entropy = seen & CROSS_ENTROPY
    for names, words in TUTORIALS:
        if names <= seen:
            also = f", with the binary cross-entropy ({sorted(entropy)[0]})" if entropy else ""
            return f"This is another GAN, {words}{also}. Task {task} has a class of its own, and losses of {wanted}"
    if entropy:
        return (
            f"This is another GAN: it trains with the binary cross-entropy ({sorted(entropy)[0]}). Task {task} has "
            f"losses of {wanted}"
        )
    return None


def judge_class(task):
    name = inputs.CLASSES[task]

    def judge(records):
        record = records["class"]
        if "failed" in record:
            if main_script(records) or another_gan(task, records):
                return f"The file defines no class {name}. {main_script(records) or another_gan(task, records)}"
            defined = [n for n in records["import"]["names"] if n not in LIBRARIES]
            return f"The file defines no class {name}; it defines {', '.join(defined[:6]) or 'nothing'}"
        if not record["is_class"]:
            return f"{name} is not a class"
        called = record["called"]
        wanted = ["get_fake_sample", "get_real_sample", "train_step"]
        wanted += ["get_interpolated_sample", "gradient_penalty"] * has_penalty(task)
        if called["train_step"] is None:
            other = another_gan(task, records)
            return f"{record['name']} has no method train_step{f'. {other}' if other else ''}"
        own = record["name"]
        if not record["is_model"]:
            return Beside(f"{own} does not derive from keras.Model, so it has no fit: write class {name}(keras.Model)")
        found = []
        if own != name:
            found.append(f"The file defines no class {name}. Its class {own} is graded in its place: call it {name}")
        others = [method for method in wanted if called[method] not in (None, method)]
        missing = [method for method in wanted if called[method] is None]
        if missing:
            found.append(f"{own} has no method {' and no '.join(missing)}")
        selfless = [name for name in record.get("selfless", []) if name not in ("__init__", record.get("constructor"))]
        if selfless:
            found.append(
                f"{' and '.join(selfless)} {'has' if len(selfless) == 1 else 'have'} no self: the first argument of a "
                f"method is the object, def {selfless[0]}(self, ..."
            )
        if others:
            their = " and ".join(called[method] for method in others)
            found.append(
                f"{own} has no method {' and no '.join(others)}; in {'its' if len(others) == 1 else 'their'} place "
                f"{their} {'is' if len(others) == 1 else 'are'} graded"
            )
        return Misnamed(". ".join(found)) if found else None

    return judge


def judge_construct(task):
    names = [*inputs.PARAMETERS, *["lambda_gp"] * has_penalty(task)]

    def judge(records):
        record, given = records["construct"], [n for n in records["class"].get("parameters", []) if n != "self"]
        own = records["class"].get("parameters", [])
        spelled, selfless = records["class"].get("constructor"), records["class"].get("selfless", [])
        error = record.get("failed") or record.get("refused")
        sentences = []
        if spelled:
            sentences.append(
                f"The constructor is called {spelled}: its name is __init__, with two underscores at each end"
            )
        if (spelled or "__init__") in selfless:
            sentences.append(
                "The constructor has no self: its first argument is the object, def __init__(self, generator, ..."
            )
        if sentences:
            if "failed" not in record:
                return Misnamed(". ".join(sentences))
            return f"{'. '.join(sentences)}. Mended so, it fails with {said(error)}"
        if error:
            if own and own[0] in names:
                return (
                    f"The constructor has no self: its first argument is the object, def __init__(self, {own[0]}, ..."
                )
            arguments = ""
            if given[: len(names)] != names:  # two equal lists would explain nothing
                has = ", ".join(given) if given not in ([], ["args", "kwargs"]) else "no __init__ of its own"
                arguments = f". Expected are the arguments {', '.join(names)}; the class has {has}"
            sentence = f"The class cannot be made with the course's arguments: {said(error)}{arguments}"
            if "failed" not in record and "super().__init__()" in said(error):
                return Misnamed("The constructor must call super().__init__() before anything else")
            if "failed" not in record:
                others = [f"{its} in place of {ours}" for ours, its in zip(names, given) if its not in names]
                if others and len(others) < 4:
                    sentence = f"The constructor's arguments have other names than the course's: {', '.join(others)}"
                elif set(names) <= set(given) and arguments:
                    sentence = (
                        f"The constructor's arguments stand in another order: {', '.join(given)}. The course's order "
                        f"is {', '.join(names)}"
                    )
                return Misnamed(sentence)
            return another_gan(task, records) or sentence
        if record.get("order"):
            return Misnamed(
                f"The constructor's arguments stand in another order: {', '.join(given)}. The course's order is "
                f"{', '.join(names)}"
            )
        if not all(record["networks"]):
            lost = ["generator", "discriminator"][record["networks"].index(False)]
            return f"The attribute {lost} is not the network that was given"
        missing = [name for name in inputs.PARAMETERS[:4] if name not in record.get("kept", inputs.PARAMETERS)]
        if missing:
            return Misnamed(f"The object has no attribute {', '.join(missing)}, which the main scripts use")
        return None

    return judge


def judge_faces(records):
    record = records["construct_faces"]
    if "failed" in record:
        return f"With pictures of 16 x 16 and the networks of task 3 the class fails with {said(record['failed'])}"
    return None


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
        if sample.shape != (rows, inputs.DIM):
            expected = (rows, inputs.DIM)
            return f"{call} with batch_size={inputs.BATCH} gives shape {sample.shape}, expected {expected}"
    weights = arrays(inputs.generator_weights())
    many, few = (one if one is not None and one.shape == (rows, inputs.DIM) else None
                 for one, rows in ((many, inputs.MANY), (few, inputs.FEW)))  # fmt: skip
    for sample in (fake, few):
        if sample is not None and not close([sample], [fakes(weights, len(sample))]):
            return "get_fake_sample() does not give what the generator makes of latent vectors"
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


# ------------------------------------------------------------ judges: training


def judge_runs(task):
    """Whether `train_step` gets to its end."""

    def judge(records):
        for probe in ("step", "step_once"):
            record = records[probe]
            if "failed" in record:
                return f"train_step cannot be called: {said(record['failed'])}"
            for step in steps_of(record):
                empty = [update for update in step.updates if all(g is None for g in update["gradients"])]
                if empty:
                    which = Step.letter(empty[0])
                    if which == "?":
                        which = {"generator": "G", "discriminator": "D"}.get(empty[0].get("owner"), "?")
                    if which == "G":
                        return (
                            "The generator's gradients are all None: its fakes were made outside its tape. Draw the "
                            "fake "
                            "sample inside the `with tf.GradientTape()` block of the generator"
                        )
                    if which == "D":
                        return (
                            "The discriminator's gradients are all None: its loss does not depend on the "
                            "discriminator's "
                            "weights. Call the discriminator inside its tape and give its outputs to the loss"
                        )
                    return "train_step asks for an update without any gradient" + (
                        f" ({said(step.raised)})" if step.raised else ""
                    )
                if step.raised:
                    also = crossed([step]) if step.updates and "after" not in step.updates[-1] else None
                    also = also or another_gan(task, records)
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


def found_discriminator_loss(task, records):
    """(name of the loss that moves the discriminator or None, its cases as in `named`) in tasks 0 and 1."""
    family, step = reference.FAMILY[task], steps_of(records["step"])[0]

    def values(step, update, weights):
        real = step.drawn(update, inputs.LARGE * inputs.examples() if len(weights) == 2 else None)
        points = real, fakes(arrays(update["before"]["generator"]))
        return lambda w: [reference.discriminator(w, x) for x in points]

    cases = []
    for one, other in updates_of(records, "D", ("steep",) if task == 1 else ()):
        weights = arrays(other["before"]["discriminator"])
        both, seen = values(one, other, weights), gradient_of(other, "discriminator", len(weights))
        if not any(g is None for g in seen):
            cases.append((lambda loss, w=weights, both=both: reference.gradient(lambda v: loss(*both(v)), w), seen))
    last = step.of("D")[-1]
    weights = arrays(last["before"]["discriminator"])
    x, y = values(step, last, weights)(weights)
    returned = returned_numbers(task, step)[0].get("discr_loss")

    def shown(loss):
        return returned is not None and near(returned, loss(x, y))

    name = named(reference.DISCRIMINATOR_LOSSES[family], cases, shown)
    if name is None:
        name = named(reference.of_other_scores(reference.DISCRIMINATOR_LOSSES[family]), cases[:1], shown)
    return name, cases


def loss_named(family, name, whose=None):
    """The loss of this name."""
    losses = reference.DISCRIMINATOR_LOSSES if whose is None else reference.GENERATOR_LOSSES
    return losses[family].get(name) or reference.of_other_scores(losses[family])[name]


def of_samples_themselves(task, name, step):
    """A sentence if a loss that looks at one sample only is the right one, but with the other sample in place of D."""
    if "only" not in str(name) or not step.of("D"):
        return None
    update = step.of("D")[-1]
    weights, loss = arrays(update["before"]["discriminator"]), reference.DISCRIMINATOR_LOSSES[reference.FAMILY[task]]
    returned = returned_numbers(task, step)[0].get("discr_loss")
    real, fake = step.drawn(update), fakes(arrays(update["before"]["generator"]))
    pairs = {
        "real": (real, reference.discriminator(weights, fake)),
        "fake": (reference.discriminator(weights, real), fake),
    }
    for which, (x, y) in pairs.items():
        if returned is not None and near(returned, loss["right"](x, y)):
            return (
                f"The discriminator's loss is given the {which} sample itself instead of D({which}), what the "
                f"discriminator says about it: so it does not learn from the {which} sample"
            )
    return None


def judge_discriminator_loss(task):
    family = reference.FAMILY[task]

    def judge(records):
        step = steps_of(records["step"])[0]
        if "D" not in step.letters:
            return (
                "One update moves both networks at once: the discriminator and the generator each have an update "
                "of "
                "their own"
                if "B" in step.letters
                else "train_step never updates the discriminator"
            )
        update = step.of("D")[0]
        found = gradient_of(update, "discriminator", 4)
        wrong = mentioned(found, "discriminator", "D(real) and D(fake) and the loss")
        if wrong:
            return wrong

        name, cases = found_discriminator_loss(task, records)
        losses = reference.DISCRIMINATOR_LOSSES[family]
        if name == "right":
            return None
        if name:
            return of_samples_themselves(task, name, step) or f"The loss that moves the discriminator {name}"
        if max(float(np.max(np.abs(g))) for g in found) < 1e-6:
            return (
                "The discriminator's gradient is zero: its loss does not change with its weights, as if D(real) and "
                "D(fake) were of the same sample"
            )
        right = cases[0][0](losses["right"])
        if clipped_gradients(found, right):
            return "The gradients of the discriminator are clipped" + (
                ": it is its weights that are to be clipped, after each of its updates" if task == 1 else ""
            )
        return (
            with_other_targets(family, cases[0])
            or another_gan(task, records)
            or f"The discriminator's gradient is not that of its loss: {differs(found, right)}"
        )

    return judge


def differs(found, right):
    """How far gradients are from the expected ones, in words."""
    return (
        "on the same weights and samples it differs from the expected one by "
        f"{share_of(distance(found, right))} of its largest number{precision_hint(found, right)}"
    )


def precision_hint(found, right):
    small = distance(found, right) < 0.01
    return ", as little as numbers of lower precision than float32 would make: is there a float16?" if small else ""


def with_other_targets(family, case):
    """A sentence if the discriminator's loss is one of targets, but with other ones, or other shares; else None."""
    if family != "squares":
        return None
    gradient, found = case
    seen = np.concatenate([np.ravel(g) for g in found])

    def solved(*losses, known=None):
        columns = [np.concatenate([g.ravel() for g in gradient(loss)]) for loss in losses]
        rest = seen - (np.concatenate([g.ravel() for g in gradient(known)]) if known else 0)
        shares = np.linalg.lstsq(np.array(columns).T, rest, rcond=None)[0]
        return shares if close([np.array(columns).T @ shares], [rest]) else None

    words = "The loss that moves the discriminator"
    shares = solved(
        lambda x, y: -2 * float(np.mean(x)),
        lambda x, y: -2 * float(np.mean(y)),
        known=lambda x, y: float(np.mean(x**2) + np.mean(y**2)),
    )
    if shares is not None:
        return (
            f"{words} takes {numeral(round(shares[0], 3))} as the target of real examples and "
            f"{numeral(round(shares[1], 3))} as that of fakes: they must be 1 and -1"
        )
    for kind, entropy in (
        ("the binary cross-entropy of logits", lambda v, t: reference.cross_entropy(reference.sigmoid(v), t)),
        ("the binary cross-entropy", reference.cross_entropy),
    ):
        with np.errstate(all="ignore"):
            shares = solved(
                lambda x, y, f=entropy: f(x, 1) - f(x, 0),
                lambda x, y, f=entropy: f(y, 1) - f(y, 0),
                known=lambda x, y, f=entropy: f(x, 0) + f(y, 0),
            )
        if shares is not None:
            return (
                f"{words} is {kind}, with the target {numeral(round(shares[0], 3) + 0.0)} for real examples and "
                f"{numeral(round(shares[1], 3) + 0.0)} for fakes: the task asks for mean squared errors from 1 and -1"
            )
    shares = solved(lambda x, y: reference.squared(x, 1), lambda x, y: reference.squared(y, -1))
    if shares is not None and min(abs(shares)) > 1e-2:
        return (
            f"{words} counts the error on real examples {numeral(round(shares[0], 3))} times and that on fakes "
            f"{numeral(round(shares[1], 3))} times: each of them counts once"
        )
    return None


def clipped_gradients(found, right):
    """Whether one list of arrays is the other one clipped: by value, or by norm, each array or all together."""
    pairs = [(g, r) for g, r in zip(found, right) if np.max(np.abs(r)) > 1e-4]
    if not pairs or close(found, right):
        return False
    largest = max(float(np.max(np.abs(g))) for g, _ in pairs)
    if largest > 1e-6 and close(found, [np.clip(g, -largest, largest) for g in right]):
        return True
    shares = [float(np.sum(g * r) / np.sum(r * r)) for g, r in pairs]
    norms = [float(np.sqrt(np.sum(g * g))) for g, _ in pairs]
    if any(not close([g], [share * r]) or not 0 < share < 1.001 for share, (g, r) in zip(shares, pairs)):
        return False
    limits = [norm for norm, share in zip(norms, shares) if share < 0.999]  # a clipped norm is the limit itself
    limits += [float(np.sqrt(np.sum(np.square(norms))))] * int(np.ptp(shares) < 1e-3)
    return any(np.isclose(limit, usual, rtol=1e-3) for limit in limits for usual in (0.01, 0.1, 0.5, 1, 2, 5, 10))


def judge_discriminator_loss_with_penalty(task):
    """Two weights of the penalty separate the loss from the penalty."""

    def judge(records):
        total, wasserstein, slope, problem = penalized_parts(records)
        if problem:
            return problem
        name = critic_of(records)[0]
        if name == "right":
            return None
        if name:
            step = steps_of(records["step"])[0]
            return of_samples_themselves(task, name, step) or f"The loss that moves the discriminator {name}"
        losses = reference.DISCRIMINATOR_LOSSES["means"]
        plain = loss_gradient(losses["right"])
        if close(slope, plain):
            return "lambda_gp multiplies the loss: it is the weight of the penalty"
        if close(slope, [w + p for w, p in zip(plain, right_penalty_gradient())]):
            return "lambda_gp multiplies the loss as well as the penalty: it is the weight of the penalty alone"
        if max(float(np.max(np.abs(g))) for g in wasserstein) < 1e-4:
            return (
                "Only the penalty moves the critic: its loss does not depend on its weights. Give the loss the "
                "critic's outputs D(real) and D(fake), not the samples"
            )
        if not close(slope, right_penalty_gradient()) and not close(slope, [0 * s for s in slope]):
            if np.isfinite(distance(slope, right_penalty_gradient())):
                return None  # the penalty is wrong, and mixes with the loss: a behaviour of its own says so
        return another_gan(task, records) or (
            "The discriminator's gradient without the penalty is not that of mean D(fake) - mean D(real): "
            f"{differs(wasserstein, plain)}"
        )

    return judge


def critic_of(records):
    """What moves the critic of tasks 2 and 4: (name of the loss, name of the penalty's formula, share of the penalty).

    Each is None if it is none that is known. The share is that of the probe `step`, whose lambda_gp is LAMBDA.
    """
    total, wasserstein, slope, problem = penalized_parts(records)
    if problem:
        return None, None, None
    step = Step(records["lambdas"]["first"][0])
    real = step.drawn(step.of("D")[0])
    losses, formulas = reference.DISCRIMINATOR_LOSSES["means"], penalty_gradients()
    right = formulas["right"]

    def fits(loss):
        plain = loss_gradient(loss, real)
        sums = ([w + share * p for w, p in zip(plain, right)] for share in shares())
        return close(wasserstein, loss_gradient(loss)) or any(close(total, one) for one in sums)

    with np.errstate(all="ignore"):
        names = [name for name, loss in losses.items() if fits(loss)]
        if len(names) > 1:  # such as a difference and its size: on the pictures it has the other sign
            names = [name for name in names if fits_pictures(records, losses[name])] or names
    formula = next((name for name, gradient in formulas.items() if close(slope, gradient)), None)
    share = inputs.LAMBDA if formula else None
    if names and not formula:
        plain = loss_gradient(losses[names[0]], real)
        share = float(np.sum((total[0] - plain[0]) * right[0]) / np.sum(right[0] ** 2))
        formula, share = (
            ("right", share) if close(total, [g + share * p for g, p in zip(plain, right)]) else (None, None)
        )
    moves = not all(
        np.max(np.abs(g)) < 1e-4 for g in wasserstein
    )  # NaN moves: some scores have none on a linear critic
    return (names[0] if names else named_on_tanh(records, formula) if moves else None), formula, share


def penalty_gradients():
    """Name of a formula of the penalty -> its gradient for the linear critic; the right one first."""
    w = linear_case()[0][0]
    found = {}
    for name, formula in reference.PENALTIES.items():
        with np.errstate(all="ignore"):
            found[name] = [
                reference.gradient(lambda v, f=formula: float(f(np.tile(v[0].T, (inputs.BATCH, 1)))), [w])[0],
                np.zeros(1),
            ]
    return found


def named_on_tanh(records, formula):
    """The name of a loss of other scores than D's, seen in the probe `step` behind a tanh; None if it is none."""
    step = steps_of(records["step"])[0]
    if not step.of("D"):
        return None
    update = step.of("D")[0]
    weights, real, fake = (
        arrays(update["before"]["discriminator"]),
        step.drawn(update),
        fakes(arrays(update["before"]["generator"])),
    )
    found = gradient_of(update, "discriminator", len(weights))
    if any(g is None for g in found):
        return None
    points = [x for x in step.seen_before(update) if x.shape == real.shape]
    penalties = [
        reference.gradient(lambda w, x=x: inputs.LAMBDA * penalty_of(formula or "right", w, x), weights) for x in points
    ]
    with np.errstate(all="ignore"):
        for name, loss in reference.of_other_scores(reference.DISCRIMINATOR_LOSSES["means"]).items():
            plain = reference.gradient(
                lambda w, loss=loss: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
            )
            if any(close([g - p for g, p in zip(found, one)], plain) for one in penalties):
                return name
    return None


def penalty_of(name, weights, x):
    """The penalty by this formula at the points x."""
    return float(reference.PENALTIES[name](reference.slopes(weights, x)))


def shares():
    """Of the penalty in the critic's loss: the right one (lambda_gp), and those of mistakes."""
    return (inputs.LAMBDA, 10.0, 1.0, 0.0, -inputs.LAMBDA, -10.0, -1.0)


def fits_pictures(records, loss):
    """Whether the critic's first gradient on pictures is that of the loss and some share of the right penalty."""
    found = updates_of(records, "D", ("pictures",), step=False)
    gradient = gradient_of(found[0][1], "discriminator", 2)[0] if found else None
    if gradient is None:
        return False
    step, update = found[0]
    weights = arrays(update["before"]["discriminator"])
    real = step.drawn(update, inputs.pictures())
    fake = reference.generator(arrays(update["before"]["generator"]), inputs.latent_vectors())
    plain = reference.gradient(
        lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
    )[0]
    penalty = 2 * (inputs.SLOPE - 1) * weights[0] / inputs.SLOPE
    return any(close([gradient], [plain + share * penalty]) for share in shares())


def linear_case():
    weights = arrays(inputs.linear_critic((inputs.DIM,), inputs.SLOPE))
    return weights, inputs.examples(), fakes(arrays(inputs.generator_weights()))


def loss_gradient(loss, real=None):
    """Of a loss for the linear critic, on all the examples or on other ones."""
    weights, examples, fake = linear_case()
    real = examples if real is None or repeats(real, examples) else real
    return reference.gradient(
        lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
    )


def right_penalty_gradient():
    """Of (|w| - 1)^2 for a linear critic: 2 (|w| - 1) w / |w|, and nothing for the bias."""
    w = linear_case()[0][0]
    return [2 * (inputs.SLOPE - 1) * w / inputs.SLOPE, np.zeros(1)]


def penalized_parts(records):
    """(gradient at LAMBDA, its part without lambda, its part that grows with lambda, problem or None)."""
    record, found = records["lambdas"], {}
    if "failed" in record:
        return (
            None,
            None,
            None,
            (
                f"The class cannot be used with lambda_gp={inputs.LAMBDA} and lambda_gp={inputs.OTHER_LAMBDA}: "
                f"{said(record['failed'])}"
            ),
        )
    for key in ("first", "second"):
        step = Step(record[key][0])
        if step.raised:
            return None, None, None, f"With a linear critic train_step stops with {said(step.raised)}"
        if "D" not in step.letters:
            return None, None, None, "train_step never updates the discriminator"
        update = step.of("D")[0]
        found[key] = gradient_of(update, "discriminator", 2)
        if any(values is None for values in found[key]):
            # A linear critic's bias moves neither loss nor penalty; some give no gradient for it.
            found[key] = [
                np.zeros_like(np.asarray(w, "float64")) if values is None else values
                for values, w in zip(found[key], inputs.linear_critic((inputs.DIM,), inputs.SLOPE))
            ]
        if repeats(step.drawn(update), inputs.examples()):  # both runs shall be of the same examples
            missed = step.drawn(update).mean(axis=0) - inputs.examples().mean(axis=0)
            found[key][0] = found[key][0] + missed[:, None]
    more = inputs.LAMBDA - inputs.OTHER_LAMBDA
    slope = [(a - b) / more for a, b in zip(found["first"], found["second"])]
    return found["first"], [a - inputs.LAMBDA * s for a, s in zip(found["first"], slope)], slope, None


def judge_penalty_in_loss(records):
    total, wasserstein, slope, problem = penalized_parts(records)
    if problem:
        return problem
    right, first, second = right_penalty_gradient(), inputs.LAMBDA, inputs.OTHER_LAMBDA
    if close(slope, right):
        return None
    formula = critic_of(records)[1]
    if formula != "right" and not passes(judge_penalty, records):
        if formula is None and not close(slope, [0 * s for s in slope]):
            raise CannotTell("penalty")
        if formula:
            return None  # lambda_gp times a penalty of another formula: "penalty" says so
    for sign in (1, -1):
        for loss in reference.DISCRIMINATOR_LOSSES["means"].values():
            plain = [sign * g for g in loss_gradient(loss)]
            if close(total, plain):
                return (
                    f"The gradient penalty does not move the critic: with lambda_gp = {first} and with {second} its "
                    "gradient is that of the loss alone. Add lambda_gp times the penalty to the loss inside the tape, "
                    "and call gradient_penalty inside the tape, too"
                )
            for share in (1, 10):
                if close(total, [g + share * p for g, p in zip(plain, right)]):
                    return (
                        "The penalty is added without lambda_gp"
                        if share == 1
                        else "The penalty has a fixed weight of 10: use lambda_gp"
                    )
    if close(slope, [-s for s in right]):
        return "The penalty is subtracted: it must be added to what the critic minimises"
    plain = loss_gradient(reference.DISCRIMINATOR_LOSSES["means"]["right"])
    share = float(np.sum((total[0] - plain[0]) * right[0]) / np.sum(right[0] ** 2))
    if close(total, [g + share * p for g, p in zip(plain, right)]):
        growth = float(np.sum(slope[0] * right[0]) / np.sum(right[0] ** 2))
        for weight, one, other in (
            (f"{numeral(share / first)} times lambda_gp", share, share * second / first),
            (f"{numeral(share)}, whatever lambda_gp is", share, share),
            ("the square of lambda_gp", first**2, second**2),
            ("1 / lambda_gp", 1 / first, 1 / second),
        ):
            if near(share, one) and near(growth, (one - other) / (first - second)):
                return f"The weight of the penalty is {weight}; it must be lambda_gp"
    return (
        "What the penalty adds to the critic's gradient is not lambda_gp times that of the penalty: it differs by "
        f"{share_of(distance(slope, right))}"
    )


def penalties_in_training(records):
    """For each update of the critic in the probe `step`: (real sample, fakes, the points of its penalty or None, all
    points that the critic was called with, how far the gradient is from that of the nearest of them).

    With a critic of tanh layers the penalty depends on where it is taken.
    """
    name, formula, share = critic_of(records)
    if name is None:
        raise CannotTell("discriminator_loss")
    if formula is None or abs(share) < 1e-2:
        raise CannotTell("penalty_in_loss" if passes(judge_penalty, records) else "penalty")
    loss = loss_named("means", name)
    result = []
    for step in steps_of(records["step"]):
        for update in step.of("D"):
            weights, real = arrays(update["before"]["discriminator"]), step.drawn(update)
            fake = fakes(arrays(update["before"]["generator"]))
            found = gradient_of(update, "discriminator", 4)
            found = [np.zeros_like(own) if g is None else g for g, own in zip(found, weights)]

            def gradient(points, weights=weights, real=real, fake=fake):
                return reference.gradient(
                    lambda w: (
                        loss(reference.discriminator(w, real), reference.discriminator(w, fake))
                        + share * penalty_of(formula, w, points)
                    ),
                    weights,
                )

            points = [x for x in step.seen_before(update) if x.shape == real.shape]
            far = [distance(found, gradient(x)) for x in points]
            best = int(np.argmin(far)) if far else None
            fits = best is not None and close(found, gradient(points[best]))
            result.append((real, fake, points[best] if fits else None, points, far[best] if far else np.inf))
    return result


def judge_penalty_points(records):
    for real, fake, x, _, far in penalties_in_training(records):
        if x is None:
            return (
                "The critic's gradient is not that of its loss and the penalty at interpolated points: on tanh "
                f"layers it differs by {share_of(far)}"
            )
        for name, sample in (("the real examples", real), ("the fakes", fake)):
            if np.max(apart(x, sample)) < 1e-6:
                return f"The penalty is taken at {name}: it belongs to the interpolated points between real and fake"
        if not shares_of_rows(x, real, fake)[1] and not lies_between(x, real, fake):
            return (
                "The penalty is taken at points that do not lie between the real and the fake examples: it "
                "belongs to the interpolated points"
            )
    return None


def shares_of_rows(x, real, fake):
    """(share of the way from real to fake of each number of x, whether x mixes the two row by row)."""
    with np.errstate(all="ignore"):
        shares = np.where(np.abs(fake - real) > 0.02, (x - real) / (fake - real), np.nan).reshape(len(x), -1)
    rows_agree = np.nanmax(np.nanstd(shares, axis=1)) < 1e-3
    inside = np.nanmin(shares) > -1e-3 and np.nanmax(shares) < 1 + 1e-3
    return shares, bool(rows_agree or inside)


def lies_between(x, real, fake):
    """Whether every row of x lies inside a segment between a real and a fake row, and not all at one end."""
    shares = shares_between(x, real, fake)
    return shares is not None and any(1e-4 < u < 1 - 1e-4 for u in shares)


def shares_between(x, real, fake):
    """Where each row of x lies on a segment from a real to a fake row; None if one of them does not."""
    shares = []
    for row in x:
        ends = (fake[:, None] - real[None]).reshape(-1, real.shape[1])  # every pair
        starts = np.broadcast_to(real[None], (len(fake), *real.shape)).reshape(-1, real.shape[1])
        u = np.sum((row - starts) * ends, axis=1) / np.sum(ends**2, axis=1)
        error = np.abs(starts + u[:, None] * ends - row).max(axis=1)
        error[(u < -1e-4) | (u > 1 + 1e-4)] = np.inf
        best = np.argmin(error)
        if error[best] > 1e-4:
            return None
        shares.append(float(u[best]))
    return shares


def judge_generator_loss(task):
    family = reference.FAMILY[task]

    def judge(records):
        step = steps_of(records["step"])[0]
        if "G" not in step.letters:
            return (
                "One update moves both networks at once: the generator needs an update of its own, after the "
                "discriminator's"
                if "B" in step.letters
                else "train_step never updates the generator"
            )
        update = step.of("G")[0]
        found = gradient_of(update, "generator", 4)
        wrong = mentioned(found, "generator", "the fake sample, D(fake) and the loss")
        if wrong:
            return wrong
        weights, critic = arrays(update["before"]["generator"]), arrays(update["before"]["discriminator"])

        def gradient(loss, critic=critic, weights=weights):
            return reference.gradient(lambda w: loss(reference.discriminator(critic, fakes(w))), weights)

        cases = []
        for _, other in updates_of(records, "G", {0: (), 1: ("steep",)}.get(task, ("pictures",))):
            pair = [arrays(other["before"][which]) for which in ("discriminator", "generator")]
            seen = gradient_of(other, "generator", len(pair[1]))
            if not any(g is None for g in seen):
                cases.append((lambda loss, pair=pair: gradient(loss, *pair), seen))
        shown, y = returned_numbers(task, step)[0].get("gen_loss"), reference.discriminator(critic, fakes(weights))
        name = found_generator_loss(task, records, cases, lambda loss: shown is not None and near(shown, loss(y)))
        if name == "right":
            return None
        if (
            family == "squares" and shown is not None
        ):  # it has the gradient of a wrong target; only its value tells them apart
            x, y = (reference.discriminator(critic, points) for points in (inputs.examples(), fakes(weights)))
            own = reference.DISCRIMINATOR_LOSSES[family]["right"]
            if close(found, gradient(lambda y: own(x, y))) and near(shown, own(x, y)):
                return "The generator is moved by the discriminator's loss instead of its own"
        if name:
            return f"The loss that moves the generator {name}"
        for loss in (reference.GENERATOR_LOSSES["means"]["right"], reference.GENERATOR_LOSSES["squares"]["right"]):
            if close(found, reference.gradient(lambda w, loss=loss: loss(fakes(w)), weights)):
                return "The generator's loss is computed on the fake sample itself instead of on D(fake)"
        own = reference.GENERATOR_LOSSES[family]["right"]
        for earlier in step.of("D"):
            if close(found, gradient(own, arrays(earlier["before"]["discriminator"]))):
                if step.letters != usual_letters():
                    return None  # a step in another order, which "updates" names
                return (
                    "The generator's loss is computed before the discriminator's updates are done: draw its fakes and "
                    "compute D(fake) after the loop"
                )
        right = gradient(own)
        return (
            another_gan(task, records) or f"The generator's gradient is not that of its loss: {differs(found, right)}"
        )

    return judge


def found_generator_loss(task, records, cases=None, shown=None):
    """The name of the loss that moves the generator; None if it is none that is known."""
    losses = reference.GENERATOR_LOSSES[reference.FAMILY[task]]
    if cases is None:
        update = steps_of(records["step"])[0].of("G")[0]
        weights, critic = arrays(update["before"]["generator"]), arrays(update["before"]["discriminator"])
        cases = [
            (
                lambda loss: reference.gradient(lambda w: loss(reference.discriminator(critic, fakes(w))), weights),
                gradient_of(update, "generator", 4),
            )
        ]
        if any(g is None for g in cases[0][1]):
            return None
    return named(losses, cases, shown) or named(reference.of_other_scores(losses), cases[:1], shown)


ORDER = "disc_iter updates of the discriminator, then one of the generator"


def judge_updates(records):
    for probe, count in (("step", inputs.DISC_ITER), ("step_once", 1)):
        for step in steps_of(records[probe]):
            seen, expected = step.letters, "D" * count + "G"
            if seen == expected:
                continue
            d, g = seen.count("D"), seen.count("G")
            found = (
                f"With disc_iter = {count} train_step did {plural(d, 'update')} of the discriminator and {g} of "
                "the generator"
            )
            also = f"update also moves the {{}}'s weights; expected {ORDER}, each of its own network only"
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
            if seen == "D" * 2 * count + "G":
                return (
                    f"{found}: each turn of the loop makes one update, with the sum of the losses on real and on fakes"
                )
            if d == count and g == 1:
                return f"{found}, in another order: expected {ORDER}"
            return f"{found}: expected {count} and 1"
    return None


def judge_fresh_fakes(records):
    step = steps_of(records["step"])[0]
    wanted = (inputs.DISC_ITER + 1) * inputs.BATCH
    usual = step.letters == usual_letters()
    if not usual:  # "updates" says so
        wanted = len(step.done) * inputs.BATCH
    if step.latent_rows < wanted:
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
    if len(orders) == inputs.DISC_ITER and set.intersection(*orders):
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


def moved(before, after):
    """The largest change of a weight; infinite for one that is a number before or after only."""
    changes = [np.where(np.isnan(a) & np.isnan(b), 0, np.abs(a - b)) for a, b in zip(arrays(before), arrays(after))]
    largest = float(np.max([np.max(change) for change in changes]))
    return np.inf if np.isnan(largest) else largest


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
                    if task == 1 and close(cut, arrays(end["generator"]), 1e-6):
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
            close([np.clip(w, -1, 1)], [v], CLIPPED)
            for w, v in zip(arrays(first["discriminator"]), arrays(after["discriminator"]))
        )
        for first, after in states
    ]
    generator_moved = any(moved(first["generator"], after["generator"]) > 0 for first, after in states)
    at_end = [np.max(np.abs(w)) for w in arrays(step.record["end"]["generator"])]
    if generator_moved or max(at_end) <= 1 + 1e-6:
        if not all(right):
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
    if all(value <= 1 + 1e-6 for value in largest):
        return (
            "The discriminator's weights are within [-1, 1] after the update, but are not the clipped ones: "
            "values that "
            "are inside already must stay as they are"
        )
    if right[-1] or (len(largest) > 1 and largest[-1] <= 1 + 1e-6):
        return (
            f"After the first update the largest weight of the discriminator is {numeral(largest[0])}: clip after "
            "every "
            "update of the discriminator, not once after the loop"
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
            close([np.minimum(side * w, 1)], [side * v], CLIPPED)
            for first, after in states
            for w, v in zip(arrays(first["discriminator"]), arrays(after["discriminator"]))
        ):
            return f"The weights are cut at {side} only: clip them to [-1, 1], on both sides"
    cut, left = set(), set()
    for first, after in states:
        for i, (w, v) in enumerate(zip(arrays(first["discriminator"]), arrays(after["discriminator"]))):
            if np.max(np.abs(w)) > 1 + 1e-6:
                (cut if close([np.clip(w, -1, 1)], [v], CLIPPED) else left).add(i)
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
    return (
        f"After {plural(len(updates), 'update')} the largest weight of the discriminator is "
        f"{numeral(largest[-1])}: clip its "
        "weights to [-1, 1] after every update"
    )


def crossed(steps):
    """A sentence if one network is updated by the optimizer that belongs to the other one, else None."""
    for step in steps:
        for update in step.updates:
            moving = {variable[0] for variable in update["variables"] if variable}
            if update.get("owner") and len(moving) == 1 and update["owner"] not in moving:
                return f"The {moving.pop()} is updated by the {update['owner']}'s optimizer: each has one of its own"
    return None


ADAMS = [
    (beta_1, beta_2)
    for beta_2 in (0.9, 0.999, 0.99)
    for beta_1 in (0.5, 0.3, 0.9, 0.0, 0.6, 0.4, 0.1, 0.2, 0.7, 0.8, 0.95)
] + [(0.9, 0.5), (0.9, 0.3)]  # the last two: exchanged
OTHER_OPTIMIZERS = (
    "RMSprop", "SGD", "Nadam", "Adamax", "Adagrad", "Adadelta", "Ftrl", "AdamW", "Lion", "Adafactor", "Lamb", "Muon",
)  # fmt: skip
RULES = {
    "amsgrad": "the variant AMSGrad (amsgrad=True)",
    "weight_decay": "a decay of the weights (weight_decay)",
    "use_ema": "a moving average of the weights (use_ema=True)",
}


def other_rates():
    """Learning rates that people write instead of the one that was given."""
    return (0.005, 0.001, 0.0001, 0.01, 0.1, 0.025, inputs.RATE / 2, 2 * inputs.RATE)


def judge_adam(task):
    """Adam with the given learning rate. beta_1 is left to the student; another beta_2 than .9 is worth a remark."""
    right = (0.3, 0.9) if has_penalty(task) else (0.5, 0.9)

    def judge(records):
        steps, asked, remarks = steps_of(records["step"]), inputs.RATE, []
        for letter, which in (("D", "discriminator"), ("G", "generator")):
            updates = [update for step in steps for update in step.of(letter)]
            if not updates:
                raise CannotTell("updates")
            if updates[0].get("optimizer") == "LossScaleOptimizer":
                return (
                    f"The {which}'s Adam stands inside a LossScaleOptimizer, which belongs to the precision "
                    "mixed_float16: the course works with float32"
                )
            if updates[0].get("optimizer") in OTHER_OPTIMIZERS:
                return f"The {which}'s optimizer is {updates[0]['optimizer']}: the task asks for Adam"
            starts, gradients, ends = [], [], []
            for update in updates:
                found = gradient_of(update, which, 4)
                if any(values is None for values in found):
                    return f"The {which}'s update leaves out variables"
                starts.append(np.concatenate([w.ravel() for w in arrays(update["before"][which])]))
                ends.append(np.concatenate([w.ravel() for w in arrays(update["after"][which])]))
                gradients.append(np.concatenate([g.ravel() for g in found]))

            large = np.abs(gradients[0]) > 1e-2  # elsewhere Adam's epsilon, which is left to the student, has a part
            if not large.any():
                large[:] = True

            def error(rate, betas, starts=starts, gradients=gradients, ends=ends, seen=slice(None)):
                with np.errstate(all="ignore"):
                    made = list(reference.adam(starts, gradients, rate, *betas))
                if task == 1:  # an optimizer, or a constraint, may clip within the update
                    made = [np.clip(a, -1, 1) if np.max(np.abs(b)) <= 1 + 1e-6 else a for a, b in zip(made, ends)]
                return float(np.max([np.max(np.abs(a - b)[seen]) for a, b in zip(made, ends)])) / asked  # NaN stays NaN

            rules = [RULES[name] for name in updates[0].get("rules", ()) if name in RULES]
            if rules:
                return f"The {which}'s Adam has {' and '.join(rules)}: the task asks for Adam as it is"
            if error(asked, right) < TOLERANCE:
                continue
            betas = fitting_betas(lambda betas, large=large, error=error: error(asked, betas, seen=large))
            if betas:
                if abs(betas[1] - right[1]) > 2e-3:
                    remarks.append((which, numeral(round(betas[1], 3))))
                continue
            for rate in (first_rate(starts, gradients, ends), *other_rates()):
                if rate and fitting_betas(
                    lambda betas, rate=rate, large=large, error=error: error(rate, betas, seen=large)
                ):
                    return (
                        f"The {which}'s Adam has the learning rate {numeral(rate)} where learning_rate={asked} was "
                        "given: hand self.learning_rate on to the optimizer"
                    )
            if crossed(steps):
                return crossed(steps)

            def is_made(pairs_of_lists):
                """Whether Adam with known constants, begun anew for each of the lists, makes what was found."""

                def far(betas):
                    made = [
                        (one, end)
                        for a, g, e in pairs_of_lists
                        for one, end in zip(reference.adam(a, g, asked, *betas), e)
                    ]
                    return float(np.max([np.max(np.abs(one - end)) for one, end in made])) / asked

                return any(far(betas) < TOLERANCE for betas in (right, (0.5, 0.9), (0.3, 0.9), (0.9, 0.999)))

            per_update = [([a], [g], [e]) for a, g, e in zip(starts, gradients, ends)]
            n = len(updates) // len(steps)
            cut = [slice(i, i + n) for i in range(0, len(updates), max(n, 1))]
            for what, parts in (
                ("update", per_update),
                ("step", [(starts[c], gradients[c], ends[c]) for c in cut]),
            ):
                if is_made(parts):
                    return (
                        f"The {which}'s optimizer is made anew for every {what}: so it forgets the gradients before. "
                        "Make it once, in the constructor"
                    )
            if updates[0].get("cuts"):
                return (
                    f"The {which}'s optimizer clips the gradients ({', '.join(updates[0]['cuts'])}): the task asks for "
                    "Adam as it is"
                )
            rates = [np.sum((a - e) * g) / np.sum(g * g) for a, g, e in zip(starts, gradients, ends) if np.any(g)]
            if rates and all(np.allclose(a - e, rates[0] * g, atol=1e-6) for a, g, e in zip(starts, gradients, ends)):
                return f"The {which}'s updates are plain gradient descent: the task asks for Adam"
            return (
                f"The {which}'s weights do not move as Adam moves them with learning_rate = {asked}, whatever its "
                "beta_1 and beta_2: is it another optimizer, one that both networks share, or one whose learning "
                "rate changes?"
            )
        words = ""
        if steps[0].of("D")[0].get("optimizer") == "by hand":
            words = "Adam is written by hand, and moves the weights as keras.optimizers.Adam does"
        if remarks:
            found = " and ".join(f"{number} for the {which}" for which, number in remarks)
            found = remarks[0][1] if len({number for _, number in remarks}) < len(remarks) else found
            words += ". " * bool(words) + f"Adam's beta_2 is {found}; the course has {right[1]}"
        return Remark(f"{words}. This costs nothing") if words else None

    return judge


def fitting_betas(error):
    """The pair (beta_1, beta_2) with which Adam makes the updates; None if there is none."""
    grid = sorted(
        (
            (a, b)
            for a in (*np.arange(0, 1, 0.1), 0.95, 0.99)
            for b in (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
        ),
        key=lambda betas: np.nan_to_num(error(betas), nan=np.inf),
    )
    for start in grid[:4]:
        best, least, width = start, error(start), 0.05
        while width > 1e-6 and least >= TOLERANCE / 10:
            near_by = [
                (best[0] + a * width, best[1] + b * width) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)
            ]
            near_by = [one for one in near_by if 0 <= one[0] < 1 and 0 <= one[1] < 1]
            found = min(near_by, key=lambda betas: np.nan_to_num(error(betas), nan=np.inf))
            if error(found) < least:
                best, least = found, error(found)
            else:
                width /= 2
        if least < TOLERANCE:
            return best
    return None


def first_rate(starts, gradients, ends):
    """The learning rate that Adam's first update shows: it moves each weight by just that much."""
    large = np.abs(gradients[0]) > 1e-3
    sizes = np.abs(ends[0] - starts[0])[large]
    rate = float(np.median(sizes)) if len(sizes) else 0.0
    return float(f"{rate:.3g}") if len(sizes) and np.ptp(sizes) < 1e-2 * rate else None


def judge_returned_keys(task):
    wanted = ["discr_loss", "gen_loss"] + ["gp"] * has_penalty(task)

    def judge(records):
        for step in steps_of(records["step"]):
            if step.returned is None:
                return f"train_step returns {step.record['type']}: expected a dictionary with {', '.join(wanted)}"
            _, keys = returned_numbers(task, step)
            for key in wanted:
                if key in keys and step.returned[keys[key]] is None:
                    return f"The {keys[key]} that train_step returns is not a number"
                if key in keys and step.returned[keys[key]]["size"] != 1:
                    count = step.returned[keys[key]]["size"]
                    return f"The {keys[key]} that train_step returns holds {count} numbers, expected one"
            missing = [key for key in wanted if key not in step.returned]
            if missing:
                return Misnamed(
                    f"The dictionary that train_step returns has no {' and no '.join(missing)}; it has "
                    f"{', '.join(step.returned) or 'nothing'}"
                )
        return None

    return judge


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


def judge_returned_values(task):
    family = reference.FAMILY[task]

    def judge(records):
        name = critic_of(records)[0] if has_penalty(task) else found_discriminator_loss(task, records)[0]
        whose = found_generator_loss(task, records)
        if name is None or whose is None:
            raise CannotTell("discriminator_loss" if name is None else "generator_loss")
        # the losses that the solution minimises: if they are wrong, other behaviours say so
        loss, own = loss_named(family, name), loss_named(family, whose, "generator")
        formula = critic_of(records)[1] or "right" if has_penalty(task) else None
        so_far, weights_gp = [], (inputs.LAMBDA, 10, 1)  # the last loss of each step
        for step in steps_of(records["step"]):
            returned, _ = returned_numbers(task, step)
            if not {"discr_loss", "gen_loss"} & set(returned):
                raise CannotTell("returned_keys")
            values, penalties = [], []
            for update in step.of("D"):
                weights, fake = arrays(update["before"]["discriminator"]), fakes(arrays(update["before"]["generator"]))
                real = step.drawn(update)
                values.append(loss(reference.discriminator(weights, real), reference.discriminator(weights, fake)))
                if has_penalty(task):
                    points = [x for x in step.seen_before(update) if x.shape == real.shape]
                    inner = [x for x in points if shares_of_rows(x, real, fake)[1] and not at_one_end(x, real, fake)]
                    penalties.append([penalty_of(formula, weights, x) for x in inner or points])
            so_far.append(values[-1])
            update = step.of("G")[-1]
            critic, weights = arrays(update["before"]["discriminator"]), arrays(update["before"]["generator"])
            after = loss(reference.discriminator(critic, real), reference.discriminator(critic, fakes(weights)))
            y = reference.discriminator(critic, fakes(weights))
            moved_y = reference.discriminator(critic, fakes(arrays(update["after"]["generator"])))
            others = {
                "the mean over the iterations instead of the last one's": np.mean(values),
                "that of the first iteration instead of the last": values[0],
                "the sum over the iterations instead of the last one's": np.sum(values),
                "computed after the last update instead of before it": after,
                "computed after the generator's update": loss(reference.discriminator(critic, real), moved_y),
                "the generator's loss": own(y),
                "divided by disc_iter": values[-1] / inputs.DISC_ITER,
                "a running mean over the steps: it must be the loss of this step alone": np.mean(so_far),
                "minus what it should be" + ", or its size without the sign" * (values[-1] < 0): -values[-1],
            }
            found = returned.get("discr_loss", values[-1])  # a key that is missing costs its own points
            if not near(found, values[-1]):
                for words, value in others.items():
                    if near(found, value):
                        return f"The returned discr_loss is {words}"
                if has_penalty(task) and any(
                    near(found, values[-1] + share * gp) for gp in penalties[-1] for share in weights_gp
                ):
                    return "The returned discr_loss contains the penalty: it must be the loss alone"
                for words, wrong in reference.DISCRIMINATOR_LOSSES[family].items():
                    last = step.of("D")[-1]
                    x = reference.discriminator(arrays(last["before"]["discriminator"]), real)
                    y = reference.discriminator(
                        arrays(last["before"]["discriminator"]), fakes(arrays(last["before"]["generator"]))
                    )
                    if near(found, wrong(x, y)) and name == "right":
                        return f"The returned discr_loss {words}"
                if name != "right":
                    raise CannotTell("discriminator_loss")
                return f"The returned discr_loss is {numeral(found)}; on the last iteration it is {numeral(values[-1])}"
            found = returned.get("gen_loss", own(y))
            if not near(found, own(y)):
                if near(found, own(moved_y)):
                    return "The returned gen_loss is computed after the generator's update instead of before it"
                first = arrays(step.of("D")[0]["before"]["discriminator"])
                if near(found, own(reference.discriminator(first, fakes(weights)))):
                    return "The returned gen_loss is computed before the discriminator's updates"
                for words, wrong in reference.GENERATOR_LOSSES[family].items():
                    if near(found, wrong(y)) and whose == "right":
                        return f"The returned gen_loss {words}"
                if has_penalty(task) and any(
                    near(found, own(y) + share * gp) for gp in penalties[-1] for share in weights_gp
                ):
                    return "The returned gen_loss contains the penalty, which is the critic's"
                if near(found, values[-1]) or near(found, after):
                    return "The returned gen_loss is the discriminator's loss"
                if near(found, -values[-1]) or near(found, -after):
                    return (
                        "The returned gen_loss is minus the discriminator's loss: the real examples have no part in it"
                    )
                if whose != "right":
                    raise CannotTell("generator_loss")
                return f"The returned gen_loss is {numeral(found)}; at the generator's update it is {numeral(own(y))}"
            if has_penalty(task):
                if "gp" not in returned:
                    continue
                found = returned["gp"]
                if not any(near(found, gp) for gp in penalties[-1]):
                    if any(near(found, weight * gp) for gp in penalties[-1] for weight in weights_gp[:2]):
                        return "The returned gp is already multiplied by lambda_gp: it must be the penalty alone"
                    if any(near(found, gp) for gp in penalties[0]):
                        return "The returned gp is that of the first iteration instead of the last"
                    if penalties[-1] and near(found, np.mean([gps[-1] for gps in penalties if gps])):
                        return "The returned gp is the mean over the iterations instead of the last one's"
                    if formula != "right":
                        raise CannotTell("penalty")
                    expected = numeral(penalties[-1][-1]) if penalties[-1] else "another number"
                    return f"The returned gp is {numeral(found)}; on the last iteration it is {expected}"
        return None

    return judge


def at_one_end(x, real, fake):
    """Whether every row of x is an example, or every row a fake."""
    return any(np.max(apart(x, end)) < 1e-6 for end in (real, fake))


def near(found, expected):
    return abs(found - expected) < TOLERANCE * max(abs(expected), 0.1)


def judge_defaults(task):
    """The values of the arguments that were not given, seen in one step on 200 examples."""

    def judge(records):
        record = records["defaults"]
        if "failed" in record:
            return f"The class cannot be made from the first four arguments alone: {said(record['failed'])}"
        step = steps_of(record)[0]
        if step.raised:
            return f"With the default arguments train_step stops with {said(step.raised)}"
        if step.letters != "DDG" and all(one.letters == usual_letters() for one in steps_of(records["step"])):
            return (
                f"Without disc_iter given the discriminator has {step.letters.count('D')} updates in a step: the "
                "default is 2"
            )
        sizes = [event["rows"] for event in step.record["events"] if event["kind"] == "latent"]
        if max(sizes) != inputs.DEFAULT_BATCH and sum(sizes) < 3 * inputs.DEFAULT_BATCH:
            return f"Without batch_size given a sample has {max(sizes)} examples: the default is 200"
        if not step.of("G") or not step.of("D"):
            raise CannotTell("updates")
        update = step.of("G")[0]
        change = moved(update["before"]["generator"], update["after"]["generator"])
        if not passes(judge_adam(task), records):
            raise CannotTell("adam")
        if abs(change - 0.005) > 1e-4:
            return (
                f"Without learning_rate given the first update moves a weight by up to {numeral(change)}: with "
                "the default "
                "of .005 that is .005"
            )
        if has_penalty(task):
            name, formula, _ = critic_of(records)
            known = name in reference.DISCRIMINATOR_LOSSES["means"]
            if not known or not passes(judge_penalty_in_loss, records):
                raise CannotTell("penalty_in_loss" if known else "discriminator_loss")
            found = gradient_of(step.of("D")[0], "discriminator", 2)[0]
            weights = arrays(inputs.linear_critic((inputs.DIM,), inputs.SLOPE))
            fake = fakes(arrays(update["before"]["generator"]), inputs.DEFAULT_BATCH)
            real, loss = step.drawn(step.of("D")[0], inputs.examples(inputs.DEFAULT_BATCH)), loss_named("means", name)
            plain = reference.gradient(
                lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
            )
            slope = penalty_gradients()[formula or "right"][0] * (
                inputs.DEFAULT_BATCH / inputs.BATCH if "summed" in str(formula) else 1
            )
            share = float(np.sum((found - plain[0]) * slope) / np.sum(slope**2))
            if not abs(share - 10) <= 0.05:
                return f"Without lambda_gp given the penalty has the weight {numeral(share)}: the default is 10"
        return None

    return judge


def judge_interpolation(records):
    """The method on vectors, and the points of the penalty in training, wherever they were made."""
    record = records["interpolate"]
    if "failed" in record:
        return f"get_interpolated_sample fails with {said(record['failed'])}"
    if not record.get("absent"):
        shares = shares_of_samples(record, inputs.examples())
        wrong = shares if isinstance(shares, str) else wrong_weights(shares)
        if wrong:
            return wrong
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


def shares_of_samples(record, real):
    """Shares of the way from real to fake: (calls, batch, coordinates); a sentence if a sample has another shape."""
    fake, shares = inputs.table("fake", *real.shape, low=2, high=3), []
    for made in record["made"]:
        made = np.asarray(made)
        if made.shape != real.shape:
            return f"get_interpolated_sample gives shape {made.shape} for samples of shape {real.shape}"
        shares.append(((made - real) / (fake - real)).reshape(len(real), -1))
    return np.array(shares)


def wrong_weights(shares, few=False):
    """A sentence on shares that are not one uniform number for each example; NaN is a number that cannot be known."""
    tolerance = 1e-3 if few else 1e-4
    if np.nanmax(np.nanstd(shares, axis=2)) >= tolerance:
        if np.allclose(shares, shares[:, :1, :], atol=tolerance, equal_nan=True):
            return (
                "The interpolation weight varies inside an example, and is the same for all examples: it must "
                "be one number for each example"
            )
        if np.nanmin(shares) < -1e-3 or np.nanmax(shares) > 1 + 1e-3:
            return "An interpolated example does not lie between its real and its fake example"
        return (
            "The interpolation weight varies inside an example (one for each number or pixel): it must be one "
            "number for each example"
        )
    u = np.nanmean(shares, axis=2)  # (calls, batch)
    if np.ptp(u) < tolerance:
        share = numeral(abs(round(float(u.mean()), 4)))
        return f"The interpolation weight is always {share}: it must be drawn at random for each example"
    if u.std(axis=1).max() < tolerance:
        return "The interpolation weight is one for the whole batch: it must be drawn for each example"
    if u.std(axis=0).max() < tolerance:
        return "The interpolation weights are the same at every call: they must be drawn anew"
    if u.min() < -1e-3 or u.max() > 1 + 1e-3:
        return (
            f"The interpolation weights (of the fakes) reach from {numeral(u.min())} to {numeral(u.max())}: they "
            "must be uniform on [0, 1]" + (", not normal" if u.min() < -0.3 and u.max() > 1.3 else "")
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


CRITICS = (
    (
        "penalty",
        lambda: np.asarray(inputs.linear_critic((inputs.DIM,), inputs.SLOPE)[0]),
        "a linear critic with a slope of {}",
    ),
    ("penalty_tanh", None, "a critic of tanh layers"),
)
ON_PICTURES = (
    (
        "penalty_pictures",
        lambda: np.asarray(inputs.linear_critic(inputs.PICTURE, inputs.SLOPE)[0]),
        "a linear critic of pictures with a slope of {}",
    ),
)
# Formulas that differ from the right one by a factor only: in training that is the weight of the penalty.
SCALES = ("summed over the batch instead", "twice what", "already contains lambda", "half of what")


def judge_penalty(records):
    """The method on vectors, and what training adds to the critic's gradient, wherever it is written."""
    if records["penalty"].get("absent"):
        formula = formula_in_training(records)
        if formula is None:
            raise CannotTell("class")
        return None if formula == "right" else f"In train_step the penalty {formula}"
    wrong = wrong_penalty(records, CRITICS)
    if wrong:
        return wrong
    formula = formula_in_training(records)
    if formula in (None, "right") or any(words in formula for words in SCALES):
        return None
    return f"gradient_penalty is right, but train_step has a penalty of its own: it {formula}"


def formula_in_training(records):
    try:
        return critic_of(records)[1]
    except Exception:
        return None


def wrong_penalty(records, cases):
    seen = []  # (words, found, expected, gradients at the points)
    problem = None
    for probe, w, words in cases:
        record = records[probe]
        if "failed" in record:
            on = " on pictures" if probe == "penalty_pictures" else ""
            hint = ""
            if probe == "penalty" and "None" in record["failed"].get("message", ""):
                hint = "; the gradient is None if its tape does not watch the interpolated sample"
            problem = problem or f"gradient_penalty fails{on} with {said(record['failed'])}{hint}"
            continue
        found = record["penalty"]
        if found is None or found["size"] != 1:
            size = "no number" if found is None else plural(found["size"], "number")
            problem = problem or f"gradient_penalty gives {size}, expected one: the mean over the examples"
            continue
        if w is None:
            g = reference.slopes(arrays(inputs.discriminator_weights(inputs.PENALTY_SIZE)), inputs.examples())
        else:
            shape = (inputs.DIM,) if probe == "penalty" else inputs.PICTURE
            g = np.tile(np.asarray(w(), "float64").reshape(shape), (inputs.BATCH, *[1] * len(shape)))
        right = float(reference.PENALTIES["right"](g))
        seen.append((found["value"], g))
        if problem or near(found["value"], right):
            continue
        expected = f"({inputs.SLOPE} - 1)^2 = {numeral(right)}" if w is not None else numeral(right)
        problem = (
            f"For {words.format(inputs.SLOPE)} the penalty is {numeral(found['value'])}, expected {expected}",
            len(seen) - 1,
        )
    if not isinstance(problem, tuple):
        return problem
    sentence, worst = problem

    def fits(formula, case):
        with np.errstate(all="ignore"):
            try:
                return near(case[0], float(formula(case[1])))
            except ValueError:  # this formula needs more axes
                return False

    formulas = {
        name: formula for name, formula in reference.penalties(inputs.LAMBDA).items() if fits(formula, seen[worst])
    }
    best = [name for name, formula in formulas.items() if all(fits(formula, case) for case in seen)]
    name = next(iter(best or formulas), None)
    return f"{sentence}: it {name}" if name else sentence


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
        if passes(lambda r: wrong_weights(shares_of_samples(r["interpolate"], inputs.examples())), records):
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

    if close([found], [expected(formula)]):
        return None
    for other in reference.PENALTIES if formula == "right" else ():
        if "all axes of a picture" in other and close([found], [expected(other)]):
            return f"On pictures the penalty in train_step {other}"
    return (
        f"On pictures the critic's gradient differs by {share_of(distance([found], [expected(formula)]))} from that of "
        "the loss and the penalty: all axes of a picture belong to the norm"
    )


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
            if same and not close(found, right):
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
            if moved(record["before"][which], record["after"][which]) == 0:
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


# ------------------------------------------------------------- judges: task 3


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
        return f"convolutional_GenDiscr() fails with {said(error)}"
    if record["count"] != 2 or not all(record["models"]):
        return "convolutional_GenDiscr() must return two Keras models, the generator and the discriminator"
    if record["name"] != "convolutional_GenDiscr":
        return Misnamed(
            f"The file defines no convolutional_GenDiscr. Its function {record['name']} is graded in its place: call "
            "it convolutional_GenDiscr"
        )
    return None


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
            return f"The {name}'s output has shape {tuple(found['output'][1:])}, expected {wanted_out}"
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
                return (
                    f"{layer} has weights of shape {wrong[0]}, expected {wrong[1]}; {found['parameters']:,} parameters "
                    f"in all, expected {total:,}"
                )
        return None

    return judge


def judge_values(which):
    name = ("generator", "discriminator")[which]

    def judge(records):
        record = records[name]
        if "failed" in record:
            return f"The {name} cannot be used: {said(record['failed'])}"
        weights = inputs.stored_weights(name)
        function = (reference.generator_of_task_3, reference.discriminator_of_task_3)[which]
        x = inputs.latent_vectors(inputs.FACES, 16) if which == 0 else inputs.table("faces", inputs.FACES, 16, 16, 1)
        use, training = np.asarray(record["use"]), np.asarray(record["training"])
        options = [{"training": False}, {"training": True}] if which == 0 else [{}, {}]
        if close([use], [function(weights, x, **options[0])]) and close(
            [training], [function(weights, x, **options[1])]
        ):
            return None
        right = function(weights, x, **options[0])
        for epsilon in (1e-5, 1e-6, 1e-7, 1e-8, 1e-4, 1e-2) if which == 0 else ():
            pair = [function(weights, x, **one, epsilon=epsilon) for one in options]
            if close([use], pair[:1]) and close([training], pair[1:]):
                return f"The generator's batch normalisation has epsilon = {epsilon:g}, not Keras's own"
        if close([use], [right]):
            if which == 0 and close([training], [right]):
                return "The generator's batch normalisation ignores training=True: it never uses the batch's statistics"
            return (
                f"With training=False the {name} gives the right values for known weights, with training=True other "
                "ones: is there a Dropout or a noise layer, which the task does not have?"
            )
        for sentence, wrong in reference.combined(
            (reference.GENERATOR_MISTAKES, reference.DISCRIMINATOR_MISTAKES)[which]
        ):
            if close([use], [function(weights, x, **options[0], **wrong)]):
                return f"For known weights the {name} gives other values: {sentence}"
        return (
            f"For known weights the {name}'s values differ by up to {numeral(np.max(np.abs(use - right)))} from "
            "those of the "
            "network that the task describes: compare activations, their places, padding and pooling"
        )

    return judge


# ------------------------------------------------------------- judges: task 4


def judge_replace_method(records):
    methods, other = records["class"]["methods"], records["class"].get("replacing")
    if "replace_weights" in methods or "replace_weight" in methods:
        return None
    sentence = "WGAN_GP has no method replace_weights(gen_h5, disc_h5)"
    return Misnamed(f"{sentence}. Its method {other} is graded in its place") if other else sentence


def sampled(name):
    return [np.asarray(w, "float64").reshape(-1)[:: max(1, w.size // 100)] for w in inputs.stored_weights(name)]


def judge_replaced(which):
    def judge(records):
        record = records["replace"]
        if "failed" in record:
            return f"replace_weights fails with {said(record['failed'])}"
        found, before = (arrays(record[which][part]) for part in ("sample", "before"))
        expected = sampled(which)
        if close(found, expected, 1e-6):
            return None
        if record.get("raised"):
            message = record["raised"].get("message", "")
            if (
                record["raised"].get("error") == "TypeError"
                and "argument" in message
                and not record["raised"].get("place")
            ):
                return f"replace_weights must take two files, gen_h5 and disc_h5: {said(record['raised'])}"
            if which == "generator" or close(arrays(record["generator"]["sample"]), sampled("generator"), 1e-6):
                file = ("gen_h5", "disc_h5")[which == "discriminator"]
                order = (
                    f"; the {which}'s weights stand in {file}: are the files exchanged, or is one of them taken twice?"
                    if any(word in message for word in ("shape", "layer", "incompatible", "match"))
                    else ""
                )
                return f"replace_weights(gen_h5, disc_h5) stops with {said(record['raised'])}{order}"
            return f"replace_weights stops before it loads the {which}'s weights: {said(record['raised'])}"
        if close(found, before, 1e-6):
            return (
                f"After replace_weights the {which} has the weights it had before: "
                "either its file is not loaded, or it is loaded by name, which finds no layer and loads nothing"
            )
        return f"After replace_weights the {which}'s weights are not those of the file"

    return judge


# --------------------------------------------------------------------- rubric


def class_task(task, points):
    """The behaviours of tasks 0, 1 and 2; task 4's class has all those of task 2."""
    p = dict(points)

    def b(name, title, judge, needs=(), probes=()):
        return Behaviour(f"{task}.{name}", title, p.pop(name), judge, needs, probes)

    rows = [
        b("import", "the file can be imported, and does nothing else", judge_import(task), (), ("import",)),
        b(
            "class",
            f"it defines {inputs.CLASSES[task]}, a keras.Model, with its methods",
            judge_class(task),
            ("import",),
            ("import", "class"),
        ),
        b(
            "construct",
            "the class takes the course's arguments",
            judge_construct(task),
            ("class",),
            ("class", "construct"),
        ),
        b("samples", "get_real_sample and get_fake_sample give samples", judge_samples, ("construct",), ("samples",)),
    ]
    if has_penalty(task):
        rows += [
            b(
                "interpolation",
                "get_interpolated_sample mixes with one uniform weight an example",
                judge_interpolation,
                ("construct",),
                ("interpolate",),
            ),
            b(
                "penalty",
                "gradient_penalty is the mean of (norm of the gradient - 1)^2",
                judge_penalty,
                ("construct",),
                ("penalty", "penalty_tanh"),
            ),
        ]
    rows += [
        b("runs", "train_step gets to its end", judge_runs(task), ("construct",), ("step", "step_once")),
        b("updates", f"a step makes {ORDER}", judge_updates, ("runs",), ("step", "step_once")),
    ]
    if has_penalty(task):
        rows += [
            b(
                "discriminator_loss",
                "the critic minimises mean D(fake) - mean D(real)",
                judge_discriminator_loss_with_penalty(task),
                ("runs",),
                ("lambdas", "step"),
            ),
            b(
                "penalty_in_loss",
                "the critic also minimises lambda_gp times the penalty",
                judge_penalty_in_loss,
                ("runs",),
                ("lambdas",),
            ),
        ]
    else:
        words = "mean (D(real) - 1)^2 + mean (D(fake) + 1)^2" if task == 0 else "mean D(fake) - mean D(real)"
        rows += [
            b(
                "discriminator_loss",
                f"the discriminator minimises {words}",
                judge_discriminator_loss(task),
                ("runs",),
                ("step",),
            )
        ]
    words = "mean (D(fake) - 1)^2" if task == 0 else "-mean D(fake)"
    rows += [
        b("generator_loss", f"the generator minimises {words}", judge_generator_loss(task), ("runs",), ("step",)),
        b(
            "fresh_fakes",
            "every update draws samples of its own",
            judge_fresh_fakes,
            ("runs",),
            ("step",),
        ),
        b(
            "own_weights",
            "an update moves the weights of its own network only",
            judge_own_weights(task),
            ("runs",),
            ("step",) if task == 1 else ("step", "clip"),
        ),
    ]
    if task == 1:
        rows += [
            b(
                "clip",
                "after each of its updates the discriminator's weights are clipped to [-1, 1]",
                judge_clip,
                ("runs",),
                ("clip", "steep"),
            )
        ]
    if has_penalty(task):
        rows += [
            b(
                "penalty_points",
                "the penalty is taken at interpolated points",
                judge_penalty_points,
                ("runs",),
                ("step", "lambdas"),
            ),
            b(
                "pictures",
                "it trains on pictures as well",
                judge_pictures,
                ("runs",),
                ("pictures", "interpolate_pictures", "penalty_pictures", "lambdas"),
            ),
        ]
    rows += [
        b(
            "adam",
            "the updates are Adam's, with the learning rate that was given",
            judge_adam(task),
            ("runs",),
            ("step",),
        ),
        b(
            "returned_keys",
            "train_step returns a dictionary of the losses",
            judge_returned_keys(task),
            ("runs",),
            ("step",),
        ),
        b(
            "returned_values",
            "the returned numbers are those of the last iteration",
            judge_returned_values(task),
            ("returned_keys", "updates"),
            ("step", "lambdas") if has_penalty(task) else ("step",),
        ),
        b(
            "defaults",
            "arguments that are not given have the course's values",
            judge_defaults(task),
            ("runs",),
            ("defaults",),
        ),
    ]
    if task < 2:
        rows += [
            b(
                "float64",
                "it trains on numbers of 64 bits, as the main scripts draw them",
                judge_float64(task),
                ("runs",),
                ("float64", "step"),
            )
        ]
    rows += [
        b("fit", "compile and fit train it", judge_fit(task), ("runs", "returned_keys"), ("fit",)),
    ]
    decisive = tuple(row.name for row in rows if row.name in TRAINING or (task, row.name) == (4, "pictures"))
    rows += [Behaviour(f"{task}.trains", "all in all it trains as the task says", p.pop("trains"), None, of=decisive)]
    assert not p, p
    return rows


# What decides the training. Pictures are what task 4 trains on; the main scripts of task 2 have vectors.
TRAINING = {
    "samples", "interpolation", "penalty", "runs", "updates", "discriminator_loss", "penalty_in_loss", "generator_loss",
    "fresh_fakes", "own_weights", "clip", "penalty_points", "adam", "float64", "fit",
}  # fmt: skip


SAME_POINTS = {
    "import": 5,
    "class": 3,
    "construct": 3,
    "samples": 4,
    "runs": 4,
    "discriminator_loss": 9,
    "generator_loss": 8,
    "updates": 8,
    "fresh_fakes": 5,
    "own_weights": 6,
    "adam": 5,
    "returned_keys": 3,
    "returned_values": 4,
    "defaults": 3,
    "fit": 6,
}
PENALTY_POINTS = {"interpolation": 5, "penalty": 6, "penalty_in_loss": 5, "penalty_points": 4, "pictures": 8}
RUBRIC = {
    0: class_task(0, {**SAME_POINTS, "float64": 4, "trains": 30}),
    1: class_task(1, {**SAME_POINTS, "float64": 4, "clip": 10, "trains": 30}),
    2: class_task(2, {**SAME_POINTS, **PENALTY_POINTS, "trains": 36}),
    3: [
        Behaviour("3.import", "the file can be imported, and does nothing else", 5, judge_import(3), (), ("import",)),
        Behaviour(
            "3.function",
            "convolutional_GenDiscr() returns two models",
            3,
            judge_function,
            ("import",),
            ("import", "networks"),
        ),
        Behaviour(
            "3.generator_layers",
            "the generator has the layers of the task",
            6,
            judge_structure(0),
            ("function",),
            ("networks",),
        ),
        Behaviour(
            "3.discriminator_layers",
            "the discriminator has the layers of the task",
            6,
            judge_structure(1),
            ("function",),
            ("networks",),
        ),
        Behaviour(
            "3.generator",
            "for known weights the generator gives the right pictures",
            10,
            judge_values(0),
            ("generator_layers",),
            ("generator",),
        ),
        Behaviour(
            "3.discriminator",
            "for known weights the discriminator gives the right values",
            10,
            judge_values(1),
            ("discriminator_layers",),
            ("discriminator",),
        ),
    ],
    4: [
        *class_task(4, {**SAME_POINTS, **PENALTY_POINTS, "trains": 36}),
        Behaviour(
            "4.faces", "it takes the faces and the networks of task 3", 5, judge_faces, ("class",), ("construct_faces",)
        ),
        Behaviour(
            "4.method", "it has replace_weights (or replace_weight)", 3, judge_replace_method, ("class",), ("class",)
        ),
        Behaviour(
            "4.generator_weights",
            "replace_weights loads the generator's weights from the first file",
            16,
            judge_replaced("generator"),
            ("faces", "method"),
            ("replace",),
        ),
        Behaviour(
            "4.discriminator_weights",
            "replace_weights loads the discriminator's weights from the second file",
            16,
            judge_replaced("discriminator"),
            ("faces", "method"),
            ("replace",),
        ),
    ],
}
BEHAVIOURS = {behaviour.key: behaviour for rows in RUBRIC.values() for behaviour in rows}


def probes_of(task):
    """The names of the probes that a task needs, in the order in which they run."""
    names = []
    for behaviour in RUBRIC[task]:
        names += [probe for probe in behaviour.probes if probe not in names]
    return [f"{task}.{name}" for name in names]


def first_failure(behaviour, records):
    """A sentence if one of the behaviour's probes has failed; a judge may know a better one."""
    for probe in behaviour.probes:
        if "failed" in records.get(probe, {}):
            return f"This cannot be tried: {said(records[probe]['failed'])}"
    return None


def still_needed(task, records):
    """The names of the probes without a record that some behaviour still waits for.

    A behaviour whose probe has stopped is lost, and so are those that need it: their other probes need not run.
    """
    lost, names = set(), []
    for behaviour in RUBRIC[task]:
        failed = [records.get(probe, {}).get("failed") or {} for probe in behaviour.probes]
        if lost.intersection(behaviour.needs) or any(one.get("error") == "Stopped" for one in failed):
            lost.add(behaviour.name)
        else:
            names += [probe for probe in behaviour.probes if probe not in records and probe not in names]
    return names


def judge_task(task, records, trouble=None):
    """Verdicts on every behaviour of a task.

    Args:
        records: probe name (without the task) -> record; a probe that did not end has {"failed": {...}}.
        trouble: a sentence if the machine, and not the solution, kept the probes from running.
    """
    verdicts, beside = {}, set()
    for behaviour in RUBRIC[task]:
        if trouble:
            verdicts[behaviour.name] = Verdict(behaviour, NOT_CHECKED, trouble)
            continue
        if behaviour.of:
            verdicts[behaviour.name] = the_whole(behaviour, verdicts)
            continue
        blocked = [name for name in behaviour.needs if verdicts[name].status != PASSED and name not in beside]
        if blocked:
            verdicts[behaviour.name] = waiting_for(behaviour, verdicts[blocked[0]])
            continue
        lost = [records[probe]["not_reached"] for probe in behaviour.probes if "not_reached" in records.get(probe, {})]
        missing = [probe for probe in behaviour.probes if probe not in records]
        stopped = [records[probe].get("failed") or {} for probe in behaviour.probes if probe in records]
        if (lost or missing) and not any(one.get("error") == "Stopped" for one in stopped):
            verdicts[behaviour.name] = Verdict(
                behaviour, NOT_CHECKED, lost[0] if lost else f"the probe {missing[0]} gave no record"
            )
            continue
        try:
            sentence = behaviour.judge(records)
        except CannotTell as other:
            verdicts[behaviour.name] = waiting_for(behaviour, verdicts[str(other)])
            continue
        except Exception as error:  # records come from the student's process: whatever they hold, it is no pass
            sentence = f"The numbers that came back cannot be read ({type(error).__name__}: {error})"
            sentence = first_failure(behaviour, records) or sentence
        remark = str(sentence) if isinstance(sentence, Remark) else ""
        sentence = ("" if remark else sentence) or first_failure(behaviour, records)
        if sentence:
            verdicts[behaviour.name] = Verdict(
                behaviour, FAILED, str(sentence), misnamed=isinstance(sentence, Misnamed)
            )
            beside.update([behaviour.name] * isinstance(sentence, Beside))
        else:
            verdicts[behaviour.name] = Verdict(behaviour, PASSED, points=behaviour.points, remark=remark)
    return list(verdicts.values())


def the_whole(behaviour, verdicts):
    """The verdict on a behaviour that consists of others. What is misnamed, or open for a name alone, does no harm."""
    parts = [verdicts[name] for name in behaviour.of]
    failed = [f'"{part.behaviour.title}"' for part in parts if part.status == FAILED and not part.misnamed]
    if failed:
        return Verdict(behaviour, FAILED, f"It does not, because this failed: {' and '.join(failed[:3])}")
    for part in parts:
        root = verdicts.get(part.because.partition(".")[2])
        if part.status == NOT_CHECKED and not (root and root.misnamed):
            return waiting_for(behaviour, part) if part.because else Verdict(behaviour, NOT_CHECKED, part.sentence)
    return Verdict(behaviour, PASSED, points=behaviour.points)


def waiting_for(behaviour, other):
    """The verdict on a behaviour that cannot be judged because of another verdict."""
    root = other.because or other.behaviour.key
    return Verdict(behaviour, NOT_CHECKED, f'needs "{BEHAVIOURS[root].title}"', root)
