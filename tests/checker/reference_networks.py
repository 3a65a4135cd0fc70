"""What the networks of task 3 compute, and what each known mistake in them computes instead.

As `tests.checker.reference`: in float64, without TensorFlow and without anything of the task modules.
"""

import functools
import itertools
import math

import numpy as np

from tests.checker.reference import sigmoid

# How else a picture is made larger before a convolution: words -> (share of the rows and columns that come before it,
# how np.pad fills them).
PADDINGS = {
    "puts all zeros below and to the right of the picture": (0, "constant"),
    "puts all zeros above and to the left of the picture": (1, "constant"),
    "reflects the picture at its border, without the border itself": (0.5, "reflect"),
    "repeats the border of the picture outside": (0.5, "edge"),
    "goes on at the opposite border of the picture": (0.5, "wrap"),
}


def convolution(x, kernel, bias, dilation=1, padding=None):
    """3 x 3 convolution that keeps the size; zeros outside, all around, or one of the PADDINGS."""
    n, height, width, _ = x.shape
    reach = kernel.shape[0] // 2 * dilation
    share, mode = PADDINGS[padding] if padding else (0.5, "constant")
    sides = (int(2 * reach * share), int(2 * reach * (1 - share)))
    padded = np.pad(x, ((0, 0), sides, sides, (0, 0)), mode=mode)
    result = np.zeros((n, height, width, kernel.shape[3]))
    for i, j in itertools.product(range(kernel.shape[0]), range(kernel.shape[1])):
        seen = padded[:, i * dilation : i * dilation + height, j * dilation : j * dilation + width]
        result += seen @ kernel[i, j]  # so small that no thread waits for another
    return result + bias


def normalized(x, gamma, beta, mean, variance, training, epsilon=1e-3):
    if training:
        mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def smoothed(x):
    """Twice the size, linear between the pixels' centres."""
    for axis in (1, 2):
        before = np.concatenate([x.take([0], axis), x.take(range(x.shape[axis] - 1), axis)], axis)
        after = np.concatenate([x.take(range(1, x.shape[axis]), axis), x.take([-1], axis)], axis)
        pairs = np.stack([0.25 * before + 0.75 * x, 0.75 * x + 0.25 * after], axis + 1)
        x = pairs.reshape(*x.shape[:axis], -1, *x.shape[axis + 1 :])
    return x


def bicubic(x):
    """Twice the size by cubic curves (Keys, 1981, a = -0.5); what lies outside has no part in it."""

    def cubic(far):
        near = (1.5 * far - 2.5) * far**2 + 1
        return np.where(far <= 1, near, np.where(far < 2, ((2.5 - 0.5 * far) * far - 4) * far + 2, 0))

    for axis in (1, 2):
        size = x.shape[axis]
        shares = cubic(np.abs((np.arange(2 * size)[:, None] + 0.5) / 2 - 0.5 - np.arange(size)))
        x = np.moveaxis(np.tensordot(shares / shares.sum(axis=1, keepdims=True), x, (1, axis)), 0, axis)
    return x


def repeated(x, times=2):
    return x.repeat(times, axis=1).repeat(times, axis=2)


def strided(blocks, axis):
    """What a convolution with strides of 2 has in place of the maximum of each 2 x 2 block."""
    return blocks[:, :, 1, :, 1]


def overlapping(blocks, axis):
    """The maximum of windows of 3 x 3 that begin at each 2 x 2 block."""
    n, height, _, width, _, channels = blocks.shape
    x = np.full((n, 2 * height + 1, 2 * width + 1, channels), -np.inf)
    x[:, :-1, :-1] = blocks.reshape(n, 2 * height, 2 * width, channels)
    return np.max([x[:, i:, j:][:, : 2 * height : 2, : 2 * width : 2] for i in range(3) for j in range(3)], axis=0)


def combined(mistakes):
    """Pairs (sentence, options): each mistake, then each two that do not concern the same option."""
    yield from mistakes.items()
    for (one, first), (other, second) in itertools.combinations(mistakes.items(), 2):
        if not set(first) & set(second):
            yield f"{one.split(':')[0]}, and {other}", {**first, **second}


def blocks(x, size, how):
    n, height, width, channels = x.shape
    return how(x.reshape(n, height // size, size, width // size, size, channels), axis=(2, 4))


ACTIVATIONS = {
    "tanh": np.tanh,
    "none": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": sigmoid,
    "leaky": lambda x: np.where(x > 0, x, 0.2 * x),
    "leaky .3": lambda x: np.where(x > 0, x, 0.3 * x),
    "leaky .1": lambda x: np.where(x > 0, x, 0.1 * x),
    "leaky .01": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
}
RARER_ACTIVATIONS = {
    "softsign": lambda x: x / (1 + np.abs(x)),
    "softplus": lambda x: np.logaddexp(x, 0),
    "gelu": lambda x: x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "selu": lambda x: 1.05070098 * np.where(x > 0, x, 1.67326324 * np.expm1(np.minimum(x, 0))),
    "swish": lambda x: x * sigmoid(x),
    "mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "a tanh cut from straight lines": lambda x: np.clip(x, -1, 1),
    "a hard sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "a hard sigmoid of Keras 2": lambda x: np.clip(x / 5 + 0.5, 0, 1),
    "relu6": lambda x: np.clip(x, 0, 6),
    "2 sigmoid - 1": lambda x: 2 * sigmoid(x) - 1,
    "1.7159 tanh(2 x / 3)": lambda x: 1.7159 * np.tanh(2 * x / 3),
    "tanh(2 x)": lambda x: np.tanh(2 * x),
    "arctan": np.arctan,
    "sin": np.sin,
    "exp": np.exp,
}
ACTIVATIONS.update(RARER_ACTIVATIONS)


def directly(function, *values):
    return function(*values)


def dense_layer(x, kernel, bias):
    return x @ kernel + bias


def generator_of_task_3(
    weights,
    z,
    training,
    dense="tanh",
    convolutions="none",
    activations=("tanh",) * 3,
    order="normalize first",
    up=repeated,
    up_first=True,
    last="",
    epsilon=1e-3,
    sizes=(2, 2, 2),
    dilations=(1, 1, 1),
    paddings=(None,) * 3,
    fold=None,
    skips=("",) * 3,
    turned=None,
    do=directly,
):
    """From (n, 16) to (n, 16, 16, 1). `order` and `up` are of all blocks, or one for each. `do` applies a layer; what
    several networks begin with need not be done twice.
    """
    arrays = iter(np.asarray(w, "float64") for w in weights)
    x = do(dense_layer, np.asarray(z, "float64"), next(arrays), next(arrays))
    x = do(fold or in_pictures, do(ACTIVATIONS[dense], x))
    orders = (order,) * 3 if isinstance(order, str) else order
    ups = up if isinstance(up, tuple) else (up,) * 3
    for place, (activation, order) in enumerate(zip(activations, orders)):
        bigger = ups[place] if sizes[place] == 2 else functools.partial(repeated, times=sizes[place])
        x = do(bigger, x) if up_first else x
        x = do(convolution, x, next(arrays), next(arrays), dilations[place], paddings[place])
        x = x if up_first else do(bigger, x)
        x = do(ACTIVATIONS[last if last and place == 2 else convolutions], x)
        before = {"its convolution": x}
        four = [next(arrays) for _ in range(4)]
        if order == "normalize first":
            x = before["its batch normalisation"] = do(normalized, x, *four, training, epsilon)
            x = do(ACTIVATIONS[activation], x)
        elif order == "activate first":
            x = do(normalized, do(ACTIVATIONS[activation], x), *four, training, epsilon)
        else:
            x = do(ACTIVATIONS[activation], x)
        x = x + before[skips[place]] if skips[place] else x
        x = -x if turned == place else x
    return x


def in_pictures(x):
    return x.reshape(-1, 2, 2, 512)


def channels_first(x):
    """The same of who takes the first numbers for the first channel."""
    return np.moveaxis(x.reshape(-1, 512, 2, 2), 1, -1)


def discriminator_of_task_3(
    weights,
    x,
    dense="tanh",
    convolutions="none",
    activations=("tanh",) * 4,
    pool=np.max,
    sizes=(2, 2, 2, 2),
    dilations=(1, 1, 1, 1),
    paddings=(None,) * 4,
    pool_first=False,
    skips=("",) * 4,
    turned=None,
    first=None,
    do=directly,
):
    """From (n, 16, 16, 1) to (n, 1). `pool` is of all blocks, or one for each. `do`: see `generator_of_task_3`."""
    arrays = iter(np.asarray(w, "float64") for w in weights)
    x = np.asarray(x, "float64") if first is None else first(np.asarray(x, "float64"))
    pools = pool if isinstance(pool, tuple) else (pool,) * 4
    cases = zip(activations, pools, sizes, dilations, paddings)
    for place, (activation, pool, size, dilation, padding) in enumerate(cases):
        x = do(blocks, x, size, pool) if pool_first else x
        before = {"what goes into it": x}
        x = do(ACTIVATIONS[convolutions], do(convolution, x, next(arrays), next(arrays), dilation, padding))
        if skips[place] == "what goes into it" and x.shape[-1] % before[skips[place]].shape[-1] == 0:
            x = x + before[skips[place]].repeat(x.shape[-1] // before[skips[place]].shape[-1], axis=-1)
        x = before["its pooling"] = x if pool_first else do(blocks, x, size, pool)
        x = do(ACTIVATIONS[activation], x)
        x = x + before["its pooling"] if skips[place] == "its pooling" else x
        x = -x if turned == place else x
    x = x.mean(axis=(1, 2)) if x.shape[1] > 1 else x
    return ACTIVATIONS[dense](dense_layer(x.reshape(len(x), -1), next(arrays), next(arrays)))


# What is wrong -> the options that make the network so.
GENERATOR_MISTAKES = {
    'its Dense layer has no tanh: every layer has one, "even in Dense layers"': {"dense": "none"},
    "its Dense layer has relu in place of tanh": {"dense": "relu"},
    "its Dense layer has a sigmoid in place of tanh": {"dense": "sigmoid"},
    "its Dense layer has LeakyReLU in place of tanh": {"dense": "leaky .3"},
    "its convolutions have a tanh of their own besides the Activation layers": {"convolutions": "tanh"},
    "its convolutions have relu besides the Activation layers": {"convolutions": "relu"},
    "its last convolution has a tanh of its own besides the Activation layer": {"last": "tanh"},
    "its last convolution has a sigmoid of its own": {"last": "sigmoid"},
    **{
        f"its activations are {word} instead of tanh{but}": {"activations": (short, short, end)}
        for word, short in (
            ("relu", "relu"),
            ("LeakyReLU", "leaky"),
            ("LeakyReLU of slope .3", "leaky .3"),
            ("elu", "elu"),
        )
        for but, end in (("", short), (" but for the last", "tanh"), (", and the last is a sigmoid", "sigmoid"))
    },
    **{
        f"its {word} activation is missing": {"activations": tuple("none" if i == place else "tanh" for i in range(3))}
        for place, word in enumerate(("first", "second", "last"))
    },
    "its last activation is a sigmoid instead of tanh": {"activations": ("tanh", "tanh", "sigmoid")},
    "its activations are sigmoids instead of tanh": {"activations": ("sigmoid",) * 3},
    "its Activation layers are missing": {"activations": ("none",) * 3},
    "its tanh comes before the batch normalisation instead of after it": {"order": "activate first"},
    "its up-sampling is bilinear: it must repeat each pixel": {"up": smoothed},
    "its up-sampling comes after the convolution instead of before it": {"up_first": False},
}
DISCRIMINATOR_MISTAKES = {
    'its last Dense layer has no tanh: every layer has one, "even in Dense layers"': {"dense": "none"},
    "its last Dense layer ends in a sigmoid instead of tanh": {"dense": "sigmoid"},
    "its last Dense layer has relu in place of tanh": {"dense": "relu"},
    "its convolutions have a tanh of their own besides the Activation layers": {"convolutions": "tanh"},
    "its convolutions have relu besides the Activation layers": {"convolutions": "relu"},
    "its activations are relu instead of tanh": {"activations": ("relu",) * 4},
    "its activations are LeakyReLU instead of tanh": {"activations": ("leaky",) * 4},
    **{
        f"its activations are LeakyReLU of slope {slope} instead of tanh": {"activations": (f"leaky {slope}",) * 4}
        for slope in (".3", ".1", ".01")
    },
    "its activations are elu instead of tanh": {"activations": ("elu",) * 4},
    "its activations are sigmoids instead of tanh": {"activations": ("sigmoid",) * 4},
    "its Activation layers are missing": {"activations": ("none",) * 4},
    **{
        f"its {word} activation is missing": {"activations": tuple("none" if i == place else "tanh" for i in range(4))}
        for place, word in enumerate(("first", "second", "third", "last"))
    },
    "it takes the mean of each 2 x 2 block instead of the maximum": {"pool": np.mean},
    "its convolutions have strides in place of the max-pooling": {"pool": strided},
}


def rarer_mistakes(which):
    """The same for activations that are seldom seen: no inputs are drawn so that they can be told apart."""
    count, found = (3, 4)[which], {}
    for word in RARER_ACTIVATIONS:
        found[f"its activations are {word} instead of tanh, and so is that of its Dense layer"] = {
            "activations": (word,) * count, "dense": word}  # fmt: skip
        found[f"its activations are {word} instead of tanh"] = {"activations": (word,) * count}
        found[f"its Dense layer has {word} in place of tanh"] = {"dense": word}
        found[f"its last activation is {word} instead of tanh"] = {"activations": ("tanh",) * (count - 1) + (word,)}
        found[f"its activations are {word} instead of tanh but for the last"] = {
            "activations": (word,) * (count - 1) + ("tanh",)
        }
    return found


# What people do to the pictures before the first layer of the discriminator.
OTHER_PICTURES = {
    "with their signs swapped": lambda x: -x,
    "times 2, minus 1": lambda x: 2 * x - 1,
    "plus 1, divided by 2": lambda x: (x + 1) / 2,
    "as 1 minus what they are": lambda x: 1 - x,
    "divided by 255": lambda x: x / 255,
    "times 255": lambda x: 255 * x,
    "divided by 127.5, minus 1": lambda x: x / 127.5 - 1,
    "divided by 2": lambda x: x / 2,
    "times 2": lambda x: 2 * x,
    "minus 1/2": lambda x: x - 0.5,
    "put through a tanh": np.tanh,
    "put through a sigmoid": sigmoid,
    "cut to [0, 1]": lambda x: np.clip(x, 0, 1),
    "without their signs": np.abs,
    "mirrored": lambda x: x[:, :, ::-1],
    "upside down": lambda x: x[:, ::-1],
    "with rows for columns": lambda x: x.swapaxes(1, 2),
    "minus the mean of each": lambda x: x - x.mean(axis=(1, 2, 3), keepdims=True),
}
ONE_AFTER = "each layer takes just what the one before it gives"
ZEROS = 'padding="same" puts zeros around the whole picture'


def added(what):
    what = what if "goes" in what else f"that of {what}"
    return f"{what} is added (a residual connection): {ONE_AFTER}"


def other_layers(which):
    """The same for layers that have the right weights, but work otherwise."""
    count, found = (3, 4)[which], {}
    words = ("its up-sampling is by", "its pooling is by")[which]
    for sizes in itertools.product((1, 2, 4, 8, 16), repeat=count):
        if math.prod(sizes) == 2**count and set(sizes) != {2}:
            found[f"{words} {', '.join(map(str, sizes))}, one block after the other: it is by 2 in each"] = {
                "sizes": sizes
            }
    for place in range(count):

        def here(one, other, place=place):
            return tuple(one if i == place else other for i in range(count))

        which_one = f"of the {('first', 'second', 'third', 'last')[place if place + 1 < count else 3]} block"
        found[f"the convolution {which_one} has a dilation_rate of 2"] = {"dilations": here(2, 1)}
        if which:
            found[f"the convolution {which_one} has strides in place of the max-pooling"] = {
                "pool": here(strided, np.max)
            }
            found[f"the pooling {which_one} takes the mean instead of the maximum"] = {"pool": here(np.mean, np.max)}
            found[f"the pooling {which_one} is of 3 x 3 windows, which overlap: it is of 2 x 2"] = {
                "pool": here(overlapping, np.max)
            }
        else:
            for kind, up in (("bilinear", smoothed), ("bicubic", bicubic)):
                found[f"the up-sampling {which_one} is {kind}: it must repeat each pixel"] = {"up": here(up, repeated)}
            found[f"the tanh {which_one} comes before the batch normalisation instead of after it"] = {
                "order": here("activate first", "normalize first")
            }
        for what in (("its batch normalisation", "its convolution"), ("its pooling", "what goes into it"))[which]:
            found[f"to the result {which_one} {added(what)}"] = {"skips": here(what, "")}
        if place < 3:  # behind the last one of the discriminator is Flatten, of which the judge knows more
            found[f"the result {which_one} has its sign swapped: {ONE_AFTER}"] = {"turned": place}
        for padding in PADDINGS:
            found[f"the convolution {which_one} {padding}: {ZEROS}"] = {"paddings": here(padding, None)}
    for padding in PADDINGS:
        found[f"each of its convolutions {padding}: {ZEROS}"] = {"paddings": (padding,) * count}
    found["its convolutions have a dilation_rate of 2"] = {"dilations": (2,) * count}
    for what in (("its batch normalisation", "its convolution"), ("its pooling",))[which]:
        found[f"to the result of each block {added(what)}"] = {"skips": (what,) * count}
    for words, first in OTHER_PICTURES.items() if which else ():
        found[f"it judges the pictures {words}: it must take them as they are"] = {"first": first}
    if which:
        found["its last pooling is missing, and the mean over the picture (GlobalAveragePooling2D) stands for it"] = {
            "sizes": (2, 2, 2, 1)
        }
        found["its pooling is of 3 x 3 windows, which overlap: it is of 2 x 2"] = {"pool": overlapping}
        found["its pooling comes before the convolutions instead of after them"] = {"pool_first": True}
    else:
        found["its up-sampling is bicubic: it must repeat each pixel"] = {"up": bicubic}
        found["the numbers of its Dense layer are folded into (512, 2, 2), channels first: it is (2, 2, 512)"] = {
            "fold": channels_first
        }
    return found
