"""The progress bar with the numbers that the course prints."""

from tensorflow import keras


class CourseBar(keras.callbacks.ProgbarLogger):
    """The progress bar with the numbers that the course prints.

    The course was written with Keras 2, whose bar shows (sum of the epoch's losses + the last one once more) / (n + 1)
    at the end of an epoch of n steps. Keras 3's own bar shows the last step alone.
    """

    def set_params(self, params):
        self.params = params

    def on_epoch_begin(self, epoch, logs=None):
        if self.params["epochs"] > 1:
            print(f"Epoch {epoch + 1}/{self.params['epochs']}")
        self.bar = keras.utils.Progbar(self.params["steps"], unit_name="step")
        self.count, self.sums = 0, {}

    def on_train_batch_end(self, batch, logs=None):
        for losses in self.model.epoch_losses[self.count:]:
            self._add(losses)
        self._show(finalize=False)

    def on_epoch_end(self, epoch, logs=None):
        steps = self.bar.target = self.count  # fewer than planned when training was stopped
        self._add(self.model.epoch_losses[-1])
        self._show(finalize=True, steps=steps)

    def _add(self, losses):
        self.count += 1
        for name, loss in losses.items():
            self.sums[name] = self.sums.get(name, 0.) + loss

    def _show(self, finalize, steps=None):
        self.bar.stateful_metrics = set(self.sums)  # means already: the bar shall not average once more
        means = [(name, total / self.count) for name, total in self.sums.items()]
        self.bar.update(steps or self.count, means, finalize=finalize)
