"""Saving and loading: of the whole GAN, and of each network from a file of its own (`replace_weights`)."""

import functools
import re
import warnings

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan.files import written_whole
from gan.networks import fully_connected_GenDiscr
from gan.script import set_seeds
from tests.helpers import (
    WGAN_GP,
    Simple_GAN,
    WGAN_clip,
    WGAN_GP_faces,
    convolutional_GenDiscr,
    difference,
    points,
    same,
    small,
    state,
    write_keras_2_weights,
)


def fitted(chosen_type, seed=3, eagerly=True):
    """A GAN whose optimizers have moments; without a graph, whose making takes longer than so few steps."""
    G = small(chosen_type, seed=seed, disc_iter=1)
    G.compile(run_eagerly=eagerly)
    G.fit(epochs=1, steps_per_epoch=3, verbose=0)
    return G


# ------------------------------------------------------------- the whole GAN

def test_summary_before_and_after_fit(capsys):
    """`summary()` works on a new model and on a trained one, and counts the parameters of both networks."""
    G = small(WGAN_GP, gen_shape=(2, 5, 7, 3), disc_iter=1)  # 15 + 42 + 24 and 28 + 40 + 6 parameters
    for _ in range(2):
        G.summary()
        out = capsys.readouterr().out
        assert re.search(r"Total params:\D* 155 ", out) and "generator" in out and "discriminator" in out
        G.compile(run_eagerly=True)
        G.fit(epochs=1, steps_per_epoch=1, verbose=0)


@pytest.mark.parametrize("chosen_type, trained_before_loading", [(Simple_GAN, False), (WGAN_clip, True),
                                                                 (WGAN_GP, False)])
def test_a_loaded_model_goes_on_as_the_saved_one(tmp_path, chosen_type, trained_before_loading):
    """Weights and moments saved after training and loaded into another model continue as if never interrupted."""
    def fixed(k):  # nothing is drawn: the same latent vectors each time, and all examples in every sample
        return tf.constant(points(11, 2, seed=9)[:k])

    def build(seed):
        return small(chosen_type, seed=seed, real_examples=points(11, 3), latent_generator=fixed, disc_iter=1,
                     learning_rate=.02)

    G, H = build(3), build(4)
    for _ in range(3):
        G.train_step(None)
    if trained_before_loading:
        H.compile(run_eagerly=True)
        H.fit(epochs=1, steps_per_epoch=2, verbose=0)
    G.save_weights(tmp_path / "G.weights.h5")
    H.load_weights(str(tmp_path / "G.weights.h5"))
    assert same(state(H), state(G))
    for model in (G, H):
        set_seeds(5)  # WGAN_GP's interpolation
        model.train_step(None)
    # Equal to the last bit; without the moments the next step would be off by the learning rate.
    assert difference(state(H), state(G)) < 1e-6


def test_weights_of_a_new_model_can_be_saved(tmp_path):
    """A model that was never compiled saves its weights and loads those of a trained one."""
    new, trained = small(Simple_GAN, disc_iter=1), fitted(Simple_GAN, seed=4)
    new.save_weights(tmp_path / "new.weights.h5")
    before = state(new)
    trained.save_weights(tmp_path / "trained.weights.h5")
    new.load_weights(tmp_path / "trained.weights.h5")
    assert same(state(new), state(trained)) and not same(state(new), before)
    trained.load_weights(tmp_path / "new.weights.h5")
    assert same(state(trained), before)


@pytest.mark.parametrize("name", ["G.h5", "G.keras", "G"])
def test_other_formats_are_refused(tmp_path, name):
    """Names that do not end in .weights.h5 are refused: other formats would leave the optimizers out."""
    path = str(tmp_path / name)
    with pytest.raises(ValueError, match=f"^filepath: expected .*weights.h5, got '{re.escape(path)}'"):
        small(Simple_GAN).save_weights(path)
    assert list(tmp_path.iterdir()) == []


def test_no_warning(tmp_path):
    """Training, saving and loading give no warning that a user would have to wonder about."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("error", RuntimeWarning)
        G = fitted(WGAN_GP_faces, eagerly=False)
        G.save_weights(tmp_path / "G.weights.h5")
        G.load_weights(tmp_path / "G.weights.h5")
        G.replace_weights(*keras_2_layout(G, tmp_path))
        G.fit(points(31, 3), epochs=1, steps_per_epoch=7, verbose=0)


def damaged(folder, G, kind):
    """The path of a file of weights that `G` must refuse."""
    path = folder / "bad.weights.h5"
    if kind == "truncated":
        G.save_weights(path)
        path.write_bytes(path.read_bytes()[:-path.stat().st_size // 3])
    elif kind == "text":
        path.write_text("these are no weights\n" * 99)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "other widths":
        small(type(G), gen_shape=(2, 5, 11, 3)).save_weights(path)
    elif kind == "fewer layers":
        small(type(G), gen_shape=(2, 5, 3)).save_weights(path)
    else:
        assert kind == "missing"
    return path


@pytest.mark.parametrize("kind", ["missing", "truncated", "text", "empty", "folder", "other widths", "fewer layers"])
def test_bad_files_of_a_whole_gan_change_nothing(tmp_path, kind):
    """`load_weights` of a file that does not fit says so by a ValueError and leaves every variable as it was."""
    G = two()[0]
    path, before = damaged(tmp_path, G, kind), state(G)
    with pytest.raises(ValueError, match=f"^filepath: .*{re.escape(str(path))}"):
        G.load_weights(path)
    assert same(state(G), before)


# -------------------------------------------------------- files written whole

def test_a_failing_save_keeps_the_old_file(tmp_path, monkeypatch):
    """When saving fails half way, the file of an earlier save is still there, whole, and nothing else."""
    G = small(Simple_GAN)
    path = tmp_path / "G.weights.h5"
    G.save_weights(path)
    before = path.read_bytes()

    def fails(self, filepath, *args, **options):
        with open(filepath, "wb") as file:
            file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(keras.Model, "save_weights", fails)
    with pytest.raises(OSError, match="no space left"):
        G.save_weights(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_written_whole(tmp_path):
    """A file appears under its name when it is complete, with the ending that tells Keras and matplotlib its kind."""
    path = tmp_path / "figure.png"
    with written_whole(path) as temporary:
        temporary.write_text("new")
        assert not path.exists() and temporary.suffix == ".png" and temporary.parent == tmp_path
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(KeyboardInterrupt), written_whole(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("folder", ["absent", "absent/further", "file"])
def test_no_folder_to_write_into(tmp_path, folder):
    """The error names the folder that is missing, and not a temporary file that nobody has asked for."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FileNotFoundError) as raised:
        small(Simple_GAN).save_weights(tmp_path / folder / "x.weights.h5")
    assert str(raised.value) == f"[Errno 2] no folder to write x.weights.h5 into: '{tmp_path / folder}'"


@pytest.mark.parametrize("letter", ["x", "\u00fc", "\u4e2d"])
@pytest.mark.parametrize("room", [0, 1, 12, 30])
def test_long_names(tmp_path, letter, room):
    """A name as long as a file system takes is written too: the temporary one beside it must not be longer."""
    end = ".weights.h5"
    name = letter * ((255 - room - len(end)) // len(letter.encode())) + end
    with written_whole(tmp_path / name) as temporary:
        temporary.write_text("new")
        assert temporary.name.endswith(end)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(OSError), written_whole(tmp_path / ("x" * 300)) as temporary:
        temporary.write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


# ----------------------------------------------------------- replace_weights

def dense(seed):
    set_seeds(seed)
    generator, discriminator, latent_generator = fully_connected_GenDiscr([2, 5, 7, 3])
    return WGAN_GP_faces(generator, discriminator, latent_generator, points(31, 3), batch_size=11)


def convolutional(seed):
    set_seeds(seed)
    generator, discriminator = convolutional_GenDiscr()
    rng = np.random.default_rng(seed)  # also the moving means and variances, which are 0 and 1 in a new network
    generator.set_weights([w + .1 * rng.uniform(size=w.shape) for w in generator.get_weights()])
    return WGAN_GP_faces(generator, discriminator, lambda k: tf.random.normal((k, 16)), points(31, 16, 16),
                         batch_size=11)


def keras_2_layout(G, folder):
    return (write_keras_2_weights(folder / "generator.h5", G.generator, 12),
            write_keras_2_weights(folder / "discriminator.h5", G.discriminator, 42))


def own_layout(G, folder):
    G.generator.save_weights(str(folder / "generator.weights.h5"))
    G.discriminator.save_weights(str(folder / "discriminator.weights.h5"))
    return folder / "generator.weights.h5", str(folder / "discriminator.weights.h5")


@pytest.mark.parametrize("build, write, method", [
    (dense, keras_2_layout, "replace_weights"), (dense, keras_2_layout, "replace_weight"),
    (dense, own_layout, "replace_weights"), (convolutional, keras_2_layout, "replace_weights"),
], ids=lambda value: getattr(value, "__name__", value))
def test_replace_weights(tmp_path, build, write, method):
    """Both networks take the stored weights, to the last bit, layer by layer whatever the stored names are."""
    G, H = build(3), build(4)
    before = state(H)
    getattr(H, method)(*write(G, tmp_path))
    assert not same(state(H), before)
    assert same(state(H), state(G))  # neither has trained: the optimizers' moments are zero in both
    sample = points(7, *H.real_examples.shape[1:])
    np.testing.assert_array_equal(H.discriminator(sample), G.discriminator(sample))


@functools.cache
def two():
    """A GAN that has trained and another one. Nothing may change them."""
    G, other = dense(3), dense(4)
    G.train_step(None)
    return G, other


@pytest.mark.parametrize("kind, argument", [
    ("swapped", "gen_h5"), ("other network", "gen_h5"), ("other network", "disc_h5"), ("last layer differs", "gen_h5"),
    ("last layer differs", "disc_h5"), ("missing", "gen_h5"), ("missing", "disc_h5"), ("truncated", "gen_h5"),
    ("truncated", "disc_h5"), ("text", "gen_h5"), ("text", "disc_h5"), ("empty", "disc_h5"), ("whole GAN", "gen_h5"),
])
def test_bad_files_of_a_network_change_nothing(tmp_path, kind, argument):
    """`replace_weights` names the file that does not fit in a ValueError; not even the other network changes."""
    G, other = two()
    files = dict(zip(("gen_h5", "disc_h5"), keras_2_layout(other, tmp_path)))
    path = files[argument]
    if kind == "swapped":
        files = {"gen_h5": files["disc_h5"], "disc_h5": files["gen_h5"]}
    elif kind in ("other network", "last layer differs"):
        shape = [2, 5, 7, 11, 3] if kind == "other network" else [2, 5, 7, 4] if argument == "gen_h5" else [2, 6, 7, 3]
        write_keras_2_weights(path, fully_connected_GenDiscr(shape)[argument == "disc_h5"])
    elif kind == "whole GAN":
        files[argument] = tmp_path / "both.weights.h5"
        other.save_weights(files[argument])
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[:-path.stat().st_size // 3])
    elif kind == "missing":
        path.unlink()
    else:
        path.write_text({"text": "these are no weights\n" * 99, "empty": ""}[kind])
    before = state(G)
    with pytest.raises(ValueError, match=f"^{argument}: .*{re.escape(str(files[argument]))}"):
        G.replace_weights(files["gen_h5"], files["disc_h5"])
    assert same(state(G), before)
