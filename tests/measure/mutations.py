"""Small mistakes made in our own solutions by a program, to see whether the checker finds them.

    python -m tests.measure.mutations [--jobs 2] [--task N] [--only TEXT] [--python OTHER]    grades each mutant
    python -m tests.measure.mutations --list                                                  only names them

A mutant is one of our five task files with one change: an operator, a constant, an index, exchanged arguments, a
dropped statement, a statement moved into or out of its loop or tape. It is killed if the checker takes off a point.
Each mutant is graded with inputs of its own, from a seed that follows from its text; --series N draws others. A
survivor must stand in SURVIVORS below with the reason why the course allows it; anything else ends with exit code 1.
"""

import argparse
import ast
import copy
import queue
import shutil
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.checker import grading, inputs, rubric

ROOT = Path(__file__).resolve().parents[2]
FILES = {task: names[-1] for task, names in inputs.FILES.items()}  # in which the task is solved

# Changes by hand: task -> (name, old text, new text); the old text stands in the file exactly once.
DISCRIMINATOR_UPDATE = """
            gradients = tape.gradient({loss}, self.discriminator.trainable_variables)
            self.discriminator.optimizer.apply_gradients(zip(gradients, self.discriminator.trainable_variables))
"""
CLIP = """
            for variable in self.discriminator.trainable_variables:
                variable.assign(tf.clip_by_value(variable, -1., 1.))
"""
GENERATOR_TAPE = """        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss ="""
GENERATOR_UPDATE = """        gradients = tape.gradient(gen_loss, self.generator.trainable_variables)
        self.generator.optimizer.apply_gradients(zip(gradients, self.generator.trainable_variables))
"""


def outdented(text):
    return text.replace("\n    ", "\n")


def indented(text):
    return "\n".join("    " + line if line else line for line in text.split("\n"))


BOTH = [
    ("the generator's fakes outside its tape", GENERATOR_TAPE,
     "        fake_sample = self.get_fake_sample(training=True)\n        with tf.GradientTape() as tape:\n"
     "            gen_loss ="),
    ("the discriminator's last fakes used again", GENERATOR_TAPE,
     "        with tf.GradientTape() as tape:\n            gen_loss ="),
    ("the generator moves the discriminator", GENERATOR_UPDATE,
     GENERATOR_UPDATE.replace("self.generator", "self.discriminator")),
    ("the generator's update by the discriminator's optimizer", GENERATOR_UPDATE,
     GENERATOR_UPDATE.replace("self.generator.optimizer", "self.discriminator.optimizer")),
    ("the generator's update inside the loop", GENERATOR_UPDATE, None),
    ("the return inside the loop", 'return {"discr_loss"', None),
]  # fmt: skip
WEIGHTS_METHOD = "    def replace_weights(self"
TRAINING_OF_TASK_4 = [  # task 4 inherits its training: each of these puts another method in the place of one of task 2
    (name, WEIGHTS_METHOD, method + "\n" + WEIGHTS_METHOD)
    for name, method in (
        ("the step stops", "    def train_step(self, useless_argument):\n        return self.nothing\n"),
        ("a key is missing", "    def train_step(self, data):\n        found = super().train_step(data)\n"
         "        return {'discr_loss': found['discr_loss'], 'gen_loss': found['gen_loss']}\n"),
        ("the penalised loss returned", "    def train_step(self, data):\n        found = super().train_step(data)\n"
         "        return {**found, 'discr_loss': found['discr_loss'] + self.lambda_gp * found['gp']}\n"),
        ("two steps in one", "    def train_step(self, data):\n        super().train_step(data)\n"
         "        return super().train_step(data)\n"),
        ("weights clipped", "    def train_step(self, data):\n        found = super().train_step(data)\n"
         "        for w in self.discriminator.trainable_variables:\n"
         "            w.assign(w / (1. + abs(w)))\n        return found\n"),
        ("the penalty at the real examples", "    def get_interpolated_sample(self, real_sample, fake_sample):\n"
         "        return real_sample\n"),
        ("the penalty halved", "    def gradient_penalty(self, x):\n        return super().gradient_penalty(x) / 2\n"),
        ("the sign of the critic", "    @staticmethod\n    def discriminator_loss(x, y):\n"
         "        return _WGAN_GP.discriminator_loss(y, x)\n"),
        ("the sign of the generator", "    @staticmethod\n    def generator_loss(x):\n"
         "        return -_WGAN_GP.generator_loss(x)\n"),
        ("always the same examples", "    def get_real_sample(self, size=None):\n"
         "        return self.real_examples[:size or self.batch_size]\n"),
        ("no training", "    def train_step(self, data):\n"
         "        return {'discr_loss': 0., 'gen_loss': 0., 'gp': 0.}\n"),
    )
]  # fmt: skip
BY_HAND = {
    0: [
        ("the discriminator's update after the loop", DISCRIMINATOR_UPDATE.format(loss="discr_loss"),
         outdented(DISCRIMINATOR_UPDATE.format(loss="discr_loss"))),
        ("one sample for all iterations", "            fake_sample = self.get_fake_sample(training=True)\n"
         "            with", "            fake_sample = self.latest = getattr(self, 'latest', None)\n"
         "            if fake_sample is None:\n                fake_sample = self.latest = self.get_fake_sample()\n"
         "            with"),
        ("mean squared errors of the samples", "self.discriminator.loss(real_values, fake_values)",
         "self.discriminator.loss(real_values, self.discriminator(fake_sample) * 0 + tf.reduce_mean(fake_sample))"),
        ("targets exchanged", "mean_squared_error(tf.ones_like(x), x) + mean_squared_error(-tf.ones_like(y), y)",
         "mean_squared_error(-tf.ones_like(x), x) + mean_squared_error(tf.ones_like(y), y)"),
        ("absolute errors", "mean_squared_error = keras.losses.MeanSquaredError()",
         "mean_squared_error = keras.losses.MeanAbsoluteError()"),
    ],
    1: [
        ("clipped after the loop", CLIP, outdented(CLIP)),
        ("clipped before the update", DISCRIMINATOR_UPDATE.format(loss="discr_loss") + CLIP,
         CLIP + DISCRIMINATOR_UPDATE.format(loss="discr_loss")),
        ("kernels only", CLIP, CLIP.replace("trainable_variables", "trainable_variables[::2]")),
        ("clipped by norm", "tf.clip_by_value(variable, -1., 1.)", "tf.clip_by_norm(variable, 1.)"),
        ("the generator clipped", CLIP, CLIP.replace("discriminator", "generator")),
        ("gradients clipped", "zip(gradients, self.discriminator",
         "zip([tf.clip_by_value(g, -1e-2, 1e-2) for g in gradients], self.discriminator"),
        ("the size of the difference", "return tf.reduce_mean(y) - tf.reduce_mean(x)",
         "return tf.abs(tf.reduce_mean(y) - tf.reduce_mean(x))"),
        ("sums", "return tf.reduce_mean(y) - tf.reduce_mean(x)", "return tf.reduce_sum(y) - tf.reduce_sum(x)"),
    ],
    2: [
        ("one weight for the batch", "[real_sample.shape[0]] + [1]", "[1] + [1]"),
        ("one weight for each number", "tf.random.uniform(one_each)", "tf.random.uniform(real_sample.shape)"),
        ("normal weights", "tf.random.uniform(one_each)", "tf.random.normal(one_each)"),
        ("the penalty outside the tape",
         "                gp = self.gradient_penalty(interpolated_sample)\n"
         "                penalized_loss = discr_loss + self.lambda_gp * gp\n",
         "                penalized_loss = discr_loss\n            gp = self.gradient_penalty(interpolated_sample)\n"
         "            penalized_loss += self.lambda_gp * gp\n"),
        ("the penalty of the real sample", "gp = self.gradient_penalty(interpolated_sample)",
         "gp = self.gradient_penalty(real_sample)"),
        ("the penalised loss returned", '"discr_loss": discr_loss', '"discr_loss": penalized_loss'),
        ("the gradient of the loss alone", "tape.gradient(penalized_loss,", "tape.gradient(discr_loss,"),
        ("one norm for the batch", "axis=list(range(1, gradients.shape.rank))", "axis=None"),
        ("the norm over the last axis", "axis=list(range(1, gradients.shape.rank))", "axis=-1"),
        ("no lambda", "self.lambda_gp * gp", "gp"),
        ("lambda is always 10", "self.lambda_gp * gp", "10. * gp"),
        ("lambda times gp returned", '"gp": gp', '"gp": self.lambda_gp * gp'),
    ],
    3: [
        ("no tanh on the first Dense", 'layers.Dense(2048, activation="tanh")', "layers.Dense(2048)"),
        ("no tanh on the last Dense", 'layers.Dense(1, activation="tanh")', "layers.Dense(1)"),
        ("relu on the first Dense", 'layers.Dense(2048, activation="tanh")', 'layers.Dense(2048, activation="relu")'),
        ("tanh before the normalisation",
         '            x = layers.BatchNormalization()(x)\n            x = layers.Activation("tanh")(x)\n',
         '            x = layers.Activation("tanh")(x)\n            x = layers.BatchNormalization()(x)\n'),
        ("tanh before the pooling", '            x = layers.MaxPooling2D()(x)  # (8, 8, 32), (4, 4, 64), (2, 2, 128), '
         '(1, 1, 256)\n            x = layers.Activation("tanh")(x)\n',
         '            x = layers.Activation("tanh")(x)\n            x = layers.MaxPooling2D()(x)\n'),
        ("mean instead of maximum", "layers.MaxPooling2D()", "layers.AveragePooling2D()"),
        ("convolution before the up-sampling", "            x = layers.UpSampling2D()(x)  # (4, 4, 512), (8, 8, 64), "
         '(16, 16, 16)\n            x = layers.Conv2D(filters, 3, padding="same")(x)\n            x = layers.Batch',
         '            x = layers.Conv2D(filters, 3, padding="same")(x)\n            x = layers.UpSampling2D()(x)\n'
         "            x = layers.Batch"),
        ("smooth up-sampling", "layers.UpSampling2D()", 'layers.UpSampling2D(interpolation="bilinear")'),
        ("a transposed reshape", "layers.Reshape((2, 2, 512))(x)",
         "layers.Permute((2, 1, 3))(layers.Reshape((2, 2, 512))(x))"),
        ("the networks exchanged", "return get_generator(), get_discriminator()",
         "return get_discriminator(), get_generator()"),
        ("an activation of the convolution", 'Conv2D(filters, 3, padding="same")(x)\n            x = layers.Batch',
         'Conv2D(filters, 3, padding="same", activation="tanh")(x)\n            x = layers.Batch'),
    ],
    4: [
        ("the files exchanged", "gen_h5, self.generator.load_weights", "disc_h5, self.generator.load_weights"),
        ("the generator takes both files", "disc_h5, self.discriminator.load_weights",
         "disc_h5, self.generator.load_weights"),
        ("the networks exchanged", 'self._load(("gen_h5", gen_h5, self.generator.load_weights),\n'
         '                   ("disc_h5", disc_h5, self.discriminator.load_weights))',
         'self._load(("gen_h5", gen_h5, self.discriminator.load_weights),\n'
         '                   ("disc_h5", disc_h5, self.generator.load_weights))'),
        ("the generator alone", '(("gen_h5", gen_h5, self.generator.load_weights),\n'
         '                   ("disc_h5", disc_h5, self.discriminator.load_weights))',
         '(("gen_h5", gen_h5, self.generator.load_weights))'),
        ("the discriminator alone", '("gen_h5", gen_h5, self.generator.load_weights),\n                   ', ""),
        ("loaded by name", "gen_h5, self.generator.load_weights",
         "gen_h5, lambda path: self.generator.load_weights(path, by_name=True)"),
        ("the other order of arguments", "replace_weights(self, gen_h5, disc_h5)",
         "replace_weights(self, disc_h5, gen_h5)"),
        ("both names changed", "def replace_weights(self", "def load_both(self"),
        ("a decorator", "    def replace_weights(self", "    @property\n    def replace_weights(self"),
        ("saved instead of loaded", "gen_h5, self.generator.load_weights", "gen_h5, self.generator.save_weights"),
        ("the class renamed", "class WGAN_GP(_WGAN_GP)", "class WGAN_GP2(_WGAN_GP)"),
        *TRAINING_OF_TASK_4,
    ],
}  # fmt: skip

# Mutants that live because the course allows what they do: name -> why.
SURVIVORS = {
    **{
        f"{task}: train_step: {place}: True becomes False": "the course never says with which value of training the "
        "networks are called; these have no layer that looks at it"
        for task in (0, 1, 2)
        for place in (
            "fake_sample = self.get_fake_sample(training=True)",
            "real_values = self.discriminator(real_sample, training=True)",
            "fake_values = self.discriminator(fake_sample, training=True)",
            "gen_loss = self.generator.loss(self.discriminator(fake_sampl",
        )
    },
    **{
        f"{task}: train_step: fake_sample = self.get_fake_sample(training=True): True becomes False (another)": "the "
        "same for the generator's fakes"
        for task in (0, 1, 2)
    },
    **{
        f"{task}: train_step: the next statement moved into the loop": "the generator's loss is computed in every "
        "iteration and used once, in its update behind the loop: more draws than needed, and the same training"
        for task in (0, 1, 2)
    },
    "0: generator_loss: return keras.losses.MeanSquaredError()(tf.ones_like(x), x): arguments of "
    "keras.losses.MeanSquaredError() exchanged": "(a - b)^2 = (b - a)^2",
    "0: discriminator_loss: return mean_squared_error(tf.ones_like(x), x) + mean_squared: arguments of "
    "mean_squared_error exchanged": "(a - b)^2 = (b - a)^2",
    "0: discriminator_loss: return mean_squared_error(tf.ones_like(x), x) + mean_squared: arguments of "
    "mean_squared_error exchanged (another)": "(a - b)^2 = (b - a)^2",
    "2: gradient_penalty: values = self.discriminator(interpolated_sample, training=Tr: True becomes False": "as in "
    "train_step",
    "2: gradient_penalty: norms = tf.where(positive, tf.sqrt(tf.where(positive, square: 0.0 becomes 1.0": "the norm "
    "that a gradient of exactly zero counts as; zero-gradient critics are never graded",
    "2: gradient_penalty: norms = tf.where(positive, tf.sqrt(tf.where(positive, square: 1.0 becomes 2.0": "under a "
    "root whose value is not used",
    "2: train_step: interpolated_sample = self.get_interpolated_sample(real_samp: arguments of "
    "self.get_interpolated_sample exchanged": "u and 1 - u have the same distribution",
    "3: tanh before the pooling": "tanh grows, so the maximum of the tanh is the tanh of the maximum",
    "3: convolutional_GenDiscr: dropped: if keras.backend.image_data_format() != 'channels_last':": "a sentence for "
    "who has set Keras to colours first; Keras refuses these networks then in its own words",
    "4: replace_weights: self._load(('gen_h5', gen_h5, self.generator.load_weights), : arguments of self._load "
    "exchanged": "which file is read first does not matter",
}


class Mutator(ast.NodeTransformer):
    """Makes one change: the one with this number, in the order of the source. Without a number it counts them."""

    def __init__(self, number=None):
        self.number, self.names, self.function, self.statement = number, [], "", ""

    def here(self, change):
        """Whether this is the change to make."""
        self.names.append(": ".join(filter(None, (self.function, self.statement, change))))
        return len(self.names) - 1 == self.number

    def visit_BinOp(self, node):
        self.generic_visit(node)
        for old, new in ((ast.Add, ast.Sub), (ast.Sub, ast.Add), (ast.Mult, ast.Add), (ast.Div, ast.Mult)):
            if isinstance(node.op, old) and self.here(f"{old.__name__} becomes {new.__name__}"):
                node.op = new()
                break
        return node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and self.here("minus dropped"):
            return node.operand
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if isinstance(node.ops[0], ast.Gt) and self.here("> becomes <="):
            node.ops[0] = ast.LtE()
        return node

    def visit_Constant(self, node):
        value = node.value
        if isinstance(value, bool):
            if self.here(f"{value} becomes {not value}"):
                return ast.copy_location(ast.Constant(not value), node)
        elif isinstance(value, (int, float)):
            if self.here(f"{value} becomes {value + 1}"):
                return ast.copy_location(ast.Constant(value + 1), node)
        elif value in ("tanh", "same", "discr_loss", "gen_loss", "gp"):
            new = {"tanh": "relu", "same": "valid"}.get(value, "loss")
            if self.here(f"{value!r} becomes {new!r}"):
                return ast.copy_location(ast.Constant(new), node)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        name = ast.unparse(node.func)
        if len(node.args) == 2 and name.split(".")[-1] not in ("insert", "append"):
            if self.here(f"arguments of {name} exchanged"):
                node.args.reverse()
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        other = {"reduce_mean": "reduce_sum", "reduce_sum": "reduce_mean", "square": "abs", "sqrt": "identity"}
        if node.attr in other and self.here(f"{node.attr} becomes {other[node.attr]}"):
            node.attr = other[node.attr]
        return node

    def visit_FunctionDef(self, node):
        self.function, docstring = node.name, ast.get_docstring(node) is not None
        kept, node.body = node.body[:docstring], node.body[docstring:]
        node.body = kept + self.statements(node.body)
        return node

    def visit_For(self, node):
        node.iter, node.body = self.visit(node.iter), self.statements(node.body)
        return node

    def visit_With(self, node):
        node.body = self.statements(node.body)
        return node

    @staticmethod
    def may_go(statement, body):
        """Not a name's only definition: its absence would be a NameError, which shows nothing."""
        defined = isinstance(statement, (ast.Assign, ast.FunctionDef))
        return len(body) > 1 and (not defined or ast.unparse(statement).startswith(("x = layers", "x = inputs")))

    def statements(self, body):
        """Visits statements, drops one, or moves the first or last one of a block out of it."""
        result = []
        for i, statement in enumerate(body):
            self.statement = ""
            if self.may_go(statement, body) and self.here(f"dropped: {first_line(statement)}"):
                continue
            block = statement.body if isinstance(statement, (ast.For, ast.With)) and len(statement.body) > 1 else None
            if block and self.here(f"moved behind its block: {first_line(block[-1])}"):
                last = block.pop()
                result += [statement, last]
                continue
            if block and self.here(f"moved before its block: {first_line(block[0])}"):
                first = block.pop(0)
                result += [first, statement]
                continue
            if isinstance(statement, ast.For) and i + 1 < len(body):
                if self.here("the next statement moved into the loop"):
                    statement.body.append(body[i + 1])
                    result += [statement, *body[i + 2 :]]
                    return result
            self.statement = first_line(statement)
            result.append(self.visit(statement))
        return result


def first_line(statement):
    return ast.unparse(statement).split("\n")[0][:60]


def relevant(tree):
    """The functions and constants that a student writes: not the imports, the constructor and what it checks."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (one for one in node.body if not isinstance(one, ast.FunctionDef) or one.name != "__init__")


def generic(task):
    """(name, source) of each change that the program makes."""
    tree = ast.parse((ROOT / FILES[task]).read_text())
    places = list(range(len(list(relevant(tree)))))
    for place in places:
        counter = Mutator()
        counter.visit(copy.deepcopy(list(relevant(tree))[place]))
        for number, name in enumerate(counter.names):
            changed = copy.deepcopy(tree)
            Mutator(number).visit(list(relevant(changed))[place])
            yield f"{task}: {name}", ast.unparse(ast.fix_missing_locations(changed)) + "\n"


def by_hand(task):
    """(name, source) of each change of BY_HAND; ValueError if one no longer fits."""
    source = (ROOT / FILES[task]).read_text()
    for name, old, new in BY_HAND[task] + (BOTH if task < 3 else []):
        if new is None:
            yield f"{task}: {name}", inside_the_loop(source, old)
            continue
        if source.count(old) != 1:
            raise ValueError(f"{task}: {name}: the old text stands {source.count(old)} times in {FILES[task]}")
        yield f"{task}: {name}", source.replace(old, new)


def inside_the_loop(source, what):
    """The source with everything of train_step behind its loop, up to the line with `what`, in the loop."""
    head, mark, tail = source.partition("\n" + GENERATOR_TAPE)
    body, found, rest = (mark + tail).partition(what)
    if not (mark and found):
        raise ValueError(f"{what!r} does not stand behind the loop")
    if "return" in what:
        return head + indented(body + found) + rest
    return head + indented(body + found.rstrip("\n")) + "\n" + rest


def mutants(tasks=tuple(FILES)):
    """Name -> (task, source); mutants of the same source count once."""
    found, seen = {}, set()
    for task in tasks:
        seen.add(ast.dump(ast.parse((ROOT / FILES[task]).read_text())))
        for name, source in [*by_hand(task), *generic(task)]:
            try:
                same = ast.dump(ast.parse(source))
            except SyntaxError as error:
                raise ValueError(f"{name}: {error}") from error
            if same not in seen:
                seen.add(same)
                while name in found:
                    name += " (another)"
                found[name] = task, source
    return found


class Grader:
    """Grades mutants in one process that has TensorFlow."""

    def __init__(self, python, series=0):
        self.python, self.home, self.server, self.series = python, tempfile.mkdtemp(prefix="mutants-"), None, series

    def __call__(self, task, source):
        """The sentence of the first failed behaviour of the mutant; None if it survives."""
        with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
            shutil.copytree(ROOT / "gan", Path(folder) / "gan", ignore=shutil.ignore_patterns("__pycache__"))
            for name in FILES.values():
                shutil.copyfile(ROOT / name, Path(folder) / name)
            (Path(folder) / FILES[task]).write_text(source)
            session = grading.Session(folder, self.python, self.home, grading.Limits(probe=20, task=60), None,
                                      zlib.crc32(f"{self.series} {source}".encode()))
            session.server = self.server
            session.run(task)
            self.server = session.server
        verdicts = session.judge(task)
        failed = [one for one in verdicts if one.status == rubric.FAILED]
        if not failed and any(one.status != rubric.PASSED for one in verdicts):
            return "not all behaviours could be checked"
        return f"[{failed[0].behaviour.name}] {failed[0].sentence}" if failed else None

    def close(self):
        if self.server:
            self.server.close()
        shutil.rmtree(self.home, ignore_errors=True)


def grade_all(chosen, python, jobs, series=0):
    """(name, sentence or None) of each mutant, in order."""
    graders = queue.SimpleQueue()
    made = [Grader(python, series) for _ in range(jobs)]
    for grader in made:
        graders.put(grader)

    def grade(one):
        grader = graders.get()
        try:
            return grader(*one)
        finally:
            graders.put(grader)

    try:
        with ThreadPoolExecutor(jobs) as pool:
            yield from zip(chosen, pool.map(grade, chosen.values()))
    finally:
        for grader in made:
            grader.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="gradings at a time (default 2)")
    parser.add_argument("--task", type=int, choices=FILES, action="append", help="only mutants of this task")
    parser.add_argument("--only", default="", metavar="TEXT", help="only mutants with this text in their names")
    parser.add_argument("--python", default=sys.executable, metavar="PYTHON", help="runs the mutants")
    parser.add_argument("--series", type=int, default=0, metavar="N", help="draw other inputs for each (default 0)")
    parser.add_argument("--list", action="store_true", help="name the mutants and stop")
    options = parser.parse_args()
    chosen = {name: one for name, one in mutants(options.task or FILES).items() if options.only in name}
    if options.list:
        print("\n".join(chosen), f"\n{len(chosen)} mutants")
        return 0
    began, alive, wrong = time.monotonic(), [], []
    for name, sentence in grade_all(chosen, options.python, options.jobs, options.series):
        print("killed  " if sentence else "SURVIVED", name, "|", sentence or SURVIVORS.get(name, ""), flush=True)
        if sentence is None:
            alive.append(name)
            wrong += [] if name in SURVIVORS else [f"{name}: survived, and is not listed"]
        elif name in SURVIVORS:
            wrong.append(f"{name}: listed as equivalent, but {sentence}")
    print(f"{len(chosen)} mutants, {len(chosen) - len(alive)} killed, {len(alive)} survived "
          f"({time.monotonic() - began:.0f} s)")  # fmt: skip
    print("\n".join(wrong) or "every survivor is listed with its reason")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
