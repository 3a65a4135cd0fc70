"""An InfoGAN: nobody names classes, and the generator is made to have some.

Beside its latent vector z the generator gets a code c, one of ten, drawn at random. A network Q, which shares all but
its last layer with the discriminator, has to read the code off the picture, and both are trained so that it can. Then
the code must show in the picture, and the easiest things to show are those that tell pictures apart, such as digits.
With D and Q the two answers, H the binary cross-entropy:

    info loss            cross-entropy of Q(fake) against the code c of the fake
    discriminator loss   (H(1, D(real)) + H(0, D(fake))) / 2 + info_weight info loss
    generator loss       H(1, D(fake)) + info_weight info loss

The entropy of the codes, log 10, minus the info loss is a lower bound of the mutual information of code and picture
(in nats, at most log 10). `information` gives it.

Chen et al. (2016), InfoGAN, https://arxiv.org/abs/1606.03657. The source of these networks trains nothing of what Q
and D share on the info loss, and its printed "Info-Loss" is the generator's other loss; here, as in the authors' own
program, both networks train on it, and `info_loss` is the info loss. With info_weight 0 the code is just more noise.

Codes can also be numbers. The source quotes the paper for two of them that came to mean rotation and width, and does
not try any. `ContinuousInfoGAN` does: beside c there are numbers uniform on [-1, 1], and a third answer of Q reads them
off the picture. Its square error, `code_error`, is one more part of what both networks minimise. Slant and width of
what is made tell whether they mean anything.

    python -m beyond.infogan --quick                       one row of samples for each code, which nobody gave a meaning
    python -m beyond.infogan --quick --continuous 2        with two codes that are numbers, and a walk over each
    python -m beyond.infogan --data mnist --epochs 60      the source's training
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import math
from functools import partial

import numpy as np
import tensorflow as tf
from sklearn.metrics import confusion_matrix, mutual_info_score
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import in_batches, normal, update
from beyond.common.blocks import grow, layers, shrink
from beyond.common.classes import ClassGAN, one_row_a_class
from beyond.common.cross_entropy import accuracy, class_entropy
from beyond.common.measures import Classifier
from gan import checks

SYSTEM = {
    "family": "with classes",
    "line": "InfoGAN: finds classes without labels",
    "totals": {"generator": 531425, "discriminator": 428929, "Q": 429514},
    "quick": "2 minutes",
}


def InfoGAN_GenDiscr(codes=10, filters=128, continuous=0):
    """The networks of an InfoGAN of digits. With fewer filters they train faster.

    Args:
        codes: how many values the code has.
        filters: of the widest convolutions.
        continuous: how many codes are numbers. With some, the generator's second input has them after the one-hot
            codes, and the discriminator's third answer are estimates of them, (batch, continuous).

    Returns:
        generator: [latent vectors (batch, 50), one-hot codes] -> (batch, 28, 28, 1) in [-1, 1]; 531,425 parameters,
            768 of them not trainable.
        discriminator: pictures -> D, logits of "real" (batch, 1), and Q, logits of the codes (batch, codes). D alone
            has 428,929 parameters, Q alone 429,514; they share 428,864, of which 640 are not trainable.
        latent_generator: normal, k -> (k, 50).
    """
    def get_generator():
        latent_vectors, one_hot = keras.Input((50,)), keras.Input((codes + continuous,))
        x = layers.Concatenate()([layers.Dense(64)(latent_vectors), layers.Dense(32)(one_hot)])
        x = layers.Dense(5 * 5 * 64, activation="relu")(x)
        x = layers.Reshape((5, 5, 64))(x)   # 5 x 5
        x = grow(x, filters, 3, 2)          # 11 x 11
        x = grow(x, filters, 3, 2)          # 23 x 23
        x = grow(x, filters, 3)             # 25 x 25
        x = layers.Conv2DTranspose(1, 4, activation="tanh")(x)
        return keras.Model([latent_vectors, one_hot], x, name="generator")

    def get_discriminator():
        pictures = keras.Input((28, 28, 1))
        x = shrink(pictures, filters, 3, 2, norm=False)   # 13 x 13
        x = shrink(x, filters, 3, 2)                      # 6 x 6
        x = shrink(x, filters, 3)                         # 4 x 4
        x = layers.Flatten()(shrink(x, filters // 2, 4))  # 1 x 1
        answers = [layers.Dense(size)(x) for size in (1, codes, continuous) if size]
        return keras.Model(pictures, answers, name="discriminator")

    return get_generator(), get_discriminator(), normal(50)


def networks():
    """The networks as the source prints them: D and Q, which share all but their last layers, each for itself."""
    generator, discriminator, _ = InfoGAN_GenDiscr()
    D, Q = (keras.Model(discriminator.input, output) for output in discriminator.outputs)
    return {"generator": generator, "discriminator": D, "Q": Q}


class InfoGAN(ClassGAN):
    """An InfoGAN. Arguments and samples: see `beyond.common.classes.ClassGAN`, but for labels: it takes none; and

    Args:
        codes: how many codes there are.
        info_weight: weight of the info loss, zero or positive (lambda in the paper).
    """

    def __init__(self, generator, discriminator, latent_generator, real_examples, codes=10, info_weight=1., **options):
        super().__init__(generator, discriminator, latent_generator, real_examples, None, codes, **options)
        self.info_weight = checks.number("info_weight", info_weight, zero_allowed=True)

    def info_losses(self, codes, answers):
        """What Q makes of pictures with these codes, (batch, ...): its losses by their names."""
        return {"info_loss": class_entropy(codes, answers[0])}

    def weighted(self, info_losses):
        """The part of both players' losses that is about codes."""
        return self.info_weight * info_losses["info_loss"]

    def train_step(self, useless_argument):
        """As in `beyond.cgan`, with the info loss in what both minimise; also returns the generator's `info_loss`."""
        for _ in range(self.disc_iter):
            real_sample = self.get_real_sample()
            fake_sample, codes = self.get_fake_sample_of_classes(training=True)
            samples = tf.concat([real_sample, fake_sample], axis=0)  # (2 batch, h, w, 1)
            with tf.GradientTape() as tape:
                values, *answers = self.discriminator(samples, training=True)
                real_values, fake_values = tf.split(values, 2)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                info_losses = self.info_losses(codes, [answer[self.batch_size:] for answer in answers])
                minimised = discr_loss + self.weighted(info_losses)
            update(self.discriminator, tape, minimised)

        with tf.GradientTape() as tape:
            fake_sample, codes = self.get_fake_sample_of_classes(training=True)
            values, *answers = self.discriminator(tf.concat([real_sample, fake_sample], axis=0), training=True)
            gen_loss = self.generator.loss(values[self.batch_size:])
            info_losses = self.info_losses(codes, [answer[self.batch_size:] for answer in answers])
            minimised = gen_loss + self.weighted(info_losses)
        update(self.generator, tape, minimised)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, **info_losses,
                "accuracy": accuracy(real_values, fake_values)}

    def information(self, info_loss):
        """The lower bound of the mutual information of code and picture, in nats, that belongs to an info loss."""
        return math.log(self.classes) - info_loss


class ContinuousInfoGAN(InfoGAN):
    """An InfoGAN some of whose codes are numbers. Arguments: see InfoGAN; and

    Args:
        generator, discriminator: of `InfoGAN_GenDiscr(continuous=...)`.
        continuous_weight: weight of the square error of Q's estimates, zero or positive.

    Attributes:
        continuous: how many codes are numbers.
    """

    def __init__(self, *arguments, continuous_weight=1., **options):
        super().__init__(*arguments, **options)
        self.continuous_weight = checks.number("continuous_weight", continuous_weight, zero_allowed=True)

    def check_inputs(self, shapes):
        """ValueError if the generator takes no numbers beside latent vectors and one-hot codes."""
        if len(shapes) != 2 or len(shapes[1]) != 1 or shapes[1][0] <= self.classes:
            raise ValueError("generator: expected two inputs, latent vectors and one-hot codes followed by numbers, "
                             f"more than {self.classes} together, got inputs of shape {shapes}")
        self.continuous = shapes[1][0] - self.classes

    def one_hot(self, numbers):
        """Codes (n,) as vectors (n, codes + continuous), with 0, the middle, for those that are numbers."""
        return tf.pad(super().one_hot(numbers), [[0, 0], [0, self.continuous]])

    def get_fake_sample_of_classes(self, size=None, training=False):
        """`size` (default: the batch size) fakes and the codes that they were made for, of both kinds."""
        size = size or self.batch_size
        numbers = self.drawn(lambda: tf.random.uniform((size,), 0, self.classes, tf.int32))
        codes = tf.concat([self.one_hot(numbers)[:, :self.classes],
                           self.drawn(lambda: tf.random.uniform((size, self.continuous), -1., 1.))], axis=1)
        latent_vectors = self.drawn(lambda: self.latent_generator(size))
        return self.generator([latent_vectors, codes], training=training), codes

    def info_losses(self, codes, answers):
        error = tf.reduce_mean(tf.reduce_sum(tf.square(codes[:, self.classes:] - answers[1]), axis=1))
        return {**super().info_losses(codes[:, :self.classes], answers), "code_error": error}

    def weighted(self, info_losses):
        return super().weighted(info_losses) + self.continuous_weight * info_losses["code_error"]

    def pictures_of_codes(self, codes, latent_vectors):
        """The pictures of codes (n, codes + continuous) and latent vectors: array (n, h, w, 1)."""
        inputs = np.concatenate([latent_vectors, codes], axis=1).astype("float32")  # to be cut into batches together
        split = latent_vectors.shape[1]
        return in_batches(lambda some: self.generator([some[:, :split], some[:, split:]]), inputs)


# --------------------------------------------------------- training, measuring

NARROW = dict(filters=32, batch=32, rate=.0004)  # what trains in some minutes
EPOCHS, STEPS = 10, 150


def make(pictures, filters=128, batch=100, rate=.0001, info_weight=1., continuous=0, continuous_weight=1.):
    """A new InfoGAN of these pictures, with ten codes, and as many that are numbers as `continuous` says."""
    options = dict(info_weight=info_weight, batch_size=batch, learning_rate=rate)
    networks = InfoGAN_GenDiscr(filters=filters, continuous=continuous)
    if continuous:
        return ContinuousInfoGAN(*networks, data.signed(pictures.train), continuous_weight=continuous_weight, **options)
    return InfoGAN(*networks, data.signed(pictures.train), **options)


def results_of(G, pictures, info_losses, each=100):
    """What the codes of an InfoGAN mean: `each` fakes of each code, before a classifier of real pictures.

    Args:
        info_losses: of the last training steps.

    Returns a dict:
        purity: share of fakes that show the commonest class of their code; .1 if code and class have nothing in common.
        classes: how many different classes are the commonest one of some code.
        code_class_information: mutual information of code and class seen, in nats; at most log 10 = 2.303.
        information_bound: lower bound of the mutual information of code and picture, in nats.
    """
    classifier = Classifier(pictures)
    codes = one_row_a_class(G.classes, each)
    seen = classifier(data.unit(G.pictures_of(codes)))
    table = confusion_matrix(codes, seen, labels=range(G.classes))  # (codes, classes)
    return {"purity": float(table.max(axis=1).sum() / table.sum()),
            "classes": len(set(table.argmax(axis=1))),
            "code_class_information": float(mutual_info_score(codes, seen)),
            "information_bound": float(G.information(np.mean(info_losses)))}


def measure(info_weight, seed, steps=None):
    """Figures of a narrow InfoGAN of the embedded digits; see `results_of`."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, **NARROW, info_weight=info_weight)
    record = training.train_GAN(G, training.settings(epochs=EPOCHS, steps=steps or STEPS), draw=list)
    return results_of(G, pictures, record.losses["info_loss"][-100:])


# ------------------------------------------------------- codes that are numbers

def shape_of(pictures):
    """Slant, width and ink of digits (n, h, w, 1) in [0, 1], bright on black: a dict of arrays (n,).

    slant: how far a digit leans to the right, pixels across for each pixel up. width: standard deviation across, in
    pixels, of the digit set upright. ink: mean brightness.
    """
    light = np.asarray(pictures, "float64")[..., 0] + 1e-9  # (n, h, w)
    y, x = np.mgrid[:light.shape[1], :light.shape[2]]
    total = light.sum(axis=(1, 2))

    def mean(values):
        return (light * values).sum(axis=(1, 2)) / total

    x, y = x - mean(x)[:, None, None], y - mean(y)[:, None, None]
    across, down, both = mean(x * x), mean(y * y), mean(x * y)
    return {"slant": -both / down, "width": np.sqrt(np.maximum(across - both ** 2 / down, 0)),
            "ink": total / light[0].size}


def meaning_of(G, each=200, seed=0):
    """What the numbers among the codes of a `ContinuousInfoGAN` mean: `each` fakes of each one-hot code.

    Returns a dict:
        read: correlation of the numbers with Q's estimates of them, the mean over the numbers.
        slant, width, ink: correlation with one of the numbers, the one that it is largest with, without its sign; the
            mean over the one-hot codes, among the fakes of each.
    """
    stream = np.random.default_rng(seed)
    numbers = one_row_a_class(G.classes, each)
    values = stream.uniform(-1, 1, size=(len(numbers), G.continuous))
    codes = np.concatenate([np.eye(G.classes)[numbers], values], axis=1)
    made = G.pictures_of_codes(codes, np.asarray(G.latent_generator(len(numbers))))
    estimates = in_batches(lambda some: G.discriminator(some)[2], made)
    found = {"read": float(np.mean([_correlation(values[:, i], estimates[:, i]) for i in range(G.continuous)]))}
    for name, measured in shape_of(data.unit(made)).items():
        means = [np.mean([_correlation(values[numbers == code, i], measured[numbers == code])
                          for code in range(G.classes)]) for i in range(G.continuous)]
        found[name] = float(np.max(np.abs(means)))
    return found


def _correlation(a, b):
    """0 where one of them does not vary."""
    return float(np.corrcoef(a, b)[0, 1]) if np.std(a) > 0 and np.std(b) > 1e-12 else 0.


def measure_continuous(continuous_weight, seed, steps=None):
    """Figures of a narrow `ContinuousInfoGAN` of the embedded digits with two numbers; see `meaning_of`."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, **NARROW, continuous=2, continuous_weight=continuous_weight)
    record = training.train_GAN(G, training.settings(epochs=EPOCHS, steps=steps or STEPS), draw=list)
    purity = results_of(G, pictures, record.losses["info_loss"][-100:])["purity"]
    return {**meaning_of(G), "purity": purity}


CLAIMS = [("InfoGAN", "info loss weighs 1", partial(measure, 1.)), ("InfoGAN", "0", partial(measure, 0.)),
          ("InfoGAN's numbers", "their error weighs 1", partial(measure_continuous, 1.)),
          ("InfoGAN's numbers", "0", partial(measure_continuous, 0.))]


def visualize_walks(G, columns=9, furthest=2.):
    """A walk over each code that is a number, the others 0, for each one-hot code: a sheet for each."""
    from beyond.common.figures import visualize_sheets
    numbers = one_row_a_class(G.classes, columns)
    latent_vectors = np.repeat(np.asarray(G.latent_generator(G.classes)), columns, axis=0)  # one for each row
    sheets = []
    for i in range(G.continuous):
        codes = np.asarray(G.one_hot(numbers)).copy()
        codes[:, G.classes + i] = np.tile(np.linspace(-furthest, furthest, columns), G.classes)
        sheets.append((f"number {i + 1} from {-furthest:g} to {furthest:g}",
                       data.unit(G.pictures_of_codes(codes, latent_vectors))))
    return visualize_sheets(sheets, columns, row_names=[f"code {code}" for code in range(G.classes)],
                            title="along each row one number of the code changes; it was trained from -1 to 1")


def main(argv=None):
    from beyond.common import class_script, script
    parser = class_script.parser("infogan", __doc__, data="digits", epochs=60, steps=500, batch=100, rate=.0001,
                                 quick=dict(epochs=EPOCHS, steps=STEPS, **NARROW))
    parser.add_argument("--info-weight", type=script.zero_or_more, default=1., metavar="X",
                        help="of the info loss; with 0 nothing makes the code show (default 1)")
    parser.add_argument("--continuous", type=script.whole_number(0, 100), default=0, metavar="N",
                        help="codes that are numbers (default 0; the paper has 2)")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = make(pictures, options.filters, options.batch, options.rate, options.info_weight, options.continuous)
    record = class_script.train(G, options, "infogan")
    print(script.line(results_of(G, pictures, record.losses["info_loss"][-100:])))
    script.meaning(purity="share of fakes that show the commonest class of their code, .1 by chance",
                   classes="how many classes are the commonest one of some code",
                   code_class_information="what the code tells about the class, in nats, at most 2.303 for ten classes",
                   information_bound="what it tells about the picture, in nats, at least")
    names = [f"code {code}" for code in range(G.classes)]
    plots = class_script.finish(record, pictures, options, "infogan", names, real=False)
    if options.continuous:
        print("correlation with what can be measured:", script.line(meaning_of(G)))
        plots.append(visualize_walks(G))
        script.finish(plots[-1], options, "infogan-walks.png")
    return plots


if __name__ == "__main__":
    main()
