"""Which model a network trains for. Two models may share one, as when a cell of a notebook runs again.

The loss and the optimizer stand at the network itself. Each model keeps its own, and gives them back to the network
before it trains.
"""

import weakref

_HOLDERS = weakref.WeakKeyDictionary()  # network -> a weak reference to the `Held` of the model that trained it last


class Held:
    """The loss and the optimizer that a model trains a network with, as the network has them now."""

    def __init__(self, network):
        self.loss, self.optimizer = network.loss, network.optimizer
        _HOLDERS[network] = weakref.ref(self)


def let_go(network):
    """Before another model takes the network: the one that has it keeps its loss and optimizer as they are by now."""
    holder = _HOLDERS.get(network, lambda: None)()
    if holder is not None:
        holder.loss, holder.optimizer = network.loss, network.optimizer


def take(network, held):
    """Give the network the loss and the optimizer in `held`, if it has trained for another model since."""
    holder = _HOLDERS.get(network)
    if holder is not None and holder() is not held:
        let_go(network)
        network.loss, network.optimizer = held.loss, held.optimizer
        _HOLDERS[network] = weakref.ref(held)


def all_that_can_train(network):
    """The trainable variables that a network would have if none of its layers were frozen.

    An optimizer gets its variables for all of them, so that a layer can be frozen and unfrozen at any time.
    """
    layers = [network, *network._flatten_layers(include_self=False)]
    kept = [(layer, layer.trainable) for layer in layers]
    if all(trainable for _, trainable in kept):
        return list(network.trainable_variables)
    variables = [(variable, variable.trainable) for variable in network.variables]
    for layer in layers:
        layer.trainable = True
    found = list(network.trainable_variables)
    for layer, trainable in kept:
        layer.trainable = trainable
    for variable, trainable in variables:
        if variable.trainable != trainable:
            variable.trainable = trainable
    return found
