"""`--resume` goes on with the same training or says what differs; folders that others use, or that are read-only."""

import json
import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow import keras

from gan.engine.long_run import LongRun
from gan.engine.settings import described
from gan.networks import fully_connected_GenDiscr
from tests.helpers import WGAN_GP, points, same, set_seeds, small, state

SHAPE = (2, 5, 3)


class Clipped(WGAN_GP):
    """A subclass with a setting of its own."""

    def __init__(self, *args, clip=.5, **options):
        super().__init__(*args, **options)
        self.clip = clip


def built(chosen_type=Clipped, last=None, shape=SHAPE, optimizer=None, **options):
    keras.backend.clear_session()
    set_seeds(3)
    generator, discriminator, normal = fully_connected_GenDiscr(shape)
    options = {"latent_generator": normal, "real_examples": points(31, 3), "batch_size": 11, "disc_iter": 1, **options}
    if last:
        discriminator.layers[-1].activation = last
    G = chosen_type(generator, discriminator, **options)
    if optimizer:
        G.discriminator.optimizer = optimizer
    return G


def train(folder, G, epochs=1, resume=False, every=0., parts=()):
    G.compile()
    LongRun(folder, "name", {}, every, resume, parts).fit(G, epochs=epochs, steps_per_epoch=3, verbose=0)
    return G


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A folder with the checkpoint of a training of one epoch."""
    folder = tmp_path_factory.mktemp("stopped")
    train(folder, built())
    return folder


SCHEDULE = keras.optimizers.schedules.ExponentialDecay(.005, 9, .5)


def spheric(k):
    u = tf.random.normal((k, 2))
    return u / tf.norm(u, axis=1, keepdims=True)


@pytest.mark.parametrize("options, difference", [
    (dict(lambda_gp=5), "lambda_gp 10 instead of 5"),
    (dict(learning_rate=.001), "learning_rate 0.005 instead of 0.001"),
    (dict(learning_rate=SCHEDULE), "learning_rate 0.005 instead of {'schedule': 'ExponentialDecay'"),
    (dict(disc_iter=2), "disc_iter 1 instead of 2"), (dict(batch_size=7), "batch_size 11 instead of 7"),
    (dict(clip=.25), "clip 0.5 instead of 0.25"),
    (dict(chosen_type=type("Other", (Clipped,), {"beta_1": .5})), "beta_1 0.3 instead of 0.5, class Clipped instead"),
    (dict(latent_generator=lambda k: tf.random.uniform((k, 2))), "latent_generator RandomStandardNormal"),
    (dict(latent_generator=spheric), "latent_generator RandomStandardNormal"),
    (dict(latent_generator=lambda k: tf.random.normal((k, 2)) * .3), "latent_generator RandomStandardNormal"),
    (dict(latent_generator=lambda k: np.random.normal(size=(k, 2))), "instead of in Python"),
    (dict(last=keras.activations.linear), "discriminator layer 3 activation tanh instead of linear"),
    (dict(shape=(2, 7, 3)), "discriminator layer 2 units 5 instead of 7"),
    (dict(real_examples=points(31, 3, seed=2)), "data "),
    (dict(optimizer=keras.optimizers.Adam(.005, beta_1=.3, beta_2=.9, amsgrad=True)), "discriminator amsgrad False"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_another_training_is_named(stopped, options, difference):
    """Everything that decides the training is compared; what differs is named with both values, nothing changes."""
    before = {path.name: path.read_bytes() for path in stopped.iterdir()}
    G = built(**options)
    values = state(G)
    with pytest.raises(SystemExit) as refused:
        train(stopped, G, 2, resume=True)
    assert "is of another training: " in refused.value.code and difference in refused.value.code
    assert {path.name: path.read_bytes() for path in stopped.iterdir()} == before and same(state(G), values)


def test_the_same_training_goes_on(tmp_path):
    """A schedule, a latent generator with constants, other names of layers: none of it is taken for a difference."""
    for epochs in (1, 2):
        G = built(learning_rate=SCHEDULE, latent_generator=lambda k: tf.random.normal((k, 2)) * .3 + .5)
        fully_connected_GenDiscr(SHAPE)  # moves the numbers in the names of the layers
        train(tmp_path, G, epochs, resume=True)
    assert int(G.generator.optimizer.iterations.numpy()) == 6


def test_a_layer_in_a_wrapper_has_no_name():
    """The layer that a wrapper holds is described by its settings, not by the number that Keras gave it.

    Otherwise a network that is built once more in a notebook would be refused as another training.
    """
    def wrapped(units):
        generator, _, normal = fully_connected_GenDiscr(SHAPE)
        inner = keras.layers.SpectralNormalization(keras.layers.Dense(units))
        discriminator = keras.Sequential([keras.Input((3,)), inner, keras.layers.Dense(1)])
        return described(WGAN_GP(generator, discriminator, normal, points(31, 3), batch_size=11))

    first = wrapped(4)
    assert wrapped(4) == first
    other = wrapped(5)
    assert any(name.endswith(" units") for name in first if first[name] != other[name])


def test_the_first_activation_of_a_process_is_like_any_other():
    """Keras names it "activation", as the setting: in a notebook no training with such a layer could be resumed."""
    keras.backend.clear_session()  # names begin again
    names, found = [], []
    for _ in range(2):
        generator, _, normal = fully_connected_GenDiscr(SHAPE)
        discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1), keras.layers.Activation("tanh")])
        names.append(discriminator.layers[1].name)
        found.append(described(WGAN_GP(generator, discriminator, normal, points(31, 3), batch_size=11)))
    assert names[0] == "activation" != names[1] and found[0] == found[1]


def test_more_epochs_than_asked_for(tmp_path):
    """A checkpoint beyond the epochs that are asked for is no end of this training."""
    train(tmp_path, built(), 3)
    with pytest.raises(SystemExit, match="has trained 3 epochs, more than the 2 that are asked for; nothing was"):
        train(tmp_path, built(), 2, resume=True)


def test_the_other_keras_is_one_sentence(stopped, tmp_path):
    """A checkpoint of the other generation says that alone, not that every layer is described in other words."""
    rewritten(stopped, tmp_path, lambda place, arrays: place["settings"].update(
        {name: "other" for name in place["settings"]} | {"Keras": 1}))
    with pytest.raises(SystemExit, match="is of another training: Keras 1 instead of [23]$"):
        train(tmp_path, built(), 2, resume=True)


# -------------------------------------------------------------- damage

def rewritten(source, folder, change):
    """A copy of the newest checkpoint in `folder` after change(place, arrays)."""
    path = sorted(source.glob("*.npz"))[-1]
    with np.load(path) as stored:
        arrays = dict(stored)
    place = json.loads(str(arrays.pop("place")))
    change(place, arrays)
    np.savez(folder / path.name, place=json.dumps(place), **arrays)


def put(name, value):
    return lambda place, arrays: place.update({name: value})


@pytest.mark.parametrize("change", [
    put("steps", -1), put("steps", "3"), put("epoch", None), put("rates", ["fast"]), put("rates", [float("nan")] * 2),
    put("losses", [{"gen_loss": float("inf")}]), put("history", []), put("settings", 5),
    lambda place, arrays: arrays.update(variable_2=arrays["variable_2"] * np.nan),
    lambda place, arrays: arrays.update(variable_2=arrays["variable_2"].astype("S9")),
    lambda place, arrays: place.clear(),
])
def test_a_checkpoint_without_sense(stopped, tmp_path, change):
    """Values that no training writes: one sentence, and the GAN is as it was."""
    rewritten(stopped, tmp_path, change)
    G = built()
    values = state(G)
    with pytest.raises(SystemExit, match="^--resume: '.*' is damaged"):
        train(tmp_path, G, 2, resume=True)
    assert same(state(G), values)


def test_a_packed_checkpoint(stopped, tmp_path):
    """One kilobyte can unpack to more than any memory; a checkpoint is never packed."""
    path = sorted(stopped.glob("*.npz"))[-1]
    with np.load(path) as stored:
        np.savez_compressed(tmp_path / path.name, **dict(stored), bomb=np.zeros(10 ** 7))
    with pytest.raises(SystemExit, match=r"is damaged \(it is packed\)"):
        train(tmp_path, built(), 2, resume=True)


@pytest.fixture(scope="module")
def one_GAN():
    return built()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(data=st.data())
def test_random_damage_of_a_checkpoint(tmp_path_factory, stopped, one_GAN, data):
    """Flipped and missing bytes are found by the archive's own sums: never a traceback, never half a training."""
    path = sorted(stopped.glob("*.npz"))[-1]
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        content = content[:data.draw(st.integers(0, len(content) - 1))]
    folder = tmp_path_factory.mktemp("damaged")
    (folder / path.name).write_bytes(bytes(content))
    run = LongRun(folder, "name", {}, resume=True)
    run.settings = read_settings(path)
    run.G = one_GAN
    try:
        run._read(folder / path.name)
    except ValueError as error:
        assert str(error).startswith("--resume: ")


def read_settings(path):
    with np.load(path) as stored:
        return json.loads(str(stored["place"]))["settings"]


class Part(keras.callbacks.Callback):
    def state(self):
        return {"one": np.ones(3)}

    def restore(self, state):
        self.kept = state["one"]


def test_other_parts(stopped):
    """A checkpoint without what a callback needs: said, before any variable is restored."""
    G = built()
    values = state(G)
    with pytest.raises(SystemExit, match="is damaged, or of a training with other callbacks .Part: KeyError"):
        train(stopped, G, 2, resume=True, parts=[Part()])
    assert same(state(G), values)


# -------------------------------------------------------------- folders

HOLDS = """
import fcntl, os, sys, time
folder = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(folder, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_two_trainings_in_one_folder(tmp_path):
    """They would replace each other's checkpoints: the second one says so. One that was killed holds nothing."""
    pytest.importorskip("fcntl", reason="this system has no fcntl")
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    with pytest.raises(SystemExit, match="^another training is writing checkpoints into '.*'; wait until it ends, or"):
        train(tmp_path, built())
    assert list(tmp_path.iterdir()) == []
    other.kill()
    other.wait()
    train(tmp_path, built())
    train(tmp_path, built(), 2, resume=True)  # a training that has ended gives the folder back


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else(tmp_path):
    """As another user than root, a folder that can only be read is refused before the training, in one sentence."""
    folder = tmp_path / "run"
    folder.mkdir()
    G = built()
    G.compile()
    before = os.geteuid(), os.getegid()
    paths = [tmp_path, *tmp_path.parents]
    modes = [(path, path.stat().st_mode) for path in paths if path.stat().st_mode & 0o001 == 0]
    for path, mode in modes:
        path.chmod(mode | 0o011)
    folder.chmod(0o755)
    child = os.fork()
    if child == 0:  # nothing but system calls and plain Python from here on
        os.setgid(65534)
        os.setuid(65534)
        run = LongRun(folder, "name", {})
        try:
            with run._alone():
                run._look_around(1)
            os._exit(1)
        except PermissionError as error:
            os._exit(0 if error.strerror == "it is read-only" else 2)
        except BaseException:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    for path, mode in modes:
        path.chmod(mode)
    assert os.waitstatus_to_exitcode(status) == 0 and before == (os.geteuid(), os.getegid())


@settings(deadline=None, derandomize=True, max_examples=25)
@given(name=st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="/\0"), min_size=1, max_size=20))
def test_names_of_folders(tmp_path_factory, one_GAN, name):
    """Spaces, brackets, stars and other letters in the folder's name do not hide its checkpoints."""
    folder = tmp_path_factory.mktemp("x") / (name if name.strip(".") else f"x{name}")
    run = LongRun(folder, "name", {}, every=0.)
    run.G, run.settings = one_GAN, {"Keras": 0}
    with run._alone():
        run.earlier = []
        run._write([])
        assert [path.name for path in run._found()] == ["name-00000000.npz"]
        assert run._read(run._found()[0])[0]["steps"] == 0


def test_a_clock_that_jumps(monkeypatch, tmp_path):
    """The time of day may jump by a year; the time between two checkpoints does not depend on it."""
    days = iter(range(10 ** 6))
    monkeypatch.setattr(time, "time", lambda: 1e9 + (-1) ** next(days) * 3e7)
    train(tmp_path, built(), every=1e9)
    assert [path.name for path in tmp_path.iterdir()] == ["name-00000003.npz"]  # the one at the end


def test_differences_are_few(stopped):
    """A training that is wholly another one is not told in a page."""
    with pytest.raises(SystemExit) as refused:
        train(stopped, small(WGAN_GP, gen_shape=(2, 9, 8, 3)), 2, resume=True)
    assert re.search(r" and \d+ more$", refused.value.code) and len(refused.value.code) < 900
