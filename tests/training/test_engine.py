"""The engine with models that are no GAN of the course: four networks and two sets; networks that grow."""

import functools
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan.engine import PlainFit, System, training
from tests.helpers import ROOT, KillAt, Killed, difference, points, same, set_seeds
from tests.reference import Adam
from tests.training.toys import (
    Steps,
    cycle,
    dense,
    first_networks,
    four_networks,
    growing,
    grown,
    square,
    trained,
    values,
)

both = pytest.mark.parametrize("make", [cycle, growing], ids=["four networks", "growing"])
EPOCHS, STEPS = 3, 5
NOISE = 2e-6  # measured: losses 5e-7, weights 4e-7; another sample, or a step of another optimizer, is .01 and more


@functools.lru_cache(None)
def whole_training(make):
    """A training that runs through, and the losses of its steps. The tests only read what it has left."""
    return trained(make)


# ---------------------------------------------------------------- exact steps

def gradients_of(network, tape, loss):
    return [np.asarray(gradient, "float64") for gradient in tape.gradient(loss, network.trainable_variables)]


def step_of(network, adam, gradients):
    """A step of Adam in plain float64."""
    for variable, value in zip(network.trainable_variables, adam.new_weights(
            [w.numpy().astype("float64") for w in network.trainable_variables], gradients)):
        variable.assign(value)


def plain_cycle():
    """The same training without the engine: Python loops, samples from one small graph, Adam in NumPy."""
    set_seeds(3)
    networks = four_networks()
    paintings, photos = points(13, 3), points(17, 3, seed=2)
    adams = [Adam(.01 * (i + 1), .5, .999) for i in range(4)]

    @tf.function
    def draw():
        return [tf.random.shuffle(tf.range(n))[:4] for n in (13, 17)]

    set_seeds(7)
    to_photos, to_paintings, knows_photos, knows_paintings = networks.values()
    rows = []
    for _ in range(EPOCHS * STEPS):
        a, b = draw()
        x, y = paintings[a.numpy()], photos[b.numpy()]
        with tf.GradientTape(persistent=True) as tape:
            made_y, made_x = to_photos(x), to_paintings(y)
            there_and_back = square(to_paintings(made_y) - x) + square(to_photos(made_x) - y)
            generators = square(knows_photos(made_y), 1.) + square(knows_paintings(made_x), 1.) + 10 * there_and_back
            of_photos = square(knows_photos(y), 1.) + square(knows_photos(made_y))
            of_paintings = square(knows_paintings(x), 1.) + square(knows_paintings(made_x))
        found = [gradients_of(network, tape, loss) for network, loss in zip(
            networks.values(), (generators, generators, of_photos, of_paintings))]
        for network, adam, gradients in zip(networks.values(), adams, found):
            step_of(network, adam, gradients)
        rows.append([float(there_and_back), float(generators), float(of_photos + of_paintings)])
    return list(networks.values()), rows


def plain_growing():
    """As `plain_cycle` for the networks that grow: each stage draws from a new graph, with new Adams."""
    set_seeds(3)
    networks, examples, rows = first_networks(), points(19, 8), []
    set_seeds(7)
    for epoch in range(EPOCHS):
        if epoch:
            networks = grown(*networks)
        generator, critic = networks
        width, adams = generator.output_shape[-1], (Adam(.01, .9, .999), Adam(.01, .9, .999))

        @tf.function
        def draw():
            return tf.random.shuffle(tf.range(19))[:6], tf.random.normal((6, 3))

        for step in range(STEPS):
            chosen, latent_vectors = draw()
            real = examples[chosen.numpy()].reshape(6, width, -1).mean(axis=2)
            with tf.GradientTape(persistent=True) as tape:
                fake_values = critic(generator(latent_vectors))
                gen_loss = square(fake_values, 1.)
                discr_loss = square(critic(real), 1.) + square(fake_values)
            found = gradients_of(generator, tape, gen_loss), gradients_of(critic, tape, discr_loss)
            for network, adam, gradients in zip(networks, adams, found):
                step_of(network, adam, gradients)
            rows.append([float(discr_loss), float(gen_loss), step + 1.])
    return networks, rows


@pytest.mark.parametrize("make, plain", [(cycle, plain_cycle), (growing, plain_growing)],
                         ids=["four networks", "growing"])
def test_exact_steps(make, plain):
    """Every loss and every weight is that of a plain loop with Adam in NumPy; `fit` trains the steps asked for."""
    model, rows = whole_training(make)
    networks, expected = plain()
    assert len(rows) == EPOCHS * STEPS
    np.testing.assert_allclose(rows, expected, atol=10 * NOISE, rtol=0)
    for mine, theirs in zip(model.networks.values(), networks):
        assert difference(mine.get_weights(), theirs.get_weights()) < 10 * NOISE
    assert [history[-1] for history in model.history.history.values()] == pytest.approx(rows[-1])
    assert np.min(np.max(np.abs(np.diff(rows, axis=0)), axis=0)) > 1e-2  # they do move


@both
def test_many_steps_a_call(make):
    """Fifty steps in one call, as plain compile() takes them, one by one, in threes: the same bits."""
    expected, rows = trained(make, 1)
    for model, found in (whole_training(make), trained(make, 3)):
        assert found == rows and same(values(model), values(expected))


def test_drawn_ahead():
    """A hundred steps a call: their numbers first, then the compiled arithmetic; the same up to rounding."""
    options = dict(epochs=1, steps=100)
    expected, rows = trained(cycle, 1, **options)
    model, found = trained(cycle, 100, **options)
    assert hasattr(model.train_steps, "program")
    np.testing.assert_allclose(found, rows, atol=1e-3)


def test_one_graph_is_enough(monkeypatch):
    """Nothing changes between epochs and fits, so nothing is traced again; a stage needs one graph."""
    made, make = [], training.make_train_steps
    monkeypatch.setattr(training, "make_train_steps", lambda model: made.append(model) or make(model))
    for toy, count in ((cycle, 1), (growing, 3)):
        model, _ = trained(toy)
        model.fit(epochs=1, steps_per_epoch=2, verbose=0)
        assert len(made) == count
        made.clear()


# ------------------------------------------------------------ kill and resume

@both
@pytest.mark.parametrize("calls", [1, 3, 5, 7])
def test_killed_and_resumed(tmp_path, make, calls):
    """Killed in any stage, inside an epoch or where one ends, it goes on to the same bits."""
    whole, _ = whole_training(make)
    with pytest.raises(Killed):
        trained(make, 2, folder=tmp_path, callbacks=[KillAt(calls)])
    model, _ = trained(make, 2, folder=tmp_path, resume=True)
    assert same(values(model), values(whole)) and model.history.history == whole.history.history
    assert model.stage == (2 if make is growing else 0)


def test_a_longer_training_than_the_stored_one(tmp_path):
    """A checkpoint from the end of an epoch, just before the networks grow."""
    whole, _ = whole_training(growing)
    trained(growing, 2, epochs=1, folder=tmp_path)
    model, _ = trained(growing, 2, folder=tmp_path, resume=True)
    assert same(values(model), values(whole))


@pytest.mark.parametrize("options, fragment", [
    (dict(photos=points(17, 3, seed=9)), "photos "), (dict(paintings=points(13, 3, seed=9)), "data "),
    (dict(cycle_weight=5.), "cycle_weight 10.0 instead of 5.0"), (dict(batch_size=3), "batch_size 4 instead of 3"),
    (dict(rate=.02), "knows_photos learning_rate 0.0"),
], ids=["photos", "paintings", "weight", "batch", "rate"])
def test_another_training_is_refused(tmp_path, options, fragment):
    """All data sets, all optimizers and all settings are compared."""
    trained(cycle, folder=tmp_path, epochs=1)
    with pytest.raises(SystemExit) as refused:
        trained(cycle, folder=tmp_path, resume=True, **options)
    assert "is of another training: " in refused.value.code and fragment in refused.value.code


# ---------------------------------------------------------------- files

@both
def test_saved_and_loaded(tmp_path, make):
    """All networks, all optimizers, numbers of its own; a file of another stage or class changes nothing."""
    model, _ = whole_training(make)
    path = str(tmp_path / "toy.weights.h5")
    model.save_weights(path)
    other = make(seed=5)
    before = values(other)
    if make is growing:
        with pytest.raises(ValueError, match="^filepath: .* does not hold weights of this network"):
            other.load_weights(path)
        assert same(values(other), before)
        other.next_stage()
        other.next_stage()
    other.load_weights(path)
    assert same(values(other), values(model)) and not same(before[:1], values(model)[:1])
    with pytest.raises(ValueError, match=f"it is of the class {type(model).__name__}"):
        (growing if make is cycle else cycle)().load_weights(path)


def test_a_whole_is_refused():
    """The sentence names the networks that can be stored."""
    with pytest.raises(TypeError, match=r"G\.to_photos, G\.to_paintings, G\.knows_photos and G\.knows_paintings$"):
        cycle().save("x.keras")


# ------------------------------------------------------------- two devices

@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What `tests.training.toys` did on two parts of the CPU and on one."""
    folder = tmp_path_factory.mktemp("toys")
    done = subprocess.run([sys.executable, "-m", "tests.training.toys", str(folder)], cwd=ROOT,
                          env={**os.environ, "MPLBACKEND": "agg"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return pickle.loads((folder / "found.pickle").read_bytes())


@pytest.mark.parametrize("name", ["cycle", "growing"])
def test_two_devices(found, name):
    """Losses and all variables are those of one device; every optimizer follows mean gradients; the files load."""
    (rows, one, _, kinds), (found_rows, two, replicas, two_kinds) = found[name, 1], found[name, 2]
    assert (replicas, kinds, two_kinds) == (2, {"Adam"}, {"MeanAdam"})
    np.testing.assert_allclose(found_rows, rows, atol=10 * NOISE)
    assert difference(one, two) < 10 * NOISE
    assert same(found[name, "loaded"], two)


# ------------------------------------------------------- parts, samples, rates

class Pairs(System):
    """Pictures with a class each, and an average of the network that nobody trains."""

    def __init__(self):
        super().__init__(batch_size=5)
        set_seeds(3)
        self.add_network("network", dense(3, 4, 2), keras.optimizers.SGD(.001))
        self.add_network("average", dense(3, 4, 2))
        self.average.set_weights(self.network.get_weights())
        self.add_examples("pictures", np.arange(21.).reshape(7, 3))
        self.add_examples("labels", np.arange(7), dtype="int32")

    def train_step(self, useless_argument):
        pictures, labels = self.sample("pictures", "labels")
        with tf.GradientTape() as tape:
            loss = square(self.network(pictures) - tf.cast(labels, tf.float32)[:, None])
        variables = self.network.trainable_variables
        self.network.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        for old, new in zip(self.average.variables, self.network.variables):
            old.assign(.9 * old + .1 * new)
        return {"loss": loss}


def test_the_same_rows_of_two_sets():
    """A pair stays a pair, with replacement or without; labels are whole numbers."""
    model = Pairs()
    for options, size in (({}, 5), ({"size": 7}, 7), ({"size": 40, "replace": True}, 40)):
        pictures, labels = model.sample("pictures", "labels", **options)
        assert labels.dtype == tf.int32 and len(labels) == size
        np.testing.assert_array_equal(pictures[:, 0], 3 * labels.numpy())
        assert len(set(labels.numpy())) == size or options.get("replace")
    with pytest.raises(ValueError, match="size: expected a whole number of at least 1 and at most 7"):
        model.sample("labels", size=8)
    with pytest.raises(ValueError, match="names: expected sets with one row for each example, got 13 in p"):
        cycle().sample("paintings", "photos")


def test_a_network_that_nobody_trains_is_stored(tmp_path):
    """An average belongs to weights and checkpoints, and is not asked for an optimizer."""
    model, _ = trained(Pairs, folder=tmp_path, epochs=1)
    assert model.trained_networks == ["network"] and list(model.networks) == ["network", "average"]
    whole, _ = trained(Pairs, epochs=2)
    resumed, _ = trained(Pairs, folder=tmp_path, epochs=2, resume=True)
    assert same(values(resumed), values(whole))
    resumed.save_weights(tmp_path / "x.weights.h5")
    model.load_weights(tmp_path / "x.weights.h5")
    assert same(model.average.get_weights(), whole.average.get_weights())


def test_learning_rates_keep_their_ratios():
    """A callback that changes the first network's rate, which Keras shows it, changes all of them."""
    model, _ = trained(cycle, epochs=1, steps=2, eagerly=True,
                       callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: .002)])
    assert model.rates() == pytest.approx([.002, .004, .006, .008])
    model.set_rates([.1, .2, .3, .4])
    assert model.rates() == pytest.approx([.1, .2, .3, .4])


def test_changed_examples():
    """Another set counts from the next fit on; one of another shape is one sentence."""
    model, rows = trained(cycle, epochs=1)
    model.photos = points(5, 3, seed=8) + 9
    kept = Steps()
    model.fit(epochs=1, steps_per_epoch=1, verbose=0, callbacks=[kept])
    assert kept.rows[0][0] > 10 * max(rows)[0]
    model.photos = points(5, 4)
    with pytest.raises(ValueError, match=r"^photos: expected examples of shape \(3,\), got \(5, 4\)$"):
        model.fit(epochs=1, steps_per_epoch=1, verbose=0)


def test_steps_of_an_epoch_by_itself():
    """Without a number each example of the largest set could come once."""
    model, _ = trained(cycle, epochs=1, steps=None, eagerly=True)
    assert int(model.to_photos.optimizer.iterations.numpy()) == 5  # ceil(17 / 4)


@pytest.mark.parametrize("add, sentence", [
    (lambda model: model.add_network("network", dense(3, 4, 2), keras.optimizers.SGD(.1)),
     "name: expected a Python name that this model does not use yet, got 'network'"),
    (lambda model: model.add_network("fit", dense(3, 4, 2)), "name: expected a Python name"),
    (lambda model: model.add_network("a b", dense(3, 4, 2)), "name: expected a Python name"),
    (lambda model: model.add_network("other", model.average), "other: expected another network than the average"),
    (lambda model: model.add_network("other", 7), "other: expected a keras.Model, got int"),
    (lambda model: model.replace_network("other", model.average), "name: expected one of network, average, got"),
    (lambda model: model.add_examples("labels", [1]), "name: expected a Python name"),
    (lambda model: model.add_examples("more", [[1, 2], [3]]), "more: expected an array of examples of one shape"),
    (lambda model: model.add_examples("more", [.5], dtype="int32"), "more: expected numbers that int32 holds"),
    (lambda model: model.add_number("more", -1), "more: expected a finite number, zero or positive, got -1"),
    (lambda model: model.next_stage(), "Pairs: grow_at is (), and there is no method grow"),
], ids=[*(f"network {i}" for i in range(6)), *(f"set {i}" for i in range(3)), "number", "stage"])
def test_bad_parts(add, sentence):
    """One sentence that names what is wrong."""
    with pytest.raises((TypeError, ValueError, NotImplementedError)) as raised:
        add(Pairs())
    assert str(raised.value).startswith(sentence)


def test_a_model_without_networks():
    """Said before Keras fails in its own way."""
    class Empty(System):
        def train_step(self, useless_argument):
            return {"loss": 0.}

    model = Empty(3)
    model.compile()
    with pytest.raises(ValueError, match="^networks: expected at least one that an optimizer trains, got none in a E"):
        model.fit(steps_per_epoch=1)


def test_nothing_outside_knows_the_inside():
    """Other modules use public names of the engine; the tools of tests are no part of the product."""
    private = {name for kind in System.__mro__[:4] for name in vars(kind) if name.startswith("_") and name[1] != "_"}
    private |= {"_inside"}
    for path in [*(ROOT / "gan").rglob("*.py"), *(ROOT / "beyond").rglob("*.py"), *ROOT.glob("[0-4]-*.py")]:
        text = path.read_text()
        assert "unittest" not in text, path
        if path.parent.name != "engine":
            assert not [name for name in private if f".{name}(" in text or f".{name}." in text], path
    assert issubclass(PlainFit, keras.Model) and not issubclass(PlainFit, System)
