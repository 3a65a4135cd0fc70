"""What Keras takes and a training step of several networks makes nothing of: each gets a warning, one sentence.

Keras itself is silent about it: a `train_step` of one's own need not use what `compile` and `fit` were given.
"""

import inspect
import warnings

import numpy as np
import tensorflow as tf
from tensorflow import keras

from gan import checks

# Argument of `compile` -> names that a step of a subclass's own has if it uses that argument.
USES = {"loss": {"compute_loss", "compiled_loss"},
        "loss_weights": {"compute_loss", "compiled_loss"},
        "metrics": {"compute_metrics", "compiled_metrics", "metrics"},
        "weighted_metrics": {"compute_metrics", "compiled_metrics", "metrics"}}


def _names(code):
    """All names that a piece of Python code reads, with those of the functions inside it."""
    inside = [part for part in code.co_consts if inspect.iscode(part)]
    return set(code.co_names).union(*map(_names, inside))


def _read_by_steps(model):
    """The names that the model's steps read. Keras's own test_step is none of them: nothing calls it here."""
    steps = [getattr(type(model), name, None) for name in ("train_step", "test_step")]
    steps = [step for step in steps if inspect.isfunction(step) and step is not keras.Model.test_step]
    return set().union(*(_names(inspect.unwrap(step).__code__) for step in steps))


def _warn(sentence, stacklevel=4):  # the line that called compile or fit
    warnings.warn(sentence, stacklevel=stacklevel)


def of_compile(model, args, options):
    """The arguments of `compile`, with a warning for each that has no effect; metrics of that kind are left out.

    Keras 3 would fail over a metric that no step has updated.
    """
    try:
        given = inspect.signature(keras.Model.compile).bind(model, *args, **options).arguments
    except TypeError:  # Keras says which argument it does not know
        return args, options
    given = {name: value for name, value in given.items() if name != "self"}
    if given.get("optimizer", "") is None:  # Keras 2 does not know it
        del given["optimizer"]
    kind, read = type(model).__name__, _read_by_steps(model)
    for name in ("optimizer", *USES):
        if name == "optimizer":
            why = "each of its networks trains with an optimizer of its own; give learning_rate when it is built"
        elif USES[name] & read:
            continue
        else:
            why = "its training step computes losses of its own, and returns them"
        value = given.pop(name, None) if "metrics" in name else given.get(name)
        if not (value is None or isinstance(value, (list, dict, tuple)) and not value):
            _warn(f"{name}: {checks.shown(value)} has no effect on a {kind}, because {why}")
    return (), {**given.pop("kwargs", {}), **given}


def of_fit(model, x, y):
    """A warning if `fit` is given other examples than those that the model draws from, or answers to them."""
    kind, sets = type(model).__name__, model.data_sets
    if x is not None and sets and not any(_equal(x, examples) for examples in sets.values()):
        came = f"shape {tuple(x.shape)}" if hasattr(x, "shape") else f"a {type(x).__name__}"
        _warn(f"x: got other examples ({came}) than {' and '.join(sets)}, which the {kind} was built with; it trains "
              "on those and not on these")
    if y is not None:
        _warn(f"y: has no effect on a {kind}, because its training step draws its own examples")


def _equal(x, examples):
    if x is examples:
        return True
    try:
        if tuple(np.shape(x)) != tuple(examples.shape):
            return False
        return bool(tf.reduce_all(tf.convert_to_tensor(np.asarray(x, "float32")) == tf.cast(examples, "float32")))
    except Exception:  # whatever is no array of numbers
        return False


def of_network(model, name, network):
    """A warning if a network has penalties on its weights or values, which no loss of the model takes in."""
    if "losses" in _read_by_steps(model):
        return
    with_them = [layer.name for layer in network._flatten_layers() if any(
        value is not None and value != [] for key, value in vars(layer).items() if key.endswith("_regularizer"))]
    if with_them:
        _warn(f"{name}: the regularizer of {with_them[0]!r} has no effect on a {type(model).__name__}, because its "
              "training step computes its own losses; add sum(network.losses) there in a subclass", 6)
