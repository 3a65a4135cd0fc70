"""What is seen in a picture, as numbers: attributes of drawn faces, and features for losses that look at content.

    reader = of_faces(32, folder=options.out)     trained in seconds on drawn faces, kept in the folder
    reader.probabilities(pictures)                {"smile": (n,), "glasses": (n,), ...}: did a translator do its work?
    reader.network(pictures)                      features, for a content loss inside a training step
    reader.distance(made, truth)                  how far apart they are in these features
    load("vgg", 32)                               the features of VGG19, where Keras has its weights; no attributes

A small network learns to tell which attributes a drawn face has. The renderer knows them, so nobody has to label
anything. What its convolutions answer on the way are the features: places of edges, of colours, of parts of a face.
Two pictures whose features agree look alike, even where their pixels differ by a little noise or a shift.

Pictures are in [0, 1] for `probabilities` and `distance`, as in `beyond.common.pairs`, and in [-1, 1] for `network`, as
generators make them.
"""

import hashlib
import os
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import pairs
from beyond.common.base import in_batches
from beyond.common.data import signed
from gan.engine import weight_files
from gan.files import written_whole

layers = keras.layers
KINDS = ("faces", "vgg")
TRAINED_ON, HELD_OUT = 1500, 300  # faces
LARGEST = 64  # pixels of faces to learn from
STEPS, BATCH, RATE = 500, 50, .002
# A face has an attribute if its number is above this.
ATTRIBUTES = {"smile": .4, "glasses": .5, "beard": .2, "hair_length": .35, "male": .5, "age": .6, "hair_hue": .7}
VGG = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
CONTENT = "block3_conv4"  # of VGG19


class Features:
    """A network that nobody trains any more, and distances by what it answers.

    Args:
        name: for people.
        network: keras.Model from pictures (n, h, w, channels) in [-1, 1] to a list of features (n, rows, columns, k).
    """

    def __init__(self, name, network):
        self.name, self.network = name, network
        network.trainable = False

    def __str__(self):
        return self.name

    def square(self, first, second):
        """Mean square difference of the features of two batches of pictures in [-1, 1], averaged over the layers.

        A tensor without axes, for a loss: its gradient reaches the pictures.
        """
        return tf.add_n(self._compared(tf.square, first, second)) / len(self.network.outputs)

    def absolute(self, first, second):
        """As `square`, of the mean absolute difference."""
        return tf.add_n(self._compared(tf.abs, first, second)) / len(self.network.outputs)

    def _compared(self, size, first, second):
        return [tf.reduce_mean(size(a - b)) for a, b in zip(self.answers(first), self.answers(second))]

    def answers(self, pictures):
        """The features of pictures in [-1, 1], a list of tensors."""
        found = self.network(pictures, training=False)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def distance(self, made, truth):
        """Mean of `square` for arrays of pictures in [0, 1], as a number; 0 for equal ones."""
        parts = in_batches(lambda rows: [self.square(*map(signed, (one[None], other[None]))) for one, other in rows],
                           np.stack([made, truth], axis=1), 50)
        return float(np.mean(parts))


class FaceReader(Features):
    """Features of a network that reads the attributes of drawn faces.

    Attributes:
        names: of the attributes.
        accuracy: {name: share of right answers for held-out faces}.
    """

    def __init__(self, name, network, reading, names, accuracy):
        super().__init__(name, network)
        self.reading, self.names, self.accuracy = reading, names, accuracy

    def probabilities(self, pictures):
        """How probable each attribute is: (n, size, size, channels) in [0, 1] -> {name: (n,)}."""
        values = in_batches(lambda rows: tf.sigmoid(self.reading(rows, training=False)), signed(pictures))
        return dict(zip(self.names, values.T))


def load(kind, size=32, channels=3, folder=None, seed=0, say=None, layer=CONTENT):
    """`Features` of a kind, "faces" or "vgg", for any size; the arguments are those of `of_faces` and `of_vgg`.

    For large pictures the classifier learns from faces of LARGEST pixels; its features suit any size.
    """
    if kind not in KINDS:
        raise ValueError(f"features: expected one of {', '.join(KINDS)}, got {kind!r}")
    if kind == "vgg":
        return of_vgg(size, channels, layer)
    return of_faces(max(8, min(size, LARGEST)), channels, folder, seed, say)


def two(options, size, channels, learn=True, layer=CONTENT):
    """For a room's `main`: `Features` to learn from, of `--features`, and a `FaceReader` to measure by; says which.

    They are of two seeds: nobody is judged by what it learned from. With learn=False the first is None. What cannot be
    ends in one line.
    """
    def say(text):
        print(text, flush=True)

    try:
        content = None
        if learn:
            say("features to learn from:")
            content = load(options.features, size, channels, options.out, say=say, layer=layer)
            if not isinstance(content, FaceReader):
                say(content)
        say(f"features to measure by{', of another classifier' if learn else ''}:")
        return content, load("faces", size, channels, options.out, seed=1, say=say)
    except ValueError as error:
        raise SystemExit(str(error)) from None


def untrained(kind, size=32, channels=3, layer=CONTENT):
    """As `load`, but a classifier of faces has learned nothing yet: for who wants to know only whether it will fit."""
    if kind != "faces":
        return load(kind, size, channels, layer=layer)
    if pairs.renderer is None:
        pairs.faces_with({}, size)  # which says what is missing
    side = max(8, min(size, LARGEST))
    return Features(_name(side), reading_network(side, channels, len(_names(channels)))[1])


def add_argument(parser):
    """--features of a system with a content loss."""
    parser.add_argument("--features", choices=KINDS, default="faces",
                        help="what the content loss looks at: a small classifier of drawn faces, trained first, or "
                             "VGG19, if Keras has its weights (default faces)")


# ---------------------------------------------------------------- the classifier of faces

def to_read(n, seed):
    """Attributes of n faces to learn from, with each attribute of ATTRIBUTES present in about half of them.

    Hair and sex go together in half of the faces only: else long hair would be all that makes a woman.
    """
    stream = np.random.default_rng([seed, 4])

    def either(low, high, share=.5):
        """Numbers from one of two ranges."""
        return np.where(stream.random(n) < share, stream.uniform(*high, n), stream.uniform(*low, n))

    male = (stream.random(n) < .5).astype(float)
    bearded = male * (stream.random(n) < .6)
    given = {"male": male, "hat": 0., "smile": either((-.2, .15), (.6, 1.)), "glasses": either((0, 0), (1, 1), .4),
             "age": either((0, .5), (.75, 1.)), "beard": bearded * stream.uniform(.4, .9, n)}
    given["stubble"] = np.where(stream.random(n) < .5, 0., .2 * male * stream.random(n))
    usual = pairs.renderer.draw_attributes(n, np.random.default_rng([seed, 0]), **given)["hair_length"]
    given["hair_length"] = np.where(stream.random(n) < .5, usual, either((0, .3), (.5, 1.)))
    hue = either((0, .55), (.88, 1.))
    return {**pairs.renderer.draw_attributes(n, np.random.default_rng([seed, 0]), **given),
            **pairs.renderer.draw_colours(n, np.random.default_rng([seed, 1]), hair_hue=hue)}


def answers_of(attributes, channels=3):
    """Right answers for faces with these attributes: 1 yes, 0 no, -1 cannot be seen; (n, attributes)."""
    answers = {name: (attributes[name] > limit).astype("float32") for name, limit in ATTRIBUTES.items()}
    bald, colourless = attributes["bald"] > .5, (attributes["hair_grey"] > .3) | (attributes["hair_tone"] < .05)
    hidden = {"hair_length": bald | (np.abs(attributes["hair_length"] - ATTRIBUTES["hair_length"]) < .1),
              "hair_hue": bald | colourless}
    for name, rows in hidden.items():
        answers[name][rows] = -1
    return np.stack([answers[name] for name in _names(channels)], axis=1)


def _name(size):
    return f"a classifier of drawn faces, {size} x {size}"


def _names(channels):
    return tuple(name for name in ATTRIBUTES if channels == 3 or name != "hair_hue")


def reading_network(size, channels, outputs, seed=0):
    """Pictures (size, size, channels) -> one value for each attribute; and the same up to two of its layers.

    The second network takes pictures of any size. Each feature is normalised without factor or shift, so that over
    drawn faces it has mean 0 and variance 1: all of them weigh the same in a distance. The seed decides the weights,
    and no other random numbers are used.
    """
    def start(number):
        return keras.initializers.GlorotUniform(seed=100 * seed + number)

    def stage(filters, strides, number):
        return (layers.Conv2D(filters, 3, strides, padding="same", activation="relu", kernel_initializer=start(number)),
                layers.BatchNormalization(momentum=.9, center=False, scale=False))

    def through(x, stages):
        answers = []
        for convolution, normalization in stages:
            x = normalization(convolution(x))
            answers.append(x)
        return answers

    first = [stage(16, 1, 1), stage(32, 2, 2)]
    pictures, any_size = keras.Input((size, size, channels)), keras.Input((None, None, channels))
    x = through(pictures, first)[-1]
    for number, filters in enumerate((64, 64, 64, 64), 3):
        if x.shape[1] > 4:
            x = through(x, [stage(filters, 2, number)])[-1]
    values = layers.Dense(outputs, kernel_initializer=start(0))(layers.Flatten()(x))
    return keras.Model(pictures, values), keras.Model(any_size, through(any_size, first))


def of_faces(size=32, channels=3, folder=None, seed=0, say=None):
    """A `FaceReader` for pictures of this size, trained on drawn faces, or read from a file that was.

    Args:
        size: height and width, 8 to 128.
        channels: 1 grey, 3 colour.
        folder: where it is kept; None keeps it nowhere.
        seed: of its faces and its weights. Judge what was trained on the features of one seed by those of another.
        say: a function of a text, such as print, that is told what takes long.

    Raises:
        ValueError: a size that is not drawn, or channels other than 1 and 3.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels: expected 1 (grey) or 3 (colour), got {channels!r}")
    say = say or (lambda text: None)
    names = _names(channels)
    if pairs.renderer is None:
        pairs.faces_with({}, size)  # which says what is missing
    reading, network = reading_network(size, channels, len(names), seed)
    kind = "colour" if channels == 3 else "grey"
    file = None if folder is None else Path(folder, f"face-reader-{size}-{kind}-{seed}.npz")
    accuracy = _restored(reading, file) if file else None
    if accuracy is None:
        attributes = to_read(TRAINED_ON + HELD_OUT, seed)
        pictures = signed(pairs.faces_with(attributes, size, channels, seed, say))
        answers = answers_of(attributes, channels)
        _train(reading, pictures[:TRAINED_ON], answers[:TRAINED_ON], seed)
        seen = in_batches(lambda rows: reading(rows, training=False), pictures[TRAINED_ON:]) > 0
        right, known = seen == (answers[TRAINED_ON:] == 1), answers[TRAINED_ON:] >= 0
        accuracy = [float(right[known[:, i], i].mean()) for i in range(len(names))]
        if file:
            _keep(reading, accuracy, file)
    accuracy = dict(zip(names, accuracy))
    name = _name(size)
    say(f"{name}: right are " + ", ".join(f"{key.replace('_', ' ')} {share:.2f}" for key, share in accuracy.items()))
    return FaceReader(name, network, reading, names, accuracy)


def _train(reading, pictures, answers, seed):
    """Train on batches of faces, half of them mirrored; only what can be seen counts."""
    stream = np.random.default_rng([seed, 5])
    rate = keras.optimizers.schedules.CosineDecay(RATE, STEPS)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(reading.trainable_variables)

    @tf.function(autograph=False)
    def step(batch, wanted):
        with tf.GradientTape() as tape:
            values = reading(batch, training=True)
            known = tf.cast(wanted >= 0, tf.float32)
            loss = tf.reduce_sum(known * tf.nn.sigmoid_cross_entropy_with_logits(wanted, values)) / BATCH
        gradients = tape.gradient(loss, reading.trainable_variables)
        optimizer.apply_gradients(zip(gradients, reading.trainable_variables))

    for _ in range(STEPS):
        rows = stream.integers(len(pictures), size=BATCH)
        batch = pictures[rows]
        mirrored = stream.random(BATCH) < .5
        batch[mirrored] = batch[mirrored][:, :, ::-1]
        step(tf.constant(batch), tf.constant(answers[rows]))


def _key():
    """What decides a reader beside its size, channels and seed."""
    text = f"{TRAINED_ON} {HELD_OUT} {STEPS} {BATCH} {RATE} {ATTRIBUTES}".encode()
    return hashlib.sha256(pairs.RENDERER.read_bytes() + Path(__file__).read_bytes() + text).hexdigest()


def _keep(reading, accuracy, file):
    weights = {f"weight {i}": array for i, array in enumerate(reading.get_weights())}
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as temporary:
        np.savez(temporary, key=_key(), accuracy=accuracy, **weights)


def _restored(reading, file):
    """Let the network have the weights in the file, and return its accuracy; None if it is damaged or of another
    version: then it is as good as none.
    """
    try:
        with np.load(file) as stored:
            weights = [stored[f"weight {i}"] for i in range(len(reading.get_weights()))]
            accuracy = stored["accuracy"].tolist()
            if str(stored["key"]) != _key() or not all(np.isfinite(array).all() for array in weights):
                return None
        reading.set_weights(weights)
    except Exception:  # whatever NumPy and Keras raise of other bytes
        return None
    return accuracy


# ---------------------------------------------------------------- VGG19

def vgg_file():
    """Where Keras keeps the weights of VGG19 once it has loaded them."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras", "models", VGG)


def vgg_network(size, layer=CONTENT, weights=None):
    """VGG19 up to a layer, for pictures (size, size, 3) in [-1, 1]: to block3_conv4 2,325,568 parameters.

    It knows pictures as blue, green and red less the mean colour of its photographs; that is done first.
    """
    whole = keras.applications.VGG19(include_top=False, weights=weights, input_shape=(size, size, 3))
    part = keras.Model(whole.input, whole.get_layer(layer).output)
    pictures = keras.Input((size, size, 3))
    means = np.array([103.939, 116.779, 123.68], "float32")
    turned = layers.Lambda(lambda x: (x[..., ::-1] + 1) * 127.5 - means, output_shape=(size, size, 3))(pictures)
    return keras.Model(pictures, part(turned))


def of_vgg(size=32, channels=3, layer=CONTENT):
    """`Features` of VGG19, whose weights must be where Keras keeps them: nothing is loaded from the network here.

    Raises:
        ValueError: they are not, or are damaged; the pictures are grey or too small.
    """
    if channels != 3 or size < 32:
        raise ValueError(f"features: expected pictures in colour of at least 32 x 32 pixels for vgg, got {channels} "
                         f"channel{'s' * (channels > 1)} of {size} x {size}")
    file = vgg_file()
    if not file.is_file():
        raise ValueError(f"features: expected faces, or vgg where Keras has the weights of VGG19; there is no {file}. "
                         "This loads them, 80 MB: python -c \"from tensorflow import keras; "
                         "keras.applications.VGG19(include_top=False)\"")
    try:
        weight_files.check(file, 10 ** 7)
        network = vgg_network(size, layer, str(file))
    except Exception as error:  # h5py and Keras raise many kinds
        raise ValueError(f"features: expected the weights of VGG19 in {file}, got a file that does not fit "
                         f"({error}); delete it and load them again") from error
    return Features(f"VGG19 up to {layer}", network)
