"""Files of the weights of a model with several networks; and what is refused because it would not come back whole."""

import contextlib
import itertools
import os
import warnings

import numpy as np

from gan.engine import weight_files, whole


class Stored:
    """The part of `System` that saves and loads. All networks and their optimizers stand in one file."""

    whole_is_missing = "its examples and its functions cannot be"
    whole_is_made_of = "networks, examples, ..."

    def _no_whole(self, *args, **options):
        """Refuse what would need Python functions and all real examples in a file or a copy.

        Raises:
            TypeError: always.
        """
        names = [f"G.{name}" for name in self.networks]
        raise TypeError(f"a {type(self).__name__} is not stored or copied as a whole, because {self.whole_is_missing}: "
                        "use save_weights('NAME.weights.h5') and load_weights, or save, export or clone "
                        f"{', '.join(names[:-1])}{' and ' * (len(names) > 1)}{names[-1] if names else 'its parts'}")

    save = export = to_json = get_build_config = get_state_tree = __reduce__ = __deepcopy__ = _no_whole

    def _trackable_children(self, save_type="checkpoint", **options):
        """What TensorFlow would store: all of it in a `tf.train.Checkpoint`; `tf.saved_model.save` is refused."""
        if save_type == "savedmodel":
            self._no_whole()
        return super()._trackable_children(save_type, **options)

    def __setattr__(self, name, value):
        if name == "optimizer":  # which is only shown: TensorFlow's checkpoints find it at its network
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Refused: the settings alone do not make a model. TypeError."""
        raise TypeError(f"a {cls.__name__} is not made from its settings alone: call {cls.__name__}"
                        f"({cls.whole_is_made_of})")

    def trained_variables(self):
        """Everything that a training changes, in a fixed order.

        The variables of each network and of its optimizer, network by network, then the numbers of `add_number`.
        """
        self.take_networks()
        found = []
        for name, network in self.networks.items():
            found += network.variables
            if name in self.trained_networks:
                found += network.optimizer.variables
        return [*found, *(getattr(self, name) for name in self._inside.numbers)]

    def save_weights(self, filepath, *args, **options):
        """Save all networks and all optimizers, whole or not at all.

        Raises:
            ValueError: the name does not end in .weights.h5; other formats would leave the optimizers out.
        """
        if not str(filepath).endswith(".weights.h5"):
            raise ValueError(f"filepath: expected a name that ends in .weights.h5, got {str(filepath)!r}")
        write = super().save_weights
        with self._networks_only():
            weight_files.save(lambda path: write(path, *args, **options), filepath, gan_classes=self._classes())

    def load_weights(self, filepath, *args, **options):
        """Load what `save_weights` wrote.

        Raises:
            ValueError: the file is missing, damaged or of another model; then nothing changes.
        """
        for name in ("by_name", "skip_mismatch"):
            if options.get(name):
                raise ValueError(f"{name}: expected False, got {options[name]!r}: weights would be left out without a "
                                 "word")
        load = super().load_weights
        with self._networks_only():
            self.load_files(("filepath", filepath, lambda path: load(path, *args, **options)))

    @contextlib.contextmanager
    def _networks_only(self):
        """Hide `self.optimizer`, which is the first network's: files shall hold it once, whether compiled or not."""
        self.take_networks()
        hidden, self.optimizer = getattr(self, "optimizer", None), None
        try:
            yield
        finally:
            self.optimizer = hidden

    def load_files(self, *parts):
        """Call load(path) for each part (argument, path, load), all of them or none.

        Raises:
            ValueError: a file is missing or damaged, or does not fit; all variables are as they were. The message names
                the argument and the file.
        """
        variables = self.trained_variables()
        largest = max(int(np.prod(variable.shape)) for variable in variables)
        for argument, path, _ in parts:
            if not str(path).endswith((".h5", ".hdf5")):
                raise ValueError(f"{argument}: expected the name of a file of weights, which ends in .h5, got "
                                 f"{str(path)!r}")
            if not os.path.isfile(path):
                raise ValueError(f"{argument}: expected a file of weights, there is none at {str(path)!r}")
            try:
                weight_files.check(path, max(largest, 1000))
                weight_files.check_classes(path, self._classes())
            except Exception as error:  # h5py raises many kinds
                raise _unfit(argument, path, error) from error
        values = [variable.numpy() for variable in variables]
        for argument, path, load in parts:
            try:
                with warnings.catch_warnings():
                    # Keras 3 only warns when it leaves an optimizer as it was. It also warns of parts that a file
                    # may lack because they repeat the layers.
                    warnings.filterwarnings("error", message="Skipping variable loading for optimizer")
                    warnings.filterwarnings("ignore", message="Skipping nested container")
                    load(str(path))
            except Exception as error:  # h5py and Keras raise many kinds: OSError, KeyError, ValueError, ...
                for variable, value in zip(variables, values):
                    variable.assign(value)
                raise _unfit(argument, path, error) from error

    def _classes(self):
        """The names of its class and of the classes that this is made from, down to those of this package's engine."""
        kinds = itertools.takewhile(lambda kind: not kind.__module__.startswith("gan."), type(self).__mro__)
        return [kind.__name__ for kind in kinds]


whole.ask_first(Stored, Stored._no_whole)


def _unfit(argument, path, error):
    reason = str(error).strip().split("\n")[0] or type(error).__name__
    return ValueError(f"{argument}: {str(path)!r} does not hold weights of this network ({reason}); no weight was "
                      "changed")
