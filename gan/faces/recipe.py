"""The training of the faces: its settings, an averaged generator, samples and indicators as it goes."""

import csv
import json

import numpy as np
from tensorflow import keras

from gan.figures import picture_frame, picture_sheet, save_animation
from gan.files import written_whole

COURSE = dict(epochs=150, steps=200, batch_size=200, disc_iter=2, learning_rate=1e-4, average=0., decay=False,
              last_tanh=True)
# Without its last tanh the critic is not held to values in [-1, 1], far less than the distances between faces. The tanh
# grows with its argument, so the stored critic puts pictures in the same order with it as without; see `centre_critic`.
QUICK = dict(epochs=100, steps=200, batch_size=32, disc_iter=1, learning_rate=1e-3, average=.999, decay=True,
             last_tanh=False)


class AveragedGenerator(keras.callbacks.Callback):
    """Keeps an exponential moving average of the generator's weights, which makes better pictures than any one step's.

    Args:
        generator: the network that trains.
        decay: how much of the average stays in a step; it starts lower and rises to this value.

    Attributes:
        network: a copy of the generator with the averaged weights.

    Yaz et al. (2019), The Unusual Effectiveness of Averaging in GAN Training, https://arxiv.org/abs/1806.04498.
    """

    def __init__(self, generator, decay):
        super().__init__()
        self.generator, self.decay = generator, decay
        self.network = type(generator).from_config(generator.get_config())  # clone_model would copy its loss too
        self.network.set_weights(generator.get_weights())
        self.averages = self.network.get_weights()
        self.steps = 0

    def on_train_batch_end(self, batch, logs=None):
        steps = int(self.generator.optimizer.iterations.numpy())
        decay = min(self.decay, (1 + steps) / (10 + steps)) ** (steps - self.steps)
        self.steps = steps
        for average, weights in zip(self.averages, self.generator.get_weights()):
            average += (1 - decay) * (weights - average)

    def on_epoch_end(self, epoch, logs=None):
        self.network.set_weights(self.averages)

    def state(self):
        """What a checkpoint keeps."""
        return {"steps": self.steps, **{f"average_{i}": average for i, average in enumerate(self.averages)}}

    def restore(self, state):
        """Go back to a `state()`."""
        self.steps = int(state["steps"])
        self.averages = [state[f"average_{i}"] for i in range(len(self.averages))]
        self.network.set_weights(self.averages)


class FacesLog(keras.callbacks.Callback):
    """Every few epochs: a sheet of samples from fixed latent vectors, and the indicators.

    Args:
        folder: where everything goes.
        average: the `AveragedGenerator` of the training; its pictures are shown and measured.
        quality: a `gan.faces.quality.PictureQuality`.
        latent_vectors: fixed, (n, 16); the first hundred are shown, all are measured.
        every: epochs between two records.
    """

    def __init__(self, folder, average, quality, latent_vectors, every):
        super().__init__()
        self.folder, self.average, self.quality = folder, average, quality
        self.latent_vectors, self.every = latent_vectors, every
        self.rows, self.sheets = [], []

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0 or epoch + 1 == self.params["epochs"]:
            self.record(epoch + 1, logs)

    def record(self, epoch, logs):
        """Measure and draw the averaged generator as it is now."""
        pictures = self.average.network.predict(self.latent_vectors, batch_size=500, verbose=0)[..., 0]
        row = {"epoch": epoch, **logs, **self.quality(pictures[:self.quality.size])}
        self.rows.append({name: float(value) for name, value in row.items()})
        self.sheets.append(np.asarray(picture_frame(picture_sheet(pictures[:100], columns=10), scale=1)))
        try:
            self._write()
        except OSError as error:
            print(f"\ncould not write the samples of epoch {epoch} into {str(self.folder)!r} "
                  f"({error.strerror or error}); the training goes on", flush=True)

    def _write(self):
        with written_whole(self.folder / "quality.csv") as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, self.rows[0])
            writer.writeheader()
            writer.writerows(self.rows)
        frames = [picture_frame(sheet, scale=4) for sheet in self.sheets]
        with written_whole(self.folder / "samples.png") as temporary:
            frames[-1].save(temporary)
        save_animation(self.folder / "samples.gif", frames)

    def state(self):
        """What a checkpoint keeps."""
        return {"rows": json.dumps(self.rows), "sheets": np.array(self.sheets)}

    def restore(self, state):
        """Go back to a `state()`."""
        self.rows, self.sheets = json.loads(str(state["rows"])), list(state["sheets"])


def centre_critic(critic, real_pictures, fake_pictures):
    """Move the critic's constant so that its mean values on real and on fake pictures, (n, 16, 16, 1), are opposite.

    Wasserstein losses only see differences of its values, so the constant drifts while it trains without a last tanh,
    far beyond the values that a tanh can tell apart. No other weight changes.
    """
    means = [float(np.mean(critic.predict(pictures, batch_size=500, verbose=0)))
             for pictures in (real_pictures, fake_pictures)]
    bias = critic.layers[-1].bias
    bias.assign(np.asarray(bias) - np.mean(means))
