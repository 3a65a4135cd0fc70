"""What a GAN has learned: samples that are no copies, and a discriminator whose features help with few labels.

Two questions about one training, for the GANs of `beyond.dcgan` and `beyond.wgan_gp`:

    copies      How far is a sample from the nearest training picture? As far as real pictures that were held back are,
                if the generator has learned what such pictures look like; nearer, if it copies some. A training on 50
                pictures shows what that looks like.
    features    What the discriminator's convolutions answer to a picture, averaged over 4 x 4 fields, is fed to a
                linear classifier with few labels. Beside it: the same features before the training, and the pixels.

The source says of the first that it is so, and quotes of the second that it was the best of its time on photographs.
The paper takes the maxima of 8 x 8 pictures' fields and a support vector machine; here it is means and a logistic
regression, with the same settings for all.

Radford et al. (2016), DCGAN, https://arxiv.org/abs/1511.06434, section 5.1.

Built on `beyond.dcgan`, `beyond.wgan_gp` and `beyond.sgan`, whose GANs and few labels it takes.

    python -m beyond.learned --quick        a DCGAN and a WGAN-GP of digits, and a WGAN-GP of 50 digits
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import dataclasses
from functools import partial

import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

from beyond import dcgan, wgan_gp
from beyond.common import data, training
from beyond.common.base import in_batches
from beyond.sgan import few_labels
from gan.picture_measures import flat

SYSTEM = {
    "family": "measuring",
    "line": "what a GAN has learned: samples that are no copies, features for few labels",
    "totals": {},
    "quick": "5 minutes",
}

FIELDS = 4  # along each axis of what is averaged
LABELS = (25, 100, 1000)
FEW = 50
SAMPLES = 1000
EPOCHS, STEPS = 10, 80


# --------------------------------------------------------------------- copies

def nearest(pictures, among):
    """The distance of each picture to the nearest of others, and which one that is: two arrays (n,)."""
    distances, which = NearestNeighbors(n_neighbors=1).fit(flat(among)).kneighbors(flat(pictures))
    return distances[:, 0], which[:, 0]


def copies(made, pictures):
    """How near samples are to training pictures, beside test pictures: a dict

    distance: median distance to the nearest training picture, divided by that of test pictures. 1: as far as new ones.
    too near: share of samples that are nearer to a training picture than 99 of 100 test pictures; .01 is as expected.
    """
    fake, real = nearest(made, pictures.train)[0], nearest(pictures.test, pictures.train)[0]
    return {"distance": float(np.median(fake) / np.median(real)),
            "too near": float(np.mean(fake < np.quantile(real, .01)))}


# ------------------------------------------------------------------- features

def features(discriminator, pictures):
    """What all LeakyReLUs of a convolutional discriminator give, averaged over at most 4 x 4 fields: array (n, k)."""
    outputs = [layer.output for layer in discriminator.layers if isinstance(layer, keras.layers.LeakyReLU)]
    inner = keras.Model(discriminator.inputs[0], outputs)

    def pooled(some):
        answers = inner(some, training=False)
        answers = answers if isinstance(answers, (list, tuple)) else [answers]
        small = [tf.image.resize(answer, [min(FIELDS, answer.shape[1]), min(FIELDS, answer.shape[2])], "area")
                 for answer in answers]
        return tf.concat([tf.reshape(answer, (len(some), -1)) for answer in small], axis=1)

    return in_batches(pooled, np.asarray(pictures, "float32"))


def probe(train, labels, test, test_labels):
    """The accuracy of a linear classifier of rows (n, k) that learns from those whose label is known, not -1."""
    known = labels >= 0
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return float(classifier.fit(train[known], labels[known]).score(test, test_labels))


def probes(rows, pictures, counts=LABELS):
    """The accuracies with each number of labels; `rows`: {name: (rows of the training, rows of the test pictures)}."""
    return {f"{name}, {count} labels": probe(train, few_labels(pictures.train_labels, count), test,
                                             pictures.test_labels)
            for name, (train, test) in rows.items() for count in counts}


# ------------------------------------------------------------------ measuring

def new_DCGAN(pictures):
    """A narrow one, as in the claims of its room, and the way from what it makes to [0, 1]."""
    G, unit = dcgan.make("clothes", pictures, filters=24, batch=32, rate=.001)
    return G, unit, lambda some: some


def new_WGAN_GP(pictures):
    """As above; its networks see pictures in [-1, 1]."""
    return wgan_gp.make(pictures, rate=.0004, disc_iter=2), data.unit, data.signed


RUNS = {"DCGAN": (new_DCGAN, None), "WGAN-GP": (new_WGAN_GP, None), "WGAN-GP, 50 pictures": (new_WGAN_GP, FEW)}


def train(name, pictures, options, training_name=None):
    """Train in that way; returns samples in [0, 1], the pictures that were trained on, and all figures."""
    make, most = RUNS[name]
    if most:
        pictures = dataclasses.replace(pictures, train=pictures.train[:most], train_labels=pictures.train_labels[:most])
    G, unit, scaled = make(pictures)

    def both():
        return tuple(features(G.discriminator, scaled(some)) for some in (pictures.train, pictures.test))

    rows = {} if most else {"untrained": both()}
    record = training.train_GAN(G, options, unit, name=training_name)
    made = unit(in_batches(lambda z: G.generator(z, training=False), np.asarray(G.latent_generator(SAMPLES))))
    found = copies(made, pictures)
    if not most:
        rows = {"trained": both(), **rows, "pixels": (flat(pictures.train), flat(pictures.test))}
        found.update(probes(rows, pictures, [count for count in LABELS if count <= len(pictures.train)]))
    return made, pictures, found, record


def measure(name, seed, steps=None):
    """All figures of one training on the embedded digits."""
    training.set_seeds(seed)
    return train(name, data.load("digits"), training.settings(epochs=EPOCHS, steps=steps or STEPS))[2]


CLAIMS = [("what a GAN has learned", name, partial(measure, name)) for name in RUNS]


# ------------------------------------------------------------------- pictures

def visualize_nearest(runs, count=12):
    """The samples of each run that are nearest to a training picture, above those pictures.

    Args:
        runs: dict of name -> (samples, pictures that were trained on).
    """
    from beyond.common.rows import visualize_rows
    rows = []
    for name, (made, pictures) in runs.items():
        distances, which = nearest(made, pictures.train)
        first = np.argsort(distances, kind="stable")[:count]
        rows += [(f"{name}: samples", made[first], None),
                 ("nearest real", pictures.train[which[first]], [f"{distance:.1f}" for distance in distances[first]])]
    held_out = pictures.test
    distances, which = nearest(held_out, next(iter(runs.values()))[1].train)
    first = np.argsort(distances, kind="stable")[:count]
    rows += [("test pictures", held_out[first], None),
             ("nearest real", next(iter(runs.values()))[1].train[which[first]],
              [f"{distance:.1f}" for distance in distances[first]])]
    return visualize_rows(rows, f"of {len(made)} samples, and of all test pictures, the {count} that are nearest to a "
                                "training picture", size=.75, note="below: the distance")


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("learned", __doc__, dict(epochs=EPOCHS, steps=STEPS), epochs=5 * EPOCHS, steps=2 * STEPS)
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    runs, lines, losses = {}, {}, []
    for name in RUNS:
        training.set_seeds(options.seed)
        print(f"{name}:", flush=True)
        of_training = "learned-" + name.replace(",", "").replace(" ", "-")
        made, trained_on, found, record = train(name, pictures, options, of_training)
        runs[name] = made, trained_on
        losses.append((name, record.losses))
        print(f"{name}: {script.line(found)}", flush=True)
        for who in ("trained", "untrained", "pixels"):
            values = [value for figure, value in found.items() if figure.startswith(who)]
            if values:
                lines["pixels" if who == "pixels" else f"{name}, {who}"] = values
    script.meaning(distance="of a sample to the nearest training picture, 1 as of test pictures",
                   too_near="share of samples nearer than 99 of 100 test pictures, .01 as expected",
                   labels="how often a linear classifier of so many labelled pictures is right, by the features of the "
                          "trained or untrained discriminator, or by the pixels")
    counts = [count for count in LABELS if count <= len(pictures.train)]
    plots = {"copies": visualize_nearest(runs), "features": figures.visualize_accuracies(
        counts, lines, "a linear classifier of a discriminator's features"),
             "losses": figures.visualize_losses(losses)}
    plots["features"].axes[0].set(xscale="log", xticks=counts, xticklabels=counts)
    plots["features"].axes[0].minorticks_off()
    for name, figure in plots.items():
        script.finish(figure, options, f"learned-{name}.png")
    print("What you see: each sample stands above the training picture that is nearest to it. Copies would have "
          "smaller distances than the test pictures at the bottom have. The curves tell what features of the "
          "discriminator are worth.")
    return list(plots.values())


if __name__ == "__main__":
    main()
