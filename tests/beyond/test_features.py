"""What reads attributes of drawn faces, and what content losses look at: trained, kept, read again; VGG19."""

import random

import h5py
import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond.common import features, pairs
from beyond.common.features import Features

layers = keras.layers


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A reader of few faces and few steps, nothing in the user's cache; returns a folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in dict(TRAINED_ON=12, HELD_OUT=8, STEPS=2, BATCH=4).items():
        monkeypatch.setattr(features, name, value)
    return tmp_path / "out"


def pictures(n=5, size=16, channels=3, seed=1):
    return np.random.default_rng(seed).uniform(size=(n, size, size, channels)).astype("float32")


def test_kept_and_read_again(tiny):
    """The second run reads the reader from its folder and gets the same numbers; a damaged file is trained again."""
    said = []
    first = features.of_faces(16, folder=tiny, say=said.append)
    assert set(first.accuracy) == set(features.ATTRIBUTES) and "right are smile " in said[-1]
    (file,) = tiny.iterdir()
    assert file.name == "face-reader-16-colour-0.npz"
    expected = first.probabilities(pictures())
    content = file.read_bytes()
    for stored in (content, content[:500], b"", b"no zip at all"):
        file.write_bytes(stored)
        again = features.of_faces(16, folder=tiny)
        assert again.accuracy == first.accuracy
        for name, values in again.probabilities(pictures()).items():
            np.testing.assert_allclose(values, expected[name], atol=1e-5)
        assert len(file.read_bytes()) == len(content)


def test_another_version_is_trained_again(tiny, monkeypatch):
    """A reader that was trained otherwise, such as with fewer steps, is not taken for this one."""
    first = features.of_faces(16, folder=tiny).probabilities(pictures())
    monkeypatch.setattr(features, "STEPS", 6)
    second = features.of_faces(16, folder=tiny).probabilities(pictures())
    assert np.abs(first["smile"] - second["smile"]).max() > 1e-4


def test_no_random_number_of_the_training_is_used(tiny):
    """A system's training draws the same numbers whether its reader was trained before it or read from a file.

    Without it a training that was stopped and goes on with the stored reader would become another one.
    """
    after = []
    for _ in range(2):
        random.seed(3)
        np.random.seed(3)
        tf.random.set_seed(3)
        features.of_faces(16, folder=tiny)
        after.append((random.random(), np.random.random(), float(tf.random.uniform(()))))
    assert after[0] == after[1]


def test_grey_faces_have_no_hue(tiny):
    """Grey pictures are read as well, but for the hue of the hair, which they do not show."""
    reader = features.of_faces(8, 1)
    found = reader.probabilities(pictures(7, 8, 1))
    assert set(found) == set(features.ATTRIBUTES) - {"hair_hue"}
    assert all(values.shape == (7,) and (values >= 0).all() and (values <= 1).all() for values in found.values())


def test_answers():
    """An answer is 1 above the limit and 0 below; what a bald or grey head hides, or lies between, is not asked."""
    n = 4
    attributes = {name: np.zeros(n) for name in (*features.ATTRIBUTES, "bald", "hair_grey", "hair_tone")}
    attributes.update(smile=np.array([0, .9, 0, .9]), hair_length=np.array([0, .8, .8, .36]),
                      bald=np.array([0, 0, 1, 0]), hair_grey=np.array([0, .9, 0, 0]),
                      hair_tone=np.array([.3, .3, .3, .01]))
    found = dict(zip(features.ATTRIBUTES, features.answers_of(attributes).T))
    assert found["smile"].tolist() == [0, 1, 0, 1]
    assert found["hair_length"].tolist() == [0, 1, -1, -1]
    assert found["hair_hue"].tolist() == [0, -1, -1, -1]
    assert features.answers_of(attributes, 1).shape == (n, 6)


def test_each_attribute_is_there_in_about_half():
    """The faces to learn from: men and women have long and short hair, so that hair alone does not tell the sex."""
    attributes = features.to_read(1000, 5)
    answers = dict(zip(features.ATTRIBUTES, features.answers_of(attributes).T))
    for name, values in answers.items():
        assert .2 < np.mean(values[values >= 0]) < .7, name
    male = answers["male"] == 1
    for group in (male, ~male):
        assert .15 < np.mean(answers["hair_length"][group] == 1) < .8


def test_distances_by_hand():
    """The mean squares, or sizes, of the differences of each layer, averaged over the layers; 0 for equal pictures."""
    inputs = keras.Input((2, 2, 1))
    network = keras.Model(inputs, [layers.Rescaling(3.)(inputs), layers.AveragePooling2D(2)(inputs)])
    plain = Features("plain", network)
    a, b = np.zeros((2, 2, 2, 1), "float32"), np.zeros((2, 2, 2, 1), "float32")
    b[0, 0, 0] = 1.
    # Of 8 values one differs by 3; of 2 means one by 1/4.
    assert float(plain.square(a, b)) == pytest.approx((9 / 8 + 1 / 32) / 2)
    assert float(plain.absolute(a, b)) == pytest.approx((3 / 8 + 1 / 8) / 2)
    assert plain.distance(a, a) == 0
    # From [0, 1] to [-1, 1] differences double.
    assert plain.distance(a, b) == pytest.approx(4 * (9 / 8 + 1 / 32) / 2)


def test_the_gradient_reaches_the_pictures_and_no_weight(tiny):
    """A content loss moves what a generator made; the reader stays as it is."""
    reader = features.of_faces(16)
    made = tf.Variable(pictures())
    with tf.GradientTape() as tape:
        loss = reader.square(made, pictures(seed=2))
    assert np.abs(tape.gradient(loss, made)).max() > 0
    assert not reader.network.trainable_variables


@pytest.mark.thorough
def test_it_reads_faces(monkeypatch, tmp_path):
    """After its real training it tells a smile and glasses, and the pairs of the renderer by what changed in them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    reader = features.of_faces(16)
    assert reader.accuracy["glasses"] > .9 and reader.accuracy["smile"] > .85
    assert min(reader.accuracy.values()) > .6
    for change in ("smile", "glasses", "age"):
        faces = pairs.load("faces", change, 16, most=2, held_out=60, seed=9)
        without, with_it = (reader.probabilities(part)[change] for part in (faces.test_a, faces.test_b))
        assert with_it.mean() - without.mean() > .3, change


# ------------------------------------------------------------------ VGG19

def test_vgg_is_not_loaded_from_the_network(monkeypatch, tmp_path):
    """Where Keras has no weights of VGG19 the error says where they would be and how to get them."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ValueError, match="^features: expected faces, or vgg where Keras has the weights of VGG19; "
                                         "there is no .*models/vgg19_.*h5. This loads them"):
        features.load("vgg", 32)
    (tmp_path / "models").mkdir()
    features.vgg_file().write_bytes(b"torn")
    with pytest.raises(ValueError, match="^features: expected the weights of VGG19 in .*delete it and load them again"):
        features.load("vgg", 32)


def test_vgg_network():
    """To block3_conv4 it has the 2,325,568 parameters that the source prints; pictures come as VGG19 wants them."""
    network = features.vgg_network(32)
    assert network.count_params() == 2325568
    assert network.output_shape == (None, 8, 8, 256)
    turned = keras.Model(network.input, network.layers[1].output)
    levels = np.round(255 * pictures(2, 32)).astype("float32")
    np.testing.assert_allclose(turned(levels / 127.5 - 1), keras.applications.vgg19.preprocess_input(levels.copy()),
                               atol=1e-3)


@pytest.mark.thorough
def test_vgg_weights_are_read_from_the_file(monkeypatch, tmp_path):
    """The features are those of the weights in Keras's folder."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    whole = keras.applications.VGG19(include_top=False, weights=None)
    with h5py.File(features.vgg_file(), "w") as file:  # the layout of the file that Keras loads
        file.attrs["layer_names"] = [layer.name.encode() for layer in whole.layers]
        for layer in whole.layers:
            group, names = file.create_group(layer.name), [f"{layer.name}_{i}" for i in range(len(layer.get_weights()))]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, array in zip(names, layer.get_weights()):
                group[name] = array
    found = features.load("vgg", 32, layer="block1_conv1")
    x = pictures(2, 32) * 2 - 1
    expected = keras.Model(whole.input, whole.get_layer("block1_conv1").output)(
        keras.applications.vgg19.preprocess_input((x + 1) * 127.5))
    np.testing.assert_allclose(found.answers(x)[0], expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("call, sentence", [
    (lambda: features.load("inception"), "features: expected one of faces, vgg, got 'inception'"),
    (lambda: features.load("vgg", 16), "features: expected pictures in colour of at least 32 x 32 pixels for vgg, got "
                                       "3 channels of 16 x 16"),
    (lambda: features.load("vgg", 32, 1), "features: .* got 1 channel of 32 x 32"),
    (lambda: features.of_faces(16, 2), "channels: expected 1 .grey. or 3 .colour., got 2"),
    (lambda: features.of_faces(200), "size: expected 8 to 128 pixels for a drawn face, got 200")])
def test_wrong_arguments(call, sentence):
    """Each error names the argument, what came and what was expected."""
    with pytest.raises(ValueError, match=f"^{sentence}"):
        call()
