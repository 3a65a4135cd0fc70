"""A pixel CNN: pictures of black and white pixels, one pixel after the other, each from those before it.

By the chain rule the probability of a picture is the product of the probabilities of its pixels, each given those
above it and those to its left. One convolutional network gives all of them at once, because its kernels are masked: no
value it computes for a pixel looks at that pixel or at a later one. So the likelihood of a picture costs one pass, and
a new picture costs one pass for each pixel:

    nll     - sum over the pixels of log p(pixel | pixels before it)
    loss    mean over pictures and pixels of that: the binary cross-entropy

Van den Oord, Kalchbrenner and Kavukcuoglu (2016), Pixel Recurrent Neural Networks, https://arxiv.org/abs/1601.06759.
Masks of this kind leave a blind spot: some pixels above and to the right are never seen, although they come before.
Van den Oord et al. (2016), Conditional Image Generation with PixelCNN Decoders, https://arxiv.org/abs/1606.05328,
close it with two stacks; `PixelCNN.reach` shows it.

Printed with its layers indented wrongly, the program that this network comes from puts the two last masked layers into
every block; its own table of 532,673 parameters has them once, and so have we. It multiplies the stored kernels by the
mask at every pass; here the layer multiplies when it computes, and the network ends in logits instead of a sigmoid, so
that no logarithm has to be cut off.

    python -m beyond.pixel_cnn --quick     samples, losses, which pixels a pixel sees
    python -m beyond.pixel_cnn --data mnist --epochs 50 --filters 128 --batch 128
                                           the source's training (days on a CPU)
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import time

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.measures import Classifier, nearest
from gan import checks
from gan.engine import PlainFit

SYSTEM = {
    "family": "latent to picture",
    "line": "PixelCNN: one pixel after the other, with an exact likelihood and without latent vectors",
    "totals": {"network": 532673},
    "quick": "2 minutes",
}

THRESHOLD = .33 * 256 / 255  # of pixels in [0, 1]: lighter ones count as white


class MaskedConv2D(keras.layers.Conv2D):
    """A convolution that sees only the pixels before its own, and with mask "B" its own as well.

    The first layer needs mask "A"; behind it a pixel's own values know nothing of the pixel, and "B" is right.
    """

    def __init__(self, mask_type, filters, kernel_size, **options):
        if mask_type not in ("A", "B"):
            raise ValueError(f"mask_type: expected 'A' or 'B', got {mask_type!r}")
        super().__init__(filters, kernel_size, padding="same", **options)
        self.mask_type = mask_type

    def build(self, input_shape):
        super().build(input_shape)
        height, width = self.kernel_size
        mask = np.zeros((height, width, 1, 1), "float32")
        mask[:height // 2] = 1                                             # rows above
        mask[height // 2, :width // 2 + (self.mask_type == "B")] = 1       # to the left
        self.mask = mask

    def call(self, inputs):
        x = tf.nn.conv2d(inputs, self.kernel * self.mask, strides=1, padding="SAME") + self.bias
        return self.activation(x)

    def get_config(self):
        config = super().get_config()
        config.pop("padding")
        return {**config, "mask_type": self.mask_type}


def pixel_cnn_network(filters=128, blocks=5):
    """Pictures (batch, h, w, 1) of 0 and 1 -> the logits of each pixel, same shape; 532,673 parameters."""
    layers = keras.layers
    pictures = keras.Input((None, None, 1))
    x = MaskedConv2D("A", filters, 7, activation="relu")(pictures)
    for _ in range(blocks):
        y = layers.Conv2D(filters, 1, activation="relu")(x)
        y = MaskedConv2D("B", filters // 2, 3, activation="relu")(y)
        y = layers.Conv2D(filters, 1, activation="relu")(y)
        x = layers.Add()([x, y])
    for _ in range(2):
        x = MaskedConv2D("B", filters, 1, activation="relu")(x)
    return keras.Model(pictures, layers.Conv2D(1, 1)(x), name="pixel_cnn")


def binary(pictures):
    """Pictures in [0, 1] as float32 pictures of 0 and 1."""
    return (np.asarray(pictures) >= THRESHOLD).astype("float32")


class PixelCNN(PlainFit):
    """A pixel CNN. Train it by `fit(pictures, ...)` as any Keras model; it is compiled already.

    Args:
        network: keras.Model from pictures (batch, h, w, 1) of 0 and 1 to the logits of their pixels, for pictures of
            any size; no logit may depend on its own pixel or a later one (`reach` tells).
        learning_rate: of Adam; a number or a Keras schedule.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value; the message names it.
    """

    def __init__(self, network, learning_rate=.0005):
        super().__init__()
        self.network = checks.network("network", network)
        self.mean = keras.metrics.Mean("nll_per_pixel")
        self.compile(optimizer=keras.optimizers.Adam(checks.learning_rate(learning_rate)), jit_compile=False)
        self.built = True

    def call(self, pictures, training=False):
        """The probability that each pixel is 1, given those before it: (batch, h, w, 1)."""
        return tf.sigmoid(self.network(pictures, training=training))

    def cross_entropy(self, pictures, training=False):
        """-log p(pixel | pixels before it) of each pixel, in nats: (batch, h, w, 1)."""
        logits = self.network(pictures, training=training)
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=pictures, logits=logits)

    def train_step(self, data):
        """One update; returns the mean cross-entropy of a pixel over the epoch so far, in nats."""
        pictures, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.cross_entropy(pictures, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return self._updated(loss)

    def test_step(self, data):
        """The cross-entropy of pictures that are not trained on."""
        pictures, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return self._updated(tf.reduce_mean(self.cross_entropy(pictures)))

    def _updated(self, loss):
        self.mean.update_state(loss)
        return {self.mean.name: self.mean.result()}

    @property
    def metrics(self):
        return [self.mean]

    def negative_log_likelihood(self, pictures):
        """-log p of each picture in nats, exactly: (n, h, w, 1) -> (n,)."""
        batches = [tf.reduce_sum(self.cross_entropy(pictures[i:i + 100]), axis=[1, 2, 3]).numpy()
                   for i in range(0, len(pictures), 100)]
        return np.concatenate(batches)

    def reach(self, row, column, height=28, width=28):
        """Which pixels the logit of one pixel depends on: booleans (height, width), by the gradient at a grey picture.

        Averaged over a few random pictures, so that no dead ReLU hides a dependence.
        """
        pictures = tf.random.uniform((8, height, width, 1))
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            logits = self.network(pictures)[:, row, column]
        return np.any(tape.gradient(logits, pictures).numpy()[..., 0] != 0, axis=0)

    def generate(self, count, height=28, width=28, progress=None):
        """`count` new pictures, pixel after pixel, each drawn with its probability: array (count, height, width, 1).

        A pixel depends on few rows and columns before it, so each pass takes only the patch that matters.

        Args:
            progress: function of the number of rows done, called after each row.
        """
        up, left = self._steps_back()
        logits_of = tf.function(self.network, autograph=False,
                                input_signature=[tf.TensorSpec((count, None, None, 1), tf.float32)])
        pictures = np.zeros((count, height, width, 1), "float32")
        for row in range(height):
            top = max(0, row - up)
            for column in range(width):
                first = max(0, column - left)
                # to the right the patch ends where nothing can depend on it, or at the border, which counts as zeros
                patch = pictures[:, top:row + 1, first:column + left + 1]
                logits = logits_of(patch)[:, row - top, column - first, 0]  # (count,)
                pictures[:, row, column, 0] = tf.random.uniform((count,)) < tf.sigmoid(logits)
            if progress:
                progress(row + 1)
        return pictures

    def _steps_back(self):
        """How many rows up and columns to either side a pixel can depend on: the half widths of all kernels, added."""
        halves = [[size // 2 for size in layer.kernel_size] for layer in self.network.layers
                  if isinstance(layer, keras.layers.Conv2D)]
        return np.sum(halves, axis=0)


def networks():
    """The network as the source prints it."""
    return {"network": pixel_cnn_network()}


# --------------------------------------------------------- training, measuring

QUICK = dict(epochs=10, filters=32, batch=16, rate=.001)


def train(pictures, options, name=None):
    """A PixelCNN trained on these pictures, made black and white."""
    train, test = binary(pictures.train), binary(pictures.test)
    G = PixelCNN(pixel_cnn_network(options.filters), options.rate)
    training.fit(G, options, name, x=train, batch_size=options.batch, validation_data=(test, test))
    return G


def results_of(G, pictures, made):
    """What a PixelCNN has learned of labelled pictures (`beyond.common.data.Pictures`), made black and white.

    Args:
        made: pictures that it generated.

    Returns a dict:
        nll_per_pixel: of the test pictures, in nats.
        independent: the same for independent pixels with the frequencies of the training pictures.
        lit: share of lit pixels of the generated pictures, divided by that of the test pictures.
        kinds: classes that the generated pictures show (`beyond.common.measures.effective_number`).
        nearest: median distance of generated pictures to the nearest training one, divided by the test pictures'.
    """
    train, test, classifier = binary(pictures.train), binary(pictures.test), Classifier(pictures)
    frequency = (train.sum(axis=0) + .5) / (len(train) + 1)
    independent = -(test * np.log(frequency) + (1 - test) * np.log(1 - frequency)).mean()
    return {"nll_per_pixel": float(G.negative_log_likelihood(test).mean() / test[0].size),
            "independent": float(independent),
            "lit": float(made.mean() / test.mean()),
            "kinds": classifier.classes(made),
            "nearest": nearest(made, train) / nearest(test, train)}


def measure(seed, steps=None):
    """Figures of a narrow PixelCNN of the embedded digits; see `results_of`."""
    training.set_seeds(seed)
    pictures = data.load("digits", most=steps and 16 * steps)
    G = train(pictures, training.settings(**QUICK))
    return results_of(G, pictures, G.generate(100))


CLAIMS = [("PixelCNN", "32 filters", measure)]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("pixel_cnn", __doc__, data="digits", epochs=100, batch=64, rate=.0005,
                           quick=dict(QUICK, samples=25))
    parser.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="of the convolutions (default 128)")
    parser.add_argument("--samples", type=script.whole_number(1, 10000), default=81, metavar="N",
                        help="pictures made (default 81)")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = train(pictures, options, "pixel_cnn")
    print(f"{options.samples} pictures, one pixel after the other ...", flush=True)
    start = time.perf_counter()
    made = G.generate(options.samples)
    print(f"took {time.perf_counter() - start:.0f} s, {made[0].size} passes of the network")
    print(script.line(results_of(G, pictures, made)))
    script.meaning(nll_per_pixel="how surprising a pixel of a test picture is, in nats",
                   independent="the same if no pixel told anything about another",
                   lit="share of white pixels, 1 as in test pictures", kinds="how many classes the made pictures show",
                   nearest="distance to the nearest training picture, 1 as of test pictures")

    columns = int(np.ceil(np.sqrt(options.samples)))
    seen = np.zeros((1, 28, 28, 1))
    seen[0, ..., 0] = .5 * G.reach(14, 14)
    seen[0, 14, 14] = 1
    history = G.history.history
    plots = [figures.visualize_sheets([("real", binary(pictures.train[:options.samples])), ("made", made)], columns,
                                      title="PixelCNN"),
             figures.visualize_sheets([("grey: what the white pixel is computed from", seen)], columns=1),
             figures.visualize_losses([("PixelCNN, nats per pixel", {"training": history["nll_per_pixel"],
                                                                     "test pictures": history["val_nll_per_pixel"]})],
                                      xlabel="epoch")]
    for figure, name in zip(plots, ("samples", "reach", "losses")):
        script.finish(figure, options, f"pixel_cnn-{name}.png")
    print("What you see: pictures that were drawn one pixel after the other, beside real ones; and what one pixel is "
          "computed from: only pixels above it, and to its left in its own row. After --quick they have strokes, and "
          "few are whole digits.")
    return plots


if __name__ == "__main__":
    main()
