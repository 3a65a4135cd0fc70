"""Checks of arguments: each error names the argument, what came and what was expected."""

import inspect
import math
import numbers
import operator

import numpy as np
import tensorflow as tf
from tensorflow import keras

from gan import draws


def whole_number(name, value):
    """Return `value` as an int; TypeError if it is not a whole number, ValueError if it is below 1."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}: expected a whole number of at least 1, got {value!r} ({type(value).__name__})")
    if value < 1:
        raise ValueError(f"{name}: expected a whole number of at least 1, got {value}")
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


def number(name, value, zero_allowed=False):
    """Return `value`; TypeError if it is not a number, ValueError if it is not finite and positive."""
    expected = "a finite number, zero or positive" if zero_allowed else "a finite positive number"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name}: expected {expected}, got {value!r} ({type(value).__name__})")
    if not math.isfinite(value) or value < 0 or (value == 0 and not zero_allowed):
        raise ValueError(f"{name}: expected {expected}, got {value}")
    return value


def learning_rate(value):
    """Return `value`, a positive number or a Keras learning rate schedule."""
    if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
        return value
    return number("learning_rate", value)


def network(name, value):
    """Return `value`; TypeError if it is not a Keras model."""
    if not isinstance(value, keras.Model):
        raise TypeError(f"{name}: expected a keras.Model, got {type(value).__name__}")
    return value


def real_examples(value):
    """Return the examples as a float32 tensor of the given shape (n, ...).

    Raises:
        TypeError: not an array of numbers.
        ValueError: no example, an axis of length zero, NaN or infinite values.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError("real_examples: expected an array of examples of one shape, got rows of different lengths") \
            from None
    if array.dtype.kind not in "fiub" and array.dtype != tf.bfloat16.as_numpy_dtype:
        raise TypeError(f"real_examples: expected an array or tensor of numbers of shape (n, ...), "
                        f"got {type(value).__name__} of dtype {array.dtype}")
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"real_examples: expected at least one example, got shape {array.shape}")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
        examples = tf.convert_to_tensor(array.astype("float32"))
    if not bool(tf.reduce_all(tf.math.is_finite(examples))):
        bad = np.argwhere(~np.isfinite(examples.numpy()))[0]
        raise ValueError(f"real_examples: expected finite float32 values, got {array[tuple(bad)]} in example {bad[0]}")
    return examples


def known_shape(model, which):
    """`model.input_shape` or `output_shape` without the batch axis; None while it is not known or has several parts."""
    shape = getattr(model, which, None)
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
    try:
        with draws.streams_kept(value):
            traced = tf.function(lambda: tf.convert_to_tensor(value(size)), autograph=False).get_concrete_function()
    except Exception:  # whatever the user's function raises in a graph; eagerly it may still work
        return None
    draws.refuse_a_fixed_seed(traced, lambda: value(size))
    shape = traced.output_shapes
    if shape.rank is None:
        return None
    wanted = known_shape(generator, "input_shape")
    if shape.rank == 0 or shape[0] not in (None, size) or (wanted is not None and not fits(shape[1:], wanted)):
        expected = (size, *wanted) if wanted is not None else (size, "...")
        raise ValueError(f"latent_generator: expected latent_generator({size}) to have shape {expected}, "
                         f"got {tuple(shape)}")
    return shape if shape.is_fully_defined() else None
