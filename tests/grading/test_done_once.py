"""What a grading does once: the probe `fit` traces a step, and judges find what several of them ask for.

A step is traced once since optimizers' variables are made outside its graph, whatever optimizers there are.
"""

import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from tests.checker import grading, source, watching
from tests.checker.once import Records, found_once
from tests.zoo import bases

LIMITS = grading.Limits(probe=240, task=600)  # about marks, not about the speed of a busy machine
ADAM = "        self.discriminator.optimizer = " + (
    bases.PLAIN.partition("        self.discriminator.optimizer = ")[2].partition("    def get_fake_sample")[0])
FIRST = '        """Updates of the discriminator, then one of the generator."""\n'
# A counter that nobody finds in the text, else it would be traced twice.
HIDDEN = "        object.__setattr__(self, 'traces', getattr(self, 'traces', 0) + 1)\n"
BY_HAND = ("self.discriminator.optimizer.apply_gradients(", "self.d_opt.apply_gradients(")
KINDS = {  # what a solution does with its optimizers -> changes to a right one, and the traces that it needs
    "Adam": ((), 1),
    "SGD": (((ADAM, ADAM.replace("keras.optimizers.Adam(", "keras.optimizers.SGD(")
              .replace("learning_rate=self.learning_rate, beta_1=self.beta_1, beta_2=self.beta_2",
                       "learning_rate=self.learning_rate, momentum=.5")),), 1),
    "an optimizer of its own attribute, without compile": (
        ((ADAM, "        self.d_opt = keras.optimizers.Adam(self.learning_rate, .5, .9)\n\n"
                "        self.discriminator.loss = lambda x, y: tf.reduce_mean(y) - tf.reduce_mean(x)\n\n"),
         BY_HAND), 1),
    "made in compile": (
        ((ADAM, "        self.discriminator.loss = lambda x, y: tf.reduce_mean(y) - tf.reduce_mean(x)\n\n"
                "    def compile(self):\n        super().compile()\n"
                "        self.d_opt = keras.optimizers.Adam(self.learning_rate, .5, .9)\n\n"), BY_HAND), 1),
    "made in the first step": (
        ((FIRST, FIRST + "        if not hasattr(self, 'd_opt'):\n"
                         "            self.d_opt = keras.optimizers.Adam(self.learning_rate, .5, .9)\n"), BY_HAND), 2),
    "a part of the weights": (
        (("d_tape.gradient(discr_loss, self.discriminator.trainable_variables)",
          "d_tape.gradient(discr_loss, self.discriminator.trainable_variables[:2])"),
         ("zip(d_grads, self.discriminator.trainable_variables)",
          "zip(d_grads, self.discriminator.trainable_variables[:2])")), 1),
    "a frozen layer": ((("        super().__init__()\n",
                         "        super().__init__()\n        discriminator.layers[-1].trainable = False\n"),), 1),
    "counts its calls": (((FIRST, FIRST + "        self.calls = getattr(self, 'calls', 0) + 1\n"),), 2),
    "a build of its own": (
        (("class Simple_GAN(", "class Own(keras.optimizers.Adam):\n    def build(self, variables):\n"
          "        self.mine = getattr(self, 'mine', None) or tf.Variable(1.)\n"
          "        return super().build(variables)\n\n\nclass Simple_GAN("),
         (ADAM, ADAM.replace("keras.optimizers.Adam(", "Own("))), 2),
}


def fit_of(folder, server, text):
    """The record of the probe `fit` on a solution of task 0 that returns how often its step was traced."""
    counted = bases.changed(text, (FIRST, FIRST + HIDDEN),
                            ('"gen_loss": gen_loss}', '"gen_loss": gen_loss, "traces": tf.constant(self.traces)}'))
    (folder / "0-simple_gan.py").write_text(counted)
    session = grading.Session(folder, sys.executable, str(folder), LIMITS, None, 3, server)
    session.begin(0, ["fit"])
    while "record" not in (message := server.message(float("inf")) or {"record": server.outcome}):
        pass
    server.stop_process()
    return message["record"]


@pytest.mark.parametrize("kind", [name if name in ("Adam", "counts its calls") else
                                  pytest.param(name, marks=pytest.mark.thorough) for name in KINDS])
def test_it_trains_whatever_the_optimizers_are(server, tmp_path, kind):
    """Also in a process that begins with this probe: there the file is imported first, and must not switch graphs off.

    A grading costs a second less with one trace in place of two. Whoever counts calls in Python is traced as by Keras.
    """
    changes, traces = KINDS[kind]
    record = fit_of(tmp_path, server, bases.changed(bases.plain(0), *changes))
    assert "failed" not in record
    for network in ("generator", "discriminator"):
        before, after = record["before"][network], record["after"][network]
        assert any(not np.array_equal(a, b) for a, b in zip(before, after))
        assert all(np.isfinite(w).all() for w in after)
    assert [row["value"] for row in record["history"]["traces"]] == [traces]


@pytest.mark.parametrize("make", [  # not Nadam: that of Keras 2 counts in Python how often it is traced
    lambda: keras.optimizers.Adam(.1), lambda: keras.optimizers.Adam(.1, amsgrad=True),
    lambda: keras.optimizers.Adam(.1, use_ema=True, ema_overwrite_frequency=2),
    lambda: keras.optimizers.SGD(.1), lambda: keras.optimizers.SGD(.1, momentum=.9),
    lambda: keras.optimizers.RMSprop(.1, centered=True)],
    ids=["Adam", "AMSGrad", "averages", "SGD", "momentum", "RMSprop"])
def test_the_training_is_the_same(monkeypatch, make):
    """Every optimizer ends with the same weights and variables, of the same names, as when it builds in the graph."""
    def trained():
        start = [tf.constant([[1., -2.], [3., .5]]), tf.constant([.1, -.2])]
        weights, optimizer, traces = [tf.Variable(w) for w in start], make(), []

        @tf.function(autograph=False)
        def step(x):
            traces.append(1)
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((x @ weights[0] + weights[1]) ** 2)
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
            return loss

        losses = [float(step(tf.constant([[.3, .7]]))) for _ in range(3)]
        variables = optimizer.variables() if callable(optimizer.variables) else optimizer.variables
        names = [variable.name for variable in variables]
        return losses, [w.numpy() for w in weights], [w.numpy() for w in variables], names, len(traces)

    expected = trained()
    probes = watching.Watching(source)
    probes.keras, probes.tf = keras, tf
    for base in watching.builders(keras):
        monkeypatch.setattr(base, "build", base.build)  # to have it back in the end
    probes.build_outside_graphs()
    probes.stateless = True
    found = trained()
    assert found[4] == 1 and expected[4] == (2 if len(expected[2]) > 2 else 1)  # iterations, learning rate
    assert found[0] == expected[0] and len(found[3]) == len(expected[3])
    for a, b in zip(found[1] + found[2], expected[1] + expected[2]):
        np.testing.assert_array_equal(a, b)


def test_what_several_judges_ask_is_found_once():
    """For the same records and other arguments alike; never for those of another task or student, nor an error."""
    asked = []

    @found_once
    def found(task, records, more=None):
        asked.append(task)
        if task == 3:
            raise ValueError
        return len(asked)

    one, other, plain = Records({"step": 1}), Records({"step": 1}), {"step": 1}
    assert [found(task, of) for task, of in ((1, one), (1, one), (2, one), (1, other), (1, one))] == [1, 1, 2, 3, 1]
    assert [found(1, plain), found(1, plain)] == [4, 5]
    assert [found(1, one, []), found(1, one, []), found(1, one)] == [6, 7, 1]
    for _ in range(2):
        with pytest.raises(ValueError):
            found(3, one)
    assert asked[-2:] == [3, 3]


@pytest.mark.parametrize("statement, kept", [
    ("self.calls += 1", True), ("self.calls = 2", True), ("self.losses.append(1)", True), ("SEEN.append(1)", True),
    ("SEEN[0] = 1", True), ("self.seen['x'] = 1", True), ("next(self.numbers)", True), ("setattr(self, 'x', 1)", True),
    ("global calls", True), ("del self.x", True), ("SEEN[0].pop()", True),
    ("losses = []; losses.append(1); losses[0] = 2", False), ("x = self.y; y = x[0]", False),
    ("w = self.w; w.assign(w)", False), ("self.w.assign_add(1.)", False), ("x, (y, z) = 1, (2, 3)", False)])
def test_what_a_step_keeps_in_python_is_known_by_its_text(statement, kept):
    """In doubt it is taken for something that is kept, which costs a second and no point."""
    assert source.keeps_state(f"class A:\n    def train_step(self, x):\n        {statement}\n") is kept
    assert not source.keeps_state(f"SEEN = []\nSEEN.append(1)\nclass A:\n    def compile(self):\n        {statement}\n")
