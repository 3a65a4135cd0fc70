"""Trainings of the faces: the averaged generator, samples and indicators as it goes, weight files, the script."""

import contextlib
import csv
import io
import shutil
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from PIL import Image
from tensorflow import keras

from gan.faces import recipe
from gan.faces.quality import PictureQuality
from gan.faces.recipe import AveragedGenerator, FacesLog, centre_critic
from gan.faces.stored_weights import save_keras2_weights
from tests.helpers import (
    KERAS_3,
    WGAN_GP,
    Simple_GAN,
    convolutional_GenDiscr,
    difference,
    points,
    same,
    set_seeds,
    small_pictures,
    state,
)


class KeepWeights(keras.callbacks.Callback):
    """The generator's weights after every step."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def on_train_batch_end(self, batch, logs=None):
        self.kept.append(self.model.generator.get_weights())


def face_log(folder, G, decay=.9, every=2):
    """The callbacks of a training of the small picture networks."""
    average = AveragedGenerator(G.generator, decay)
    latent = np.random.default_rng(0).normal(size=(100, 2)).astype("float32")
    quality = PictureQuality(np.tile(points(29, 5, 3), (8, 1, 1)) + .1 * points(232, 5, 3, seed=5), size=100)
    return average, FacesLog(folder, average, quality, latent, every)


# ---------------------------------------------------------------- the average

@pytest.mark.parametrize("decay", [0., .5, .9])
def test_average_by_hand(decay):
    """After step n the average is d average + (1 - d) weights with d = min(decay, (1 + n) / (10 + n))."""
    G = small_pictures(Simple_GAN, disc_iter=1)
    expected = G.generator.get_weights()
    average, keep = AveragedGenerator(G.generator, decay), KeepWeights()
    G.compile(run_eagerly=True)
    G.fit(epochs=2, steps_per_epoch=5, verbose=0, callbacks=[average, keep])
    for n, step in enumerate(keep.kept, 1):
        d = min(decay, (1 + n) / (10 + n))
        expected = [d * e + (1 - d) * w for e, w in zip(expected, step)]
    assert difference(average.network.get_weights(), expected) < 1e-6
    if decay == 0:
        assert difference(expected, G.generator.get_weights()) == 0
    else:
        assert difference(expected, G.generator.get_weights()) > 1e-4


def test_average_counts_steps_and_not_calls():
    """With several steps a call the old average keeps decay to the power of these steps."""
    G = small_pictures(Simple_GAN, disc_iter=1)
    before = G.generator.get_weights()
    average = AveragedGenerator(G.generator, .1)  # below 2 / 11, where the decay of the first steps begins
    G.compile(steps_per_execution=3)
    G.fit(epochs=1, steps_per_epoch=3, verbose=0, callbacks=[average])
    expected = [.1 ** 3 * b + (1 - .1 ** 3) * w for b, w in zip(before, G.generator.get_weights())]
    assert difference(average.network.get_weights(), expected) < 1e-6


def test_average_leaves_the_training_alone():
    """Training with the callback ends with the same weights as without it."""
    plain, watched = (small_pictures(Simple_GAN, disc_iter=1) for _ in range(2))
    for G, callbacks in ((plain, []), (watched, [AveragedGenerator(watched.generator, .9)])):
        set_seeds(5)  # not that of Keras 2, after which `random.seed` would no longer reach initial weights
        G.compile()
        G.fit(epochs=1, steps_per_epoch=4, verbose=0, callbacks=callbacks)
    assert same(state(plain), state(watched))


# ------------------------------------------------------------------ records

def trained(folder, epochs):
    G = small_pictures(WGAN_GP, disc_iter=1)
    average, log = face_log(folder, G)
    G.compile(run_eagerly=True)
    G.fit(epochs=epochs, steps_per_epoch=2, verbose=0, callbacks=[average, log])
    return G, average, log


@pytest.fixture(scope="module")
def six_epochs(tmp_path_factory):
    """A folder with the records of a training, its average and its log."""
    folder = tmp_path_factory.mktemp("six")
    return folder, *trained(folder, 6)[1:]


def test_records(six_epochs):
    """Every second epoch: a row of losses and indicators, a sheet, a frame of the film."""
    folder, average, log = six_epochs
    with open(folder / "quality.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["2.0", "4.0", "6.0"]
    assert {"discr_loss", "gen_loss", "gp", "sliced_wasserstein", "frechet", "precision", "recall",
            "sum_of_squares"} < set(rows[0])
    made = average.network.predict(log.latent_vectors, verbose=0)
    found = log.quality(made)
    assert float(rows[-1]["frechet"]) == pytest.approx(found["frechet"], rel=1e-3)
    with Image.open(folder / "samples.gif") as film, Image.open(folder / "samples.png") as sheet:
        assert film.n_frames == 3 and film.size == sheet.size
    assert sorted(path.name for path in folder.iterdir()) == ["quality.csv", "samples.gif", "samples.png"]


def test_last_epoch_is_always_recorded(tmp_path):
    """A training whose length is not a multiple of `every` ends with a record, too."""
    _, _, log = trained(tmp_path, 3)
    assert [row["epoch"] for row in log.rows] == [2, 3]


def test_state_of_average_and_log(tmp_path, six_epochs):
    """What a checkpoint keeps of both brings back averages, the averaged network, rows and sheets."""
    _, average, log = six_epochs
    again, found = face_log(tmp_path, small_pictures(WGAN_GP, seed=8))
    for old, new in ((average, again), (log, found)):
        stored = tmp_path / "state.npz"
        np.savez(stored, **old.state())
        with np.load(stored) as file:
            new.restore(dict(file))
    assert same(again.averages, average.averages) and same(again.network.get_weights(), average.averages)
    assert again.steps == average.steps == 12
    assert found.rows == log.rows and same(found.sheets, log.sheets)


def test_a_full_disk_costs_a_record_and_no_training(capsys, monkeypatch, tmp_path):
    """When samples cannot be written one sentence says so, and the training goes on; the next record has all rows."""
    once = [OSError(28, "No space left on device")]
    write = recipe.save_animation

    def fail(*arguments):
        if once:
            raise once.pop()
        write(*arguments)

    monkeypatch.setattr(recipe, "save_animation", fail)
    _, _, log = trained(tmp_path, 4)
    out = capsys.readouterr().out
    assert out.count("could not write the samples of epoch 2") == 1 and "No space left on device" in out
    with Image.open(tmp_path / "samples.gif") as film:
        assert film.n_frames == len(log.rows) == 2


# ------------------------------------------------------------- weight files

@pytest.fixture(scope="module")
def networks():
    """Both networks of the faces with weights that are all different, batch statistics included."""
    rng = np.random.default_rng(2)
    found = convolutional_GenDiscr()
    for network in found:
        network.set_weights([rng.uniform(size=w.shape).astype("float32") for w in network.get_weights()])
    return found


def layout(path):
    """Names, dtypes and shapes of everything that a weight file tells a loader."""
    with h5py.File(path, "r") as file:
        layers = [str(np.bytes_(name), "ascii") for name in file.attrs["layer_names"]]
        return layers, [[(str(np.bytes_(name), "ascii"), file[layer][name].shape, file[layer][name].dtype.str)
                         for name in file[layer].attrs["weight_names"]] for layer in layers]


def test_keras_2_layout_loads(tmp_path, networks):
    """`load_weights` of Keras gets every weight back to the last bit."""
    for network, fresh in zip(networks, convolutional_GenDiscr()):
        path = tmp_path / f"{network.name}.h5"
        save_keras2_weights(network, path)
        fresh.load_weights(str(path))
        assert same(network.get_weights(), fresh.get_weights())


def test_keras_2_layout(tmp_path, networks):
    """Layers in order, names of weights as layer/kernel:0, learned ones of batch normalisation first."""
    generator = networks[0]
    save_keras2_weights(generator, tmp_path / "generator.h5")
    layers, arrays = layout(tmp_path / "generator.h5")
    assert layers == [layer.name for layer in generator.layers]
    by_layer = dict(zip(layers, arrays))
    normal = next(layer.name for layer in generator.layers if "batch_norm" in layer.name)
    assert by_layer[normal] == [(f"{normal}/{name}:0", (64,), "<f4")
                                for name in ("gamma", "beta", "moving_mean", "moving_variance")]
    dense = next(layer.name for layer in generator.layers if "dense" in layer.name)
    assert by_layer[dense] == [(f"{dense}/kernel:0", (16, 2048), "<f4"), (f"{dense}/bias:0", (2048,), "<f4")]


@pytest.mark.skipif(KERAS_3, reason="Keras 3 cannot write the layout of Keras 2: nothing to compare with")
def test_keras_2_layout_is_that_of_keras_2(tmp_path, networks):
    """The file says the same as the one that Keras 2 itself writes."""
    for network in networks:
        save_keras2_weights(network, tmp_path / "ours.h5")
        network.save_weights(str(tmp_path / "keras.h5"))
        assert layout(tmp_path / "ours.h5") == layout(tmp_path / "keras.h5")


def test_weight_file_is_whole_or_as_before(tmp_path, networks):
    """A failure while writing leaves the old file and nothing else."""
    path = tmp_path / "generator.h5"
    path.write_bytes(b"old")
    unreadable = SimpleNamespace(name="no_layer")
    with pytest.raises(AttributeError, match="trainable_weights"):
        save_keras2_weights(SimpleNamespace(layers=[*networks[0].layers[:2], unreadable]), path)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]




# --------------------------------------------------------------- the critic

def test_centre_critic_moves_the_constant_only(networks):
    """Afterwards the mean values on real and on fake pictures are opposite; every other weight is as before."""
    generator, discriminator = convolutional_GenDiscr()
    discriminator.layers[-1].activation = keras.activations.linear
    *before, bias = discriminator.get_weights()
    discriminator.set_weights([*before, bias + 13])
    real = np.random.default_rng(3).uniform(size=(40, 16, 16, 1)).astype("float32")
    fake = generator.predict(np.random.default_rng(4).normal(size=(30, 16)), verbose=0)
    differences = [discriminator.predict(pictures, verbose=0) for pictures in (real, fake)]
    centre_critic(discriminator, real, fake)
    values = [discriminator.predict(pictures, verbose=0) for pictures in (real, fake)]
    assert values[0].mean() == pytest.approx(-values[1].mean(), abs=1e-5)
    np.testing.assert_allclose(values[0] - values[1].mean(), differences[0] - differences[1].mean(), atol=1e-5)
    assert same(discriminator.get_weights()[:-1], before)


# ---------------------------------------------------------------- the script

main_32 = __import__("0-main_32")
TINY = ["--no-show", "--epochs", "2", "--steps", "3", "--batch-size", "7", "--every", "1"]


@pytest.fixture(scope="module")
def faces_file(tmp_path_factory):
    """A small file of pictures that vary in brightness and from pixel to pixel."""
    path = tmp_path_factory.mktemp("faces") / "faces.npy"
    rng = np.random.default_rng(4)
    pictures = rng.integers(20, 200, (160, 1, 1)) + rng.integers(0, 50, (160, 16, 16))
    np.save(path, pictures.astype("uint8"))
    return path


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory, faces_file):
    """The folder of a training by the recipe, the figures of the script and what it printed."""
    folder, out = tmp_path_factory.mktemp("quick"), io.StringIO()
    with contextlib.redirect_stdout(out):
        figures = main_32.main([*TINY, "--quick", "--faces", str(faces_file), "--out", str(folder)])
    return folder, figures, out.getvalue()


def test_main_32_quick(quick_run):
    """Trains by the recipe with the given changes; stores networks as Keras 2 does, samples, figures."""
    folder, figures, out = quick_run
    assert "'batch_size': 7" in out and "'average': 0.999" in out and "'last_tanh': False" in out
    assert "other faces (sha256 " in out and "| after epoch 2 |" in out and "| real against real |" in out
    assert "WGAN_GP: epoch 2/2" in out and "min left" in out
    assert len(figures) == 2
    folder = folder / "0-main_32"
    assert {path.name for path in folder.iterdir()} == {
        "generator.h5", "discriminator.h5", "quality.csv", "samples.gif", "samples.png", "checkpoint-00000006.npz"}
    generator, discriminator = convolutional_GenDiscr()
    generator.load_weights(str(folder / "generator.h5"))
    discriminator.load_weights(str(folder / "discriminator.h5"))
    with np.load(folder / "checkpoint-00000006.npz") as stored:
        assert same(generator.get_weights(), [stored[f"part_0_average_{i}"] for i in range(len(generator.weights))])
    assert discriminator.layers[-1].activation is keras.activations.tanh


def test_main_32_settings_of_the_course(monkeypatch, capsys, tmp_path, faces_file):
    """Without --quick: 150 epochs of 200 steps, batches of 200, two updates, rate .0001, last tanh, no average."""
    seen = {}

    def fit(G, epochs, steps_per_epoch, callbacks, **options):
        seen.update(G=G, epochs=epochs, steps=steps_per_epoch, callbacks=callbacks)

    monkeypatch.setattr(main_32.WGAN_GP, "fit", fit)
    main_32.main(["--no-show", "--faces", str(faces_file), "--out", str(tmp_path), "--batch-size", "150"])
    G = seen["G"]
    assert (seen["epochs"], seen["steps"], G.batch_size, G.disc_iter, G.learning_rate) == (150, 200, 150, 2, 1e-4)
    assert main_32.COURSE["batch_size"] == 200 and G.lambda_gp == 10
    assert G.discriminator.layers[-1].activation is keras.activations.tanh
    assert not any(isinstance(one, keras.callbacks.LearningRateScheduler) for one in seen["callbacks"])
    assert seen["callbacks"][0].decay == 0


def test_main_32_resumed(capsys, tmp_path, faces_file, quick_run):
    """--resume after the whole training trains nothing and shows everything once more."""
    folder, _, first = quick_run
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    arguments = [*TINY, "--quick", "--faces", str(faces_file), "--out", str(tmp_path)]
    before = (tmp_path / "0-main_32" / "discriminator.h5").read_bytes()
    main_32.main([*arguments, "--resume"])
    out = capsys.readouterr().out
    assert "going on after 6 steps (2 whole epochs)" in out and "epoch 2/2" not in out
    assert [line for line in out.splitlines() if line.startswith("|")] == [
        line for line in first.splitlines() if line.startswith("|")]
    generator, again = convolutional_GenDiscr()[1], convolutional_GenDiscr()[1]
    (tmp_path / "before.h5").write_bytes(before)
    generator.load_weights(str(tmp_path / "before.h5"))
    again.load_weights(str(tmp_path / "0-main_32" / "discriminator.h5"))
    assert difference(generator.get_weights(), again.get_weights()) < 1e-5


def test_rate_of_the_quick_recipe_falls(monkeypatch, tmp_path, faces_file):
    """The learning rate of both networks is whole for the first half and falls to zero in a line over the second."""
    rates = []

    def note(callback, epoch, logs=None):
        rates.append([float(np.asarray(network.optimizer.learning_rate))
                      for network in (callback.model.generator, callback.model.discriminator)])

    compiled = main_32.WGAN_GP.compile
    monkeypatch.setattr(main_32.WGAN_GP, "compile",
                        lambda G, **options: compiled(G, **options, run_eagerly=True))  # no graph for four steps
    monkeypatch.setattr(FacesLog, "on_epoch_end", note)
    monkeypatch.setattr(FacesLog, "rows", [], raising=False)
    main_32.main(["--no-show", "--quick", "--epochs", "4", "--steps", "1", "--batch-size", "5",
                  "--faces", str(faces_file), "--out", str(tmp_path)])
    expected = [.001 * factor for factor in (1, 1, 1, .5)]
    np.testing.assert_allclose(rates, np.transpose([expected, expected]), rtol=1e-5)
