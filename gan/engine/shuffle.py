"""The first numbers of a shuffle, without the shuffle.

A real sample is the first k of a shuffle of n indices. TensorFlow shuffles all n of them, so a step grows with the
number of examples. But its shuffle goes from the front: entry i is exchanged with one of those from i on, and is never
touched again. So the first k entries need k exchanges only. The random numbers are those of the counter-based generator
Philox4x32-10 (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3), which can start anywhere: an operation
with the seeds (a, b) has the key a, and counts from 0 in blocks of four numbers beside b.
"""

import functools
import random

import numpy as np
import tensorflow as tf

PHILOX = 1  # its number among TensorFlow's algorithms
MANY = 20_000  # examples from which a shuffle takes longer than what stands in for it


class FirstOfShuffle:
    """A draw: the first `count` indices of a shuffle of `total`, shape (count,), int32.

    Called, it is TensorFlow's own shuffle. From the seeds of that operation `numbers` and `indices` make the same for
    any call of it, at a cost that does not depend on `total`.
    """

    def __init__(self, total, count):
        self.total, self.count = total, count

    def __call__(self):
        return tf.random.shuffle(tf.range(self.total))[:self.count]

    @staticmethod
    def seeds():
        """The seeds of the operation that a call at this place of a graph would make; any, if there is no seed."""
        found = tf.compat.v1.random.get_seed(None)
        return found if None not in found else [random.SystemRandom().getrandbits(63) for _ in found]

    def numbers(self, seeds, call):
        """The random numbers of one call (counted from 0) of an operation with these seeds, shape (count,), uint32."""
        blocks = -(-(self.total - 1) // 4)  # of a call
        key = tf.constant([seeds[0]], tf.uint64)
        first = tf.cast(call, tf.uint64) * tf.constant(blocks, tf.uint64)
        counter = tf.stack([first, tf.constant(seeds[1], tf.uint64)])
        return tf.raw_ops.StatelessRandomUniformFullIntV2(shape=(self.count,), key=key, counter=counter, alg=PHILOX,
                                                          dtype=tf.uint32)

    def indices(self, numbers):
        """What the calls with these numbers return, shape (calls, count): a row for each.

        Step i exchanges entry i with entry t[i] >= i and returns what was there. That is t[i] itself, unless an earlier
        step j < i had the same target: then it is what step j found at entry j, and so on back.
        """
        steps = tf.range(self.count, dtype=tf.int64)
        targets = steps + tf.cast(numbers, tf.int64) % (self.total - steps)  # (calls, count)
        size = self.count + 1
        moves = tf.sort(targets * size + steps)  # by target, then by step

        def last_move(entries):
            """(whether there was one, the step) of the last exchange with these entries before each step."""
            place = tf.searchsorted(moves, entries * size + steps) - 1  # the last move below (entry, step)
            found = tf.gather(moves, tf.maximum(place, 0), batch_dims=1)
            return (place >= 0) & (found // size == entries), found % size

        moved, step = last_move(tf.broadcast_to(steps, tf.shape(targets)))
        origin = tf.where(moved, step, steps)  # whose entry stands at entry i when step i comes
        for _ in range(self.count.bit_length()):  # back to the entry that nobody had moved: twice as far each time
            origin = tf.gather(origin, origin, batch_dims=1)
        moved, step = last_move(targets)
        return tf.cast(tf.where(moved, tf.gather(origin, step, batch_dims=1), targets), tf.int32)


@functools.lru_cache(None)
def as_foreseen():
    """Whether TensorFlow's shuffle gives here what `FirstOfShuffle` foresees: asked once, of the operation itself."""
    draw, seed, calls = FirstOfShuffle(1009, 97), 11, 3

    def shuffled():
        return tf.random.shuffle(tf.range(draw.total), seed=seed)[:draw.count]

    def foreseen():
        seeds = tf.compat.v1.random.get_seed(seed)
        return draw.indices(tf.stack([draw.numbers(seeds, call) for call in range(calls)]))

    try:
        one, other = (tf.function(function, autograph=False) for function in (shuffled, foreseen))
        return np.array_equal([one() for _ in range(calls)], other())
    except (AttributeError, tf.errors.OpError):  # a TensorFlow without one of the operations
        return False
