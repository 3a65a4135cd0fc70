"""One web page with both networks of the faces in it: their weights, and their forward pass in JavaScript.

The page is `page.html` beside this file. Here the layers are described for it, and both are put together.
"""

import base64
import json
import re
from pathlib import Path

import numpy as np
from tensorflow import keras

from gan.files import written_whole

TEMPLATE = Path(__file__).with_name("page.html")
REAL_FACES = 100  # in the page: 34 kB

_ACTIVATION = {"activation": ("tanh", "linear")}
_LAST = {"data_format": ("channels_last",)}
_TWO = ((2, 2),)
KINDS = {  # the layers that the page computes: the options it knows, the names of the weights in Keras's order
    "Dense": ({**_ACTIVATION, "use_bias": (True,)}, ("kernel", "bias")),
    "Conv2D": ({**_ACTIVATION, **_LAST, "use_bias": (True,), "kernel_size": ((3, 3),), "strides": ((1, 1),),
                "padding": ("same",), "dilation_rate": ((1, 1),), "groups": (1,)}, ("kernel", "bias")),
    "BatchNormalization": ({"axis": (-1, 3, (3,)), "center": (True,), "scale": (True,)},
                           ("gamma", "beta", "mean", "variance")),
    "UpSampling2D": ({**_LAST, "size": _TWO, "interpolation": ("nearest",)}, ()),
    "MaxPooling2D": ({**_LAST, "pool_size": _TWO, "strides": _TWO, "padding": ("valid",)}, ()),
    "Activation": (_ACTIVATION, ()),
    "Reshape": ({}, ()),
    "Flatten": (_LAST, ()),
}


def _layer(layer, blob):
    """The description of one layer; its weights are appended to the list `blob` of flat arrays."""
    kind, options = type(layer).__name__, layer.get_config()
    if type(layer) is not getattr(keras.layers, kind, None) or kind not in KINDS:
        raise ValueError(f"layer {layer.name!r}: the page cannot compute layers of the kind {kind}, "
                         f"only {', '.join(KINDS)}")
    allowed, names = KINDS[kind]
    for name, values in allowed.items():
        option = tuple(options[name]) if isinstance(options[name], (list, tuple)) else options[name]
        if option not in values:
            raise ValueError(f"layer {layer.name!r}: the page cannot compute {kind} with {name}={option!r}, "
                             f"only with {' or '.join(map(repr, values))}")
    result = {"kind": kind, "input": list(layer.input.shape[1:]), "output": list(layer.output.shape[1:]),
              **{name: options[name] for name in ("activation", "epsilon") if name in options}, "weights": {}}
    if kind == "Dense" and len(result["input"]) != 1:
        raise ValueError(f"layer {layer.name!r}: the page computes Dense on vectors only, "
                         f"got the shape {tuple(result['input'])}")
    for name, array in zip(names, layer.get_weights()):
        result["weights"][name] = {"offset": sum(map(len, blob)), "shape": list(array.shape)}
        blob.append(array.astype("<f4").ravel())
    return result


def describe(generator, discriminator):
    """What the page must know of both networks.

    Args:
        generator: (batch, n) latent vectors -> (batch, side, side, 1) pictures; a chain of layers of `KINDS`.
        discriminator: such pictures -> (batch, 1) values; a chain of layers of `KINDS`.

    Returns:
        networks: {"generator": [layer, ...], "discriminator": [layer, ...]}. A layer is a dictionary of its `kind`,
            the shapes of `input` and `output` without the batch axis, `activation` and `epsilon` where it has them,
            and `weights`: {name: {"offset": first index in `weights`, "shape": [...]}}.
        weights: all weights one after the other, float32, shape (n,).

    Raises:
        ValueError: a layer of another kind or with other options, layers that are not a chain, networks that do not
            fit each other.
    """
    networks, blob = {}, []
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        chain = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
        networks[role] = [_layer(layer, blob) for layer in chain]
        ends = [*network.inputs, *(layer.output for layer in chain)]
        starts = [*(layer.input for layer in chain), *network.outputs]
        if [id(tensor) for tensor in ends] != [id(tensor) for tensor in starts]:
            raise ValueError(f"{role}: the page computes a chain of layers only, each fed by the one before it")
    latent, made, judged, value = (networks[role][end][side] for role in ("generator", "discriminator")
                                   for end, side in ((0, "input"), (-1, "output")))
    if len(latent) != 1 or made != made[:1] * 2 + [1] or judged != made or value != [1]:
        raise ValueError("expected a generator (n,) -> (side, side, 1) and a discriminator (side, side, 1) -> (1,), "
                         f"got {latent} -> {made} and {judged} -> {value}")
    return networks, np.concatenate(blob)


def embedded(value):
    """A value as JSON that may stand inside a script element: no "<", so it can neither end nor open one."""
    return json.dumps(value).replace("<", "\\u003c")


def real_bytes(pictures, side):
    """At most REAL_FACES of the pictures in [0, 1], shape (n, side, side), evenly over all, as uint8."""
    pictures = np.asarray(pictures)
    if pictures.ndim != 3 or pictures.shape[1:] != (side, side) or not len(pictures):
        raise ValueError(f"real_faces: expected pictures of shape (n, {side}, {side}), got {pictures.shape}")
    which = np.linspace(0, len(pictures) - 1, min(len(pictures), REAL_FACES)).round().astype(int)
    return np.rint(255 * np.clip(pictures[which], 0, 1)).astype("uint8")


def checked_directions(directions, dim):
    """{name: unit vector of `dim` numbers} as lists."""
    found = {}
    for name, direction in directions.items():
        direction = np.asarray(direction, dtype="float64")
        if direction.shape != (dim,) or not np.isclose(np.linalg.norm(direction), 1):
            raise ValueError(f"directions: expected unit vectors of shape ({dim},), got {name!r} of shape "
                             f"{direction.shape} and length {np.linalg.norm(direction):.3g}")
        found[str(name)] = direction.tolist()
    return found


def write_page(path, generator, discriminator, seed=0, real_faces=None, directions=None):
    """Write the page to `path`, a file of its own of about 4 MB; `seed` starts its random numbers.

    Some of `real_faces`, pictures in [0, 1] of shape (n, side, side), are put into it for the game "Real or fake?";
    without them there is no game. `directions` are unit vectors of the latent space, {name: (n,)}; each gets a slider.

    Raises:
        ValueError: as `describe`, or other real faces or directions than that; then nothing is written.
    """
    networks, weights = describe(generator, discriminator)
    directions = checked_directions(directions or {}, networks["generator"][0]["input"][0])
    real = b"" if real_faces is None else real_bytes(real_faces, networks["generator"][-1]["output"][0]).tobytes()
    parts = {"networks": embedded(networks), "weights": base64.b64encode(weights.tobytes()).decode(),
             "real": base64.b64encode(real).decode(), "seed": embedded(int(seed)), "directions": embedded(directions)}
    text = re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], TEMPLATE.read_text(encoding="utf-8"))
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
