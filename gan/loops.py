"""Many training steps in one call of TensorFlow.

The networks of the course are so small that a step spends most of its time on starting operations. Running the steps in
one graph saves the way back to Python after each. From `AHEAD` steps a call on, dense networks gain several times more:
first the random numbers of many steps are drawn, by the same operations in the same order, then XLA runs all their
arithmetic as one compiled program. (XLA's own random numbers would follow no seed.)
"""

import contextlib
from collections import Counter
from operator import attrgetter

import tensorflow as tf

from gan.devices import on_every_replica

AHEAD = 100  # steps a call from which compiling pays
CHUNK = 100  # most steps whose random numbers are kept at a time
SLOWER_COMPILED = {"Conv2D", "Conv2DBackpropInput", "PyFunc", "EagerPyFunc"}


def make_train_steps(model):
    """A function steps -> losses of each step, shape (steps, number of losses), and the list of their names."""
    names = []

    def one_step():
        losses = model.train_step(None)
        names[:] = losses
        return tf.stack([tf.reduce_mean(tf.cast(loss, tf.float32)) for loss in losses.values()])

    several = model.distribute_strategy.num_replicas_in_sync > 1
    if several:
        one_step = on_every_replica(model, one_step, _answering)
    if model.run_eagerly:
        return lambda steps: tf.stack([one_step() for _ in range(steps)]), names
    if model.steps_per_call >= AHEAD and not model.jit_compile and not several:
        draws = _draws_of(model, one_step)
        if draws:
            return _drawn_ahead(model, one_step, draws), names
    return _in_one_graph(model, one_step), names


def _in_one_graph(model, one_step):
    step = tf.function(one_step, jit_compile=True, autograph=False) if model.jit_compile else one_step

    def train_steps(steps):
        losses = tf.TensorArray(tf.float32, size=steps)
        # One iteration at a time: the random operations of a later step must not run before an earlier one's.
        _, losses = tf.while_loop(lambda i, losses: i < steps, lambda i, losses: (i + 1, losses.write(i, step())),
                                  (0, losses), parallel_iterations=1)
        return losses.stack()

    graph = tf.function(train_steps, autograph=False).get_concrete_function(tf.TensorSpec((), tf.int32))
    return lambda steps: graph(tf.constant(steps))


# ------------------------------------------------------ random numbers first

@contextlib.contextmanager
def _answering(model, answer):
    """While the block runs, `model.drawn(draw)` gives answer(draw)."""
    model.drawn = answer
    try:
        yield
    finally:
        del model.drawn


def _operations(function):
    """How often each kind of operation stands in the graph of a function, functions inside it included."""
    graph = tf.function(function, autograph=False).get_concrete_function().graph.as_graph_def()
    called = attrgetter("library.function")(graph)
    return Counter(node.op for nodes in [graph.node, *(inner.node_def for inner in called)] for node in nodes)


def _random(operations):
    return {kind: count for kind, count in operations.items() if "Random" in kind}


def _draws_of(model, one_step):
    """The draws of a training step in order: a list of (function, shape, dtype).

    None if they cannot all be made beforehand (a `train_step` that draws past `drawn`, a layer such as Dropout), or if
    XLA would be slower (convolutions on a CPU, any GPU: not measured).
    """
    draws = []

    def record(draw):
        value = tf.convert_to_tensor(draw())
        draws.append((draw, value.shape, value.dtype))
        return value

    with _answering(model, record):
        operations = _operations(one_step)
    if SLOWER_COMPILED & set(operations) or tf.config.list_physical_devices("GPU") or not draws:
        return None
    if not all(shape.is_fully_defined() for _, shape, _ in draws):
        return None
    try:
        alone = _operations(lambda: [draw() for draw, _, _ in draws])
    except (TypeError, ValueError, AttributeError):  # a draw that needs a tensor of the step
        return None
    return draws if _random(alone) == _random(operations) else None


def _drawn_ahead(model, one_step, draws):
    def draw_steps(steps):
        arrays = [tf.TensorArray(dtype, size=steps, element_shape=shape) for _, shape, dtype in draws]
        _, *arrays = tf.while_loop(
            lambda i, *arrays: i < steps,
            lambda i, *arrays: (i + 1, *[array.write(i, draw()) for array, (draw, _, _) in zip(arrays, draws)]),
            (0, *arrays), parallel_iterations=1)
        return [array.stack() for array in arrays]

    def arithmetic(*drawn):
        steps = drawn[0].shape[0] or tf.shape(drawn[0])[0]  # XLA needs a number

        def step(i, losses):
            numbers = iter([values[i] for values in drawn])
            with _answering(model, lambda draw: next(numbers)):
                return i + 1, losses.write(i, one_step())

        losses = tf.TensorArray(tf.float32, size=steps)
        return tf.while_loop(lambda i, losses: i < steps, step, (0, losses), parallel_iterations=1)[1].stack()

    draw_graph = tf.function(draw_steps, autograph=False).get_concrete_function(tf.TensorSpec((), tf.int32))
    compiled = tf.function(arithmetic, autograph=False, jit_compile=True)
    any_number = tf.function(arithmetic, autograph=False, input_signature=[
        tf.TensorSpec((None, *shape), dtype) for _, shape, dtype in draws])
    chunk = next(size for size in range(CHUNK, 0, -1) if model.steps_per_call % size == 0)
    chunk = chunk if chunk > CHUNK // 5 else CHUNK

    def train_steps(steps):
        losses = []
        while steps:
            count = min(chunk, steps)
            drawn = draw_graph(tf.constant(count))
            losses.append((compiled if count == chunk else any_number)(*drawn))
            steps -= count
        return losses[0] if len(losses) == 1 else tf.concat(losses, axis=0)
    return train_steps
