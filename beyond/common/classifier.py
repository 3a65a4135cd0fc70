"""A small convolutional classifier: features and classes to measure by, and a target to attack.

    net = network(10)                                       pictures (batch, 28, 28, 1) in [0, 1] -> logits (batch, 10)
    train(net, pictures, one_hot(labels, 10), steps=300)    some seconds
    judge = Judge(net, pictures)                              judge.features(pictures), judge.probabilities(pictures)
"""

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow import keras

from beyond.common.base import in_batches

layers = keras.layers
SIDE, FEATURES = 28, 32


def network(classes=10, filters=16, features=FEATURES, name="classifier"):
    """Pictures (batch, 28, 28, 1) in [0, 1] -> logits (batch, classes); its last hidden layer has the features."""
    return keras.Sequential([
        keras.Input((SIDE, SIDE, 1)),
        layers.Conv2D(filters, 5, 2, padding="same", activation="relu"),      # 14 x 14
        layers.Conv2D(2 * filters, 3, 2, padding="same", activation="relu"),  # 7 x 7
        layers.Flatten(),
        layers.Dense(features, activation="relu"),
        layers.Dense(classes)], name=name)


def one_hot(labels, classes):
    """Class numbers (n,) as float32 rows (n, classes)."""
    return np.eye(classes, dtype="float32")[np.asarray(labels)]


def train(net, pictures, targets, steps=300, batch=50, rate=.003, temperature=1., change=None):
    """Train a network of logits on pictures with probabilities of classes, by their cross-entropy.

    Args:
        targets: (n, classes), rows of sum 1: one-hot classes, or what another network says.
        temperature: the logits are divided by it (distillation has a high one).
        change: function (pictures, targets) of tensors -> the pictures to learn from instead, such as attacked ones.
    """
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(net.trainable_variables)
    loss_of = keras.losses.CategoricalCrossentropy(from_logits=True)
    sets = tf.data.Dataset.from_tensor_slices((np.asarray(pictures, "float32"), np.asarray(targets, "float32")))
    sets = sets.shuffle(len(pictures)).repeat().batch(min(batch, len(pictures)), drop_remainder=True).take(steps)

    @tf.function(autograph=False)
    def train_step(sample, wanted):
        if change is not None:
            sample = tf.stop_gradient(change(sample, wanted))
        with tf.GradientTape() as tape:
            loss = loss_of(wanted, net(sample, training=True) / temperature)
        optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))

    for sample, wanted in sets:
        train_step(sample, wanted)
    return net


def grey(pictures):
    """Coloured pictures (n, h, w, 3) as their grey levels (n, h, w, 1)."""
    return (np.asarray(pictures, "float32") @ np.array([[.299], [.587], [.114]], "float32")).clip(0, 1)


def scaled(pictures, side):
    """Pictures (n, h, w, c) in [0, 1] as (n, side, side, c)."""
    result = np.empty((len(pictures), side, side, pictures.shape[-1]), "float32")
    for target, picture in zip(result, pictures):
        for channel in range(picture.shape[-1]):
            image = Image.fromarray(np.ascontiguousarray(picture[..., channel], "float32"))
            target[..., channel] = image.resize((side, side), Image.Resampling.BICUBIC)
    return result.clip(0, 1)  # cubic interpolation goes a little beyond


def fitted(pictures):
    """Pictures (n, h, w, c) in [0, 1] of any size and colour as grey ones of 28 x 28."""
    pictures = grey(pictures) if pictures.shape[-1] == 3 else np.asarray(pictures, "float32")
    return pictures if pictures.shape[1:3] == (SIDE, SIDE) else scaled(pictures, SIDE)


class Judge:
    """Features and probabilities of classes of pictures of any size, by a trained `network`.

    Args:
        net: a `network`, trained.
        pictures: that it was trained on. Features are divided by one number: there their mean variance is 1.
        name: of these pictures, for people.
    """

    def __init__(self, net, pictures, name=""):
        self.net, self.name, self.scale = net, name, 1.
        self.inner = keras.Model(net.inputs[0], net.layers[-2].output)
        self.scale = float(np.sqrt(np.mean(np.var(self.features(pictures), axis=0)))) or 1.

    def features(self, pictures):
        """The last hidden layer, (n, h, w, c) in [0, 1] -> (n, FEATURES)."""
        return in_batches(lambda some: self.inner(some, training=False), fitted(pictures)) / self.scale

    def probabilities(self, pictures):
        """Of the classes, (n, h, w, c) in [0, 1] -> (n, classes)."""
        return in_batches(lambda some: tf.nn.softmax(self.net(some, training=False)), fitted(pictures))

    def classes(self, pictures):
        """The most probable class of each picture, (n,)."""
        return np.argmax(self.probabilities(pictures), axis=1)


def train_judge(pictures, most=None, steps=300):
    """A `Judge` trained on the first `most` labelled pictures (`beyond.common.data.Pictures`); about two seconds."""
    count, learned = len(pictures.classes), fitted(pictures.train[:most])
    net = train(network(count), learned, one_hot(pictures.train_labels[:most], count), steps)
    return Judge(net, learned, pictures.name)
