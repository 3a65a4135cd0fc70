"""BigGAN's tricks on small networks: what made GANs large enough for photographs of a thousand classes.

Each trick is small, and each can be switched off, to see what it is worth here:

    attention     every place of a picture looks at all others: x + gamma o, and gamma begins with 0
    hinge         hinge losses, which leave a fake or real picture alone once the discriminator is sure of it
    conditional   normalisation by (1 + gain) x + bias, with gains and biases that depend on the class
    shared        one embedding e(y) of the class y, from which every layer's gains and biases are made
    spectral      every layer divides by its weights' largest singular value; so none can stretch anything
    start         the first weights are random orthogonal matrices
    penalty       beta |W'W - diagonal|^2 keeps each layer's filters orthogonal to each other
    skip-z        the latent vector is cut in three: one part to begin with, one for each normalisation
    two-steps     two updates of the discriminator for one of the generator

Two more are about the pictures that are shown. Beside the generator stands its average, which makes them: after each
step its weights become decay x what they were + (1 - decay) x the generator's. And the latent vectors of the pictures
can be truncated: a number beyond a threshold is drawn again. The lower the threshold, the better and the more alike are
the pictures.

With D and G the networks, y the class:

    discriminator loss   mean max(0, 1 - D(real, y)) + mean max(0, 1 + D(fake, y))
    generator loss       - mean D(fake, y) + penalty

Brock, Donahue and Simonyan (2019), Large Scale GAN Training for High Fidelity Natural Image Synthesis,
https://arxiv.org/abs/1809.11096. Attention is from Zhang et al. (2019), https://arxiv.org/abs/1805.08318, the spectral
norm from Miyato et al. (2018), https://arxiv.org/abs/1802.05957. The source describes the methods and has no networks
of its own. These are small ones: a layer for each block of the paper, ten classes in the place of a thousand, batches
of 32 in the place of 2,048. With ten classes the shared embedding saves no parameters, as it does with a thousand.

    python -m beyond.biggan --quick                    all tricks
    python -m beyond.biggan --quick --without hinge    all but one
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from scipy.special import ndtr, ndtri
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import in_batches, normal, update
from beyond.common.classes import ClassGAN
from beyond.common.classifier import train_judge
from beyond.common.cross_entropy import CrossEntropyGAN
from gan import checks
from gan.picture_measures import frechet_distance, precision_recall

layers = keras.layers

SYSTEM = {
    "family": "growing",
    "line": "BigGAN's tricks: attention, spectral norms, shared embedding, truncation",
    "totals": {},
    "quick": "1 minute",
}
TRICKS = ("attention", "hinge", "conditional", "shared", "spectral", "start", "penalty", "skip-z", "two-steps")
PART = 20  # numbers of the latent vector for each place where it goes in
THRESHOLDS = (2., 1.5, 1., .7, .5, .3, .2)


# ------------------------------------------------------------ layers

class SpectralNorm(layers.Wrapper):
    """A Dense or Conv2D whose weights are divided by their largest singular value.

    The weights are a matrix of one column for each unit or filter. Its largest singular value is found by power
    iteration: u, which is kept from step to step, is multiplied by W' and W once at each call. The gradient knows that
    the singular value depends on the weights; with Keras's own layer SpectralNormalization it does not, because that
    one puts divided weights in the place of the trained ones.
    """

    def build(self, shape):
        super().build(shape)
        self.u = self.add_weight(name="u", shape=(1, self.layer.kernel.shape[-1]), trainable=False,
                                 initializer=keras.initializers.RandomNormal())

    def call(self, x, training=False):
        W = tf.reshape(self.layer.kernel, (-1, self.layer.kernel.shape[-1]))
        v = tf.linalg.l2_normalize(self.u @ tf.transpose(W))
        u = tf.linalg.l2_normalize(v @ W)
        if training:
            self.u.assign(u)
        u, v = tf.stop_gradient(u), tf.stop_gradient(v)
        return self.layer(x / (v @ W @ tf.transpose(u))[0, 0])  # as if the weights were divided, and not the bias
class Added(layers.Layer):
    """x + gamma o, with one trained number gamma that begins with 0."""

    def build(self, shape):
        self.gamma = self.add_weight(name="gamma", shape=(), initializer="zeros")

    def call(self, x_and_o):
        x, o = x_and_o
        return x + self.gamma * o


class Modulated(layers.Layer):
    """(1 + gain) x + bias, with a gain and a bias for each channel of each picture."""

    def call(self, parts):
        x, gain, bias = parts  # (batch, h, w, channels), (batch, channels) twice
        return (1 + gain[:, None, None]) * x + bias[:, None, None]


class Parts:
    """What the networks are made of, with or without the tricks.

    Args:
        without: names of TRICKS.
    """

    def __init__(self, without=()):
        unknown = [name for name in without if name not in TRICKS]
        if unknown:
            raise ValueError(f"without: expected some of {', '.join(TRICKS)}, got {unknown[0]!r}")
        self.without = set(without)
        self.start = "glorot_uniform" if "start" in self.without else "orthogonal"

    def has(self, *tricks):
        return not self.without & set(tricks)

    def linear(self, kind, *arguments, **options):
        """A Dense or Conv2D, as the tricks want it."""
        if not self.has("spectral"):
            return kind(*arguments, kernel_initializer=self.start, **options)
        # A name of its own: Keras's numbered one would tell apart trainings that are the same.
        return SpectralNorm(kind(*arguments, kernel_initializer=self.start, name="inner", **options))

    def convolution(self, filters, size, strides=1, **options):
        return self.linear(layers.Conv2D, filters, size, strides, padding="same", **options)

    def attention(self, x):
        """x + gamma o: o has for each place a mean of what stands at all places, weighed by softmax(query key').

        The values and keys come from a picture of half the size, as in the authors' program.
        """
        size, channels = x.shape[1], x.shape[-1]

        def places(filters, pool, name):
            found = self.convolution(filters, 1, use_bias=False)(x)
            found = layers.MaxPooling2D()(found) if pool else found
            return layers.Reshape((-1, filters), name=name)(found)

        query, key = places(max(1, channels // 8), False, "query"), places(max(1, channels // 8), True, "key")
        value = places(max(1, channels // 2), True, "value")
        o = layers.Attention()([query, value, key])  # (batch, places, channels / 2)
        o = self.convolution(channels, 1, use_bias=False)(layers.Reshape((size, size, value.shape[-1]))(o))
        return Added(name="attended")([x, o])

    def normalized(self, x, condition):
        """Batch normalisation, with gains and biases made of the condition, and ReLU."""
        if not self.has("conditional"):
            x = layers.BatchNormalization(momentum=.9)(x)
        else:
            x = layers.BatchNormalization(momentum=.9, center=False, scale=False)(x)
            gain, bias = (self.linear(layers.Dense, x.shape[-1], use_bias=False)(condition) for _ in range(2))
            x = Modulated()([x, gain, bias])
        return layers.ReLU()(x)


def BigGAN_GenDiscr(classes=10, filters=32, without=()):
    """The networks of a BigGAN of pictures of 28 x 28.

    Args:
        classes: how many there are.
        filters: of the convolutions at 14 x 14, and of the discriminator's first one.
        without: names of TRICKS that these networks do not have.

    Returns:
        generator: [latent vectors (batch, 60), one-hot classes] -> (batch, 28, 28, 1) in [-1, 1].
        discriminator: [pictures, one-hot classes] -> (batch, 1). The class meets the picture in the last layer:
            a value of the features, and their inner product with an embedding of the class.
        latent_generator: normal, k -> (k, 60).
    """
    parts = Parts(without)

    def get_generator():
        latent_vectors, one_hot = keras.Input((3 * PART,)), keras.Input((classes,))
        first, conditions = latent_vectors, [[], []]
        if parts.has("skip-z", "conditional"):
            first, *cut = (latent_vectors[:, i * PART:(i + 1) * PART] for i in range(3))
            conditions = [[z] for z in cut]
        if not parts.has("conditional"):
            first = layers.Concatenate()([first, one_hot])
        else:
            embedding = one_hot
            if parts.has("shared"):
                embedding = layers.Dense(PART, use_bias=False, kernel_initializer=parts.start,
                                         name="embedding")(one_hot)
            conditions = [layers.Concatenate()([embedding, *z]) if z else embedding for z in conditions]
        x = parts.linear(layers.Dense, 7 * 7 * 2 * filters)(first)
        x = layers.Reshape((7, 7, 2 * filters))(x)
        x = layers.UpSampling2D()(parts.normalized(x, conditions[0]))
        x = parts.convolution(filters, 3)(x)                       # 14 x 14
        x = parts.attention(x) if parts.has("attention") else x
        x = layers.UpSampling2D()(parts.normalized(x, conditions[1]))
        x = parts.convolution(max(1, filters // 2), 3)(x)          # 28 x 28
        x = layers.ReLU()(layers.BatchNormalization(momentum=.9)(x))
        x = layers.Activation("tanh")(parts.convolution(1, 3)(x))
        return keras.Model([latent_vectors, one_hot], x, name="generator")

    def get_discriminator():
        pictures, one_hot = keras.Input((28, 28, 1)), keras.Input((classes,))
        x = layers.LeakyReLU(.2)(parts.convolution(filters, 4, 2)(pictures))  # 14 x 14
        x = layers.LeakyReLU(.2)(parts.convolution(2 * filters, 4, 2)(x))     # 7 x 7
        x = parts.attention(x) if parts.has("attention") else x
        x = layers.LeakyReLU(.2)(parts.convolution(4 * filters, 4, 2)(x))     # 4 x 4
        x = layers.Rescaling(4 * 4)(layers.GlobalAveragePooling2D()(x))       # the sum over all places
        value = parts.linear(layers.Dense, 1)(x)
        of_class = parts.linear(layers.Dense, 4 * filters, use_bias=False)(one_hot)
        return keras.Model([pictures, one_hot], value + layers.Dot(1)([x, of_class]), name="discriminator")

    return get_generator(), get_discriminator(), normal(3 * PART)


# ------------------------------------------------------------ the class

def orthogonal_penalty(W):
    """Sum of the squared inner products of different filters, the columns of W (a kernel of any shape); a scalar.

    A matrix with more columns than rows has no orthogonal columns; then its rows are taken.
    """
    W = tf.reshape(W, (-1, W.shape[-1]))
    products = tf.matmul(W, W, transpose_a=W.shape[0] >= W.shape[1], transpose_b=W.shape[0] < W.shape[1])
    return tf.reduce_sum(tf.square(tf.linalg.set_diag(products, tf.zeros_like(products[0]))))


def kernels(network):
    """The weights of a network that are matrices or filters, but for the embedding."""
    inner = [getattr(layer, "layer", layer) for layer in network.layers if layer.name != "embedding"]
    return [layer.kernel for layer in inner if isinstance(layer, (layers.Dense, layers.Conv2D))]


class BigGAN(ClassGAN):
    """A BigGAN. Arguments and samples: see `beyond.common.classes.ClassGAN`; its discriminator gets the classes; and

    Args:
        decay: how much of the average of the generators stays at each step, from 0 to 1.
        penalty: weight of the orthogonal penalty in the generator's loss, zero or positive (beta in the paper).

    Attributes:
        average: the network with the averaged weights; it makes `pictures_of`.
    """

    beta_1, beta_2 = 0., .999

    def __init__(self, generator, discriminator, latent_generator, real_examples, labels, classes=10, batch_size=32,
                 disc_iter=2, learning_rate=.0004, decay=.99, penalty=1e-4):
        average = keras.models.clone_model(generator)
        super().__init__(generator, discriminator, latent_generator, real_examples, labels, classes, batch_size,
                         disc_iter, learning_rate)
        self.penalty = checks.number("penalty", penalty, zero_allowed=True)
        self.decay = checks.number("decay", decay, zero_allowed=True)
        if self.decay > 1:
            raise ValueError(f"decay: expected a number from 0 to 1, got {decay!r}")
        average.set_weights(generator.get_weights())
        self.add_network("average", average)

    @staticmethod
    def generator_loss(x):
        """x = values of D(fake), shape (batch, 1). Returns a scalar."""
        return -tf.reduce_mean(x)

    @staticmethod
    def discriminator_loss(x, y):
        """x = values of D(real), y = values of D(fake), shape (batch, 1) each. Returns a scalar."""
        return tf.reduce_mean(tf.nn.relu(1. - x)) + tf.reduce_mean(tf.nn.relu(1. + y))

    def train_step(self, useless_argument):
        """`disc_iter` updates of the discriminator, one of the generator, one of its average; all losses."""
        for _ in range(self.disc_iter):
            real_sample, real_classes = self.get_labelled_sample()
            fake_sample, fake_classes = self.get_fake_sample_of_classes(training=True)
            samples = tf.concat([real_sample, fake_sample], axis=0)  # (2 batch, h, w, 1)
            classes = tf.concat([real_classes, fake_classes], axis=0)
            with tf.GradientTape() as tape:
                real_values, fake_values = tf.split(self.discriminator([samples, classes], training=True), 2)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample, fake_classes = self.get_fake_sample_of_classes(training=True)
            gen_loss = self.generator.loss(self.discriminator([fake_sample, fake_classes], training=True))
            penalty = tf.add_n([orthogonal_penalty(W) for W in kernels(self.generator)])
            minimised = gen_loss + self.penalty * penalty
        update(self.generator, tape, minimised)

        for kept, new in zip(self.average.weights, self.generator.weights):
            kept.assign(self.decay * kept + (1 - self.decay) * new)
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "penalty": penalty}

    def pictures_of(self, numbers, latent_vectors=None, network=None):
        """A picture of each of these classes, (n,) -> array (n, 28, 28, 1), by the average or by another network."""
        network = network or self.average
        latent_vectors = self.latent_generator(len(numbers)) if latent_vectors is None else latent_vectors
        inputs = np.concatenate([latent_vectors, self.one_hot(numbers)], axis=1)  # to be cut into batches together
        return in_batches(lambda rows: network([rows[:, :-self.classes], rows[:, -self.classes:]]), inputs)


class BigGANWithCrossEntropy(BigGAN):
    """The losses of the GAN's inventors in the place of hinge losses."""

    generator_loss = staticmethod(CrossEntropyGAN.generator_loss)
    discriminator_loss = staticmethod(CrossEntropyGAN.discriminator_loss)


def truncated(uniform, threshold=np.inf):
    """Numbers of the normal law without those beyond -+ threshold, made of as many uniform ones from 0 to 1.

    They have the law of numbers that are drawn again and again until they are below the threshold. Of the same uniform
    numbers a lower threshold makes others that are nearer to 0.
    """
    beyond = ndtr(-threshold)
    return ndtri(beyond + (1 - 2 * beyond) * uniform).astype("float32")


# ------------------------------------------------------------ training, measuring

NARROW = dict(filters=8, batch=32, rate=.002)  # what trains in some minutes
EPOCHS, STEPS = 10, 60


def make(pictures, filters=32, batch=32, rate=.0004, without=()):
    """A new BigGAN of these pictures, without some of TRICKS."""
    chosen_type = BigGANWithCrossEntropy if "hinge" in without else BigGAN
    return chosen_type(*BigGAN_GenDiscr(len(pictures.classes), filters, without), data.signed(pictures.train),
                       pictures.train_labels, len(pictures.classes), batch, learning_rate=rate,
                       disc_iter=1 if "two-steps" in without else 2, penalty=0. if "penalty" in without else 1e-4)


class Compared:
    """Compares pictures with one half of the real ones, in the features of a classifier of real pictures.

    Args:
        pictures: `beyond.common.data.Pictures` with labels.

    Attributes:
        labels: the classes that the compared pictures have to be of, those of the other half.
        reference: figures of that other half: nothing can be expected to beat them.
    """

    def __init__(self, pictures, most=2000):
        training.set_seeds(0)  # the same judge for all
        self.judge = train_judge(pictures)
        order = np.random.default_rng(0).permutation(len(pictures.train))
        size = min(most, len(order) // 2)
        half, other = order[:size], order[size:2 * size]
        self.real, self.labels = self.judge.features(pictures.train[half]), pictures.train_labels[other]
        self.uniform = np.random.default_rng(1).uniform(size=(size, 3 * PART))
        self.reference = self(pictures.train[other])

    def __call__(self, made):
        """Figures of pictures of the classes `labels`, in [0, 1]: Frechet distance, precision, recall, class accuracy.

        The last one is how often the classifier sees the class that was asked for.
        """
        features = self.judge.features(made)
        precision, recall = precision_recall(self.real, features)
        return {"frechet": frechet_distance(self.real, features), "precision": precision, "recall": recall,
                "class_accuracy": float(np.mean(self.judge.classes(made) == self.labels))}

    def of(self, G, threshold=np.inf, network=None):
        """Figures of pictures that G makes, with latent vectors truncated at the threshold."""
        return self(data.unit(G.pictures_of(self.labels, truncated(self.uniform, threshold), network)))


def measure(without, seed, steps=None):
    """Figures of a narrow BigGAN of the embedded digits without those tricks."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, **NARROW, without=without)
    record = training.train_GAN(G, training.settings(epochs=EPOCHS, steps=steps or STEPS), draw=list)
    compared = Compared(pictures)
    figures = compared.of(G)
    for name, found in (("not averaged", compared.of(G, network=G.generator)), ("threshold 1", compared.of(G, 1.)),
                        ("threshold .5", compared.of(G, .5))):
        figures.update({f"{figure}, {name}": found[figure] for figure in ("frechet", "precision", "recall")})
    return {**figures, "penalty": record.last()["penalty"]}


def real_figures(seed, steps=None):
    """The same figures of real pictures: what nothing can be expected to beat."""
    return Compared(data.load("digits")).reference


CLAIMS = [("BigGAN", "real pictures", real_figures), ("BigGAN", "all tricks", partial(measure, ())),
          ("BigGAN", "without spectral", partial(measure, ("spectral",)))]
# These become CLAIMS as soon as their figures stand in claims.csv.
UNMEASURED = [("BigGAN", f"without {name}", partial(measure, (name,))) for name in TRICKS if name != "spectral"]


def visualize_truncation(rows, reference):
    """Precision and recall for each of THRESHOLDS, and without one; dotted lines: those of other real pictures.

    `rows`: the figures, in this order.
    """
    from gan.backend import plt
    figure, axis = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
    places, names = [1.5 * max(THRESHOLDS), *THRESHOLDS], ["none", *(f"{threshold:g}" for threshold in THRESHOLDS)]
    for name, color in (("precision", "tab:green"), ("recall", "tab:purple")):
        axis.plot(places, [rows[-1][name], *(row[name] for row in rows[:-1])], "o-", color=color, label=name)
        axis.axhline(reference[name], color=color, ls=":", lw=1)
    axis.set(title="Truncation: do better pictures cost variety?", xscale="log", ylim=(0, 1.02), ylabel="share",
             xlabel="threshold: no number of a latent vector is beyond it")
    axis.set_xticks(places, names)
    axis.minorticks_off()
    axis.legend(title="dotted: real pictures")
    return figure


def main(argv=None):
    from beyond.common import class_script, figures, script
    parser = script.parser("biggan", __doc__, dict(epochs=EPOCHS, steps=STEPS, **NARROW), data="digits", epochs=20,
                           steps=100, batch=32, rate=.001)
    parser.add_argument("--filters", type=script.width, default=16, metavar="N",
                        help="of the convolutions at 14 x 14 (default 16)")
    parser.add_argument("--without", nargs="+", choices=TRICKS, default=[], metavar="TRICK",
                        help=f"leave these out: {', '.join(TRICKS)}")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = make(pictures, options.filters, options.batch, options.rate, options.without)
    record = class_script.train(G, options, "biggan")
    compared = Compared(pictures)
    print(f"other real pictures: {script.line(compared.reference)}")
    print(f"not averaged: {script.line(compared.of(G, network=G.generator))}")
    rows = [compared.of(G, threshold) for threshold in (*THRESHOLDS, np.inf)]
    print(f"averaged: {script.line(rows[-1])}")
    for threshold, row in zip(THRESHOLDS, rows):
        print(f"averaged, threshold {threshold:g}: {script.line(row)}")
    script.meaning("frechet", "precision", "recall",
                   class_accuracy="how often a classifier sees the class that was asked for",
                   averaged="the generator's weights are moving averages of those that were trained; all sheets are of "
                            "these")

    columns, title = class_script.COLUMNS, type(G).__name__
    numbers = class_script.one_row_a_class(G.classes, columns)
    uniform = np.random.default_rng(2).uniform(size=(len(numbers), 3 * PART))
    cut = [(name, data.unit(G.pictures_of(numbers, truncated(uniform, threshold))))
           for name, threshold in (("no threshold", np.inf), ("threshold 1", 1.), ("threshold 0.2", .2))]
    losses = {name: values for name, values in record.losses.items() if name != "penalty"}
    plots = {
        "samples": figures.visualize_sheets([("real", class_script.real_rows(pictures)), *record.sheets[-1:]], columns,
                                            row_names=pictures.classes, title=title),
        "training": figures.visualize_sheets(record.sheets, columns, panel_columns=3, row_names=pictures.classes,
                                             title=title),
        "losses": figures.visualize_losses([(title, losses), ("orthogonal penalty, before its weight",
                                                              {"penalty": record.losses["penalty"]})]),
        "truncated": figures.visualize_sheets(cut, columns, row_names=pictures.classes,
                                              title="The same latent vectors, truncated"),
        "truncation": visualize_truncation(rows, compared.reference),
    }
    for name, figure in plots.items():
        script.finish(figure, options, f"biggan-{name}.png")
    print("What you see: each row is a class that was asked for, real pictures at the left. The nearer to zero the "
          "latent vectors are, the more alike are the pictures of a row, and the fewer real pictures they cover "
          "(recall).")
    return list(plots.values())


if __name__ == "__main__":
    main()
