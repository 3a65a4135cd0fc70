"""The networks of dense GAN, failures, DCGAN, LSGAN, WGAN and WGAN-GP: every total that is printed, and ranges."""

import numpy as np
import pytest
import tensorflow as tf

from beyond import dcgan, dense_gan, failures, lsgan, wgan, wgan_gp

# generator, discriminator: all parameters, and those that are not trained; latent size; shape; range of the pictures
PRINTED = {
    "digits": (dense_gan.digits_GenDiscr, (2055784, 4400), (233985, 0), 50, (28, 28, 1), (0, 1)),
    "mode collapse": (failures.mode_collapse_GenDiscr, (51152, 0), (50305, 0), 2, (28, 28, 1), (0, 1)),
    "convergence failure": (failures.convergence_failure_GenDiscr, (39984, 0), (566273, 0), 50, (28, 28, 1), (0, 1)),
    "lecture": (dense_gan.lecture_GenDiscr, (81184, 0), (78601, 0), 20, (28, 28, 1), (-1, 1)),
    "clothes": (dcgan.clothes_GenDiscr, (2360833, 6912), (1223553, 640), 100, (28, 28, 1), (0, 1)),
    "anime faces": (dcgan.anime_GenDiscr, (1866499, 7680), (517441, 512), 100, (56, 56, 3), (-1, 1)),
    "human faces": (dcgan.human_GenDiscr, (1768387, 7040), (904961, 896), 100, (56, 56, 3), (-1, 1)),
    "human faces as listed": (lambda: dcgan.human_GenDiscr(as_listed=True), (2178627, 7296), (904961, 896), 100,
                              (56, 56, 3), (-1, 1)),
    "small faces": (dcgan.small_faces_GenDiscr, (320835, 0), (651330, 0), 256, (36, 36, 3), None),
    "LSGAN": (lsgan.dense_GenDiscr, (1493520, 3584), (533505, 0), 100, (28, 28, 1), (-1, 1)),
    "WGAN": (wgan.convolutional_GenDiscr, (1079297, 512), (523393, 1024), 100, (28, 28, 1), (-1, 1)),
    "WGAN-GP": (lambda: wgan_gp.convolutional_GenDiscr("batch"), (1028673, 384), (100097, 448), 100, (28, 28, 1),
                (-1, 1)),
    "WGAN-GP, normalised alone": (wgan_gp.convolutional_GenDiscr, (1028673, 384), (99649, 0), 100, (28, 28, 1),
                                  (-1, 1)),
}


def parameters(network):
    """All parameters of a network, and those that are not trained (without the counters of Dropout on Keras 3)."""
    fixed = sum(int(np.prod(weight.shape)) for weight in network.non_trainable_weights if weight.dtype == "float32")
    return fixed + sum(int(np.prod(weight.shape)) for weight in network.trainable_weights), fixed


@pytest.mark.parametrize("name", PRINTED)
def test_totals(name):
    """Parameters, shapes of latent vectors and pictures; the discriminator's values come without an activation."""
    build, of_generator, of_discriminator, latent_size, shape, limits = PRINTED[name]
    generator, discriminator, latent_generator = build()
    assert (parameters(generator), parameters(discriminator)) == (of_generator, of_discriminator)
    latent = latent_generator(3)
    assert latent.shape == (3, latent_size) and generator.output_shape == (None, *shape)
    made = np.asarray(generator(5 * latent, training=False))
    assert made.shape == (3, *shape)
    if limits:
        assert limits[0] <= made.min() and made.max() <= limits[1]
    assert discriminator.layers[-1].activation.__name__ == "linear"
    values = discriminator(made, training=False)
    assert values.shape == (3, 2 if name == "small faces" else 1)


def test_a_relu_before_the_sigmoid_makes_no_dark_pixel():
    """The generator of the convergence failure cannot go below 1/2; without the ReLU it can."""
    latent = tf.random.stateless_normal((50, 50), (1, 2)) * 3
    generator, _, _ = failures.convergence_failure_GenDiscr()
    assert np.asarray(generator(latent)).min() == .5
    generator, _, _ = failures.convergence_failure_GenDiscr(relu=False)
    assert np.asarray(generator(latent)).min() < .1


def test_batch_normalisation_in_a_critic_mixes_examples():
    """With "batch" the value of an example depends on the others of its batch; with "group" it does not."""
    pictures = np.random.default_rng(1).uniform(-1, 1, (4, 28, 28, 1)).astype("float32")
    for normalization, alone in (("group", True), ("batch", False)):
        _, critic, _ = wgan_gp.convolutional_GenDiscr(normalization)
        for layer in critic.layers:
            if hasattr(layer, "rate"):
                layer.rate = 0.  # Dropout
        together = np.asarray(critic(pictures, training=True))[:2]
        apart = np.asarray(critic(pictures[:2], training=True))
        assert np.allclose(together, apart, atol=1e-5) == alone


def test_narrower_networks():
    """`filters` makes the same networks narrower, for pictures of the same shape."""
    for build in (dcgan.clothes_GenDiscr, dcgan.anime_GenDiscr, dcgan.human_GenDiscr, wgan.convolutional_GenDiscr):
        wide, narrow = build(), build(filters=8)
        for i in (0, 1):
            assert wide[i].input_shape == narrow[i].input_shape and wide[i].output_shape == narrow[i].output_shape
            assert len(wide[i].layers) == len(narrow[i].layers)
            assert narrow[i].count_params() < wide[i].count_params() / 10


def test_unknown_normalization():
    with pytest.raises(ValueError, match="^normalization: expected one of group, batch, got 'layer'"):
        wgan_gp.convolutional_GenDiscr("layer")
