"""Checks of arguments: each error names the argument, what came and what was expected."""

import contextlib
import inspect
import math
import numbers
import operator
import re

import numpy as np
import tensorflow as tf
from tensorflow import keras

from gan.engine import draws


def shown(value):
    """A value in one short line, for a message."""
    if tf.is_tensor(value) and not hasattr(value, "numpy"):  # in a graph, where its name tells nothing
        return f"a tensor of shape {value.shape} and type {value.dtype.name}"
    try:
        text = " ".join(repr(value).split())
    except Exception:  # whatever a stranger's __repr__ does
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 100 else text[:97] + "..."


def first_line(error):
    """What an error says, in one short line."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).split("\n")
    told = [line for line in lines if line.strip() and not line.startswith("Exception encountered when calling")]
    text = told[0].strip() if told else type(error).__name__
    return text if len(text) <= 200 else text[:197] + "..."


def plain(value):
    """A number as Python has it, where it comes as NumPy's, or as an array, tensor or variable without axes."""
    if not isinstance(value, (np.generic, np.ndarray)) and callable(getattr(value, "numpy", None)) and \
            getattr(value, "shape", None) == ():
        with contextlib.suppress(Exception):  # a tensor of a graph has no value
            value = value.numpy()
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0 and value.dtype.kind in "iufb":
        return value.item()
    return value


def whole_number(name, value, smallest=1):
    """Return `value` as an int; TypeError if it is not a whole number, ValueError if it is below `smallest`."""
    expected, came, value = f"a whole number of at least {smallest}", value, plain(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}: expected {expected}, got {shown(came)} ({type(came).__name__})")
    if value < smallest:
        raise ValueError(f"{name}: expected {expected}, got {shown(value)}")
    if value >= 2 ** 31:  # TensorFlow counts in 32 bits
        raise ValueError(f"{name}: expected {expected} and below 2 ** 31, got {shown(value)}")
    return int(value)


def sample_size(value, most=None):
    """Return `value`, how many examples are wanted, as an int; a tensor of a graph as it is.

    Raises:
        TypeError, ValueError: it is not a whole number, or not one from 1 to `most`.
    """
    expected = "a whole number of at least 1" + (f" and at most {most}, the number of real examples" if most else "")
    if tf.is_tensor(value) and not hasattr(value, "numpy") and value.dtype.is_integer and value.shape.rank == 0:
        return value
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        size = operator.index(value)
    except (TypeError, AttributeError):  # a tensor of numbers that are not whole
        raise TypeError(f"size: expected {expected}, got {value!r} ({type(value).__name__})") from None
    if size < 1 or (most and size > most):
        raise ValueError(f"size: expected {expected}, got {size}")
    return size


def number(name, value, zero_allowed=False, or_else=""):
    """Return `value`; TypeError if it is not a number, ValueError if it is not finite and positive, in float32 too."""
    expected = ("a finite number, zero or positive" if zero_allowed else "a finite positive number") + or_else
    came, value = value, plain(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name}: expected {expected}, got {shown(came)} ({type(came).__name__})")
    if not 0 <= value < math.inf or (value == 0 and not zero_allowed):
        raise ValueError(f"{name}: expected {expected}, got {shown(value)}")
    limits = np.finfo("float32")
    if value > float(limits.max) or 0 < value < float(limits.tiny):
        raise ValueError(f"{name}: expected {expected}, within the range of float32, got {shown(value)}")
    return value


def learning_rate(value):
    """Return `value`, a positive number as a float or a Keras learning rate schedule."""
    if not isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
        return float(number("learning_rate", value, or_else=" or a Keras schedule"))
    try:
        first = tf.convert_to_tensor(value(tf.constant(0, tf.int64)))
        if first.shape.rank or not (first.dtype.is_floating or first.dtype.is_integer):
            raise TypeError(shown(first))
        first = float(first)
    except Exception as error:  # whatever a stranger's schedule raises
        raise ValueError("learning_rate: expected a schedule that gives numbers, got at step 0 "
                         f"{type(error).__name__}: {first_line(error)}") from error
    if not 0 <= first < math.inf:
        raise ValueError("learning_rate: expected a schedule that gives finite numbers, zero or positive, "
                         f"got {first} at step 0")
    return value


def network(name, value):
    """Return `value`; TypeError if it is not a Keras model."""
    if not isinstance(value, keras.Model):
        came = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        if any(base.__name__ == "Model" for base in type(value).__mro__):
            came += f" of another Keras than TensorFlow's ({type(value).__module__.split('.')[0]})"
        raise TypeError(f"{name}: expected a keras.Model, got {came}")
    return value


def real_examples(value, name="real_examples"):
    """Return the examples as a float32 tensor of the given shape (n, ...).

    Raises:
        TypeError: not an array of numbers.
        ValueError: no example, an axis of length zero, NaN, infinite or masked values.
    """
    if np.ma.is_masked(value):
        raise ValueError(f"{name}: expected finite float32 values, got a masked array with "
                         f"{np.ma.count_masked(value)} of {value.size} values masked")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name}: expected an array of examples of one shape, got rows of different lengths") from None
    if array.dtype.kind not in "fiub" and array.dtype != tf.bfloat16.as_numpy_dtype:
        raise TypeError(f"{name}: expected an array or tensor of numbers of shape (n, ...), "
                        f"got {type(value).__name__} of dtype {array.dtype}")
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{name}: expected at least one example, got shape {array.shape}")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
        examples = tf.convert_to_tensor(array.astype("float32"))
    if not bool(tf.reduce_all(tf.math.is_finite(examples))):
        bad = np.argwhere(~np.isfinite(examples.numpy()))[0]
        raise ValueError(f"{name}: expected finite float32 values, got {array[tuple(bad)]} in example {bad[0]}")
    return examples


def known_shape(model, which):
    """`model.input_shape` or `output_shape` without the batch axis; None while it is not known or has several parts."""
    shape = getattr(model, which, None)
    if isinstance(shape, (list, dict)) and len(shape) == 1:  # such as keras.Model([inputs], x)
        shape = list(shape.values() if isinstance(shape, dict) else shape)[0]
    return tuple(shape[1:]) if isinstance(shape, (tuple, tf.TensorShape)) and shape else None


def fits(shape, wanted):
    """Whether an example of `shape` can be read as `wanted`: None is any length, a last axis of length 1 may lack."""
    shape, wanted = tuple(shape), tuple(wanted)
    if len(shape) + 1 == len(wanted) and wanted[-1] == 1:
        shape += (1,)
    return len(shape) == len(wanted) and all(None in (a, b) or a == b for a, b in zip(shape, wanted))


def networks_fit(made, discriminator, examples):
    """ValueError if examples, the generator's output and the discriminator's input are known to differ in shape."""
    shape = tuple(examples.shape[1:])
    wanted = known_shape(discriminator, "input_shape")
    if wanted is not None and not fits(shape, wanted):
        raise ValueError(f"real_examples: expected shape {('n', *wanted)}, the input of the discriminator, "
                         f"got {tuple(examples.shape)}")
    if made is not None and not fits(shape, made):
        raise ValueError(f"generator: expected an output of shape {(None, *shape)} like real_examples, "
                         f"got {(None, *made)}")


def one_value(shape):
    """ValueError if a discriminator's output of this shape, None if it is not known, is not one value an example."""
    if shape is not None and all(isinstance(length, int) for length in shape) and math.prod(shape) != 1:
        raise ValueError(f"discriminator: expected one value for each example, an output of shape (None, 1), got "
                         f"{(None, *shape)}")


def _no_numbers(value):
    """Whether what a function gave in a graph is no tensor of numbers, and would be none without the graph either."""
    if isinstance(value, (dict, tf.RaggedTensor, tf.SparseTensor)):
        return True
    if any(tf.is_tensor(part) for part in tf.nest.flatten(value)):
        return False
    try:
        with tf.init_scope():
            tf.convert_to_tensor(value)
    except Exception:  # TensorFlow has many for what is no number
        return True
    return False


def latent_generator(value, size, generator):
    """Check that `value(size)` gives latent vectors of shape (size, ...) that the generator takes; return that shape.

    The latent generator is traced, not called, and Python's and NumPy's streams are put back: nothing is drawn.
    One that cannot be traced (it works eagerly only) is left unchecked, and None returned.
    """
    if not callable(value):
        raise TypeError(f"latent_generator: expected a function of the number of vectors, got {type(value).__name__}")
    try:
        inspect.signature(value).bind(size)
    except TypeError:
        raise TypeError("latent_generator: expected a function of one argument, the number of vectors, "
                        f"got one with the signature {inspect.signature(value)}") from None
    except ValueError:  # a built-in function without a signature
        pass
    given = []

    def vectors():
        given.append(value(size))
        return tf.convert_to_tensor(given[-1])

    wanted = known_shape(generator, "input_shape")
    expected = f"latent_generator({size}) to be numbers of shape {(size, *wanted) if wanted else (size, '...')}"
    try:
        with draws.streams_kept(value):
            traced = tf.function(vectors, autograph=False).get_concrete_function()
    except Exception:  # whatever the user's function raises in a graph; eagerly it may still work
        if given and _no_numbers(given[-1]):
            came = f"{shown(given[-1])} ({type(given[-1]).__name__})" if given[-1] is not None else \
                "None (is there a return?)"
            raise TypeError(f"latent_generator: expected {expected}, got {came}") from None
        return None
    kind = traced.structured_outputs.dtype
    if not (kind.is_floating or kind.is_integer):
        raise TypeError(f"latent_generator: expected {expected}, got some of type {kind.name}")
    draws.refuse_a_fixed_seed(traced, lambda: value(size))
    shape = traced.output_shapes
    if shape.rank is None:
        return None
    if shape.rank == 0 or shape[0] not in (None, size) or (wanted is not None and not fits(shape[1:], wanted)):
        expected = (size, *wanted) if wanted is not None else (size, "...")
        raise ValueError(f"latent_generator: expected latent_generator({size}) to have shape {expected}, "
                         f"got {tuple(shape)}")
    return shape if shape.is_fully_defined() else None


# ------------------------------------------------------------- can it train?

def settings():
    """ValueError if Keras's global settings are such that nothing here would train as it should."""
    if keras.backend.backend() != "tensorflow":
        raise ValueError(f"KERAS_BACKEND: expected tensorflow, got {keras.backend.backend()}")
    if keras.backend.floatx() != "float32":
        raise ValueError("floatx: expected float32 as Keras's type of numbers (keras.backend.set_floatx, or floatx in "
                         f"keras.json), got {keras.backend.floatx()}")


def channels_last():
    """ValueError if Keras's convolutions expect pictures with the colours before height and width."""
    if keras.backend.image_data_format() != "channels_last":
        raise ValueError("image_data_format: expected channels_last as Keras's setting (keras.backend, or keras.json), "
                         f"got {keras.backend.image_data_format()}")


def can_train(name, model, now=True):
    """ValueError if a network has nothing to train, or computes in another type than float32.

    One without any weights can be part of a GAN, for instance to look at its penalty; a training (`now`) refuses it.

    Samples and losses are float32. In float16 gradients would vanish without a scaled loss, which no `train_step` here
    has; Keras would all the same divide them by its scale.
    """
    if isinstance(model, keras.Sequential) and not model.layers:
        raise ValueError(f"{name}: expected a network with weights to train, got {model.name!r} without layers")
    if model.built and not model.trainable_variables and (now or model.weights):
        why = "it has no weights" if not model.weights else "all of them are frozen: set trainable = True"
        raise ValueError(f"{name}: expected a network with weights to train, got {model.name!r} without ({why})")
    for layer in model._flatten_layers():  # with those inside other layers; the same in both generations of Keras
        policy = getattr(layer, "dtype_policy", None)
        for kind in (layer.compute_dtype, layer.variable_dtype, getattr(policy, "quantization_mode", None) or ""):
            if kind and kind != "float32" and ("float" in kind or kind == getattr(policy, "quantization_mode", "")):
                raise ValueError(f"{name}: expected layers that compute in float32, got {kind} (the policy "
                                 f"{getattr(policy, 'name', kind)}) in {layer.name!r}")
    for variable in model.trainable_variables if model.built else ():
        if tf.as_dtype(variable.dtype) != tf.float32:
            raise ValueError(f"{name}: expected weights in float32, got {tf.as_dtype(variable.dtype).name} in "
                             f"{variable.name!r}")


def distinct(networks):
    """ValueError if two of the networks, a dict by name, are the same, or if one was made elsewhere.

    That is, not in the tf.distribute.Strategy's scope that we are in.
    """
    for i, (name, model) in enumerate(networks.items()):
        for other, earlier in list(networks.items())[:i]:
            if earlier is model:
                raise ValueError(f"{name}: expected another network than the {other}, got {model.name!r} twice")
    here = tf.distribute.get_strategy().extended
    for name, model in networks.items():
        for variable in model.variables if model.built else ():
            # Keras 3 wraps TensorFlow's variable
            if not here.variable_created_in_scope(getattr(variable, "_value", variable)):
                raise ValueError(f"{name}: expected a network made in the same strategy.scope() as the GAN, got "
                                 f"{model.name!r}, which was made in another")


def single(name, model):
    """ValueError if a network is known to have several inputs, or another output than one tensor."""
    inputs, outputs = getattr(model, "input_shape", None), None
    with contextlib.suppress(Exception):  # there is none as long as a network is not built; each kind raises another
        outputs = model.output
    if isinstance(inputs, (list, dict)) and len(inputs) != 1:
        raise ValueError(f"{name}: expected a network with one input, got {len(inputs)} in {model.name!r}")
    if isinstance(outputs, (list, dict)):
        raise ValueError(f"{name}: expected a network whose output is one tensor, got a {type(outputs).__name__} of "
                         f"{len(outputs)} from {model.name!r}")


def made_by(name, model, shape, several=False):
    """What a network makes of zeros of this shape (1, ...).

    Raises:
        ValueError: it cannot be called so, or, unless `several`, that is not one tensor.
    """
    try:
        made = model(tf.zeros(shape))
    except Exception as error:  # whatever a stranger's network raises
        raise ValueError(f"{name}: expected a network that can be called on shape {tuple(shape)}, got "
                         f"{type(error).__name__}: {first_line(error)}") from error
    if not several and (not tf.is_tensor(made) or made.shape.rank == 0):
        came = shown(made) if tf.is_tensor(made) else f"a {type(made).__name__}"
        raise ValueError(f"{name}: expected a network whose output is one tensor of shape (batch, ...), got {came} "
                         f"from {model.name!r}")
    return made


def traced(name, model, shape):
    """As `made_by` for a network that is built, but in a graph that is thrown away, so that nothing is drawn.

    None for a network that works eagerly only.
    """
    found = []

    def call():
        try:
            found.append(made_by(name, model, shape))
        except ValueError as error:
            if error.__cause__ is None:
                found.append(error)

    tf.function(call, autograph=False).get_concrete_function()
    if found and isinstance(found[0], ValueError):
        raise found[0]
    return found[0] if found else None


# ------------------------------------------------------------ arguments of fit

def epochs(epochs, initial_epoch):
    """Return both as ints; an error names the one that is wrong."""
    return whole_number("epochs", epochs), whole_number("initial_epoch", initial_epoch, smallest=0)


def verbose(value):
    """Return 0, 1 or 2; "auto" is 1."""
    number = plain(value)
    if isinstance(number, str) and number == "auto":
        return 1
    if isinstance(number, numbers.Integral) and 0 <= number <= 2:
        return int(number)
    raise ValueError(f"verbose: expected 'auto', 0, 1 or 2, got {shown(value)}")


def callbacks(value):
    """Return a list of callbacks; TypeError for anything else, ValueError for one that would store the whole GAN."""
    if isinstance(value, keras.callbacks.CallbackList):
        value = value.callbacks
    found = [] if value is None else tf.nest.flatten(value)
    for callback in found:
        if isinstance(callback, type):
            raise TypeError(f"callbacks: expected keras.callbacks.Callback objects, got the class {callback.__name__}; "
                            f"write {callback.__name__}()")
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(f"callbacks: expected keras.callbacks.Callback objects, got {shown(callback)} "
                            f"({type(callback).__name__})")
        if isinstance(callback, keras.callbacks.ModelCheckpoint):
            path = str(callback.filepath)
            if not callback.save_weights_only or not path.endswith(".weights.h5"):
                raise ValueError("callbacks: expected a ModelCheckpoint with save_weights_only=True and a name that "
                                 f"ends in .weights.h5, got save_weights_only={callback.save_weights_only} and "
                                 f"{shown(path)}")
    return found


def own_test_step(name, model):
    """ValueError if the class of a model leaves `test_step` to Keras, which knows no loss for it."""
    if getattr(model.test_step, "__func__", None) is keras.Model.test_step:
        raise ValueError(f"{name}: expected a class with a test_step of its own, got {type(model).__name__}; examples "
                         "alone have no loss in a GAN")


def validation(model, options):
    """Check and return the options of fit that are about validation or weights of examples."""
    for name in ("sample_weight", "class_weight"):
        if options.get(name) is not None:
            raise ValueError(f"{name}: expected None, because every step draws its examples with equal chances, got "
                             f"{shown(options[name])}")
    split = plain(options.get("validation_split"))
    if split is not None and not (isinstance(split, numbers.Real) and split == 0):
        raise ValueError(f"validation_split: expected 0, because each step draws from all examples, got {shown(split)}")
    data = options.get("validation_data")
    if data is None:
        return options
    own_test_step("validation_data", model)
    if isinstance(data, np.ndarray) or tf.is_tensor(data):
        data = (data,)  # Keras 2 asks whether it is empty, which an array does not say
    often = options.get("validation_freq", 1)
    if not isinstance(often, (list, tuple, set)):
        often = whole_number("validation_freq", often)
    return {**options, "validation_data": data, "validation_freq": often}


def latent_vectors(name, value, generator):
    """Return latent vectors for this generator; lists of numbers, which Keras 3 does not take, as an array.

    Raises:
        TypeError, ValueError: they are known to be none, or to have another shape than the generator's input.
    """
    wanted = known_shape(generator, "input_shape")
    expected = f"{name}: expected latent vectors" + (f" of shape {('n', *wanted)}" if wanted is not None else "")
    if value is None or isinstance(value, (str, bytes, bool, numbers.Number)):
        raise TypeError(f"{expected}, got {shown(value)}")
    if isinstance(value, (list, tuple)) and not any(hasattr(part, "shape") for part in value):
        try:
            value = np.asarray(value, "float32")
        except (TypeError, ValueError):
            raise TypeError(f"{expected}, got {shown(value)}") from None
    shape = tuple(getattr(value, "shape", ()))
    if wanted is not None and shape and not fits(shape[1:], wanted):
        raise ValueError(f"{expected}, got {shape}")
    return value


# -------------------------------------------------------- what a step returns

def losses(returned):
    """What a `train_step` returned, as float32 scalars; TypeError or ValueError if it is no dict of numbers."""
    expected = "train_step: expected it to return a dict of numbers, such as {'gen_loss': gen_loss}, got "
    if not isinstance(returned, dict):
        raise TypeError(expected + shown(returned) + " (is there a return?)" * (returned is None))
    if not returned:
        raise ValueError(expected + "{}")
    found = {}
    for name, value in returned.items():
        if not isinstance(name, str):
            raise TypeError(f"{expected}the key {shown(name)}")
        try:
            tensor = tf.convert_to_tensor(value)
        except Exception:  # TensorFlow has many for what is no number
            tensor = None
        if tensor is None or not (tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool):
            raise TypeError(f"{expected}{shown(value)} for {name!r}")
        if tensor.shape.num_elements() == 0:
            raise ValueError(f"{expected}no number for {name!r}")
        found[name] = tf.reduce_mean(tf.cast(tensor, tf.float32))
    return found
