"""`fit` and `compile`: numbers of steps, what is shown and recorded, callbacks, kinds of data, random streams."""

import csv
import random
import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan.script import set_seeds
from tests.helpers import (
    KERAS_3,
    WGAN_GP,
    Recorder,
    Simple_GAN,
    WGAN_clip,
    difference,
    each_class,
    latent_vectors,
    points,
    same,
    small,
    small_pictures,
    state,
    steps_done,
    weights,
)

TINY = dict(gen_shape=(2, 5, 3), disc_iter=1)  # the cheapest GAN to trace


def fitted(chosen_type=Simple_GAN, compile_options=None, epochs=1, steps=5, make=small, verbose=0, callbacks=None,
           **options):
    """A small GAN after `epochs` epochs of `steps` steps."""
    G = make(chosen_type, **options)
    G.compile(**compile_options or {})
    G.fit(G.real_examples, epochs=epochs, steps_per_epoch=steps, verbose=verbose, callbacks=callbacks)
    return G


# ------------------------------------------------------------ number of steps

@pytest.mark.parametrize("n, epochs, steps, at_once", [(1000, 1, 300, 1), (31, 2, 25, 10), (31, 3, 7, 50)])
def test_trains_exactly_the_steps_asked_for(n, epochs, steps, at_once):
    """`fit(x, epochs=E, steps_per_epoch=S)` trains E x S steps, whatever n and `steps_per_execution` are."""
    G = fitted(compile_options={"steps_per_execution": at_once}, epochs=epochs, steps=steps,
               real_examples=points(n, 3), **TINY)
    assert steps_done(G) == (epochs * steps, epochs * steps)
    assert {name: len(values) for name, values in G.history.history.items()} == {"discr_loss": epochs,
                                                                                "gen_loss": epochs}


def test_number_of_steps_without_steps_per_epoch():
    """Without `steps_per_epoch`, an epoch has as many steps as there are batches of the data, rounded up."""
    G = small(Simple_GAN, **TINY)
    G.compile(steps_per_execution=2)
    done = 0
    for arguments, steps in (((), 3), ((points(31, 3),), 3), ((None, None, 7), 5)):  # batches of 11, 11 and 7 of 31
        G.fit(*arguments, verbose=0)
        done += steps
        assert steps_done(G) == (done, done)
    G.fit(points(31, 3), points(31, 1), epochs=2, verbose=0)
    assert steps_done(G)[0] == done + 6


@each_class
def test_the_history_is_the_same_for_any_steps_per_execution(chosen_type):
    """Losses and weights do not depend on how many steps TensorFlow runs at once: equal to the last bit."""
    first, other = (fitted(chosen_type, {"steps_per_execution": at_once}, epochs=2, steps=5, gen_shape=(2, 5, 3))
                    for at_once in (1, 3))
    assert other.history.history == first.history.history
    assert same(state(other), state(first))


def test_the_seed_decides():
    """The same seed gives the same training to the last bit, another seed another one, from the first loss on."""
    first, again, other = (fitted(seed=seed, **TINY) for seed in (3, 3, 4))
    assert again.history.history == first.history.history and same(state(again), state(first))
    assert abs(other.history.history["gen_loss"][0] - first.history.history["gen_loss"][0]) > .01
    assert difference(weights(other)["generator"], weights(first)["generator"]) > .01


# -------------------------------------------------- what is printed and kept

def shown_numbers(out):
    """The last losses that each epoch's bar or line shows: a list of {name: value}."""
    epochs = re.split(r"Epoch \d+/\d+\n", re.sub(r"\x1b\[[0-9;]*m", "", out))
    lines = [re.split(r"[\r\n\b]+", epoch.strip())[-1] for epoch in epochs if epoch.strip()]
    return [{name: float(value) for name, value in re.findall(r"(\w+): (-?[\d.e-]+)", line)} for line in lines]


@pytest.mark.parametrize("at_once", [1, 3])
def test_the_bar_shows_the_number_of_the_course(capsys, at_once):
    """With verbose=1 an epoch ends with (sum of its losses + the last once more) / (n + 1); History has the last."""
    steps, losses = 7, Recorder()
    fitted(WGAN_GP, epochs=2, steps=steps, callbacks=losses, **TINY)
    G = fitted(WGAN_GP, {"steps_per_execution": at_once}, epochs=2, steps=steps, verbose=1, **TINY)
    shown = shown_numbers(capsys.readouterr().out)
    assert len(shown) == 2
    for epoch in range(2):
        of_epoch = losses.losses[epoch * steps:(epoch + 1) * steps]
        for name, last in of_epoch[-1].items():
            wanted = (sum(step[name] for step in of_epoch) + last) / (steps + 1)
            assert abs(wanted - last) > 2e-4, "an accident of this seed: both conventions agree"
            assert shown[epoch][name] == pytest.approx(wanted, abs=6e-5)  # four decimals are printed
            assert G.history.history[name][epoch] == pytest.approx(last, abs=1e-6)


def test_verbose_2_prints_the_last_losses(capsys):
    """With verbose=2 Keras prints one line an epoch, with the losses that History keeps."""
    G = fitted(epochs=2, verbose=2, **TINY)
    out = capsys.readouterr().out
    assert len(re.findall("discr_loss: ", out)) == 2
    for epoch, shown in enumerate(shown_numbers(out)):
        for name, values in G.history.history.items():
            assert shown[name] == pytest.approx(values[epoch], abs=6e-5)


def test_verbose_0_prints_nothing(capsys):
    """With verbose=0 nothing is printed; without `verbose` there is a bar for each epoch."""
    G = fitted(epochs=2, **TINY)
    assert capsys.readouterr().out == ""
    G.fit(epochs=2, steps_per_epoch=5)
    assert len(shown_numbers(capsys.readouterr().out)) == 2


def test_fit_returns_its_history():
    """`fit` returns the History that is also kept as `G.history`, with the last step's losses of each epoch."""
    G = small(Simple_GAN, **TINY)
    G.compile()
    losses = Recorder()
    history = G.fit(epochs=3, steps_per_epoch=5, verbose=0, callbacks=losses)
    assert isinstance(history, keras.callbacks.History) and history is G.history
    assert history.epoch == [0, 1, 2]
    assert losses.batches == [0, 1, 2, 3, 4] * 3
    for name, values in history.history.items():
        assert values == [step[name] for step in losses.losses[4::5]]


# ------------------------------------------------------------------ callbacks

def test_callbacks_of_keras(tmp_path):
    """CSVLogger, ModelCheckpoint, LambdaCallback and a History of one's own work together."""
    own, seen = keras.callbacks.History(), []
    callbacks = [own, keras.callbacks.CSVLogger(str(tmp_path / "log.csv")),
                 keras.callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.weights.h5"), save_weights_only=True),
                 keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, dict(logs))))]
    G = fitted(epochs=2, callbacks=callbacks, **TINY)
    assert own.history == G.history.history
    assert [epoch for epoch, _ in seen] == [0, 1]
    assert [logs["gen_loss"] for _, logs in seen] == G.history.history["gen_loss"]
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["discr_loss"]) for row in rows] == pytest.approx(G.history.history["discr_loss"], rel=1e-6)
    other = small(Simple_GAN, seed=4, **TINY)
    other.load_weights(tmp_path / "2.weights.h5")
    assert same(state(other), state(G))
    other.load_weights(tmp_path / "1.weights.h5")
    assert not same(state(other), state(G))


@pytest.mark.parametrize("at_once, steps", [(1, 3), (2, 4)])
def test_training_can_be_stopped_within_an_epoch(capsys, at_once, steps):
    """`stop_training` set in the third step ends the training after the running execution."""
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch >= 2

    G = fitted(Simple_GAN, {"steps_per_execution": at_once}, epochs=5, steps=25, callbacks=Stop(), verbose=1, **TINY)
    assert steps_done(G) == (steps, steps)
    assert len(G.history.history["gen_loss"]) == 1
    assert len(shown_numbers(capsys.readouterr().out)) == 1


def test_early_stopping():
    """EarlyStopping with a baseline out of reach ends the training after two epochs; it can then go on."""
    stop = keras.callbacks.EarlyStopping(monitor="gen_loss", baseline=-10., patience=1, mode="min")
    G = fitted(epochs=9, callbacks=[stop], **TINY)
    assert len(G.history.history["gen_loss"]) == 2
    G.fit(epochs=2, steps_per_epoch=5, verbose=0)
    assert steps_done(G) == (20, 20)


@pytest.mark.parametrize("rates", [[.02, .004, .01], [.02, 0., .01]], ids=str)
def test_a_callback_that_sets_the_learning_rate(rates):
    """LearningRateScheduler sets the learning rate of both networks; in an epoch at rate zero neither moves."""
    seen = []

    def at_epoch_end(epoch, logs):
        seen.append([float(network.optimizer.learning_rate) for network in (G.generator, G.discriminator)])
        after.append(G.get_weights())

    G = small(Simple_GAN, **TINY)
    G.compile()
    after = [G.get_weights()]
    G.fit(epochs=3, steps_per_epoch=2, verbose=0, callbacks=[
        keras.callbacks.LearningRateScheduler(lambda epoch: rates[epoch]),
        keras.callbacks.LambdaCallback(on_epoch_end=at_epoch_end)])
    assert seen == [pytest.approx([rate, rate]) for rate in rates]
    for before, then, rate in zip(after, after[1:], rates):
        moved = [difference([a], [b]) for a, b in zip(before, then)]
        assert (0 < min(moved) and max(moved) < 5 * rate) or rate == max(moved) == 0


def test_the_learning_rates_keep_their_proportion():
    """When a callback sets the generator's learning rate, the discriminator's changes by the same factor."""
    G = small(Simple_GAN, **TINY)
    G.compile()
    G.discriminator.optimizer.learning_rate = .01  # twice the generator's
    G.fit(epochs=2, steps_per_epoch=1, verbose=0,
          callbacks=keras.callbacks.LearningRateScheduler(lambda epoch: .005 / (epoch + 1)))
    assert float(G.generator.optimizer.learning_rate) == pytest.approx(.0025)
    assert float(G.discriminator.optimizer.learning_rate) == pytest.approx(.005)


def test_reduce_on_plateau():
    """ReduceLROnPlateau reduces the learning rate of both networks."""
    G = fitted(epochs=3, steps=2, callbacks=keras.callbacks.ReduceLROnPlateau(
        monitor="gen_loss", mode="min", patience=1, min_delta=100., factor=.1), **TINY)
    for network in (G.generator, G.discriminator):
        # A reduction after the second epoch and after the third. It holds from the next step on.
        assert float(network.optimizer.learning_rate) < .0006


# ------------------------------------------------------------ ways of running

def test_xla_stays_off_where_a_gpu_is_reported(monkeypatch):
    """Only jit_compile=True means XLA, also where TensorFlow reports a GPU, so that the seed decides there too."""
    class GPU:
        name, device_type = "/physical_device:GPU:0", "GPU"

    G = small(Simple_GAN, **TINY)
    ordinary = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda device_type=None: [GPU])
    for options in ({}, {"jit_compile": False}, {"jit_compile": "auto"}, {"jit_compile": None}, {"jit_compile": True}):
        G.compile(**options)
        assert bool(G.jit_compile) is (options.get("jit_compile") is True)
    ordinary.compile()
    assert bool(ordinary.jit_compile) is KERAS_3, "this test no longer imitates a GPU as Keras sees it"


@pytest.mark.parametrize("compile_options", [{"jit_compile": True, "steps_per_execution": 2}, {"run_eagerly": True}],
                         ids=str)
def test_other_ways_of_running(compile_options):
    """Under XLA, and eagerly, a model trains the steps asked for, with finite losses."""
    G = fitted(WGAN_GP, compile_options, epochs=2, steps=3, **TINY)
    assert steps_done(G) == (6, 6)
    assert all(np.isfinite(value) for values in G.history.history.values() for value in values)
    assert difference(weights(G)["generator"], weights(small(WGAN_GP, **TINY))["generator"]) > .01


def test_a_users_subclass_trains():
    """A subclass with a training step of its own trains, and its own numbers are in the History."""
    class Doubled(WGAN_clip):
        def train_step(self, useless_argument):
            super().train_step(None)
            losses = super().train_step(None)
            return {"discr_loss": losses["discr_loss"], "gap": losses["gen_loss"] - losses["discr_loss"]}

    G = fitted(Doubled, epochs=2, steps=3, **TINY)
    assert steps_done(G) == (12, 12)
    assert set(G.history.history) == {"discr_loss", "gap"} and len(G.history.history["gap"]) == 2


def test_a_subclass_may_return_a_loss_alone():
    """A training step that returns exactly {"loss": x} has x in its History (Keras 3 by itself would show 0)."""
    class Alone(Simple_GAN):
        def train_step(self, useless_argument):
            return {"loss": super().train_step(None)["gen_loss"]}

    G, plain = (fitted(chosen_type, epochs=2, steps=3, **TINY) for chosen_type in (Alone, Simple_GAN))
    assert G.history.history == {"loss": plain.history.history["gen_loss"]}


def test_train_on_batch():
    """`train_on_batch` is one training step and returns its losses; the batch itself is not used."""
    G = small(WGAN_GP, **TINY)
    G.compile(steps_per_execution=5)
    for done in (1, 2):
        losses = G.train_on_batch(points(7, 3), return_dict=True)
        assert sorted(losses) == ["discr_loss", "gen_loss", "gp"] and all(np.isfinite(list(losses.values())))
        assert steps_done(G) == (done, done)


def test_a_learning_rate_schedule():
    """The learning rate may be a Keras schedule; both optimizers follow it."""
    schedule = keras.optimizers.schedules.ExponentialDecay(.01, 1, .5)
    G = fitted(learning_rate=schedule, steps=3, **TINY)
    assert G.learning_rate is schedule
    assert steps_done(G) == (3, 3)


@pytest.mark.parametrize("missing", ["generator", "discriminator"])
def test_networks_without_an_input_layer(missing):
    """Networks that Keras builds at their first call (a Sequential without an Input) train as well."""
    def network(name, inputs, *layers):
        return keras.Sequential([keras.Input(inputs)] * (name != missing) + list(layers))

    set_seeds(3)
    G = Simple_GAN(network("generator", (2,), keras.layers.Dense(15), keras.layers.Reshape((5, 3, 1))),
                   network("discriminator", (5, 3, 1), keras.layers.Flatten(), keras.layers.Dense(1)),
                   latent_vectors, points(29, 5, 3), batch_size=13)
    G.compile()
    G.fit(epochs=1, steps_per_epoch=2, verbose=0)
    assert steps_done(G) == (4, 2)


# --------------------------------------------------------------- kinds of data

INTEGERS = np.random.default_rng(5).permutation(93).reshape(31, 3)
KINDS = {"float64": INTEGERS.astype("float64"), "int64": INTEGERS, "uint8": INTEGERS.astype("uint8"),
         "tensor": tf.constant(INTEGERS, tf.float32), "float64 tensor": tf.constant(INTEGERS, tf.float64),
         "list": INTEGERS.tolist()}


@pytest.mark.parametrize("chosen_type, kind", [(Simple_GAN, "float64"), (WGAN_clip, "float64"),
                                               *((WGAN_GP, kind) for kind in KINDS)])
def test_kinds_of_real_examples(chosen_type, kind):
    """Real examples of any numeric kind train exactly as the same numbers in float32."""
    G, plain = (small(chosen_type, real_examples=x) for x in (KINDS[kind], INTEGERS.astype("float32")))
    assert G.real_examples.dtype == tf.float32
    np.testing.assert_array_equal(G.real_examples, INTEGERS)
    set_seeds(6)
    losses = G.train_step(None)
    set_seeds(6)
    assert {k: float(v) for k, v in losses.items()} == {k: float(v) for k, v in plain.train_step(None).items()}
    assert same(state(G), state(plain))


@each_class
def test_pictures_without_a_channel(chosen_type):
    """Pictures (n, h, w) beside networks of (h, w, 1) keep their shape and train as (n, h, w, 1) would."""
    flat, deep = (fitted(chosen_type, make=small_pictures, real_examples=x, steps=2)
                  for x in (points(29, 5, 3), points(29, 5, 3)[..., None]))
    assert flat.real_examples.shape == (29, 5, 3) and flat.get_real_sample().shape == (13, 5, 3)
    assert flat.history.history == deep.history.history
    assert same(state(flat), state(deep))


# -------------------------------------------------------------- random streams

GENERATOR = tf.random.Generator.from_seed(5)


@pytest.mark.parametrize("chosen_type, latent_generator", [
    (Simple_GAN, latent_vectors), (WGAN_clip, latent_vectors), (WGAN_GP, latent_vectors),
    (WGAN_GP, lambda k: np.random.normal(size=(k, 2)).astype("float32")),
    (WGAN_GP, lambda k: [[random.random(), random.random()] for _ in range(k)]),
    (WGAN_GP, lambda k: GENERATOR.normal((k, 2))),
], ids=["Simple_GAN", "WGAN_clip", "WGAN_GP", "numpy", "python", "generator"])
def test_construction_draws_nothing(chosen_type, latent_generator):
    """Building a model leaves the random streams of Python, NumPy and TensorFlow where they were."""
    networks = small(chosen_type)
    arguments = networks.generator, networks.discriminator, latent_generator, points(31, 3)
    draws = []
    for build in (False, True):
        set_seeds(8)
        if build:
            chosen_type(*arguments, batch_size=11).compile()
        draws.append((random.random(), np.random.rand(), float(tf.random.uniform(())), str(GENERATOR.state.numpy())))
    assert draws[0] == draws[1]
