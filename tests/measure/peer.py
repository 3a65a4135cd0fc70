"""What `tests.measure.benchmarks` starts for a library beside TensorFlow: `python -m tests.measure.peer NAME [FOLDER]`.

Each library runs in a process of its own: two of them bring copies of LLVM that exclude each other.
"""

import importlib
import sys
import time

import numpy as np

from tests.measure.memory import most_memory

# Name in the tables: the library that must be installed, the module and the class that train with it.
PEERS = {"PyTorch": ("torch", "torch_twin", "Twin"), "torch.compile": ("torch", "torch_twin", "CompiledTwin"),
         "JAX": ("jax", "jax_twin", "Twin")}
DENSE_ONLY = ("torch.compile", "JAX")  # these have no convolutions here


def twin_class(name):
    """The class that trains with this library; it has `fit(steps)`, which gives the seconds that they take."""
    _, module, class_ = PEERS[name]
    return getattr(importlib.import_module(f"tests.measure.{module}"), class_)


def serve(name, folder):
    """Train as many steps as each line of the standard input says; answer with the seconds."""
    with np.load(f"{folder}/twin.npz") as stored:
        twin = twin_class(name)(str(stored["name"]), stored["shape"].astype(int).tolist(), stored["real_examples"],
                                float(stored["rate"]), int(stored["batch_size"]))
    print("ready", flush=True)
    for line in sys.stdin:
        print(twin.fit(int(line)), flush=True)


def first(name):
    """Print the seconds until the first step of Simple_GAN on 1-10-10-2 is done, and the most memory in megabytes."""
    Twin = twin_class(name)
    start = time.perf_counter()
    Twin("Simple_GAN", [1, 10, 10, 2], np.random.rand(1000, 2), .001).fit(1)
    print(time.perf_counter() - start, most_memory())


if __name__ == "__main__":
    serve(*sys.argv[1:]) if sys.argv[2:] else first(sys.argv[1])
