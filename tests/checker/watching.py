"""Watches what a solution does in a step, on networks of our own; a part of the worker (see worker.py)."""

import builtins
import contextlib
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

__builtins__ = dict(vars(builtins))  # our own: a solution that replaces float or isinstance replaces its own only

CUTS = ("clipvalue", "clipnorm", "global_clipnorm")  # options of an optimizer that clip gradients


OTHER_RULES = ("amsgrad", "weight_decay", "use_ema")  # options of an optimizer that make another rule of it


def builders(keras):
    """The classes of Keras's optimizers that make variables in a method of their own."""
    kinds = [kind for kind in vars(keras.optimizers).values() if isinstance(kind, type)]
    bases = {base for kind in kinds if issubclass(kind, keras.optimizers.Optimizer) for base in kind.__mro__}
    return [base for base in bases if "build" in vars(base)]


class Watching:
    """What `worker.Probes` sees of updates, calls of networks and latent vectors, and tells the grader at once."""

    def __init__(self, source):
        self.source = source
        self.step_seen = self.networks = None  # the number of the step that is watched
        self.depth = self.updates = self.fits = self.steps = self.gradients = 0
        self.pending = {}  # network -> gradients of its weights, and these weights, until something is done with them
        self.optimizers = []  # that updated anything
        self.importing = False
        self.drawn_again = 0  # how often latent vectors were drawn since the last update
        self.around = None  # a tape that stands in for tf.gradients
        self.stateless = False  # whether a step that is traced once is the same as one that is traced twice

    def watch_updates(self):
        """Record every outermost call of `apply_gradients` or `apply` of any optimizer of Keras."""
        kinds = [self.keras.optimizers.Adam]
        with contextlib.suppress(Exception):
            kinds.append(self.keras.optimizers.legacy.Adam)
        self.watched = set()
        for kind in kinds:
            self.watch_class(kind)
        fit = self.keras.Model.fit

        def counted_fit(model, *args, **options):
            self.fits += 1
            self.stop_import()
            return fit(model, *args, **options)

        self.keras.Model.fit = counted_fit
        descend = self.tf.GradientTape.gradient

        def counted_gradient(tape, *args, **options):
            self.gradients += 1
            self.stop_import(self.gradients > 2)  # one gradient is an example, three are a training
            result = descend(tape, *args, **options)
            if self.step_seen is not None and not self.depth:
                sources = args[1] if len(args) > 1 else options.get("sources")
                self.by_hand()
                self.expect_update(self.tf.nest.flatten(sources), self.tf.nest.flatten(result))
            return result

        self.tf.GradientTape.gradient = counted_gradient

    def build_outside_graphs(self):
        """Have an optimizer's variables made outside the graph in which it is first used.

        TensorFlow traces a function once more when variables were made in the first trace: a whole step of training.
        A step that counts its calls in Python would notice, so this is done while `stateless` only. The variables are
        the same. Only its own thread knows that a graph is being made, so another one makes them.
        """
        keras, default_graph = self.keras, self.tf.compat.v1.get_default_graph
        name_scope = getattr(keras, "name_scope", self.tf.name_scope)

        def outside(build):
            def named(optimizer, *args, **options):
                with name_scope(str(optimizer.name)):
                    return build(optimizer, *args, **options)

            def built(optimizer, *args, **options):
                if not self.stateless or not default_graph().building_function:
                    return build(optimizer, *args, **options)
                with ThreadPoolExecutor(1) as other:
                    return other.submit(named, optimizer, *args, **options).result()

            return built

        for base in builders(keras):
            base.build = outside(base.build)

    def stop_import(self, now=True):
        """A file that trains when it is imported has shown so with its first update."""
        if self.importing and now:
            raise self.source.TrainsAtImport

    def watch_graphs(self):
        """Note whether the solution itself asks for functions without graphs."""
        self.run_eagerly, self.without_graphs = self.tf.config.run_functions_eagerly, False

        def noted(run_eagerly):
            self.without_graphs = bool(run_eagerly)
            self.run_eagerly(run_eagerly)

        self.tf.config.run_functions_eagerly = noted

    def watch_old_gradients(self):
        """Let tf.gradients, and Keras's old K.gradients, work in a step without graphs; in `fit` they do so anyway."""
        with contextlib.suppress(Exception):
            from tensorflow.python.ops import gradients_util

            in_a_graph = gradients_util._GradientsHelper

            def by_tape(ys, xs, grad_ys=None, *args, **options):
                if self.around is None or not self.tf.executing_eagerly():
                    return in_a_graph(ys, xs, grad_ys, *args, **options)
                ys, xs = self.tf.nest.flatten(ys), self.tf.nest.flatten(xs)
                with self.around.stop_recording():
                    return self.around.gradient(ys, xs, grad_ys)

            gradients_util._GradientsHelper = by_tape

    def texts(self):
        """What the Python files in the solution's folder hold, bytes; of those that are still there."""
        found = []
        with contextlib.suppress(OSError):
            for name in os.listdir(self.folder):
                if name.endswith(".py"):
                    with contextlib.suppress(OSError), open(os.path.join(self.folder, name), "rb") as file:
                        found.append(file.read())
        return found

    @contextlib.contextmanager
    def for_old_gradients(self, points):
        """Within this block tf.gradients can be taken, at what is computed from the points, if the solution uses it."""
        if not any(b".gradients(" in text for text in self.texts()):
            yield
            return
        with self.tf.GradientTape(persistent=True) as tape:
            with contextlib.suppress(Exception):
                tape.watch(points)
            self.around = tape
            try:
                yield
            finally:
                self.around = None

    def draw_nowhere(self):
        """A solution may choose a window to draw in, which there is none of here: it then draws into memory."""
        with contextlib.suppress(ImportError):
            from matplotlib import pyplot

            switch = pyplot.switch_backend

            def switched(*args, **options):
                try:
                    switch(*args, **options)
                except ImportError:
                    switch("agg")

            pyplot.switch_backend = switched

    @contextlib.contextmanager
    def usual_numbers(self):
        """Keras's own defaults for the networks that the solution is tried on, whatever it has set for all of Keras."""
        backend, precision = self.keras.backend, self.keras.mixed_precision
        floatx, format, policy = backend.floatx(), backend.image_data_format(), precision.global_policy()
        try:
            backend.set_floatx("float32")
            backend.set_image_data_format("channels_last")
            precision.set_global_policy("float32")
            yield
        finally:
            backend.set_floatx(floatx)
            backend.set_image_data_format(format)
            precision.set_global_policy(policy)

    def watch_class(self, kind):
        for base in kind.__mro__:
            for name in ("apply_gradients", "apply"):
                if name in vars(base) and (base, name) not in self.watched:
                    self.watched.add((base, name))
                    setattr(base, name, self.watching(vars(base)[name], name))

    def watching(self, method, name):
        def watched(optimizer, *args, **options):
            if self.depth:
                return method(optimizer, *args, **options)
            self.depth += 1
            self.updates += 1
            try:
                self.stop_import()
                step = self.step_seen
                if step is None:
                    return method(optimizer, *args, **options)
                first, *rest = args or [options.pop("grads_and_vars", None) or options.pop("grads", None)]
                if name == "apply_gradients":
                    first = pairs = list(first)
                else:
                    first = list(first)
                    variables = list(rest[0] if rest else options.get("trainable_variables") or [])
                    pairs = list(zip(first, variables))
                names = [self.name_of(variable) for _, variable in pairs]
                taped = {}  # what the tape has given for these variables
                for moving in {one[0] for one in names if one}:
                    taped.update({tuple(one): slope for one, slope in self.pending.pop(moving, ((), ()))[0]})
                self.by_hand()
                event = {
                    "kind": "update",
                    "optimizer": type(optimizer).__name__,
                    "owner": self.owner_of(optimizer),
                    "number": self.number_of(optimizer),
                    "cuts": [name for name in CUTS if getattr(optimizer, name, None) is not None],
                    "rules": [name for name in OTHER_RULES if getattr(optimizer, name, None)],
                    "variables": names,
                    "gradients": [None if gradient is None else self.values(gradient) for gradient, _ in pairs],
                    "before": self.weights(),
                }
                slopes = [taped.get(tuple(one or ()), slope) for one, (slope, _) in zip(names, pairs)]
                if any(one is not slope for one, (slope, _) in zip(slopes, pairs)):
                    event["taped"] = [None if slope is None else self.values(slope) for slope in slopes]
                if not pairs:  # gradients that are None may have been left out
                    event["left_out"] = [
                        network for network, (asked, _) in self.pending.items() if all(one is None for _, one in asked)
                    ]
                self.note(event)  # before the call: an update that fails is worth knowing, too
                result = method(optimizer, first, *rest, **options)
                self.send(after=self.weights(), step=step)
                return result
            finally:
                self.depth -= 1

        return watched

    def expect_update(self, variables, gradients):
        """Keep gradients for the weights of a network until something is done with them."""
        for network in self.networks:
            own = [
                (name, gradient)
                for name, gradient in zip(map(self.name_of, variables), gradients)
                if name and name[0] == network
            ]
            if own:
                self.pending[network] = own, self.networks[network].get_weights()

    def by_hand(self, ended=False):
        """Tell the grader of a network that has moved since its gradients were computed, and by no optimizer of Keras.

        Whoever writes Adam without Keras is judged by what happens to the weights, too. When the step has ended a
        network may also have been updated whose gradients are so small that its weights have not moved.
        """
        moved = {}
        for network, (pairs, before) in list(self.pending.items()):
            now = self.networks[network].get_weights()
            sizes = [1.0 if gradient is None else abs(self.asarray(gradient)).max() for _, gradient in pairs]
            if any((a != b).any() for a, b in zip(before, now)) or (ended and max(sizes) < 1e-6):
                moved[network] = pairs, before
                del self.pending[network]
        if not moved:
            return
        now, state = self.weights(), self.weights()
        state.update({network: [self.values(w) for w in before] for network, (_, before) in moved.items()})
        for network, (pairs, _) in moved.items():
            self.note(
                {
                    "kind": "update",
                    "optimizer": "by hand",
                    "owner": None,
                    "cuts": [],
                    "rules": [],
                    "variables": [name for name, _ in pairs],
                    "gradients": [None if gradient is None else self.values(gradient) for _, gradient in pairs],
                    "before": dict(state),
                }
            )
            state[network] = now[network]
            self.send(after=dict(state), step=self.step_seen)

    def note(self, event):
        """Tell the grader now what the solution has just done."""
        self.drawn_again = 0 if event["kind"] == "update" else self.drawn_again
        self.send(event=event, step=self.step_seen)

    def values(self, tensor):
        with warnings.catch_warnings():  # a solution may have made errors of them, but these are ours
            warnings.simplefilter("ignore")
            if isinstance(tensor, self.tf.IndexedSlices):
                tensor = self.tf.convert_to_tensor(tensor)
            return self.asarray(tensor, dtype="float64").tolist()

    def weights(self):
        return {name: [self.values(w) for w in network.get_weights()] for name, network in self.networks.items()}

    def name_of(self, variable):
        """["discriminator", 2] for the third trainable variable of the discriminator; None for any other."""
        for name, network in self.networks.items():
            for i, own in enumerate(network.trainable_variables):
                if variable is own or variable is getattr(own, "_value", own):
                    return [name, i]
        return None

    def owner_of(self, optimizer):
        """The name of the network to which an optimizer belongs; None if that is not clear."""
        owners = [name for name, one in self.networks.items() if getattr(one, "optimizer", None) is optimizer]
        return owners[0] if len(owners) == 1 else None

    def number_of(self, optimizer):
        """A number that tells the optimizers of a solution from each other."""
        if not any(one is optimizer for one in self.optimizers):
            self.optimizers.append(optimizer)
        return next(number for number, one in enumerate(self.optimizers) if one is optimizer)

    def tap(self, network):
        """A kind of layer that passes its input on and records it."""
        probes = self

        class Tap(self.keras.layers.Layer):
            def call(self, x):
                if probes.step_seen is not None and hasattr(x, "numpy"):
                    probes.by_hand()
                    count = int(x.shape[0])  # a tf.Variable has no len
                    rows = probes.values(x) if count <= 400 else None
                    probes.note({"kind": "call", "network": network, "rows": count, "x": rows})
                return x

            def compute_output_shape(self, input_shape):  # else Keras 3 traces `call` to find it
                return input_shape

        return Tap

    def weighted(self, layer, x):
        """What a layer makes of x, built without the random weights that are replaced anyway; drawing them is slow."""
        usual = layer.kernel_initializer
        layer.kernel_initializer = self.keras.initializers.Zeros()
        made = layer(x)
        layer.kernel_initializer = usual  # as a copy of the network would find it
        return made

    def build(self, *args, **options):
        """What `dense_pair` builds, with Keras's own defaults."""
        self.built = args, options
        with self.usual_numbers():
            return self.dense_pair(*args, **options)

    def perhaps_on_new_networks(self, make):
        """What `make` gives. If it fails, once more on new networks, equal to the last ones that were built: these may
        have been compiled by another object of the class, and some constructors can only be called once on them."""
        try:
            return make()
        except Exception:
            args, options = self.built
            self.build(*args, **options)
            return make()

    def dense_pair(self, latent_shape, example_shape, generator, discriminator):
        """Both networks with the given weights, dense: tanh hidden layers, sigmoid at the generator's end.

        A list of kernels alone is of layers without biases. A discriminator of one layer is linear; others end in tanh.
        """
        layers = self.keras.layers
        size = int(self.np.prod(example_shape))

        def stack(inputs, weights, last, after=None, network=""):
            x = tapped = self.taps[network]()(inputs)
            if len(inputs.shape) > 2:
                x = layers.Flatten()(tapped)
            kernels, biases = [w for w in weights if w.ndim == 2], weights[1].ndim == 1
            for kernel in kernels:
                activation = last if kernel is kernels[-1] else "tanh"
                x = self.weighted(layers.Dense(kernel.shape[1], activation=activation, use_bias=biases), x)
            if after:
                x = layers.Reshape(after)(x)
            model = self.keras.Model(inputs, x, name=network)
            model.set_weights(weights)
            return model

        g = stack(
            self.keras.Input(latent_shape),
            generator,
            "sigmoid",
            example_shape if len(example_shape) > 1 else None,
            "generator",
        )
        d = stack(
            self.keras.Input(example_shape),
            discriminator,
            None if len(discriminator) == 2 and discriminator[1].ndim == 1 else "tanh",
            None,
            "discriminator",
        )
        assert generator[-1].shape[-1] == size
        self.networks = {"generator": g, "discriminator": d}
        return g, d

    def latent(self, k):
        if self.tf.is_tensor(k) and not hasattr(k, "numpy"):  # in a graph; tf.random.normal takes such a size as well
            some = self.tf.constant(self.latent_vectors(None))
            return self.tf.gather(some, self.tf.range(k) % some.shape[0])
        k, places = int(k), 0
        if self.step_seen is not None:
            self.by_hand()
            self.note({"kind": "latent", "rows": k})
            places, self.drawn_again = self.drawn_again, self.drawn_again + 1
        # The same vectors in every update, but a second sample of one update has them in another order.
        return self.tf.constant(self.np.roll(self.latent_vectors(k), places, axis=0))

    def number(self, value):
        """A returned value as {"value": first number, "size": how many}; None if it is not numbers.

        A list or a text that holds a number is of another "kind": the main scripts would have to take it apart.
        """
        try:
            array = self.asarray(value, dtype="float64")
            kind = {"kind": type(value).__name__} if isinstance(value, (list, tuple, str, bytes)) else {}
            return {"value": float(array.reshape(-1)[0]), "size": int(array.size), **kind}
        except Exception:
            return None

    def train_steps(self, G, times=1):
        """Events of eager calls of `train_step`, what they returned, and the weights at the end."""
        with contextlib.suppress(Exception):  # as every main script does; the probe `fit` tells what goes wrong here
            G.compile()
        for network in self.networks.values():
            optimizer = getattr(network, "optimizer", None)
            if optimizer is not None:
                self.watch_class(type(optimizer))
        steps = []
        for _ in range(times):
            self.steps += 1
            step = {"events": self.steps, "start": self.weights()}
            self.step_seen, self.pending, self.drawn_again = self.steps, {}, 0
            steps.append(step)
            try:
                with self.for_old_gradients(getattr(G, "real_examples", None)):
                    returned = self.method(G, "train_step")(None)
                step["type"] = type(returned).__name__
                if isinstance(returned, dict):
                    step["returned"] = {str(key): self.number(value) for key, value in returned.items()}
            except Exception as error:
                step["raised"] = self.source.described(error, self.folder)
            finally:
                self.by_hand(ended=True)
                self.step_seen = None
            step["end"] = self.weights()
            if "raised" in step:
                break
        return {"steps": steps}
