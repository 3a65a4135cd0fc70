"""Many training steps in one call of TensorFlow.

The networks of the course are so small that a step spends most of its time on starting operations. Running the steps
in one graph saves the way back to Python after each. From `AHEAD` steps a call on, dense networks gain several times
more: first the random numbers of many steps are drawn, by the same operations in the same order, then XLA runs all
their arithmetic as one compiled program, while another thread draws for the next steps. (XLA's own random numbers would
follow no seed.)

Drawing apart from computing has a second use: a training that goes on from a checkpoint draws the random numbers of the
steps that are done once more, without their arithmetic, and so meets the same numbers as one that never stopped.
"""

import contextlib
import functools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter

import tensorflow as tf
from tensorflow import keras

from gan import checks
from gan.engine.devices import needs_a_replica, on_every_replica, on_one_replica
from gan.engine.draws import in_graph
from gan.engine.shuffle import MANY, FirstOfShuffle, as_foreseen

AHEAD = 100  # steps a call from which compiling pays
CHUNK = 100  # most steps whose random numbers are kept at a time
IN_PYTHON = {"PyFunc", "EagerPyFunc"}
SLOWER_COMPILED = {"Conv2D", "Conv2DBackpropInput", *IN_PYTHON}
WIDE = 64  # units of a layer beyond which the XLA of TensorFlow 2.15 is slower than TensorFlow itself


def make_train_steps(model):
    """The best way to run training steps of this model.

    Returns:
        An object with `run(steps, then)`, which trains so many steps, knowing that `then` steps follow, and returns the
        losses of each, shape (steps, number of losses); `names`, those of the losses, once a step has run; and
        `skip(steps)`, which draws the random numbers of so many steps and drops them (None if that is not possible).
    """
    names = []

    def one_step():
        losses = checks.losses(model.train_step(None))
        names[:] = losses
        return tf.stack(list(losses.values()))

    several = model.distribute_strategy.num_replicas_in_sync > 1
    if several:
        one_step = on_every_replica(model, one_step, _answering)
    elif needs_a_replica(model):
        one_step, several = on_one_replica(model, one_step), True
    many = model.steps_per_call >= AHEAD
    large = any(len(examples) > MANY for examples in model.data_sets.values()) and as_foreseen()
    if (many or model.can_skip or large) and not is_eager(model) and not model.jit_compile:
        operations, draws = _draws_of(model, one_step)
        slower = (several or SLOWER_COMPILED & set(operations) or tf.config.list_physical_devices("GPU")
                  or _too_wide(model))
        large = large and any(_is_foreseen(draw) for draw, _, _ in draws or ())
        if draws and (model.can_skip or large or not slower):
            return _DrawnAhead(model, one_step, names, draws, compiled=many and not slower,
                               in_python=bool(IN_PYTHON & set(operations)))
    return _InOneGraph(model, one_step, names)


def is_eager(model):
    """Whether steps run in Python, operation by operation: by `compile(run_eagerly=True)` or a switch of TensorFlow."""
    return bool(model.run_eagerly or tf.config.functions_run_eagerly())


def _too_wide(model):
    if hasattr(keras, "ops"):  # Keras 3, so a newer TensorFlow
        return False
    weights = [weight for network in model.networks.values() for weight in network.trainable_variables]
    return any(size > WIDE for weight in weights for size in weight.shape)


def _is_foreseen(draw):
    return isinstance(draw, FirstOfShuffle) and draw.total > MANY and as_foreseen()


class _InOneGraph:
    """Steps in a loop of one graph, each with its random numbers; step by step in Python with run_eagerly."""

    skip, in_python = None, False

    def __init__(self, model, one_step, names):
        self.names, self.one_step, self.eagerly = names, one_step, is_eager(model)
        step = tf.function(one_step, jit_compile=True, autograph=False) if model.jit_compile else one_step

        def train_steps(steps):
            losses = tf.TensorArray(tf.float32, size=steps)
            # One iteration at a time: the random operations of a later step must not run before an earlier one's.
            _, losses = tf.while_loop(lambda i, losses: i < steps, lambda i, losses: (i + 1, losses.write(i, step())),
                                      (0, losses), parallel_iterations=1)
            return losses.stack()

        if not self.eagerly:
            self.graph = tf.function(train_steps, autograph=False).get_concrete_function(tf.TensorSpec((), tf.int32))

    def run(self, steps, then=0):
        if self.eagerly:
            return tf.stack([self.one_step() for _ in range(steps)])
        return self.graph(tf.constant(steps))


# ------------------------------------------------------ random numbers first

@contextlib.contextmanager
def _answering(model, answer):
    """While the block runs, `model.drawn(draw)` gives answer(draw)."""
    inside = model._inside
    before, inside.answer = inside.answer, answer
    try:
        yield
    finally:
        inside.answer = before


def _operations(function):
    """How often each kind of operation stands in the graph of a function, functions inside it included."""
    graph = tf.function(function, autograph=False).get_concrete_function().graph.as_graph_def()
    called = attrgetter("library.function")(graph)
    return Counter(node.op for nodes in [graph.node, *(inner.node_def for inner in called)] for node in nodes)


def _random(operations):
    return {kind: count for kind, count in operations.items() if "Random" in kind}


def _draws_of(model, one_step):
    """The operations of a training step, and its draws in order: a list of (function, shape, dtype).

    The list is None if they cannot all be made beforehand: a `train_step` that draws past `drawn`, a layer such as
    Dropout.
    """
    draws = []

    def record(draw):
        draw = in_graph(draw)
        value = tf.convert_to_tensor(draw())
        draws.append((draw, value.shape, value.dtype))
        return value

    with _answering(model, record):
        operations = _operations(one_step)
    if not draws or not all(shape.is_fully_defined() for _, shape, _ in draws):
        return operations, None
    try:
        alone = _operations(lambda: [draw() for draw, _, _ in draws])
    except (TypeError, ValueError, AttributeError):  # a draw that needs a tensor of the step
        return operations, None
    return operations, draws if _random(alone) == _random(operations) else None


class _DrawnAhead:
    """Random numbers of up to `CHUNK` steps first, then the arithmetic of these steps, compiled by XLA or not.

    With `in_python` some are made by Python or NumPy: then none are drawn that no step will need, and not beside the
    callbacks, which may use the same streams.
    """

    def __init__(self, model, one_step, names, draws, compiled, in_python):
        self.names, self.compiled, self.in_python = names, compiled, in_python

        foreseen = [_is_foreseen(draw) for draw, _, _ in draws]

        def draw_steps(steps, done):
            arrays = [tf.TensorArray(tf.uint32 if known else dtype, size=steps, element_shape=shape)
                      for (_, shape, dtype), known in zip(draws, foreseen)]

            def draw_step(i, *arrays):
                numbers = [draw.numbers(draw.seeds(), done + i) if known else draw()
                           for (draw, _, _), known in zip(draws, foreseen)]
                return i + 1, *[array.write(i, number) for array, number in zip(arrays, numbers)]

            _, *arrays = tf.while_loop(lambda i, *arrays: i < steps, draw_step, (0, *arrays), parallel_iterations=1)
            return [draw.indices(array.stack()) if known else array.stack()
                    for (draw, _, _), array, known in zip(draws, arrays, foreseen)]

        def arithmetic(*drawn):
            steps = drawn[0].shape[0] or tf.shape(drawn[0])[0]  # XLA needs a number

            def step(i, losses):
                numbers = iter([values[i] for values in drawn])
                with _answering(model, lambda draw: next(numbers)):
                    return i + 1, losses.write(i, one_step())

            losses = tf.TensorArray(tf.float32, size=steps)
            return tf.while_loop(lambda i, losses: i < steps, step, (0, losses), parallel_iterations=1)[1].stack()

        numbers = [tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.int32)]
        self.draw_graph = tf.function(draw_steps, autograph=False).get_concrete_function(*numbers)
        self.drawn = 0  # steps whose random numbers have been drawn

        @functools.lru_cache(None)
        def program(steps):  # None: any number
            specs = [tf.TensorSpec((steps, *shape), dtype) for _, shape, dtype in draws]
            return tf.function(arithmetic, autograph=False,
                               jit_compile=steps is not None).get_concrete_function(*specs)

        self.program = program
        # Calls in equal parts, so that one compiled program serves them all.
        chunk = next(size for size in range(CHUNK, 0, -1) if model.steps_per_call % size == 0)
        self.chunk = chunk if chunk > CHUNK // 5 else min(CHUNK, model.steps_per_call)
        self.other_thread = ThreadPoolExecutor(1, thread_name_prefix="draws")
        self.waiting = None  # (steps, future of their random numbers)

    def _draw(self, steps):
        done, self.drawn = self.drawn, self.drawn + steps
        return self.draw_graph(tf.constant(steps), tf.constant(done))

    def _numbers(self, steps):
        """The next random numbers: those that the other thread has drawn, or drawn now."""
        (count, future), self.waiting = self.waiting or (0, None), None
        numbers = future.result() if count else []
        if count > steps:  # the fit ended before what it had announced
            rest = [values[steps:] for values in numbers]
            self.waiting = count - steps, self.other_thread.submit(lambda: rest)
            return [values[:steps] for values in numbers]
        if count < steps:
            more = self._draw(steps - count)
            numbers = [tf.concat(pair, axis=0) for pair in zip(numbers, more)] if count else more
        return numbers

    def run(self, steps, then=0):
        losses = []
        while steps:
            count = min(self.chunk, steps)
            numbers = self._numbers(count)
            steps -= count
            following = 0 if self.in_python else min(self.chunk, steps or then)
            if following and not self.waiting:
                self.waiting = following, self.other_thread.submit(self._draw, following)
            losses.append(self.program(count if self.compiled and count == self.chunk else None)(*numbers))
        return losses[0] if len(losses) == 1 else tf.concat(losses, axis=0)

    def skip(self, steps):
        while steps:
            count = min(CHUNK, steps)
            self._numbers(count)
            steps -= count
