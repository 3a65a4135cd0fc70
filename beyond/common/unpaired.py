"""What the systems share that learn without pairs to turn pictures of a set A into those of a set B, and back.

`TwoWay` has the four networks, `Judge` and `figures_of` say how well they do it. Nobody shows them pairs. But whoever
draws a face knows how the same face looks in the other set, so what they make is compared with that.
"""

import warnings
from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common.base import in_batches
from beyond.common.data import signed, unit
from beyond.common.translators import enlarged, mean_square
from gan import checks
from gan.engine import System


class TwoWay(System):
    """Two generators that lead to and fro between two sets, and a discriminator for each set.

    A subclass has the `train_step`.

    Args:
        to_b, to_a: keras.Models, the generators, from pictures of one set to those of the other, in [-1, 1].
        knows_a, knows_b: keras.Models, the discriminators, from pictures of their set to a map of values.
        pictures_a, pictures_b: shapes (n, h, w, channels) and (m, h, w, channels), in [-1, 1]; no pairs.
        batch_size: pictures in a sample of each set.
        learning_rate: of all Adam optimizers.
    """

    beta_1 = .5

    def __init__(self, to_b, to_a, knows_a, knows_b, pictures_a, pictures_b, batch_size=1, learning_rate=.0002):
        super().__init__(batch_size)
        rate = checks.number("learning_rate", learning_rate)
        for name, network in {"to_b": to_b, "to_a": to_a, "knows_a": knows_a, "knows_b": knows_b}.items():
            self.add_network(name, network, keras.optimizers.Adam(rate, beta_1=self.beta_1))
        self.add_examples("pictures_a", pictures_a)
        self.add_examples("pictures_b", pictures_b)
        if self.pictures_a.shape[1:] != self.pictures_b.shape[1:]:
            raise ValueError(f"pictures_b: expected pictures of {tuple(self.pictures_a.shape[1:])}, as in A, got "
                             f"{tuple(self.pictures_b.shape[1:])}")

    def call(self, pictures, training=False):
        """What becomes of these pictures of A in B."""
        return self.to_b(pictures, training=training)

    def train_discriminators(self, a, b, made_a, made_b):
        """An update of both discriminators with real and made pictures of each set; returns the sum of their losses."""
        with tf.GradientTape() as tape:
            discr_loss = sum((mean_square(knows(real, training=True) - 1) + mean_square(knows(made, training=True))) / 2
                             for knows, real, made in ((self.knows_a, a, made_a), (self.knows_b, b, made_b)))
        update_all([self.knows_a, self.knows_b], tape, discr_loss)
        return discr_loss

    def not_fooled(self, made_a, made_b):
        """How far the discriminators are from taking both for real: the generators' own loss."""
        return sum(mean_square(knows(made, training=True) - 1)
                   for knows, made in ((self.knows_a, made_a), (self.knows_b, made_b)))

    def there_and_back(self, pictures, to_b=True):
        """Pictures (n, h, w, channels) in the other set, and those back in the first; all are arrays in [0, 1]."""
        there, back = (self.to_b, self.to_a) if to_b else (self.to_a, self.to_b)
        made = in_batches(lambda part: there(part, training=False), signed(pictures), 50)
        return unit(made), unit(in_batches(lambda part: back(part, training=False), made, 50))


def update_all(networks, tape, loss):
    """One step of each network's own optimizer down the gradient of the same loss."""
    variables = [network.trainable_variables for network in networks]
    for network, some, gradients in zip(networks, variables, tape.gradient(loss, variables)):
        network.optimizer.apply_gradients(zip(gradients, some))


def combined(to_b, to_a, knows_a, knows_b):
    """All four networks as one model: the sources print how many parameters these have together."""
    four = (to_b, to_a, knows_a, knows_b)
    return keras.Model([one.inputs[0] for one in four], [one.outputs[0] for one in four], name="combined")


# ------------------------------------------------------------------- measuring

# What a classifier is asked about drawn faces: the attribute, and from which value on the answer is yes.
QUESTIONS = {"a man": ("male", .5), "long hair": ("hair_length", .33), "smiles": ("smile", .4),
             "turned": ("yaw", 0.), "light from the right": ("light_x", 0.)}
# What is printed of a translation, see `one_way`, in few words.
MEANINGS = {"translated": "share in which the judge sees the other set",
            "kept": "share of its other answers that stay as they were",
            "followed": "share of its right answers about what comes with the change",
            "cycle_error": "of the way there and back, as all errors in levels of 255",
            "error": "difference from the true counterpart", "nothing": "the same of pictures left as they are",
            "error_there": "where the change reaches", "nothing_there": "there, of pictures left as they are",
            "spread": "how much the pictures differ, 1 is as the other set"}
REACHED = 8 / 255  # a pixel that differs so much between a face and its counterpart is one that the change reaches


def yes(data, part, asked):
    """The right answers to one of QUESTIONS for the faces of `part`, such as "test_a"."""
    name, least = QUESTIONS[asked]
    return data.attributes[part][name] > least


class Judge:
    """A small classifier that was taught on the training pictures to answer questions about pictures, yes or no.

    The first question is whether a picture looks as those of B. Of drawn faces the others are those of QUESTIONS.

    Args:
        data: `beyond.common.pairs.Pairs`.
        rounds: over the pictures, at most.

    Attributes:
        questions: their names, the first is "B".
        accuracy: of each, on the held-out pictures.
    """

    def __init__(self, data, rounds=60):
        from sklearn.neural_network import MLPClassifier  # here: it takes a second to load
        self.questions = ["B", *(QUESTIONS if data.attributes else ())]
        self.classifier = MLPClassifier((64,), alpha=1., max_iter=rounds, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that more rounds would help
            self.classifier.fit(_rows(np.concatenate([data.train_a, data.train_b])),
                                np.squeeze(self._truth(data, "train"), axis=1 if len(self.questions) == 1 else ()))
        answers = self(np.concatenate([data.test_a, data.test_b]))
        self.accuracy = dict(zip(self.questions, map(float, np.mean(answers == self._truth(data, "test"), axis=0))))

    def __call__(self, pictures):
        """The answers: (n, h, w, channels) in [0, 1] -> bool (n, questions)."""
        return self.classifier.predict(_rows(pictures)).reshape(len(pictures), -1).astype(bool)

    def _truth(self, data, part):
        """The right answers for A and B of one part, bool (n + m, questions)."""
        answers = []
        for letter in "ab":
            name = f"{part}_{letter}"
            columns = [np.full(len(getattr(data, name)), letter == "b")]
            columns += [yes(data, name, asked) for asked in self.questions[1:]]
            answers.append(np.stack(columns, axis=1))
        return np.concatenate(answers)


def _rows(pictures, most=32):
    """Pictures as rows of numbers, large ones made smaller: averages of squares, of which `most` are in a line."""
    n, side, _, channels = pictures.shape
    width = max(1, side // most)
    kept = side // width
    squares = pictures[:, :kept * width, :kept * width].reshape(n, kept, width, kept, width, channels)
    return squares.mean((2, 4)).reshape(n, -1)


def one_way(judge, data, made, back=None, to_b=True):
    """How well held-out pictures came over into the other set; a dict.

    Args:
        made, back: what `there_and_back` gave for data.test_a (or for data.test_b, with to_b=False).

    translated: share of those made in which the judge sees the other set.
    kept, followed: share of the judge's answers that stay as they were, to questions about what the change leaves
        alone, and of its right answers about what comes with the change (such as hair with the sex).
    cycle_error: mean difference of a value between a picture and what came back, in levels of 255.
    error, nothing: the same between those made, or the pictures as they were, and the true counterparts.
    error_there, nothing_there: the same in pixels that the change reaches.
    spread: how much those made differ from each other, divided by the same of the counterparts.
    """
    here, there = ("test_a", "test_b") if to_b else ("test_b", "test_a")
    given, truth = getattr(data, here), getattr(data, there)
    answers = judge(made)
    result = {"translated": float(np.mean(answers[:, 0] == to_b))}
    if data.attributes:
        before = judge(given)
        right = {asked: (yes(data, here, asked), yes(data, there, asked)) for asked in judge.questions[1:]}
        alone = [number for number, asked in enumerate(judge.questions) if number and np.array_equal(*right[asked])]
        result["kept"] = float(np.mean(answers[:, alone] == before[:, alone]))
        follows = [number for number, asked in enumerate(judge.questions) if number and number not in alone
                   and len(set(right[asked][1])) > 1]  # if all have one answer, that is the change itself
        if follows:
            result["followed"] = float(np.mean([answers[:, number] == right[judge.questions[number]][1]
                                                for number in follows]))
    if back is not None:
        result["cycle_error"] = levels(back - given)
    if data.counterparts:
        reached = np.abs(truth - given).max(-1) > REACHED
        result.update(error=levels(made - truth), nothing=levels(given - truth),
                      error_there=levels((made - truth)[reached]), nothing_there=levels((given - truth)[reached]))
    if spread(truth) > 0:
        result["spread"] = spread(made) / spread(truth)
    return result


def levels(differences):
    """The mean size of differences of values in [0, 1], in levels of 255."""
    return 255 * float(np.mean(np.abs(differences)))


def spread(pictures):
    return float(np.sqrt(np.mean(np.var(pictures, axis=0))))


def figures_of(G, judge, data):
    """`one_way` for both ways: from A to B, from B to A; and their mean."""
    ways = [one_way(judge, data, *G.there_and_back(given, to_b), to_b)
            for given, to_b in ((data.test_a, True), (data.test_b, False))]
    return (*ways, mean_of(*ways))


def judged_bounds(judge, data):
    """The judge's shares, means of both ways, of pictures that are left as they are, and of the true counterparts.

    Returns a dict by these names, empty if the counterparts are not known. The judge errs: more than it says of the
    true counterparts is no better translation.
    """
    if not data.counterparts:
        return {}
    bounds = {}
    for name, made in (("pictures left as they are", (data.test_a, data.test_b)),
                       ("the true counterparts", (data.test_b, data.test_a))):
        found = mean_of(one_way(judge, data, made[0]), one_way(judge, data, made[1], to_b=False))
        bounds[name] = {share: found[share] for share in ("translated", "kept", "followed") if share in found}
    return bounds


def mean_of(first, second):
    return {name: (first[name] + second[name]) / 2 for name in first if name in second}


# ------------------------------------------------------------- training, drawing

def train(G, data, options, name=None, shown=8, frames=13):
    """Train with one line of progress; returns the `Record`, whose sheets `panels_of` draws.

    Args:
        name: of the checkpoints, see `beyond.common.training.fit`.
        shown: how many held-out pictures of each set the sheets show.
        frames: how many sheets there are.
    """
    from beyond.common import training

    def draw():
        return np.concatenate([part for given, to_b in ((data.test_a, True), (data.test_b, False))
                               for part in G.there_and_back(given[:shown], to_b)])
    record = training.Record(draw, np.linspace(0, options.epochs, frames).round().astype(int).tolist())
    G.compile(steps_per_execution=min(options.steps, 10 if name else 50))
    training.fit(G, options, name, [record], [record], steps_per_epoch=options.steps)
    return record


def panels_of(data, sheet, shown=8):
    """Panels for `figures.visualize_sheets`, their columns and the names of their rows, from a sheet of `train`."""
    a, b = data.test_a[:shown], data.test_b[:shown]
    made_b, back_a, made_a, back_b = np.split(sheet, np.cumsum([len(a), len(a), len(b)]))
    rows = [[a, made_b, back_a, b], [b, made_a, back_b, a]]
    names = ["input", "output", "back", "truth"]
    if not data.counterparts:
        rows, names, shown = [row[:3] for row in rows], names[:3], min(len(a), len(b))
    columns = min(shown, len(a), len(b))
    panels = [(title, np.concatenate([part[:columns] for part in row]))
              for title, row in zip(("from A to B", "from B to A"), rows)]
    return panels, columns, names


def same_shape(data):
    """The pairs with A as large as B and with as many channels: grey becomes three equal channels."""
    side, channels = data.train_b.shape[1], data.train_b.shape[-1]
    for name in ("train_a", "test_a"):
        pictures = enlarged(getattr(data, name), side)
        setattr(data, name, np.repeat(pictures, channels // pictures.shape[-1], axis=-1))
    return data


def faces_and_judge(change, seed, count, size):
    """Drawn faces of this size before and after a change, `count` to train on of each, and who judges them."""
    from beyond.common import pairs, training
    data = same_shape(pairs.load("faces", change, size, count, seed=seed, paired=False))
    training.set_seeds(seed)
    judge = Judge(data)
    training.set_seeds(seed)
    return data, judge


def measure(make, change, settings, seed, steps=None):
    """What a training with these settings comes to on drawn faces, for `beyond.claims`; the mean of both ways."""
    from beyond.common import training
    options = training.settings(**{**settings, "steps": steps or settings["steps"]})
    data, judge = faces_and_judge(change, seed, options.pictures, options.size)
    G = make(data, options)
    train(G, data, options)
    return figures_of(G, judge, data)[-1]


def measure_bounds(change, settings, true, seed, steps=None):
    """The same figures of faces that are left as they are, or (`true`) of their counterparts."""
    data, judge = faces_and_judge(change, seed, settings["pictures"], settings["size"])
    made = [data.test_a, data.test_b][::-1 if true else 1]
    return mean_of(one_way(judge, data, made[0]), one_way(judge, data, made[1], to_b=False))


def claims(system, make, change, settings, rows):
    """A system's list CLAIMS: a training with each of the changed settings {row: {setting: value}}, and its bounds."""
    return [
        (system, "doing nothing", partial(measure_bounds, change, settings, False)),
        (system, "the true counterparts", partial(measure_bounds, change, settings, True)),
        *[(system, row, partial(measure, make, change, {**settings, **changed})) for row, changed in rows.items()]]


# -------------------------------------------------------------- the command line

def add_arguments(parser, change):
    """--data, --halves, --size, --pictures, --change, with this default."""
    from beyond.common import pairs
    pairs.add_arguments(parser)
    parser.add_argument("--change", choices=[name for name in pairs.CHANGES if name != "own"], default=change,
                        help=f"what sets A and B differ in (default {change})")


def run(parser, argv, name, make):
    """The rest of a `main`: sets, training, figures, pictures. What cannot be ends in one line.

    Args:
        make: function of the `Pairs` and the options -> a new `TwoWay`.
    """
    from beyond.common import pairs, script
    options = script.start(parser, argv)
    data = same_shape(pairs.from_options(options, options.change, lambda data: make(same_shape(data), options),
                                         "pictures of a set", paired=False))
    print(f"A: {data.sets[0]}; B: {data.sets[1]}", flush=True)
    G = make(data, options)
    record = train(G, data, options, name)
    judge = Judge(data)
    print("the judge is right on held-out pictures:", script.line(judge.accuracy), flush=True)
    return finish(G, data, record, judge, options, name)


def finish(G, data, record, judge, options, name):
    """Print what was measured, draw held-out pictures both ways, on the way (a film) and at the end, and the losses."""
    from beyond.common import figures, script
    system = type(G).__name__
    print("(the judge: a small classifier that learned from the training pictures; B: is it a picture of B or of A?)")
    measured = figures_of(G, judge, data)
    for way, found in zip(("from A to B", "from B to A"), measured):
        print(f"{way}: {script.line(found)}", flush=True)
    script.meaning(**{name: text for name, text in MEANINGS.items() if any(name in found for found in measured)})
    for made, shares in judged_bounds(judge, data).items():
        print(f"to compare, {made}: {script.line(shares)}", flush=True)

    def draw(title, sheet):
        panels, columns, row_names = panels_of(data, sheet)
        return figures.visualize_sheets(panels, columns, row_names=row_names, title=title)
    sets = "\nA: {}; B: {}".format(*data.sets) if data.attributes else ""  # of drawn faces
    sheets = [(f"{system}, held-out pictures, {epoch}{sets}", sheet) for epoch, sheet in record.sheets]
    figures.save_film(options, f"{name}-training.gif", (lambda one=one: draw(*one) for one in sheets))
    plots = [draw(*sheets[-1]), figures.visualize_losses([(system, record.losses)])]
    script.finish(plots[0], options, f"{name}-samples.png")
    script.finish(plots[1], options, f"{name}-losses.png")
    print("What you see: from the input one generator made the output, and from that the other one the way back. The "
          "output should show the change and keep all else. After a short training it also shifts other tones.")
    return plots
