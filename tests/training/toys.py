"""Two small systems on `gan.engine` that are no GAN as the course has it, for `test_engine.py`.

    python -m tests.training.toys FOLDER          (from the top folder)

trains both on two devices and on one, and pickles what came: the CPU can only be divided before TensorFlow starts.
"""

import pickle
import sys
from pathlib import Path

import tensorflow as tf
from tensorflow import keras

from beyond.common.base import update
from gan.engine import LongRun, System, devices
from tests.helpers import points, set_seeds

layers = keras.layers


def dense(inputs, hidden, outputs, last=None):
    return keras.Sequential([keras.Input((inputs,)), layers.Dense(hidden, activation="tanh"),
                             layers.Dense(outputs, activation=last)])


def square(x, target=0.):
    return tf.reduce_mean(tf.square(x - target))


# ---------------------------------------------------- four networks, two sets

def four_networks():
    return {"to_photos": dense(3, 5, 3), "to_paintings": dense(3, 4, 3), "knows_photos": dense(3, 4, 1),
            "knows_paintings": dense(3, 7, 1)}


class Cycle(System):
    """Two generators that lead to and fro between two sets without pairs, each with a discriminator."""

    def __init__(self, networks, paintings, photos, batch_size=4, rate=.01, cycle_weight=10.):
        super().__init__(batch_size)
        for i, (name, network) in enumerate(networks.items()):
            self.add_network(name, network, keras.optimizers.Adam(rate * (i + 1), beta_1=.5))
        self.add_examples("paintings", paintings)
        self.add_examples("photos", photos)
        self.cycle_weight = cycle_weight

    def train_step(self, useless_argument):
        paintings, photos = self.sample("paintings"), self.sample("photos")
        with tf.GradientTape(persistent=True) as tape:
            made_photos = self.to_photos(paintings, training=True)
            made_paintings = self.to_paintings(photos, training=True)
            cycle = square(self.to_paintings(made_photos, training=True) - paintings) + square(
                self.to_photos(made_paintings, training=True) - photos)
            fakes = self.knows_photos(made_photos, training=True), self.knows_paintings(made_paintings, training=True)
            generators = square(fakes[0], 1.) + square(fakes[1], 1.) + self.cycle_weight * cycle
            photo_judge = square(self.knows_photos(photos, training=True), 1.) + square(fakes[0])
            painting_judge = square(self.knows_paintings(paintings, training=True), 1.) + square(fakes[1])
        for network, loss in ((self.to_photos, generators), (self.to_paintings, generators),
                              (self.knows_photos, photo_judge), (self.knows_paintings, painting_judge)):
            update(network, tape, loss)
        return {"cycle": cycle, "generators": generators, "judges": photo_judge + painting_judge}


def cycle(seed=3, paintings=None, photos=None, **options):
    set_seeds(seed)
    return Cycle(four_networks(), points(13, 3) if paintings is None else paintings,
                 points(17, 3, seed=2) if photos is None else photos, **options)


# --------------------------------------------------------- networks that grow

def first_networks():
    """A generator of two numbers and its critic."""
    return dense(3, 5, 2, "tanh"), dense(2, 5, 1)


def grown(generator, critic):
    """Networks for twice as many numbers: a new last layer of the one, a new first layer of the other."""
    width = 2 * generator.output_shape[-1]
    numbers = keras.Input((width,))
    x = layers.Dense(width // 2, activation="tanh")(numbers)
    for layer in critic.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            x = layer(x)
    made = layers.Dense(width, activation="tanh")(generator.outputs[0])
    return keras.Model(generator.inputs[0], made), keras.Model(numbers, x)


class Growing(System):
    """A GAN of rows of eight numbers, whose networks begin with two of them and grow twice."""

    grow_at = (1, 2)

    def __init__(self, rows, batch_size=6, rate=.01):
        super().__init__(batch_size)
        generator, critic = first_networks()
        self.rate = rate
        self.add_network("generator", generator, keras.optimizers.Adam(rate))
        self.add_network("critic", critic, keras.optimizers.Adam(rate))
        self.add_examples("rows", rows)
        self.add_number("seen", 0.)

    def grow(self):
        generator, critic = grown(self.generator, self.critic)
        self.replace_network("generator", generator, keras.optimizers.Adam(self.rate))
        self.replace_network("critic", critic, keras.optimizers.Adam(self.rate))
        self.seen.assign(0.)

    def train_step(self, useless_argument):
        rows = self.sample("rows")
        latent_vectors = self.drawn(lambda: tf.random.normal((self.batch_size, 3)))
        rows = tf.reduce_mean(tf.reshape(rows, (rows.shape[0], self.generator.output_shape[-1], -1)), axis=2)
        self.seen.assign(self.seen + 1.)
        with tf.GradientTape(persistent=True) as tape:
            fakes = self.generator(latent_vectors, training=True)
            values = self.critic(fakes, training=True)
            gen_loss = square(values, 1.)
            discr_loss = square(self.critic(rows, training=True), 1.) + square(values)
        update(self.generator, tape, gen_loss)
        update(self.critic, tape, discr_loss)
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "seen": tf.convert_to_tensor(self.seen)}


def growing(seed=3, **options):
    set_seeds(seed)
    return Growing(points(19, 8), **options)


# ---------------------------------------------------------------- training

class Steps(keras.callbacks.Callback):
    """Keeps what every step returned, as rows of numbers."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def on_epoch_end(self, epoch, logs=None):
        self.rows += [list(losses.values()) for losses in self.model.epoch_losses]


def trained(make, at_once=None, epochs=3, steps=5, folder=None, resume=False, callbacks=(), every=0., eagerly=False,
            **options):
    """A model after its training, in a `LongRun` if there is a folder, and the losses of the steps of this run."""
    keras.backend.clear_session()  # the layers' names, as in a new process: they decide the order of some sums
    model, kept = make(**options), Steps()
    set_seeds(7)
    model.compile(steps_per_execution=at_once, run_eagerly=eagerly)
    callbacks = [kept, *callbacks]
    if folder is None:
        model.fit(epochs=epochs, steps_per_epoch=steps, verbose=0, callbacks=callbacks)
    else:
        LongRun(folder, "toy", {}, every, resume).fit(model, epochs, steps, callbacks, verbose=0)
    return model, kept.rows


def values(model):
    return [variable.numpy() for variable in model.trained_variables()]


def main(folder):
    found = {}
    strategies = {count: devices.strategy(count, []) for count in (2, 1)}
    for name, make in (("cycle", cycle), ("growing", growing)):
        for count, strategy in strategies.items():
            with strategy.scope():
                model = make()
            kept = Steps()
            set_seeds(7)
            model.compile(steps_per_execution=2)
            model.fit(epochs=2, steps_per_epoch=5, verbose=0, callbacks=[kept])  # one stage of growing is enough
            kinds = {type(getattr(model, one).optimizer).__name__ for one in model.trained_networks}
            found[name, count] = kept.rows, values(model), model.distribute_strategy.num_replicas_in_sync, kinds
            path = str(folder / f"{name}-{count}.weights.h5")
            model.save_weights(path)
            if count == 1:
                model.load_weights(path.replace("-1.", "-2."))
                found[name, "loaded"] = values(model)
    (folder / "found.pickle").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
