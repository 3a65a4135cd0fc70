"""A variational autoencoder: pictures through a narrow latent space, whose points are drawn and not just computed.

The encoder gives each picture a normal law in latent space, mean m and variance s^2 for each coordinate; a point drawn
from it goes through the decoder. Training makes the picture come back and keeps these laws near the standard normal
one, so that latent vectors drawn from that make new pictures:

    z               m + s epsilon, epsilon standard normal: m and s can be trained through the draw
    reconstruction  squared differences between picture and decoder(z), summed over the pixels
    kl              sum over the latent coordinates of (m^2 + s^2 - 1 - log s^2) / 2
    loss            mean over the pictures of reconstruction + kl_weight kl

Kingma and Welling (2013), Auto-Encoding Variational Bayes, https://arxiv.org/abs/1312.6114. Up to a constant and a
factor the loss is the negative of their lower bound of the log-likelihood, for a decoder with normal noise: of
variance 1/2 at kl_weight 1, 1/(2 kl_weight) otherwise. Weights other than 1: Higgins et al. (2017), beta-VAE.

The printed program that these networks come from takes the mean of kl over the two coordinates (kl_weight .5 is that)
and ends its decoder with ReLU, which knows no upper limit for pixels in [0, 1] and can leave a pixel without gradient
(`decoder_network(output_activation="relu")` is that). It plots drawn points; `encode` gives the means.

    python -m beyond.vae --quick                      reconstructions, the latent plane, losses
    python -m beyond.vae --data mnist --epochs 20     the source's training
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from sklearn.neighbors import KNeighborsClassifier
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import in_batches
from beyond.common.measures import Classifier
from gan import checks
from gan.engine import PlainFit

SYSTEM = {
    "family": "latent to picture",
    "line": "VAE: an autoencoder whose codes are drawn from a normal law",
    "totals": {"encoder": 57652, "decoder": 112577},
    "quick": "3 minutes",
}


def encoder_network(latent_dim=2):
    """Pictures (batch, 28, 28, 1) -> means and logarithms of variances, (batch, latent_dim) each; 57,652 parameters."""
    layers = keras.layers
    pictures = keras.Input((28, 28, 1))
    x = layers.Conv2D(64, 5, activation="relu")(pictures)  # 24 x 24
    x = layers.MaxPooling2D()(x)                           # 12 x 12
    x = layers.Conv2D(64, 3, activation="relu")(x)         # 10 x 10
    x = layers.MaxPooling2D()(x)                           # 5 x 5
    x = layers.Conv2D(32, 3, activation="relu")(x)         # 3 x 3
    x = layers.MaxPooling2D()(x)                           # 1 x 1
    x = layers.Dense(16)(layers.Flatten()(x))
    return keras.Model(pictures, [layers.Dense(latent_dim)(x), layers.Dense(latent_dim)(x)], name="encoder")


def decoder_network(latent_dim=2, output_activation="sigmoid"):
    """Latent vectors (batch, latent_dim) -> pictures (batch, 28, 28, 1) in [0, 1]; 112,577 parameters."""
    layers = keras.layers
    return keras.Sequential([
        keras.Input((latent_dim,)),
        layers.Dense(64),
        layers.Reshape((1, 1, 64)),
        layers.Conv2DTranspose(64, 3, activation="relu"),  # 3 x 3
        layers.Conv2DTranspose(64, 3, activation="relu"),  # 5 x 5
        layers.UpSampling2D(),                             # 10 x 10
        layers.Conv2DTranspose(64, 3, activation="relu"),  # 12 x 12
        layers.UpSampling2D(),                             # 24 x 24
        layers.Conv2DTranspose(1, 5, activation=output_activation),  # 28 x 28
    ], name="decoder")


def kl_to_standard_normal(mean, log_variance):
    """Kullback-Leibler divergence of independent normal laws to standard normal ones: (batch, dim) -> (batch,)."""
    return .5 * tf.reduce_sum(tf.square(mean) + tf.exp(log_variance) - 1. - log_variance, axis=1)


class VAE(PlainFit):
    """A variational autoencoder. Train it by `fit(pictures, ...)` as any Keras model; it is compiled already.

    Args:
        encoder: keras.Model from pictures to means and logarithms of variances, (batch, dim) each.
        decoder: keras.Model from latent vectors (batch, dim) to pictures.
        learning_rate: of Adam; a number or a Keras schedule.
        kl_weight: weight of the divergence in the loss, zero (an autoencoder with noise) or positive.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value; the message names it.
    """

    def __init__(self, encoder, decoder, learning_rate=.001, kl_weight=1.):
        super().__init__()
        self.encoder = checks.network("encoder", encoder)
        self.decoder = checks.network("decoder", decoder)
        self.kl_weight = checks.number("kl_weight", kl_weight, zero_allowed=True)
        self.means = [keras.metrics.Mean(name) for name in ("loss", "reconstruction", "kl")]
        # XLA, which Keras 3 would switch on beside a GPU, has random numbers that follow no seed of TensorFlow.
        self.compile(optimizer=keras.optimizers.Adam(checks.learning_rate(learning_rate)), jit_compile=False)
        self.built = True

    @staticmethod
    def sample(mean, log_variance):
        """A latent vector drawn from each picture's law; all three of shape (batch, dim)."""
        return mean + tf.exp(.5 * log_variance) * tf.random.normal(tf.shape(mean))

    def losses_of(self, pictures, training=False):
        """loss, reconstruction and kl, one number each, with one draw for each picture."""
        mean, log_variance = self.encoder(pictures, training=training)
        decoded = self.decoder(self.sample(mean, log_variance), training=training)
        squares = tf.square(pictures - decoded)  # (batch, h, w, 1)
        reconstruction = tf.reduce_mean(tf.reduce_sum(squares, axis=[1, 2, 3]))
        kl = tf.reduce_mean(kl_to_standard_normal(mean, log_variance))
        return reconstruction + self.kl_weight * kl, reconstruction, kl

    def train_step(self, data):
        """One update of both networks; returns the means of loss, reconstruction and kl over the epoch so far."""
        pictures, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            losses = self.losses_of(pictures, training=True)
        gradients = tape.gradient(losses[0], self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return self._updated(losses)

    def test_step(self, data):
        """The losses of pictures that are not trained on."""
        pictures, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return self._updated(self.losses_of(pictures))

    def _updated(self, losses):
        for mean, loss in zip(self.means, losses):
            mean.update_state(loss)
        return {mean.name: mean.result() for mean in self.means}

    @property
    def metrics(self):
        return self.means

    def call(self, pictures, training=False):
        """Pictures made from the means of the pictures' laws: the reconstructions without noise."""
        return self.decoder(self.encoder(pictures, training=training)[0], training=training)

    def reconstruct(self, pictures):
        """What `call` gives, as an array: (n, h, w, 1) -> (n, h, w, 1)."""
        return in_batches(self, pictures)

    def encode(self, pictures):
        """The means of the pictures' laws as an array, (n, h, w, 1) -> (n, dim)."""
        return in_batches(lambda some: self.encoder(some)[0], pictures)

    def decode(self, latent_vectors):
        """The pictures of these latent vectors as an array, (n, dim) -> (n, h, w, 1)."""
        return in_batches(self.decoder, np.asarray(latent_vectors, "float32"))


def networks():
    """The networks as the source prints them."""
    return {"encoder": encoder_network(), "decoder": decoder_network()}


# --------------------------------------------------------- training, measuring

def train(pictures, options, kl_weight=1., name=None):
    """A VAE trained on these pictures; its losses stand in `G.history.history`."""
    G = VAE(encoder_network(), decoder_network(), kl_weight=kl_weight)
    training.fit(G, options, name, x=pictures.train, batch_size=64, validation_data=(pictures.test, pictures.test))
    return G


def sharpness(pictures):
    """Mean absolute difference of neighbouring pixels, (n, h, w, 1) -> number; blurred pictures have less."""
    return float(np.mean(np.abs(np.diff(pictures, axis=1))) + np.mean(np.abs(np.diff(pictures, axis=2))))


def results_of(G, pictures):
    """What a VAE of two latent coordinates has learned of labelled pictures (`beyond.common.data.Pictures`).

    Returns a dict:
        same_class: share of test pictures whose reconstruction shows, to a classifier, the same class.
        neighbours_2d: accuracy of the 5 nearest training codes on the test codes: classes have regions of their own.
        code_mean, code_std: norm of the mean of all test codes, and their spread in a coordinate; prior 0 and 1.
        classes_in_plane: how many classes the classifier finds at least 5 times among 900 points of [-2, 2]^2.
        sharpness: of the reconstructions, divided by that of the test pictures; below 1 is blurred.
    """
    classifier = Classifier(pictures)
    made = G.reconstruct(pictures.test)
    codes = G.encode(pictures.test)
    neighbours = KNeighborsClassifier(5).fit(G.encode(pictures.train), pictures.train_labels)
    line = np.linspace(-2, 2, 30)
    tiles = classifier(G.decode(np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)))
    return {"same_class": float(np.mean(classifier(made) == classifier(pictures.test))),
            "neighbours_2d": float(neighbours.score(codes, pictures.test_labels)),
            "code_mean": float(np.linalg.norm(codes.mean(axis=0))),
            "code_std": float(codes.std(axis=0).mean()),
            "classes_in_plane": int(np.sum(np.bincount(tiles, minlength=1) >= 5)),
            "sharpness": sharpness(made) / sharpness(pictures.test)}


def measure(kl_weight, seed, steps=None):
    """Figures of a VAE of the embedded digits: its losses on test pictures and `results_of` it."""
    training.set_seeds(seed)
    pictures = data.load("digits", most=steps and 64 * steps)
    G = train(pictures, training.settings(epochs=60), kl_weight)
    return {"test loss, first epoch": G.history.history["val_loss"][0], "last": G.history.history["val_loss"][-1],
            **results_of(G, pictures)}


CLAIMS = [("VAE", "divergence weighs 1", partial(measure, 1.)), ("VAE", "1/2, the source's", partial(measure, .5))]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("vae", __doc__, data="digits", epochs=300, quick=dict(epochs=80))
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = train(pictures, options, name="vae")
    print(script.line(results_of(G, pictures)))
    script.meaning(same_class="share of test pictures whose reconstruction shows the same class",
                   neighbours_2d="share whose class the nearest codes tell",
                   code_mean="of all codes, and code std: their spread; the prior has 0 and 1",
                   classes_in_plane="how many classes the dotted square decodes to",
                   sharpness="of reconstructions, 1 is that of the pictures")

    shown = [("test pictures", pictures.test[:25]),
             ("their reconstructions", G.reconstruct(pictures.test[:25]))]
    plots = [figures.visualize_sheets(shown, columns=5, title="VAE"),
             figures.visualize_plane(G.encode(pictures.test), pictures.test_labels, pictures.classes, G.decode,
                                     title="VAE: its latent plane"),
             figures.visualize_losses([("VAE", {"training": G.history.history["loss"],
                                                "test pictures": G.history.history["val_loss"]})], xlabel="epoch")]
    for figure, name in zip(plots, ("reconstructions", "plane", "losses")):
        script.finish(figure, options, f"vae-{name}.png")
    print("What you see: reconstructions are digits again, but blurred. In the plane each class has its place, and "
          "look-alikes are neighbours; at the right is what the points of the dotted square decode to.")
    return plots


if __name__ == "__main__":
    main()
