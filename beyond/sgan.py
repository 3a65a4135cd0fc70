"""A semi-supervised GAN (SGAN): a classifier that learns from few labels and many pictures without one.

The discriminator sorts pictures into K + 1 classes: the K classes of the real ones, and "fake". A picture with a label
has to get its class, a fake has to get "fake", and a picture without a label must only not get "fake". So the
pictures without labels, and the generator's, teach the classifier what digits look like. After training the class
"fake" is dropped. With p the softmax of the K + 1 values, and q that of the K values without "fake":

    discr_loss           (mean -log(1 - p_fake(real)) + mean -log p_fake(fake)) / 2
    class_loss           mean -log q_class over labelled real examples
    discriminator loss   discr_loss + class_weight class_loss
    generator loss       squared distance of two means: of what the discriminator's last layer gets from real examples,
                         and from fakes (feature matching)

Fakes that fool the discriminator make no good teachers for a classifier; those that only share the mean features of
real pictures do, as Salimans et al. found.

Odena (2016), Semi-Supervised Learning with Generative Adversarial Networks, https://arxiv.org/abs/1606.01583;
Salimans et al. (2016), Improved Techniques for Training GANs, https://arxiv.org/abs/1606.03498.

The source of these networks explains this, but its program has all labels and two last layers, the second one with a
sigmoid for "real" that is not tied to the K + 1 classes (`SGAN_GenDiscr(two_heads=True)` builds those). Its class_loss
is mean -log p_class over labelled real examples, with their classes, and fakes, with "fake"; its generator's loss is
mean -log(1 - p_fake(fake)). `SGANAsListed` trains with these losses.

    python -m beyond.sgan --quick            accuracy of classifier and SGAN over the number of labels, samples, losses
    python -m beyond.sgan --data fashion     the source's data and 60 epochs; it uses all labels
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import in_batches, normal, update
from beyond.common.blocks import grow, layers, normalized, shrink
from beyond.common.classes import checked_labels
from beyond.common.cross_entropy import CrossEntropyGAN, accuracy, class_entropy
from gan import checks

SYSTEM = {
    "family": "with classes",
    "line": "SGAN: a classifier that learns from few labels",
    "totals": {"generator": 540097, "discriminator": 562316},
    "quick": "4 minutes",
}


class RealAgainstFake(keras.layers.Layer):
    """From the values of K + 1 classes, the last one "fake", to log(p_real / p_fake): (batch, K + 1) -> (batch, 1)."""

    def call(self, values):
        return tf.reduce_logsumexp(values[:, :-1], axis=1, keepdims=True) - values[:, -1:]


def SGAN_GenDiscr(classes=10, filters=128, two_heads=False):
    """The networks of an SGAN of clothes. With fewer filters they train faster.

    Args:
        two_heads: a last layer of its own for "real", as the source has it: 129 parameters more.

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [-1, 1]; 540,097 parameters, 3,712 of them not trainable.
        discriminator: pictures -> logits of "real" (batch, 1), logits of the classes and "fake" (batch, classes + 1),
            features (batch, filters); 562,187 parameters, with two heads 562,316, 1,024 of them not trainable.
        latent_generator: normal, k -> (k, 100).
    """
    def get_generator():
        latent_vectors = keras.Input((100,))
        x = normalized(layers.Dense(5 * 5 * 64, activation="relu")(latent_vectors))
        x = layers.Reshape((5, 5, 64))(x)     # 5 x 5
        x = grow(x, filters, 3, 2)            # 11 x 11
        x = grow(x, filters, 3, 2)            # 23 x 23
        x = grow(x, filters, 3, norm=False)   # 25 x 25
        x = layers.Conv2DTranspose(1, 4, activation="tanh")(x)
        return keras.Model(latent_vectors, x, name="generator")

    def get_discriminator():
        pictures = keras.Input((28, 28, 1))
        x = shrink(pictures, filters, 3, 2)          # 13 x 13
        x = shrink(x, filters, 3, 2)                 # 6 x 6
        x = shrink(x, filters, 3)                    # 4 x 4
        x = layers.Flatten()(shrink(x, filters, 4))  # 1 x 1
        values = layers.Dense(classes + 1)(x)
        real = layers.Dense(1)(x) if two_heads else RealAgainstFake()(values)
        return keras.Model(pictures, [real, values, x], name="discriminator")

    return get_generator(), get_discriminator(), normal(100)


def networks():
    """The networks as the source prints them, with two last layers of the discriminator."""
    return dict(zip(("generator", "discriminator"), SGAN_GenDiscr(two_heads=True)))


class SGAN(CrossEntropyGAN):
    """A semi-supervised GAN. Arguments: see `gan.model.GAN`; and

    Args:
        labels: class numbers 0, 1, ... of `real_examples`, shape (n,), -1 where the class is not known.
        class_weight: weight of the classes in the discriminator's loss, zero or positive.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, value or shape, no known class; the message names it.

    Labelled, unlabelled and fake examples go through the discriminator as one batch; `beyond.common.classes` says why.
    """

    several_parts, one_value = True, False

    def __init__(self, generator, discriminator, latent_generator, real_examples, labels,
                 batch_size=100, disc_iter=1, learning_rate=.0001, class_weight=1.):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)
        self.classes = self.discriminator.output_shape[1][-1] - 1
        self.add_examples("labels", checked_labels(labels, len(self.real_examples), self.classes, lowest=-1), "int32")
        if not np.any(self.labels >= 0):
            raise ValueError("labels: expected at least one class that is known, got -1 for every example")
        self.labelled = tf.constant(np.flatnonzero(self.labels >= 0), tf.int32)  # (number of labels,)
        self.class_weight = checks.number("class_weight", class_weight, zero_allowed=True)

    def get_labelled_sample(self):
        """A batch of real examples with known class, drawn with replacement, and their classes as numbers."""
        chosen = self.drawn(lambda: tf.random.uniform((self.batch_size,), 0, len(self.labelled), tf.int32))
        indices = tf.gather(self.labelled, chosen)
        return tf.gather(self.real_examples, indices), tf.gather(self.labels, indices)

    def class_loss(self, labels, values):
        """labels = classes of the labelled examples (batch,), values of these and of fakes, (2 batch, classes + 1)."""
        return class_entropy(tf.one_hot(labels, self.classes), values[:self.batch_size, :-1])

    @staticmethod
    def feature_distance(x, y):
        """x = features of real examples, y = features of fakes, (batch, features) each. Returns a scalar."""
        return tf.reduce_sum(tf.square(tf.reduce_mean(x, axis=0) - tf.reduce_mean(y, axis=0)))

    def generator_objective(self, real_or_fake, features):
        """What the generator minimises, of the discriminator's answers and features for real, labelled, fake examples.

        real_or_fake: (3 batch, 1); features: (3 batch, features). Returns a scalar.
        """
        return self.feature_distance(features[:self.batch_size], features[-self.batch_size:])

    def train_step(self, useless_argument):
        """`disc_iter` updates of the discriminator, one of the generator; the last losses and the accuracy."""
        for _ in range(self.disc_iter):
            real_sample = self.get_real_sample()
            labelled_sample, labels = self.get_labelled_sample()
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                samples = tf.concat([real_sample, labelled_sample, fake_sample], axis=0)  # (3 batch, h, w, 1)
                real_or_fake, values, _ = self.discriminator(samples, training=True)
                real_values, _, fake_values = tf.split(real_or_fake, 3)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                class_loss = self.class_loss(labels, values[self.batch_size:])
                minimised = discr_loss + self.class_weight * class_loss
            update(self.discriminator, tape, minimised)
            right = accuracy(real_values, fake_values)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            samples = tf.concat([real_sample, labelled_sample, fake_sample], axis=0)
            real_or_fake, _, features = self.discriminator(samples, training=True)
            gen_loss = self.generator_objective(real_or_fake, features)
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "class_loss": class_loss, "accuracy": right}

    def classify(self, pictures):
        """The class of each picture, "fake" left out: (n, h, w, 1) -> array of numbers (n,)."""
        return classify(self.discriminator, pictures)


class SGANAsListed(SGAN):
    """The source's two losses, see above: "fake" is one class more, and the generator tries to fool."""

    def class_loss(self, labels, values):
        numbers = tf.concat([labels, tf.fill([self.batch_size], self.classes)], 0)
        return class_entropy(tf.one_hot(numbers, self.classes + 1), values)

    def generator_objective(self, real_or_fake, features):
        return self.generator.loss(real_or_fake[-self.batch_size:])


# --------------------------------------------------------- training, measuring

def few_labels(labels, count):
    """`labels` (n,) with -1 in the place of all but `count`, as many of each class as possible, the first ones."""
    labels = np.asarray(labels)
    order = np.argsort(labels, kind="stable")
    rank = np.empty(len(labels), int)  # of each example among those of its class
    rank[order] = np.arange(len(labels)) - np.searchsorted(labels[order], labels[order])
    known = np.argsort(rank, kind="stable")[:count]
    result = np.full(len(labels), -1)
    result[known] = labels[known]
    return result


def classes_without_label(pictures, count):
    """The names of the classes of which not one of the first `count` labels is."""
    known = set(few_labels(pictures.train_labels, count))
    return [name for number, name in enumerate(pictures.classes) if number not in known]


def classify(discriminator, pictures):
    """The most probable class of each picture, "fake" left out: (n, h, w, 1) -> array of numbers (n,)."""
    values = in_batches(lambda some: discriminator(some)[1], pictures)
    return np.argmax(values[:, :-1], axis=1)


def train_classifier(discriminator, pictures, labels, steps, batch_size=100, learning_rate=.0001):
    """Train the discriminator of an SGAN alone, on labelled pictures only: the classifier that an SGAN has to beat.

    The same optimizer, batches of labelled pictures and number of steps, without any generator. A last layer of its
    own for "real" learns nothing.
    """
    optimizer = keras.optimizers.Adam(learning_rate, beta_1=SGAN.beta_1, beta_2=SGAN.beta_2)
    classes = discriminator.output_shape[1][-1] - 1
    sets = tf.data.Dataset.from_tensor_slices((pictures, tf.one_hot(labels, classes)))
    sets = sets.shuffle(len(pictures)).repeat().batch(batch_size).take(steps)

    @tf.function(autograph=False)
    def train_step(sample, one_hot):
        with tf.GradientTape() as tape:
            loss = class_entropy(one_hot, discriminator(sample, training=True)[1][:, :-1])
        variables = discriminator.trainable_variables
        pairs = zip(tape.gradient(loss, variables), variables)
        optimizer.apply_gradients([(gradient, variable) for gradient, variable in pairs if gradient is not None])

    optimizer.build(discriminator.trainable_variables)
    for sample, one_hot in sets:
        train_step(sample, one_hot)


def test_accuracy(discriminator, pictures):
    """How often the discriminator of an SGAN gives a test picture its class."""
    return float(np.mean(classify(discriminator, data.signed(pictures.test)) == pictures.test_labels))


QUICK = dict(epochs=10, steps=120, filters=16, batch=50, rate=.003)


def train_alone(discriminator, pictures, count, options):
    """Train the discriminator of an SGAN as a classifier with `count` labels; returns its accuracy."""
    labels = few_labels(pictures.train_labels, count)
    known = labels >= 0
    train_classifier(discriminator, data.signed(pictures.train)[known], labels[known],
                     options.epochs * options.steps, options.batch, options.rate)
    return test_accuracy(discriminator, pictures)


def compare(pictures, count, options, name=None):
    """Train the classifier alone and an SGAN with `count` labels; returns the accuracies and the `Record`."""
    chosen_type = SGANAsListed if options.as_listed else SGAN
    networks = [SGAN_GenDiscr(len(pictures.classes), options.filters, two_heads=options.as_listed) for _ in range(2)]
    alone = train_alone(networks[0][1], pictures, count, options)
    G = chosen_type(*networks[1], data.signed(pictures.train), few_labels(pictures.train_labels, count),
                    batch_size=options.batch, learning_rate=options.rate)
    record = training.train_GAN(G, options, data.unit, name=name)
    return {"alone": alone, "sgan": test_accuracy(G.discriminator, pictures)}, record


def measure(count, as_listed, seed, steps=None):
    """The accuracies of classifier and SGAN with `count` labels of the embedded digits."""
    training.set_seeds(seed)
    options = training.settings(**{**QUICK, "steps": steps or QUICK["steps"]}, as_listed=as_listed)
    return compare(data.load("digits"), count, options)[0]


def measure_alone(filters, seed, steps=None):
    """The accuracy of the classifier alone with so many filters, by the number of labels of the embedded digits."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    options = training.settings(**{**QUICK, "epochs": 1, "steps": steps or 600})
    return {f"{count} labels": train_alone(SGAN_GenDiscr(len(pictures.classes), filters)[1], pictures, count, options)
            for count in (25, 50, 100)}


CLAIMS = [*[("SGAN", f"{count:,} labels", partial(measure, count, False)) for count in (25, 50, 100, 1000)],
          ("SGAN", "25 labels, as listed", partial(measure, 25, True)),
          *[("SGAN's net alone", f"{width} filters", partial(measure_alone, width)) for width in (16, 32, 64)]]


def main(argv=None):
    from beyond.common import class_script, figures, script
    parser = class_script.parser("sgan", __doc__, data="digits", epochs=60, steps=500, batch=100, rate=.0001,
                                 quick=dict(QUICK, labels=[25, 100]))
    parser.add_argument("--labels", type=script.positive, nargs="+", default=[25, 50, 100], metavar="N",
                        help="numbers of labelled pictures to compare with (default 25 50 100)")
    parser.add_argument("--as-listed", action="store_true",
                        help="the source's program: a last layer of its own for 'real', one class more for 'fake', and "
                             "a generator that tries to fool instead of matching the mean features of real pictures")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    if max(options.labels) > len(pictures.train):
        parser.error(f"--labels: expected at most {len(pictures.train)}, the number of pictures, "
                     f"got {max(options.labels)}")
    accuracies = []
    for count in sorted(set(options.labels)):
        if unknown := classes_without_label(pictures, count):
            print(f"{count} labels: none of a picture of {', '.join(unknown)}, so nobody can learn to name these",
                  flush=True)
    for count in options.labels:
        print(f"{count} labels: the classifier alone, and then the SGAN:", flush=True)
        found, record = compare(pictures, count, options, f"sgan-{count}-labels")
        accuracies.append(list(found.values()))
        print(f"{count} labels: accuracy on test pictures {found['alone']:.3f} alone, {found['sgan']:.3f} SGAN",
              flush=True)

    alone, with_GAN = np.transpose(accuracies)
    plots = [figures.visualize_accuracies(options.labels, {"classifier alone": alone, "SGAN": with_GAN},
                                          "SGAN: what pictures without labels add"),
             *script.finish_GAN(record, pictures, options, "sgan", title=f"SGAN, {options.labels[-1]} labels")]
    script.finish(plots[0], options, "sgan-accuracy.png")
    print("What you see: the SGAN, which also learns from pictures without labels, against the same net trained "
          "alone. What it gains should be largest where labels are fewest.")
    return plots


if __name__ == "__main__":
    main()
