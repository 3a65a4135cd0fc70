"""Training on several devices of one machine at once, by TensorFlow's own `tf.distribute.MirroredStrategy`.

Each device keeps a copy of all networks, a replica, and works on its part of every batch. The training is that of one
device with the same seed, up to float rounding: the random numbers of a step are drawn once for the whole batch, as one
device draws them, and each replica takes its rows; gradients and losses are averaged over the replicas; and the batch
normalisation uses the statistics of the whole batch.
"""

import contextlib
import functools

import tensorflow as tf
from tensorflow import keras

from gan.engine.replaced import replaced


def share_memory(gpus):
    """Let TensorFlow take a GPU's memory as it needs it, not all at once: then several processes can share the card."""
    for gpu in gpus:
        with contextlib.suppress(RuntimeError):  # TensorFlow is running already, as in a notebook
            tf.config.experimental.set_memory_growth(gpu, True)


def strategy(count, gpus):
    """The tf.distribute.Strategy for so many devices: GPUs, or, on a machine without any, parts of the CPU.

    To be called before TensorFlow starts to compute, because the CPU cannot be divided later.

    Raises:
        ValueError: there are not so many devices.
    """
    if count == 1:
        return tf.distribute.get_strategy()  # TensorFlow's default, which changes nothing
    kind, there = "GPU", len(gpus)
    if not gpus:
        kind = "CPU"
        with contextlib.suppress(RuntimeError):  # TensorFlow is running already
            tf.config.set_logical_device_configuration(
                tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * count)
        there = len(tf.config.list_logical_devices("CPU"))
    if count > there:
        raise ValueError(f"expected at most {there}, the number of {kind}s that TensorFlow has here, got {count}")
    tf.get_logger().setLevel("ERROR")  # it reports every exchange between devices
    return _mirrored(kind, count)


@functools.cache  # two in one process take each other's messages for their own
def _mirrored(kind, count):
    return tf.distribute.MirroredStrategy([f"{kind}:{i}" for i in range(count)])


def check_batch(batch_size, strategy=None):
    """Return the batch size; ValueError if the strategy (default: the one in whose scope we are) cannot divide it."""
    replicas = (strategy or tf.distribute.get_strategy()).num_replicas_in_sync
    if batch_size % replicas:
        raise ValueError(f"batch_size: expected a multiple of {replicas}, the number of devices, got {batch_size}")
    return batch_size


class _MeanGradients:
    """Before an optimizer of Keras: its steps follow the mean of the replicas' gradients.

    Keras adds them up, for losses that were divided before.
    """

    only_looking = False  # True while a step is traced only to see what it draws: nothing is to be updated

    def apply_gradients(self, grads_and_vars, *args, **options):
        if _MeanGradients.only_looking:
            return None
        share = 1 / tf.distribute.get_strategy().num_replicas_in_sync
        means = [(gradient if gradient is None else tf.math.scalar_mul(share, gradient), variable)
                 for gradient, variable in grads_and_vars]
        return super().apply_gradients(means, *args, **options)


@functools.cache
def _averaging_kind(kind):
    return type(f"Mean{kind.__name__}", (_MeanGradients, kind), {})


def averaging(optimizer):
    """The optimizer as it is, or where several devices train together, one like it that follows mean gradients."""
    if tf.distribute.get_strategy().num_replicas_in_sync == 1 or isinstance(optimizer, _MeanGradients):
        return optimizer
    return _averaging_kind(type(optimizer)).from_config(optimizer.get_config())


def _replica():
    """The number of the replica whose training step is being traced."""
    return int(tf.get_static_value(tf.distribute.get_replica_context().replica_id_in_sync_group))


def _mean_loss(loss, y_true, y_pred):
    """What a keras.losses.Loss gives on one device.

    With several, Keras 2 refuses it and Keras 3 divides it by their number, both for optimizers that add gradients up.
    """
    return tf.reduce_mean(loss.call(y_true, y_pred))


def _losses_of_one_device():
    return replaced(keras.losses.Loss, "__call__", _mean_loss)


def needs_a_replica(model):
    """Whether a strategy with one device must run the training step: Keras 2's variables and optimizers ask for it."""
    with model.distribute_strategy.scope():
        return tf.distribute.has_strategy() and not hasattr(keras, "ops")


def on_one_replica(model, one_step):
    """A training step of a model that was built in the scope of a strategy with one device."""
    strategy = model.distribute_strategy

    def step():
        with _losses_of_one_device():
            return strategy.experimental_local_results(strategy.run(one_step))[0]
    return step


def on_every_replica(model, one_step, answering):
    """A training step of all replicas together.

    Args:
        model: a `System` built in the scope of a strategy with several replicas.
        one_step: its training step, which returns the losses as one tensor.
        answering: context manager of (model, answer): meanwhile `model.drawn(draw)` gives answer(draw).

    Returns:
        A function without arguments that trains one step and returns the mean losses.

    Raises:
        ValueError: the model was compiled with jit_compile=True; XLA's programs run on one device.
    """
    if model.jit_compile:
        raise ValueError("jit_compile: expected False for a training on several devices, got True")
    strategy = model.distribute_strategy
    replicas = strategy.num_replicas_in_sync
    for network in model.networks.values():
        for layer in network._flatten_layers(include_self=False):
            if isinstance(layer, keras.layers.BatchNormalization):
                # Keras 2's fused operation knows one device only. It also stores n / (n - 1) times the variance of n
                # values in the moving variance, which this does not.
                layer.synchronized, layer.fused = True, False

    # A trace that is thrown away, to see what is drawn for the whole batch, in the order of one device.
    draws = []

    def record(draw):
        if _replica() == 0:
            draws.append(draw)
        return draw()

    with answering(model, record), _losses_of_one_device(), replaced(_MeanGradients, "only_looking", True):
        tf.function(lambda: strategy.run(one_step), autograph=False).get_concrete_function()

    def step():
        drawn = [model.drawn(draw) for draw in draws]
        numbers = [iter(drawn) for _ in range(replicas)]

        def rows(draw):
            i = _replica()
            values = next(numbers[i])
            if not values.shape.rank:
                return values  # one number for all
            count = values.shape[0] or model.batch_size
            if count % replicas:
                raise ValueError(f"drawn: expected random numbers for a multiple of {replicas}, the number of devices, "
                                 f"got the shape {values.shape}")
            share = count // replicas
            return values[i * share:(i + 1) * share]

        with answering(model, rows), _losses_of_one_device():
            return strategy.reduce("MEAN", strategy.run(one_step), axis=None)
    return step
