"""What `test_devices.py` compares, made in a process of its own: the CPU can only be divided before TensorFlow starts.

    python -m tests.measure.two_devices FOLDER [FACES]        (from the top folder)

trains a small GAN of points and one of pictures on two devices and on one, with FACES also 0-main_21, which has all
classes, and 0-main_32 on two, and pickles what came.
"""

import functools
import pickle
import sys
from pathlib import Path

from gan import script
from gan.engine import devices
from gan.networks import normal_generator
from tests.helpers import CLASSES, ROOT, WGAN_GP, Simple_GAN, keras, points, set_seeds, small, state


def pictures(chosen_type, batch_size):
    """A GAN on pictures with batch normalisation; a bias before it would have no effect and drift by rounding."""
    set_seeds(3)
    layers = keras.layers
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(15, use_bias=False), layers.Reshape((5, 3, 1)),
                                  layers.BatchNormalization(), layers.Activation("tanh")])
    discriminator = keras.Sequential([keras.Input((5, 3, 1)), layers.Flatten(), layers.Dense(1, activation="tanh")])
    return chosen_type(generator, discriminator, lambda k: normal_generator(k, 2), points(29, 5, 3),
                       batch_size=batch_size, disc_iter=1)


def run_of(G, losses):
    """All that a training has left: its losses, every variable, and what the generator makes."""
    return {"losses": losses, "state": state(G), "sample": G(points(5, *G.generator.input_shape[1:])).numpy()}


def of_points(batch_size):
    return small(WGAN_GP, batch_size=batch_size, disc_iter=1)


def of_pictures(batch_size):
    return pictures(Simple_GAN, batch_size)


def train(make, strategy):
    """Five steps, at most three in a call; returns the GAN and the losses of each step."""
    with strategy.scope():
        G = make(batch_size=14)
    losses, sizes, loss = [], [], G.discriminator.loss
    G.discriminator.loss = lambda x, y: sizes.append(int(x.shape[0])) or loss(x, y)

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            losses.extend(list(step.values()) for step in self.model.epoch_losses)

    set_seeds(7)
    G.compile(steps_per_execution=3)
    G.fit(epochs=1, steps_per_epoch=5, verbose=0, callbacks=[Keep()])
    assert min(sizes) == 14 // strategy.num_replicas_in_sync  # each device works on its part alone
    return G, losses


def train_scripts(folder, faces):
    """The GANs of 0-main_21, with their losses: {class: [on one device, on two]}; 0-main_32 runs as well."""
    sys.path.insert(0, str(ROOT / "mains"))
    main_21, main_32 = __import__("0-main_21"), __import__("0-main_32")
    trained, original = [], script.example_fully_connected_GAN

    def kept(chosen_type, *args, **options):  # one update of the discriminator: a third less to trace
        trained.append(original(functools.partial(chosen_type, disc_iter=1), *args, **options))
        return trained[-1]

    script.example_fully_connected_GAN = kept
    for count in ("2", "1"):
        main_21.main(["--no-show", "--out", str(folder / count), "--epochs", "3", "--steps", "3", "--devices", count])
    main_32.main(["--no-show", "--out", str(folder), "--epochs", "1", "--steps", "2", "--batch-size", "6",
                  "--disc-iter", "1", "--faces", str(faces), "--devices", "2"])
    losses = [list(zip(*G.history.history.values())) for G in trained]
    return {chosen_type.__name__: [(trained[i + 3], losses[i + 3]), (trained[i], losses[i])]
            for i, chosen_type in enumerate(CLASSES)}


def main(folder, faces=None):
    two, one = (devices.strategy(count, []) for count in (2, 1))
    pairs = {name: [train(make, one), train(make, two)]
             for name, make in (("points", of_points), ("pictures", of_pictures))}
    if faces:
        pairs.update(train_scripts(folder, faces))
    found = {}
    for name, (one, two) in pairs.items():
        G_1, G_2 = one[0], two[0]
        found[name] = {"one": run_of(*one), "two": run_of(*two),
                       "replicas": G_2.distribute_strategy.num_replicas_in_sync,
                       "names": [variable.name for network in (G_1.generator, G_1.discriminator)
                                 for variable in [*network.variables, *network.optimizer.variables]]}
        G_2.save_weights(folder / "two.weights.h5")
        G_1.load_weights(folder / "two.weights.h5")
        found[name]["loaded"] = state(G_1)
    (folder / "found.pickle").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
