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

    python -m beyond.infogan --quick                       one row of samples for each code, which nobody gave a meaning
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
from beyond.common.base import normal, update
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


def InfoGAN_GenDiscr(codes=10, filters=128):
    """The networks of an InfoGAN of digits. With fewer filters they train faster.

    Returns:
        generator: [latent vectors (batch, 50), one-hot codes] -> (batch, 28, 28, 1) in [-1, 1]; 531,425 parameters,
            768 of them not trainable.
        discriminator: pictures -> D, logits of "real" (batch, 1), and Q, logits of the codes (batch, codes). D alone
            has 428,929 parameters, Q alone 429,514; they share 428,864, of which 640 are not trainable.
        latent_generator: normal, k -> (k, 50).
    """
    def get_generator():
        latent_vectors, one_hot = keras.Input((50,)), keras.Input((codes,))
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
        return keras.Model(pictures, [layers.Dense(1)(x), layers.Dense(codes)(x)], name="discriminator")

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

    def train_step(self, useless_argument):
        """As in `beyond.cgan`, with the info loss in what both minimise; also returns the generator's `info_loss`."""
        for _ in range(self.disc_iter):
            real_sample = self.get_real_sample()
            fake_sample, codes = self.get_fake_sample_of_classes(training=True)
            samples = tf.concat([real_sample, fake_sample], axis=0)  # (2 batch, h, w, 1)
            with tf.GradientTape() as tape:
                values, code_logits = self.discriminator(samples, training=True)
                real_values, fake_values = tf.split(values, 2)
                discr_loss = self.discriminator.loss(real_values, fake_values)
                minimised = discr_loss + self.info_weight * class_entropy(codes, code_logits[self.batch_size:])
            update(self.discriminator, tape, minimised)

        with tf.GradientTape() as tape:
            fake_sample, codes = self.get_fake_sample_of_classes(training=True)
            values, code_logits = self.discriminator(tf.concat([real_sample, fake_sample], axis=0), training=True)
            gen_loss = self.generator.loss(values[self.batch_size:])
            info_loss = class_entropy(codes, code_logits[self.batch_size:])
            minimised = gen_loss + self.info_weight * info_loss
        update(self.generator, tape, minimised)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "info_loss": info_loss,
                "accuracy": accuracy(real_values, fake_values)}

    def information(self, info_loss):
        """The lower bound of the mutual information of code and picture, in nats, that belongs to an info loss."""
        return math.log(self.classes) - info_loss


# --------------------------------------------------------- training, measuring

NARROW = dict(filters=32, batch=32, rate=.0004)  # what trains in some minutes
EPOCHS, STEPS = 10, 150


def make(pictures, filters=128, batch=100, rate=.0001, info_weight=1.):
    """A new InfoGAN of these pictures, with ten codes."""
    return InfoGAN(*InfoGAN_GenDiscr(filters=filters), data.signed(pictures.train), info_weight=info_weight,
                   batch_size=batch, learning_rate=rate)


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


CLAIMS = [("InfoGAN", "info loss weighs 1", partial(measure, 1.)), ("InfoGAN", "0", partial(measure, 0.))]


def main(argv=None):
    from beyond.common import class_script, script
    parser = class_script.parser("infogan", __doc__, data="digits", epochs=60, steps=500, batch=100, rate=.0001,
                                 quick=dict(epochs=EPOCHS, steps=STEPS, **NARROW))
    parser.add_argument("--info-weight", type=script.zero_or_more, default=1., metavar="X",
                        help="of the info loss; with 0 nothing makes the code show (default 1)")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = make(pictures, options.filters, options.batch, options.rate, options.info_weight)
    record = class_script.train(G, options, "infogan")
    print(script.line(results_of(G, pictures, record.losses["info_loss"][-100:])))
    names = [f"code {code}" for code in range(G.classes)]
    return class_script.finish(record, pictures, options, "infogan", names, real=False)


if __name__ == "__main__":
    main()
