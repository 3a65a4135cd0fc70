"""What decides a training: looked at when a setting may have changed since a graph was made, or since a checkpoint.

A training step in a graph keeps the settings that the model had when the graph was made, and a checkpoint those of the
training that wrote it.
"""

import functools
import hashlib
import inspect
import json
import numbers
import re

import numpy as np
import tensorflow as tf
from tensorflow import keras

from gan.engine.draws import traced_alike

NO_SETTING = {"self", "args", "kwargs", "name", "learning_rate",
              "networks", "data_sets"}  # looked at in ways of their own


@functools.cache
def _names(kind):
    """The parameters of a class and of its base classes: what its objects can be told."""
    found = set()
    for base in kind.__mro__:
        if base in (keras.Model, keras.layers.Layer, keras.optimizers.Optimizer, object):
            break
        if "__init__" in vars(base):
            found |= set(inspect.signature(base.__init__).parameters)
    return sorted(found - NO_SETTING)


def _of(thing, more=()):
    """The settings of an object that are kept under the names of its parameters."""
    return {name: getattr(thing, name) for name in (*_names(type(thing)), *more) if hasattr(thing, name)}


def _layers(network):
    return list(network._flatten_layers(include_self=False)) or [network]


def now(model):
    """What a graph of the model's training step holds on to: a dict of objects, for `differ`."""
    found = _of(model, model.also_settings)
    for role, network in model.networks.items():
        found |= {f"{role} {name}": getattr(network, name, None) for name in ("loss", "optimizer")}
        found[f"{role} trains"] = tuple(map(id, network.trainable_variables))
        for i, layer in enumerate(_layers(network)):
            inside = vars(layer)
            found |= {f"{role} {i} {name}": inside[name] for name in _names(type(layer)) if name in inside}
        optimizer = getattr(network, "optimizer", None)
        found |= {f"{role} optimizer {name}": value for name, value in _of(optimizer).items()}
    return found


def differ(one, other):
    """Whether two results of `now` are of two different training steps."""
    if one.keys() != other.keys():
        return True
    simple = numbers.Number, str, tuple, type(None)
    return any(a is not b and not (isinstance(a, simple) and isinstance(b, simple) and a == b)
               for a, b in zip(one.values(), other.values()))


# ------------------------------------------------------------ for a checkpoint

def described(model):
    """What decides the training of a model, as values of JSON by names that a sentence can use."""
    found, sets = {}, list(model.data_sets)
    for name, value in _of(model, model.also_settings).items():
        if isinstance(value, (bool, numbers.Real, str)) or value is None:
            found[name] = _plain(value)
        elif isinstance(value, (np.ndarray, tf.Tensor)) and name not in sets:
            found[name] = _digest(np.ascontiguousarray(value))
    if hasattr(model, "learning_rate"):
        found["learning_rate"] = _plain(model.learning_rate)
    for name in sets[1:]:  # the first one is the "data" of a checkpoint
        found[name] = _digest(np.ascontiguousarray(getattr(model, name)))
    for name in model.draws_from:
        found[name] = _operations(functools.partial(getattr(model, name), model.batch_size))
    for role, network in model.networks.items():
        found |= _network(role, network)
        optimizer = getattr(network, "optimizer", None)
        if optimizer is not None:
            found[f"{role} optimizer"] = type(optimizer).__name__
            if "learning_rate" not in found:
                rate = "learning_rate" if len(model.networks) == 1 else f"{role} learning_rate"
                found[rate] = _plain(optimizer.get_config()["learning_rate"])
            found |= {f"{role} {name}": _plain(value) for name, value in _of(optimizer).items() if name not in found}
        found[f"{role} loss"] = getattr(getattr(network, "loss", None), "__qualname__", None)
    return found


def _network(role, network):
    """The layers of a network, each with its settings, and how they are connected."""
    found = {f"{role} layers": len(_layers(network))}
    for i, layer in enumerate(_layers(network), 1):
        found[f"{role} layer {i}"] = type(layer).__name__
        try:
            config = layer.get_config()
        except Exception:  # a layer or a model of one's own without it
            config = {}
        if layer is not network and not isinstance(layer, keras.Model):
            found |= {f"{role} layer {i} {name}": _plain(_nameless(value)) for name, value in config.items()
                      if name != "name" and not name.endswith("_initializer")}
    try:
        found[f"{role} connections"] = _digest(_without_names(network).encode())
    except Exception:  # as above
        pass
    return found


def _without_names(network):
    """The configuration of a network as text, its layers numbered: their names depend on how many were made before."""
    config = network.get_config()
    config.pop("name", None)
    text = json.dumps(config, default=lambda value: type(value).__name__, sort_keys=True)
    for i, name in enumerate(dict.fromkeys(_layer_names(config))):
        text = re.sub(re.escape(json.dumps(name)) + "(?!:)", f'"#{i}"', text)  # a setting is named "activation", too
    return re.sub(r'"(keras_tensor|shared_object_id)[^,}\]]*', "", text)


def _layer_names(config):
    """The names of all layers in a configuration, those inside a network or a wrapper too."""
    if isinstance(config, (list, tuple)):
        for one in config:
            yield from _layer_names(one)
    elif isinstance(config, dict):
        if _is_layer(config):
            yield config["config"]["name"]
        for one in config.values():
            yield from _layer_names(one)


def _nameless(config):
    """A setting of a layer; what is itself a layer, as a wrapper has one, without its name."""
    if isinstance(config, (list, tuple)):
        return [_nameless(one) for one in config]
    if isinstance(config, dict):
        if _is_layer(config):
            config = {**config, "config": {key: one for key, one in config["config"].items() if key != "name"}}
        return {key: _nameless(one) for key, one in config.items()}
    return config


def _is_layer(config):
    """Whether a part of a configuration is that of a layer. A policy of types has a name, too, which is its type."""
    inside = config.get("config")
    return (isinstance(inside, dict) and isinstance(inside.get("name"), str)
            and not str(config.get("class_name", "Policy")).endswith("Policy"))


def _digest(content):
    return hashlib.sha256(content).hexdigest()[:16]


def _plain(value):
    """A setting as JSON keeps it."""
    if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
        value = {"schedule": type(value).__name__, **value.get_config()}
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, numbers.Real):
        return int(value) if isinstance(value, numbers.Integral) else float(value)
    return json.loads(json.dumps(value, default=lambda thing: getattr(thing, "__name__", type(thing).__name__)))


def _operations(draw):
    """The operations of TensorFlow by which a latent generator makes its numbers; in one line."""
    function = traced_alike(draw)
    if function is None:
        return "in Python"
    kinds = [operation.type for operation in function.graph.get_operations()
             if operation.type not in ("Identity", "NoOp", "Placeholder")]
    values = [np.ascontiguousarray(tf.make_ndarray(operation.get_attr("value"))).tobytes()
              for operation in function.graph.get_operations() if operation.type == "Const"]
    return f"{' '.join(kind for kind in kinds if kind != 'Const')} ({_digest(b' '.join(values))[:6]})"
