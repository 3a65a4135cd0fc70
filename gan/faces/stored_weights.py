"""Files of weights like those that come with the course."""

import numpy as np

from gan.engine import weight_files


def save_keras2_weights(network, path):
    """Write a network's weights as Keras 2 does, in the layout of the course's files, on either Keras generation.

    `load_weights` of both generations reads it, layer by layer in order. Attributes of the root: layer_names; of each
    layer's group: weight_names; in it a dataset for each weight, first the trainable ones.
    """
    with weight_files.written(path) as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in network.layers]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.15.0"
        for layer in network.layers:
            group = file.create_group(layer.name)
            weights = [*layer.trainable_weights, *layer.non_trainable_weights]
            names = [f"{layer.name}/{weight.name.split('/')[-1].split(':')[0]}:0" for weight in weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, weights):
                group[name] = np.asarray(weight)
