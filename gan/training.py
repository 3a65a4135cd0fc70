"""What a long training of the faces needs: an averaged generator, samples and indicators as it goes, checkpoints."""

import csv
import json
import time

import h5py
import numpy as np
from tensorflow import keras

from gan.figures import picture_frame, picture_sheet, save_animation
from gan.files import written_whole


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

    def on_train_end(self, logs=None):
        self.network.set_weights(self.averages)


class FacesLog(keras.callbacks.Callback):
    """Every few epochs: a sheet of samples from fixed latent vectors, the indicators, a checkpoint.

    Args:
        folder: where everything goes.
        average: the `AveragedGenerator` of the training; its pictures are shown and measured.
        quality: a `gan.quality.PictureQuality`.
        latent_vectors: fixed, (n, 16); the first hundred are shown, all are measured.
        every: epochs between two records.
        settings: a dict that tells one training from another; kept in the checkpoint.
    """

    def __init__(self, folder, average, quality, latent_vectors, every, settings):
        super().__init__()
        self.folder, self.average, self.quality = folder, average, quality
        self.latent_vectors, self.every, self.settings = latent_vectors, every, settings
        self.rows, self.sheets, self.epoch = [], [], 0

    def on_epoch_end(self, epoch, logs=None):
        self.epoch = epoch + 1
        if self.epoch % self.every and self.epoch != self.params["epochs"]:
            return
        self.record(logs)
        self.save_checkpoint()

    def record(self, logs):
        """Measure and draw the averaged generator as it is now."""
        pictures = self.average.network.predict(self.latent_vectors, batch_size=500, verbose=0)[..., 0]
        row = {"epoch": self.epoch, **logs, **self.quality(pictures[:self.quality.size])}
        self.rows.append({name: float(value) for name, value in row.items()})
        self.sheets.append(np.asarray(picture_frame(picture_sheet(pictures[:100], columns=10), scale=1)))
        with written_whole(self.folder / "quality.csv") as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, self.rows[0])
            writer.writeheader()
            writer.writerows(self.rows)
        frames = [picture_frame(sheet, scale=4) for sheet in self.sheets]
        with written_whole(self.folder / "samples.png") as temporary:
            frames[-1].save(temporary)
        save_animation(self.folder / "samples.gif", frames)

    def save_checkpoint(self):
        """Write networks, optimizers, averages and what was recorded; the one before is kept too."""
        started = self.folder / f"checkpoint-{self.epoch:05d}"
        self.model.save_weights(started.with_suffix(".weights.h5"))
        with written_whole(started.with_suffix(".npz")) as temporary:
            np.savez_compressed(temporary, sheets=np.array(self.sheets), **{
                f"average_{i}": average for i, average in enumerate(self.average.averages)},
                state=json.dumps({"epoch": self.epoch, "rows": self.rows, "settings": self.settings,
                                  "seconds": time.time()}))
        for old in sorted(self.folder.glob("checkpoint-*.npz"))[:-2]:
            old.unlink()
            old.with_suffix(".weights.h5").unlink(missing_ok=True)

    def resume(self, model):
        """Go back to the newest complete checkpoint of the folder; returns the epochs done.

        Raises:
            ValueError: no checkpoint, a damaged one, or one of a training with other settings.
        """
        found = [path for path in sorted(self.folder.glob("checkpoint-*.npz"))
                 if path.with_suffix(".weights.h5").is_file()]
        if not found:
            raise ValueError(f"--resume: no checkpoint in {str(self.folder)!r}")
        try:
            with np.load(found[-1]) as stored:
                state = json.loads(str(stored["state"]))
                averages = [stored[f"average_{i}"] for i in range(len(self.average.averages))]
                sheets = list(stored["sheets"])
        except Exception as error:  # zipfile, NumPy and json each raise their own kinds
            raise ValueError(f"--resume: {str(found[-1])!r} is damaged ({error})") from error
        if state["settings"] != self.settings:
            raise ValueError(f"--resume: {str(found[-1])!r} belongs to a training with the settings "
                             f"{state['settings']}, this one has {self.settings}")
        model.load_weights(found[-1].with_suffix(".weights.h5"))
        self.average.averages = averages
        self.average.network.set_weights(averages)
        self.average.steps = int(model.generator.optimizer.iterations.numpy())
        self.rows, self.sheets, self.epoch = state["rows"], sheets, state["epoch"]
        return self.epoch


def centre_critic(critic, real_pictures, fake_pictures):
    """Move the critic's constant so that its mean values on real and on fake pictures, (n, 16, 16, 1), are opposite.

    Wasserstein losses only see differences of its values, so the constant drifts while it trains without a last tanh,
    far beyond the values that a tanh can tell apart. No other weight changes.
    """
    means = [float(np.mean(critic.predict(pictures, batch_size=500, verbose=0)))
             for pictures in (real_pictures, fake_pictures)]
    bias = critic.layers[-1].bias
    bias.assign(np.asarray(bias) - np.mean(means))


def save_keras2_weights(network, path):
    """Write a network's weights as Keras 2 does, in the layout of the course's files, on either Keras generation.

    `load_weights` of both generations reads it, layer by layer in order. Attributes of the root: layer_names; of each
    layer's group: weight_names; in it a dataset for each weight, first the trainable ones.
    """
    with written_whole(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in network.layers]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.15.0"
        for layer in network.layers:
            group = file.create_group(layer.name)
            weights = [*layer.trainable_weights, *layer.non_trainable_weights]
            names = [f"{layer.name}/{weight.name.split('/')[-1].split(':')[0]}:0" for weight in weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, weights):
                group[name] = np.asarray(weight)
