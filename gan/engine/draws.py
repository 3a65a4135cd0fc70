"""Random numbers of a training step that is compiled into a graph.

TensorFlow runs the Python code of a training step once and keeps the graph of what it did. An operation of TensorFlow
such as `tf.random.normal` stays an operation, so every step gets numbers of its own. A number that Python or NumPy made
becomes a constant of the graph, the same in all steps. And a random operation inside a function that TensorFlow
compiles apart (`@tf.function`, a loop), or one with a seed of its own, gives the same numbers at each place of the
graph where it stands. Such draws are called once more at every step, as if there were no graph.
"""

import contextlib
import copy
import functools
import inspect
import random
from collections import Counter
from operator import attrgetter

import numpy as np
import tensorflow as tf

from gan.engine.shuffle import FirstOfShuffle

SEEDS = {"seed", "seed2"}  # attributes of a random operation with a state: of the whole graph, of the operation
NUMBERED = {"token", "shared_name", "container"}  # attributes that each trace numbers anew


STREAMS = (random.Random, np.random.Generator, np.random.RandomState)


def _streams(value, depth=4):
    """The generators of random numbers, Python's and NumPy's, that a function uses: its variables, its object's."""
    function = getattr(value, "python_function", getattr(value, "__func__", value))  # of a tf.function, of a method
    inside = []
    if isinstance(value, STREAMS):
        return [] if isinstance(value, random.SystemRandom) else [value]  # which has no state to put back
    if isinstance(value, functools.partial):
        inside = [value.func, *value.args, *value.keywords.values()]
    elif inspect.isfunction(function):
        with contextlib.suppress(ValueError):  # a variable without a value yet
            used = inspect.getclosurevars(function)
            inside = [*used.nonlocals.values(), *used.globals.values(), *(function.__defaults__ or ()),
                      getattr(value, "__self__", None)]
    elif hasattr(value, "draws_from"):  # a model of the engine
        inside = [getattr(value, name) for name in value.draws_from]
    elif not inspect.ismodule(value):
        inside = [one for one in getattr(value, "__dict__", {}).values() if isinstance(one, STREAMS)]
    return [stream for one in inside if depth for stream in _streams(one, depth - 1)]


def _state(stream):
    if isinstance(stream, random.Random):
        return stream.getstate()
    return copy.deepcopy(stream.bit_generator.state if isinstance(stream, np.random.Generator) else stream.get_state())


def _set_state(stream, state):
    if isinstance(stream, np.random.Generator):
        stream.bit_generator.state = state
    else:
        getattr(stream, "setstate", getattr(stream, "set_state", None))(state)


@contextlib.contextmanager
def streams_kept(*functions):
    """Put random numbers back after the block: Python's, NumPy's, and those of generators that the functions use."""
    shared = random.getstate(), np.random.get_state()
    own = [(stream, _state(stream)) for function in functions for stream in _streams(function)]
    try:
        yield
    finally:
        random.setstate(shared[0])
        np.random.set_state(shared[1])
        for stream, state in own:
            _set_state(stream, state)


def _described(node):
    """An operation without what each trace names anew, and without seeds."""
    attributes = [(name, value.SerializeToString()) for name, value in sorted(node.attr.items())
                  if not (name in SEEDS | NUMBERED or name.startswith("_") or value.HasField("func")
                          or value.list.func)]
    return node.op, tuple(attributes)


def _seeds(nodes):
    """The seeds of the random operations with a state."""
    return [(node.attr["seed"].i, node.attr["seed2"].i) for node in nodes if "seed2" in node.attr]


def _inner_nodes(graph):
    called = attrgetter("library.function")(graph.as_graph_def())
    return [node for function in called for node in function.node_def]


class _Trace:
    """What draw() is in a graph in which `before` other random operations stand."""

    def __init__(self, draw, before=0):
        def traced():
            for _ in range(before):
                tf.random.uniform(())
            first.append(len(tf.compat.v1.get_default_graph().get_operations()))
            return tf.convert_to_tensor(draw())

        first = []
        self.function = tf.function(traced, autograph=False).get_concrete_function()
        graph = self.function.graph
        outer = [operation.node_def for operation in graph.get_operations()[first[0]:]]
        inner = _inner_nodes(graph)
        self.kinds = Counter(map(_described, [*outer, *inner]))
        self.seeds, self.inner_seeds = _seeds(outer), _seeds(inner)
        self.inputs = self.function.captured_inputs

    def same_as(self, other):
        """Whether both have the same operations, constants and tensors from outside."""
        return self.kinds == other.kinds and len(self.inputs) == len(other.inputs) and all(
            a is b or tf.resource in (a.dtype, b.dtype) or not (hasattr(a, "numpy") and hasattr(b, "numpy"))
            or np.array_equal(a, b) for a, b in zip(self.inputs, other.inputs))

    def repeats(self, other):
        """Whether a random operation has the same seed wherever it stands in a graph."""
        return bool(self.inner_seeds) or any(mine == others != (0, 0) for mine, others in zip(self.seeds, other.seeds))


def in_graph(draw):
    """`draw`, or what takes its place in a graph, so that each step and each place in it gets numbers of its own.

    Raises:
        ValueError: Python's or NumPy's numbers are mixed with tensors of the step, so they would be frozen.
    """
    if tf.executing_eagerly() or getattr(draw, "at_every_step", False) or isinstance(draw, FirstOfShuffle):
        return draw
    # A step draws in the same way several times: looking once is enough. The graph keeps what was found.
    kept = tf.compat.v1.get_default_graph().get_collection_ref("draws looked at")
    known = kept[0] if kept else kept.append({}) or kept[0]
    inside = [cell.cell_contents for cell in getattr(draw, "__closure__", None) or ()]
    key = getattr(draw, "__code__", draw), *map(id, inside)
    if key not in known:
        known[key] = _looked_at(draw), inside
    return known[key][0]


def _looked_at(draw):
    with streams_kept(draw):
        try:
            one, other = _Trace(draw), _Trace(draw, before=1)
        except Exception:  # whatever the user's function raises in a graph
            return _drawn_eagerly(draw)
    graphs = [tf.compat.v1.get_default_graph()]
    while getattr(graphs[-1], "outer_graph", None) is not None:
        graphs.append(graphs[-1].outer_graph)
    if any(not hasattr(tensor, "numpy") and tensor.graph not in graphs for tensor in one.inputs):
        raise ValueError("drawn: expected random numbers that are made at every call, got a tensor that an earlier "
                         "call made in another graph; keep no tensors of TensorFlow between calls (functools.cache)")
    if one.same_as(other) and not one.repeats(other):
        return draw
    if any(not hasattr(tensor, "numpy") for tensor in one.inputs):
        if one.same_as(other):
            return draw
        raise ValueError("drawn: expected random numbers of TensorFlow where tensors of the training step are used as "
                         "well, got numbers of Python or NumPy, which would be the same in every step")
    return _at_every_step(draw, one.function.outputs[0].shape, one.function.outputs[0].dtype)


def _drawn_eagerly(draw):
    """For a draw that fails in a graph; one that fails without it, too, is left to raise its own error."""
    try:
        with streams_kept(draw), tf.init_scope():
            example = tf.convert_to_tensor(draw())
    except Exception:
        return draw
    return _at_every_step(draw, example.shape, example.dtype)


def _at_every_step(draw, shape, dtype):
    def drawn():
        return tf.ensure_shape(tf.py_function(lambda: tf.convert_to_tensor(draw()), [], dtype), shape)

    drawn.at_every_step = True
    return drawn


# ----------------------------------------------------- always the same numbers

def always_the_same(function):
    """Whether a traced draw (a concrete function) depends on nothing that changes from call to call."""
    waiting, seen = [function.outputs[0].op], set()
    while waiting:
        operation = waiting.pop()
        if operation in seen:
            continue
        seen.add(operation)
        if operation.op_def is None or operation.op_def.is_stateful:
            return False
        waiting += [tensor.op for tensor in operation.inputs]
    return True


def refuse_a_fixed_seed(function, draw):
    """ValueError if a latent generator, traced as `function`, draws the same random numbers at every call."""
    nodes = [*function.graph.as_graph_def().node, *_inner_nodes(function.graph)]
    kinds = sorted({node.op for node in nodes if node.op.startswith("StatelessRandom")})
    if kinds and always_the_same(function) and _Trace(draw).same_as(_Trace(draw)):
        raise ValueError("latent_generator: expected other random vectors at every call, got the same ones each time, "
                         f"because their seed is fixed ({kinds[-1]}); write tf.random.normal((k, n)) for k vectors of "
                         "n numbers")


def is_a_table(draw):
    """Whether a draw gives the same numbers at every call, such as rows of a table."""
    function = traced_alike(draw)
    return function is not None and always_the_same(function)


def traced_alike(draw):
    """A draw as a concrete function, or None if it takes numbers from elsewhere than TensorFlow."""
    with streams_kept(draw):
        try:
            one, other = _Trace(draw), _Trace(draw)
        except Exception:  # as above
            return None
    return one.function if one.same_as(other) else None


def refuse_frozen(name, method):
    """ValueError if a method makes other numbers each time that it is traced: in a graph they would not change."""
    with streams_kept(method):
        try:
            frozen = not _Trace(method).same_as(_Trace(method))
        except Exception:  # as above
            return
    if frozen:
        raise ValueError(_FROZEN.format(name))


def made_without_luck(name, make):
    """make(), which traces a method; ValueError if that takes numbers of Python or NumPy at every trace."""
    for _ in range(2):  # once may be the first weights of a layer, or a seed that Keras keeps
        before = random.getstate(), *np.random.get_state()[1:3]
        made = make()
        after = random.getstate(), *np.random.get_state()[1:3]
        if before[0] == after[0] and np.array_equal(before[1], after[1]) and before[2] == after[2]:
            return made
    raise ValueError(_FROZEN.format(name))


_FROZEN = ("{}: expected random numbers of TensorFlow, got some of Python's or NumPy's, which would be the same in "
           "every step; draw them in self.drawn(lambda: ...)")
