"""The pixel CNN: its network, that no pixel sees a later one, exact likelihood, sampling, a step by hand."""

import numpy as np
import pytest
import tensorflow as tf

from beyond.pixel_cnn import MaskedConv2D, PixelCNN, binary, pixel_cnn_network
from tests.helpers import difference, points, set_seeds
from tests.reference import Adam


def small(filters=6, blocks=1, seed=4):
    """A PixelCNN with few filters and weights that are not small."""
    set_seeds(seed)
    G = PixelCNN(pixel_cnn_network(filters, blocks), learning_rate=.02)
    stream = np.random.default_rng(5)
    G.network.set_weights([w + .15 * stream.normal(size=w.shape) for w in G.network.get_weights()])
    return G


def every_picture(height, width):
    """All pictures of 0 and 1 of this size, (2^(height width), height, width, 1)."""
    numbers = np.arange(2 ** (height * width))
    bits = numbers[:, None] >> np.arange(height * width) & 1
    return bits.reshape(-1, height, width, 1).astype("float32")


def test_totals():
    """532,673 parameters, of which the masks leave 365,633 in use."""
    network = pixel_cnn_network()
    assert network.count_params() == 532673
    used = sum(int(np.prod(w.shape)) for w in network.weights)
    for layer in network.layers:
        if isinstance(layer, MaskedConv2D):
            used -= int(np.sum(layer.mask == 0)) * int(np.prod(layer.kernel.shape[2:]))
    assert used == 365633


def test_masks():
    """Mask A is the rows above and what lies to the left; mask B has the centre too."""
    for mask_type, centre in (("A", 0), ("B", 1)):
        layer = MaskedConv2D(mask_type, 2, 3)
        layer.build((None, 5, 5, 1))
        assert layer.mask[..., 0, 0].tolist() == [[1, 1, 1], [1, centre, 0], [0, 0, 0]]
    assert MaskedConv2D.from_config(layer.get_config()).mask_type == "B"
    with pytest.raises(ValueError, match="mask_type"):
        MaskedConv2D("C", 2, 3)


def jacobian(G, height, width):
    """Whether the logit of each pixel (rows) depends on each pixel (columns), both in raster order."""
    pictures = tf.constant(points(6, height, width, 1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pictures)
        logits = tf.unstack(tf.reshape(G.network(pictures), (6, -1)), axis=1)
    gradients = [tape.gradient(logit, pictures).numpy() for logit in logits]  # (6, height, width, 1) each
    return np.any(np.reshape(gradients, (height * width, 6, height * width)) != 0, axis=1)


def test_no_pixel_sees_itself_or_a_later_one():
    """By the gradients of all pixels of a picture by all pixels: zero on and above the diagonal, exactly."""
    seen = jacobian(small(), 7, 6)
    assert not np.any(np.triu(seen))
    assert all(seen[i, i - 1] for i in range(42) if i % 6), "a pixel must see its left neighbour"
    assert all(seen[i, i - 6] for i in range(6, 42)), "a pixel must see the one above"


def test_the_test_of_causality_sees_a_wrong_mask(monkeypatch):
    """With mask B in the first layer a pixel sees itself."""
    kind = MaskedConv2D.__init__
    monkeypatch.setattr(MaskedConv2D, "__init__", lambda self, mask, *a, **o: kind(self, "B", *a, **o))
    assert np.all(np.diag(jacobian(small(), 4, 4)))


def test_reach_of_the_printed_network():
    """Up to eight rows up and eight columns left, nothing later; pixels far up on the right are in the blind spot."""
    set_seeds(0)
    seen = PixelCNN(pixel_cnn_network()).reach(14, 14)
    rows, columns = np.nonzero(seen)
    raster = rows * 28 + columns
    assert raster.max() == 14 * 28 + 13
    assert (rows.min(), columns.min()) == (6, 6) and columns.max() <= 22
    assert not seen[13, 20] and seen[13, 8], "the blind spot of masked convolutions"


def test_probabilities_of_all_pictures_sum_to_1():
    """The 512 pictures of 3 x 3 pixels share the whole probability: the likelihood is exact."""
    nll = small().negative_log_likelihood(every_picture(3, 3))
    assert nll.shape == (512,)
    assert np.sum(np.exp(-nll.astype("float64"))) == pytest.approx(1, abs=1e-5)
    assert nll.std() > .1, "all alike would sum to 1 too"


def test_likelihood_is_the_product_of_the_pixels():
    """One pass gives what the pixels give one after the other, later pixels unknown."""
    G, picture = small(), binary(points(1, 4, 3, 1))
    total, so_far = 0., np.zeros_like(picture)
    for row in range(4):
        for column in range(3):
            p = float(G(so_far)[0, row, column, 0])
            so_far[0, row, column] = picture[0, row, column]
            total -= np.log(p if picture[0, row, column, 0] else 1 - p)
    assert G.negative_log_likelihood(picture)[0] == pytest.approx(total, abs=1e-5)


def test_generated_pictures_follow_the_probabilities():
    """20,000 pictures of 2 x 2 pixels: each of the 16 as often as its likelihood says."""
    G = small()
    set_seeds(1)
    made = G.generate(20000, 2, 2)
    assert made.shape == (20000, 2, 2, 1) and set(np.unique(made)) == {0, 1}
    found = np.bincount((made.reshape(-1, 4) @ [1, 2, 4, 8]).astype(int), minlength=16) / len(made)
    wanted = np.exp(-G.negative_log_likelihood(every_picture(2, 2)))
    assert np.max(np.abs(found - wanted)) < .012  # three to four times the spread of a frequency


def test_patches_give_the_same_pictures():
    """Generating from the patch that matters draws the same pixels as passing the whole picture each time."""
    G, rows = small(), []
    set_seeds(2)
    made = G.generate(5, 12, 11, progress=rows.append)
    set_seeds(2)
    G._steps_back = lambda: (100, 100)
    assert np.array_equal(made, G.generate(5, 12, 11))
    assert rows == list(range(1, 13)) and 0 < made.mean() < 1


def test_two_steps_agree_with_the_reference():
    """Two steps of one masked layer, written out tap by tap in float64, give the same loss and weights."""
    set_seeds(3)
    layer = MaskedConv2D("A", 1, 3)
    G = PixelCNN(tf.keras.Sequential([tf.keras.Input((None, None, 1)), layer]), learning_rate=.02)
    kernel, bias = (w.astype("float64") for w in layer.get_weights())
    outside, adam = kernel * (1 - layer.mask), Adam(.02, .9, .999)
    theta = [kernel[0, :, 0, 0], kernel[1, :1, 0, 0], bias]  # the four taps of mask A
    for seed in range(2):
        pictures = binary(points(5, 4, 3, 1, seed=seed))
        G.reset_metrics()
        found = float(G.train_step(tf.constant(pictures))["nll_per_pixel"])
        x = np.pad(pictures[..., 0].astype("float64"), ((0, 0), (1, 1), (1, 1)))
        taps = [tf.constant(w) for w in theta]
        with tf.GradientTape() as tape:
            tape.watch(taps)
            logits = (taps[0][0] * x[:, :-2, :-2] + taps[0][1] * x[:, :-2, 1:-1] + taps[0][2] * x[:, :-2, 2:]
                      + taps[1][0] * x[:, 1:-1, :-2] + taps[2][0])
            p = tf.sigmoid(logits)
            loss = -tf.reduce_mean(tf.where(pictures[..., 0] > 0, tf.math.log(p), tf.math.log(1 - p)))
        theta = adam.new_weights(theta, [g.numpy() for g in tape.gradient(loss, taps)])
        assert found == pytest.approx(float(loss), abs=2e-6)
    kernel, bias = layer.get_weights()
    assert difference([kernel[0, :, 0, 0], kernel[1, :1, 0, 0], bias], theta) < 5e-6
    assert difference([kernel * (1 - layer.mask)], [outside]) < 1e-7, "weights behind the mask must not move"


def test_fit_learns_stripes():
    """On pictures of vertical stripes, one of two phases, the cross-entropy falls to little more than one guess."""
    pictures = np.zeros((64, 6, 6, 1), "float32")
    pictures[::2, :, ::2] = 1
    pictures[1::2, :, 1::2] = 1
    G = small()
    history = G.fit(pictures, epochs=15, batch_size=16, validation_data=(pictures, pictures), verbose=0).history
    assert set(history) == {"nll_per_pixel", "val_nll_per_pixel"}
    assert history["val_nll_per_pixel"][0] > .2
    # No model can do better than log 2 for the first pixel of each picture, .019 for each of the 36.
    assert np.log(2) / 36 * .95 < history["val_nll_per_pixel"][-1] < .06
    made = G.generate(8, 6, 6)
    assert np.mean(np.abs(made[:, :, 1:] - made[:, :, :-1])) > .9, "samples must be stripes too"


def test_binary():
    """A pixel is lit from grey value 85 on."""
    assert binary(np.array([0, 84, 85, 255]) / 255).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("arguments, error, word", [((7,), TypeError, "network"), ((None,), TypeError, "network")])
def test_bad_input(arguments, error, word):
    """An argument of the wrong kind is named."""
    with pytest.raises(error, match=word):
        PixelCNN(*arguments)
