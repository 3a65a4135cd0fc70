"""The networks on which a solution is tried: built quickly, and no others than Keras would make."""

import subprocess
import sys

import pytest

from tests.checker import sandbox

LOOK = """
import importlib.util, os, sys
sys.path.insert(0, sys.argv[1])
def load(name):
    spec = importlib.util.spec_from_file_location("_" + name, os.path.join(sys.argv[1], name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
probes = load("worker").Probes(load("inputs"))
kernel, bias = probes.np.arange(6.0).reshape(2, 3), probes.np.ones(3)
networks = probes.build((2,), (3,), [kernel, bias], [kernel.T[:, :1], bias[:1]])
seen = []
probes.note = seen.append
for network in networks:
    copy = probes.keras.models.clone_model(network)
    for one in (network, copy):
        probes.step_seen = 1
        one(probes.tf.ones((4, *one.input_shape[1:])))
        probes.step_seen = None
    layer = next(layer for layer in network.layers if layer.weights)
    print(type(layer.kernel_initializer).__name__, float(abs(copy.get_weights()[0]).max()) > 0)
print(probes.np.array_equal(networks[0].get_weights()[0], kernel), *[(one["network"], one["rows"]) for one in seen])
"""


@pytest.mark.thorough
def test_a_network_has_keras_s_initializers_and_its_copies_are_watched():
    """The weights are not drawn, since they are replaced anyway; but a solution that clones a network gets random
    ones, as under the course's mains, and calls of its copy are told as calls of that network."""
    found = subprocess.run([sys.executable, "-c", LOOK, str(sandbox.HERE)], capture_output=True, text=True)
    assert found.stdout.splitlines() == [
        "GlorotUniform True",
        "GlorotUniform True",
        "True ('generator', 4) ('generator', 4) ('discriminator', 4) ('discriminator', 4)",
    ], found.stderr[-2000:]
