"""How every model of this package trains. What other modules may use of it is described here.

`System` is the base of a model whose training steps draw their own samples, with any number of networks and of data
sets. A new one needs its networks and its step:

    class CycleGAN(System):
        def __init__(self, to_paintings, to_photos, knows_paintings, knows_photos, paintings, photos, rate=.0002):
            super().__init__(batch_size=1)
            for name, network in {"to_paintings": to_paintings, "to_photos": to_photos,
                                  "knows_paintings": knows_paintings, "knows_photos": knows_photos}.items():
                self.add_network(name, network, keras.optimizers.Adam(rate, beta_1=.5))
            self.add_examples("paintings", paintings)
            self.add_examples("photos", photos)

        def train_step(self, useless_argument):
            paintings, photos = self.sample("paintings"), self.sample("photos")
            ...
            return {"cycle_loss": cycle_loss, ...}

It then has, without a line of its own:

* exact steps: `fit(epochs=, steps_per_epoch=)` trains just these, several in one call of TensorFlow where that pays;
  the bar shows the course's numbers (`CourseBar`), `History` the last step's; a loss that is not finite ends it;
* weights: `save_weights`, `load_weights`, whole or not at all;
* checkpoints: `LongRun(folder, name, settings).fit(model, ...)`. A training that was killed goes on to the same bits,
  if all random numbers of a step are drawn in `self.drawn(lambda: ...)`, as `sample` does. One in which something that
  decides the training was another is refused;
* several devices: `with devices.strategy(2, gpus).scope():` around networks and model;
* changed settings, frozen layers, and networks that two models share are noticed before the next training.

For a step:
    add_network, add_examples, add_number; sample(name), sample("pictures", "labels") for the same rows of two sets;
    drawn(lambda: tf.random.normal((self.batch_size, 16))) for every other random number;
    self.NAME for networks, with .optimizer and, if given, .loss; self.NAME for examples and numbers.
For a subclass with more of its own (`gan.model.GAN` is one):
    also_settings, draws_from, watched, changed_settings, refuse_frozen_numbers; see `System`.
For networks that grow:
    grow_at = (2, 5), and a method `grow` that calls `replace_network` for each that becomes another one. A checkpoint
    knows its stage. Each stage has a graph of its own, whose random numbers begin again.
For callbacks:
    model.epoch_losses, what each step of this epoch returned; model.rates() and model.set_rates(rates);
    model.stage; model.networks and model.data_sets, dicts by name.

`PlainFit` is the base of a model that Keras's own `fit(x)` trains on a data set, epoch by epoch. It can be stored too.
`devices.strategy`, `settings.described(model)` (what decides a training, as a dict), `weight_files.written` and
`draws.refuse_frozen(name, method)` (ValueError if a method makes numbers that a graph would freeze) are for others as
well. All other names are the engine's own.

What the modules hold:
* `system`: `System`: networks, examples, samples, growing.
* `training`: its `fit`, and the steps that one call runs.
* `changes`: what is changed at a model after it was built, and learning rates.
* `stored`: its files of weights, and what is refused because it would not come back whole.
* `plain_fit`: `PlainFit`.
* `long_run`: `LongRun`: checkpoints, a clean stop, and going on as if never stopped.
* `bar`: the progress bar with the course's numbers.
* `loops`: many training steps in one call of TensorFlow.
* `draws`: random numbers in a compiled training step.
* `shuffle`: samples of very many examples, without a shuffle of all of them.
* `devices`: several devices.
* `settings`: what decides a training, compared before a graph or a checkpoint is used again.
* `unused`: warnings of what Keras takes and no training step here uses.
* `ownership`: networks that two models share.
* `weight_files`: files of weights, looked at before Keras reads them and written from memory.
* `whole`, `replaced`: functions of libraries that do something else here.
"""

from gan import keras_settings

keras_settings.check()  # in one sentence, before Keras fails in a way of its own

from gan.engine.bar import CourseBar
from gan.engine.long_run import LongRun
from gan.engine.plain_fit import PlainFit
from gan.engine.system import System

__all__ = ["CourseBar", "LongRun", "PlainFit", "System"]
