"""Runs beside a solution, in a process that server.py forks for it: imports it, feeds it the inputs of a key, and
sends raw numbers back.

Sends {"ready": ...} when TensorFlow is there, {"start": probe}, {"probe": probe, "record": ...}, and {"done": true}.
Between start and record it sends what it sees of a step at the moment it happens, before the solution goes on:
{"event": ..., "step": number}, and {"after": weights, "step": number} when an update has ended. None of it is kept
here, where a solution could alter it; the record names the step by its number, and grading.py puts the events in.
What it sees of a step is in watching.py, how it finds its way in a solution in finding.py and source.py. All that it is
made of is loaded from this folder (sandbox.WORKERS), before any code of a solution.
It knows no expected value, so nothing that the solution does to this process can turn a wrong number into a right one.
"""

import builtins
import contextlib
import functools
import importlib.util
import inspect
import os
import sys

__builtins__ = dict(vars(builtins))  # our own: a solution that replaces float or isinstance replaces its own only
_exit = os._exit


def sibling(name):
    """The module `name`.py of this folder, under a name that no file of a solution has, and not in sys.modules."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"_checker_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


source, finding, watching = sibling("source"), sibling("finding"), sibling("watching")
described = source.described


def unlike(one, other):
    """Whether two attributes cannot be of the same argument: a function and numbers, or two different numbers."""
    if one is None or other is None or callable(one) or callable(other):
        return None not in (one, other) and callable(one) != callable(other)
    try:
        return float(one) != float(other)
    except Exception:  # arrays, and whatever a solution makes of its arguments
        return False


class Probes(watching.Watching, finding.Finding):
    """Everything that can be asked of a solution. Each method named in the table at the end gives a record."""

    def __init__(self, inputs):
        import h5py
        import numpy
        import tensorflow

        watching.Watching.__init__(self, source)
        finding.Finding.__init__(self, source)
        self.course, self.inputs = inputs, None  # what the course fixes, and what `work` sets
        self.folder, self.send = None, None
        self.called_in_order = {}  # of a network without layers in order: number of the call of each of its layers
        self.np, self.tf, self.keras, self.h5py = numpy, tensorflow, tensorflow.keras, h5py
        self.asarray = numpy.asarray
        # A solution's @tf.function has AutoGraph rewrite what is called in it; it cannot read how these are drawn.
        self.latent_vectors = tensorflow.autograph.experimental.do_not_convert(
            lambda rows, dim=None: self.inputs.latent_vectors(rows, dim)
        )
        self.taps = {name: self.tap(name) for name in ("generator", "discriminator")}  # Keras takes long over a class
        self.watch_updates()
        self.build_outside_graphs()
        self.watch_graphs()
        self.watch_old_gradients()
        self.draw_nowhere()

    def first_sum(self):
        """Whatever hinders TensorFlow to compute comes up here; this starts its context, which no task may find so."""
        assert float(self.tf.reduce_sum(self.tf.ones((2, 3)))) == 6

    def ready(self):
        """The versions. TensorFlow's context is left alone: the solution may want to configure it."""
        self.run_eagerly(True)
        return {
            "python": sys.version.split()[0],
            "tensorflow": str(self.tf.__version__),
            "keras": str(getattr(self.keras, "__version__", "")),
        }

    # -------------------------------------------------------------------- probes

    def import_(self, task):
        updates, fits = self.updates, self.fits
        file = self.file_of(task)
        facts = {}
        with contextlib.suppress(Exception):
            facts = source.source_facts(os.path.join(self.folder, file))
        try:
            module = self.module(task)
        except BaseException as error:
            return {"failed": described(error, self.folder), "file": file, "source": facts}
        pyplot = sys.modules.get("matplotlib.pyplot")
        return {
            "file": file,
            "source": facts,
            "aborted": self.aborted.get(task),
            "precision": self.policies.get(task),
            "updates": self.updates - updates,
            "fits": self.fits - fits,
            "figures": len(pyplot.get_fignums()) if pyplot else 0,
            "names": [
                name for name, value in vars(module).items() if not name.startswith("_") and not inspect.ismodule(value)
            ][:100],
        }

    def class_record(self, task):
        found = self.class_(task)
        is_class = inspect.isclass(found)
        names = [name for name in vars(self.module(task)) if vars(self.module(task))[name] is found]
        wanted = [*finding.KEYWORDS][: 5 if task in (2, 4) else 3] + ["replace_weights"] * (task == 4)
        made = None
        if is_class and not all(self.given(found, name) for name in wanted):
            with contextlib.suppress(Exception):  # what keeps it from being made is told by the probe `construct`
                made = self.make(task)
        given = [
            name
            for name in (*finding.KEYWORDS, "replace_weights", "replace_weight")
            if self.given(found, name) or self.given(made, name)
        ]
        record = {
            "is_class": is_class,
            "is_model": is_class and issubclass(found, self.keras.Model),
            "name": names[0] if names else self.course.CLASSES[task],
            "methods": given + ["fit"] * callable(getattr(found, "fit", None)),
            "called": {name: name if name in given else self.called(found, name) for name in finding.KEYWORDS},
            "replacing": self.replacing(found if made is None else made),
            "constructor": self.mended.get(found) if is_class else None,
            "selfless": [one for name in self.course.FILES[task] for one in self.selfless.get(name, [])],
            "parameters": [],
            "arguments": {},
        }
        for name in finding.SAMPLES if task in (2, 4) and is_class else ():
            own = record["called"][name]
            if own and inspect.isfunction(inspect.getattr_static(found, own, None)):
                arguments = self.other_arguments(functools.partial(getattr(found, own), None), name)
                record["arguments"].update({own: arguments} if arguments is not None else {})
        with contextlib.suppress(Exception):
            record["parameters"] = list(inspect.signature(found.__init__).parameters) if is_class else []
        return record

    def make(self, task, real_examples=None, **options):
        """A model of the small networks on the fixed examples."""
        i = self.inputs
        options.setdefault("batch_size", i.BATCH)
        if task in (2, 4):  # a wrong default is the concern of the probe `defaults` alone
            options.setdefault("lambda_gp", i.LAMBDA)
        if self.networks is None:
            self.build((i.LATENT,), (i.DIM,), i.generator_weights(), i.discriminator_weights())
        real = self.tf.constant(i.examples() if real_examples is None else real_examples)
        return self.perhaps_on_new_networks(lambda: self.create(task, self.networks.values(), real, options))

    def construct(self, task):
        i = self.inputs
        g, d = self.build((i.LATENT,), (i.DIM,), i.generator_weights(), i.discriminator_weights())
        given = {"batch_size": i.BATCH, "disc_iter": i.DISC_ITER, "learning_rate": i.RATE}
        given.update({"lambda_gp": i.LAMBDA} if task in (2, 4) else {})
        record, real, names = {}, self.tf.constant(i.examples()), (*self.course.PARAMETERS[2:], "lambda_gp")
        try:
            by_name = self.class_(task)(
                generator=g, discriminator=d, latent_generator=self.latent, real_examples=real, **given
            )
            G = self.perhaps_on_new_networks(
                lambda: self.class_(task)(*self.networks.values(), self.latent, real, *given.values())
            )
            swapped = getattr(by_name, "generator", None) is g and (
                getattr(G, "generator", None) is self.networks["discriminator"]
            )
            if swapped or any(unlike(*(getattr(one, name, None) for one in (by_name, G))) for name in names):
                G, record["order"] = by_name, True
                self.networks = {"generator": g, "discriminator": d}
        except Exception as error:
            record["refused"] = described(error, self.folder)
            if "super()" in str(error) and "__init__" in vars(self.class_(task)):
                self.begin_with_super(self.class_(task))
            G = self.create(task, (g, d), real, given)
        return {
            **record,
            "kept": [name for name in self.course.PARAMETERS[:4] if hasattr(G, name)],
            "networks": [getattr(G, name, None) in (None, one) for name, one in self.networks.items()],
        }

    def samples(self, task):
        i = self.inputs
        G = self.make(task, i.examples(i.ROWS))
        get_real, get_fake = (self.method(G, name) for name in ("get_real_sample", "get_fake_sample"))
        record = {}
        if get_real:
            record["real"], record["again"] = self.values(get_real()), self.values(get_real())
        if get_fake:
            record["fake"] = self.values(get_fake())
        for name, method, size in (("real_of_size", get_real, i.MANY), ("fake_of_size", get_fake, i.FEW)):
            try:
                if method:
                    record[name] = self.values(method(size))
            except Exception as error:
                record.setdefault("sized", described(error, self.folder))
        return record

    def build_without_biases(self):
        """Networks of half as many variables: that is half of what Keras makes, and puts into a graph."""
        i = self.inputs
        return self.build((i.LATENT,), (i.DIM,), *i.without_biases())

    def step(self, task, disc_iter=None, times=2):
        i = self.inputs
        return self.train_steps(self.make(task, disc_iter=disc_iter or i.DISC_ITER, learning_rate=i.RATE), times)

    def defaults(self, task):
        i = self.inputs
        linear = i.linear_critic((i.DIM,), i.SLOPE) if task in (2, 4) else i.discriminator_weights(i.DEFAULT_SIZE)
        g, d = self.build((i.LATENT,), (i.DIM,), i.generator_weights(), linear)
        return self.train_steps(self.create(task, (g, d), self.tf.constant(i.examples(self.course.DEFAULT_BATCH)), {}))

    def float64(self, task):
        """One step on examples of 64 bits, as the course's main scripts of tasks 0 and 1 draw them."""
        i = self.inputs
        G = self.make(task, i.examples().astype("float64"), disc_iter=2, learning_rate=i.RATE)
        return self.train_steps(G)

    def clip(self, task):
        i = self.inputs
        self.build((i.LATENT,), (i.DIM,), i.generator_weights(i.CLIP_SIZE), i.clipped_weights())
        return self.train_steps(self.make(task, disc_iter=i.CLIP_DISC_ITER, learning_rate=i.CLIP_RATE))

    def steep(self, task):
        """One step on examples so large that the gradient of a linear critic is large."""
        i = self.inputs
        self.build((i.LATENT,), (i.DIM,), i.generator_weights(), i.linear_critic((i.DIM,), i.STEEP_SLOPE))
        return self.train_steps(
            self.make(task, i.LARGE * i.examples(), disc_iter=i.CRITIC_DISC_ITER, learning_rate=i.STEEP_RATE)
        )

    def interpolate(self, task, shape=None):
        i = self.inputs
        if shape:
            self.build((i.LATENT,), shape, i.picture_generator(), i.linear_critic(shape, i.SLOPE))
        else:
            self.build_without_biases()
        real = i.pictures() if shape else i.examples(i.MIXED_ROWS)  # a few calls with many rows each are quick
        G = self.make(task, real, batch_size=len(real))
        fake = self.tf.constant(i.table("fake", *real.shape, low=2, high=3))
        mixed = self.method(G, "get_interpolated_sample")
        if mixed is None:
            return {"absent": True}
        real = self.tf.constant(real)
        shape = list(getattr(mixed(real, fake), "shape", real.shape))
        if shape != list(real.shape):  # such a sample may be huge
            return {"shape": [int(n) for n in shape]}
        return {"made": [self.values(mixed(real, fake)) for _ in range(6 if shape else i.CALLS)]}

    def penalty(self, task, critic="linear"):
        """The method `gradient_penalty` at fixed points."""
        i = self.inputs
        shape = i.PICTURE if critic == "pictures" else (i.DIM,)
        points = i.pictures() if critic == "pictures" else i.examples()
        weights = i.discriminator_weights(i.PENALTY_SIZE) if critic == "tanh" else i.linear_critic(shape, i.SLOPE)
        generator = i.picture_generator() if critic == "pictures" else i.without_biases()[0]
        self.build((i.LATENT,), shape, generator, weights)
        G = self.make(task, points)
        penalty, points = self.method(G, "gradient_penalty"), self.tf.constant(points)
        if penalty is None:
            return {"absent": True}
        with self.for_old_gradients(points):
            return {"penalty": self.number(penalty(points))}

    def lambdas(self, task, shape=None):
        """One step with a linear critic for each of two weights of the penalty."""
        i = self.inputs
        record = {}
        for name, lambda_gp in (("first", i.LAMBDA), ("second", i.OTHER_LAMBDA))[: 1 if shape else 2]:
            self.build(
                (i.LATENT,),
                shape or (i.DIM,),
                i.picture_generator() if shape else i.generator_weights(),
                i.linear_critic(shape or (i.DIM,), i.SLOPE),
            )
            G = self.make(
                task,
                i.pictures() if shape else None,
                disc_iter=i.CRITIC_DISC_ITER,
                learning_rate=i.RATE,
                lambda_gp=lambda_gp,
            )
            record[name] = self.train_steps(G)["steps"]
        return record

    def fit(self, task):
        """Training by Keras, in a graph."""
        i = self.inputs
        self.module(task)  # its import chooses how functions run; in a process begun anew it comes here
        self.stateless = not self.may_keep_state()
        self.run_eagerly(self.without_graphs)
        with contextlib.suppress(Exception):  # no graph runs often enough here for its optimization to pay
            self.tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
        try:
            self.build_without_biases()
            G = self.make(task, i.examples(i.FIT_ROWS), disc_iter=i.FIT_DISC_ITER, learning_rate=i.FIT_RATE)
            before = self.weights()
            G.compile()
            history = G.fit(self.tf.constant(i.examples(i.FIT_ROWS)), epochs=1, steps_per_epoch=i.FIT_STEPS, verbose=0)
            return {
                "before": before,
                "after": self.weights(),
                "history": {str(k): [self.number(x) for x in v] for k, v in history.history.items()},
                "drawn": {} if getattr(G, "run_eagerly", False) else self.drawn(task, G),
            }
        finally:
            self.stateless = False
            self.run_eagerly(True)

    def may_keep_state(self):
        """Whether functions in the solution's files may leave something in Python to their next call."""
        texts = self.texts()
        try:
            return not texts or any(map(source.keeps_state, texts))
        except Exception:  # it cannot be told
            return True

    def drawn(self, task, G):
        """Method -> what two calls of one graph draw, for each method that draws and can be put into a graph."""
        i, found = self.inputs, {}
        calls = {"get_real_sample": lambda: self.method(G, "get_real_sample")()}
        if task in (2, 4):
            real, fake = (self.tf.constant(i.table(name, i.BATCH, i.DIM)) for name in ("real", "fake"))
            calls["get_interpolated_sample"] = lambda: self.method(G, "get_interpolated_sample")(real, fake)
        for name, call in calls.items():
            with contextlib.suppress(Exception):
                graph = self.tf.function(call, autograph=False)
                found[name] = [self.values(graph()), self.values(graph())]
        return found

    # ---- tasks 3 and 4

    def leaves(self, network, order=None):
        """The layers of a network in order, those of networks and of layers inside it in their place."""
        layers, order = self.inside(network), self.called_in_order.get(id(network), order)
        if order:  # a class of its own: it may keep its layers in any order
            layers = sorted(layers, key=lambda layer: order.get(id(layer), len(order)))
        for layer in layers:
            if self.inside(layer):
                yield from self.leaves(layer, order)
            else:
                yield layer

    def inside(self, layer):
        """The layers of which a network consists, or a layer of the solution's own without weights beside theirs."""
        if hasattr(layer, "layers"):
            return layer.layers
        try:
            parts = list(layer._flatten_layers(include_self=False, recursive=False))
            own = {id(one) for part in parts for one in part.weights}
            return parts if own and own >= {id(one) for one in layer.weights} else []
        except Exception:
            return []

    def function(self, task):
        """(name, function) of task 3: under its own name, or the one that stands in its place."""
        module, name = self.module(task), "convolutional_GenDiscr"
        if not hasattr(module, name):
            made_here = {
                key: one
                for key, one in vars(module).items()
                if inspect.isfunction(one)
                and one.__module__ == module.__name__
                and all(p.default is not p.empty for p in inspect.signature(one).parameters.values())
            }
            alike = [
                key
                for key in made_here
                if source.letters(key) == source.letters(name) or "gendis" in source.letters(key)
            ]
            alike = alike or [key for key in made_here if "conv" in source.letters(key)]
            if len(alike or made_here) == 1:
                name = (alike or list(made_here))[0]
        return name, getattr(module, name)

    def pair(self, task):
        """What the function returns, as a list, and whether the discriminator came first: then they are exchanged."""
        function = self.function(task)[1]
        with contextlib.suppress(Exception):  # Keras counts layers for their names; the main scripts call it once
            self.keras.backend.clear_session()
        found = function()
        found = list(found) if isinstance(found, (tuple, list)) else [found]
        shapes = [None, None]
        with contextlib.suppress(Exception):  # of a class of its own they are not known yet
            shapes = [one.input_shape for one in found]
        exchanged = len(found) == 2 and [len(x or ()) for x in shapes] == [4, 2]
        return found[::-1] if exchanged else found, exchanged

    def shapes(self, network, which):
        """Shapes of input and output. A network that is a class of its own shows them when it is called."""
        try:
            found = [
                [None if n is None else int(n) for n in one] for one in (network.input_shape, network.output_shape)
            ]
            if not self.has_own_layers(network):
                return found
        except Exception:
            return self.shapes_of_a_call(network, which)
        with contextlib.suppress(Exception):  # it is called to see in which order such a layer calls its own
            self.shapes_of_a_call(network, which)
        return found

    def has_own_layers(self, network):
        """Whether there is a layer of the solution's own in it that consists of layers."""
        return any(
            self.has_own_layers(one) if hasattr(one, "layers") else self.inside(one) for one in network.layers
        )

    def shapes_of_a_call(self, network, which):
        """Shapes of what a network is given and gives; notes the order in which it calls its layers."""
        shape = ((16,), (16, 16, 1))[which]
        kind, order = self.keras.layers.Layer, {}
        call = kind.__call__

        def noted(layer, *args, **options):
            order.setdefault(id(layer), len(order))
            return call(layer, *args, **options)

        kind.__call__ = noted
        try:
            made = network(self.tf.zeros((self.inputs.FACES, *shape)))
        finally:
            kind.__call__ = call
        self.called_in_order[id(network)] = order
        return [None, *shape], [None, *self.values_shape(made)[1:]]

    def networks_record(self, task):
        pair, exchanged = self.pair(task)
        record = {
            "count": len(pair),
            "models": [isinstance(one, self.keras.Model) for one in pair],
            "networks": [],
            "name": self.function(task)[0],
            "exchanged": exchanged,
        }
        for which, one in enumerate(pair[:2]):
            if isinstance(one, self.keras.Model):
                shape_in, shape_out = self.shapes(one, which)
                record["networks"].append(
                    {
                        "input": shape_in,
                        "output": shape_out,
                        "parameters": int(one.count_params()),
                        "layers": [
                            [type(layer).__name__, [list(w.shape) for w in layer.get_weights()]]
                            for layer in self.leaves(one)
                            if layer.weights
                        ],
                        "without_weights": self.kinds_without_weights(one),
                    }
                )
        return record

    def kinds_without_weights(self, network):
        """The kinds of a network's layers, and of its operators, that have no weights."""
        with contextlib.suppress(Exception):
            layers = getattr(network, "operations", None) or self.leaves(network)
            kinds = [(type(one).__name__, one.name) for one in layers if not getattr(one, "weights", ())]
            return sorted({name if "OpLambda" in kind else kind for kind, name in kinds})[:20]
        return []

    def forward(self, task, which):
        """Outputs for known weights, as in training and as in use."""
        i = self.inputs
        network = self.pair(task)[0][which]
        self.shapes(network, which)
        name = ("generator", "discriminator")[which]
        layers = [layer for layer in self.leaves(network) if layer.weights]
        for position, layer in enumerate(layers):
            kind, shapes = (self.course.GENERATOR_LAYERS, self.course.DISCRIMINATOR_LAYERS)[which][position]
            layer.set_weights(i.layer_weights(name, position, shapes, kind))
        x = i.latent_vectors(i.FACES, 16) if which == 0 else i.table("faces", i.FACES, 16, 16, 1)
        x = self.tf.constant(x)
        record = {"use": self.values(network(x, training=False)), "training": self.values(network(x, training=True))}
        if which == 0:
            with contextlib.suppress(Exception):  # a class of its own may want to be told each time
                record["unset"] = self.values(network(x))
        else:
            record["more"] = self.values(network(self.tf.constant(i.more_faces()), training=False))
        return record

    def pair_of_task_4(self):
        """What `course_pair` builds, with Keras's own defaults."""
        with self.usual_numbers():
            return self.course_pair()

    def course_pair(self):
        """Networks with the weights of the course's, whatever the solution's task 3 is.

        What they compute does not matter here. They have no activations, because students are given this file.
        """
        layers, pair = self.keras.layers, []
        tables = (self.course.GENERATOR_LAYERS, (16,)), (self.course.DISCRIMINATOR_LAYERS, (16, 16, 1))
        for name, (table, shape) in zip(("generator", "discriminator"), tables):
            first = h = self.keras.Input(shape)
            for kind, shapes in table:
                size = shapes[-1][0]
                if kind == "Dense":
                    h = layers.Dense(size)(layers.Flatten()(h))
                    h = layers.Reshape((2, 2, size // 4))(h) if size > 1 else h
                elif kind == "Conv2D":
                    h = layers.UpSampling2D()(h) if name == "generator" else h
                    h = layers.Conv2D(size, 3, padding="same")(h)
                    h = layers.MaxPooling2D()(h) if name == "discriminator" else h
                else:
                    h = layers.BatchNormalization()(h)
            pair.append(self.keras.Model(first, h, name=name))
        g, d = pair
        self.networks = {"generator": g, "discriminator": d}
        return g, d

    def write_weights(self, path, name):
        """A weight file as Keras 2 writes it, with names of layers as of a long session."""
        i, number = self.inputs, self.inputs.FIRST_LAYER[name]
        arrays = iter(i.stored_weights(name))
        with self.h5py.File(path, "w") as file:
            names = []
            for layer in self.networks[name].layers:
                own = f"{type(layer).__name__.lower()}_{number + len(names)}"
                names.append(own)
                group = file.create_group(own)
                variables = [v.name.split("/")[-1].split(":")[0] for v in layer.weights]
                group.attrs["weight_names"] = self.np.array([f"{own}/{v}:0" for v in variables], dtype="S")
                for v in variables:
                    group.create_dataset(f"{own}/{v}:0", data=next(arrays))
            file.attrs["layer_names"] = self.np.array(names, dtype="S")
            file.attrs["backend"] = self.np.bytes_("tensorflow")
            file.attrs["keras_version"] = self.np.bytes_("2.6.0")

    def made_of_faces(self, task):
        i = self.inputs
        real = self.tf.constant(i.table("faces", i.FACES_ROWS, 16, 16))
        options = {"batch_size": i.FACES_BATCH, "disc_iter": i.FACES_DISC_ITER, "learning_rate": i.FACES_RATE}
        latent = lambda k: self.tf.constant(self.latent_vectors(int(k), 16))  # noqa: E731
        return self.create(task, self.pair_of_task_4(), real, options, latent)

    def construct_faces(self, task):
        G = self.made_of_faces(task)
        return {
            "networks": [getattr(G, name, one) is one for name, one in self.networks.items()],
            "fake": list(self.values_shape(self.method(G, "get_fake_sample")(self.inputs.FACES))),
        }

    def values_shape(self, tensor):
        return [int(n) for n in self.asarray(tensor).shape]

    def replace(self, task):
        """What stands in both networks after `replace_weights`: the largest difference to each stored array."""
        G = self.made_of_faces(task)
        files = []
        for name in ("generator", "discriminator"):
            files.append(os.path.join(self.folder, f"{self.inputs.STEM}_{name}.h5"))
            self.write_weights(files[-1], name)
        before = {name: network.get_weights() for name, network in self.networks.items()}
        method = getattr(G, self.replacing(G))
        record = {}
        try:
            method(*files)
        except Exception as error:
            record["raised"] = described(error, self.folder)
        for name, network in self.networks.items():
            record[name] = {
                "sample": [self.sample(w) for w in network.get_weights()],
                "before": [self.sample(w) for w in before[name]],
            }
        return record

    def sample(self, array):
        """Some hundred numbers of an array, spread over it."""
        flat = self.asarray(array, dtype="float64").reshape(-1)
        return flat[:: max(1, len(flat) // 100)].tolist()

    def run(self, probe):
        task, name = probe.split(".")
        task = int(task)
        self.networks = self.step_seen = None
        self.depth = 0
        method, options = TABLE[name]
        options = dict(options)
        if options.pop("picture_shape", False):
            options["shape"] = self.inputs.PICTURE
        return getattr(self, method)(task, **options)


TABLE = {
    "import": ("import_", {}),
    "class": ("class_record", {}),
    "construct": ("construct", {}),
    "samples": ("samples", {}),
    "step": ("step", {}),
    "step_once": ("step", {"disc_iter": 1, "times": 1}),
    "defaults": ("defaults", {}),
    "float64": ("float64", {}),
    "clip": ("clip", {}),
    "steep": ("steep", {}),
    "interpolate": ("interpolate", {}),
    "interpolate_pictures": ("interpolate", {"picture_shape": True}),
    "penalty": ("penalty", {}),
    "penalty_pictures": ("penalty", {"critic": "pictures"}),
    "penalty_tanh": ("penalty", {"critic": "tanh"}),
    "lambdas": ("lambdas", {}),
    "pictures": ("lambdas", {"picture_shape": True}),
    "fit": ("fit", {}),
    "networks": ("networks_record", {}),
    "generator": ("forward", {"which": 0}),
    "discriminator": ("forward", {"which": 1}),
    "construct_faces": ("construct_faces", {}),
    "replace": ("replace", {}),
}


def work(probes, folder, names, key, send):
    """Run the probes on the draw of this key, send their records, and end the process without looking back."""
    probes.folder, probes.send, probes.inputs = folder, send, probes.course.Draw(key)
    os.chdir(folder)
    for probe in names:
        send(start=probe)
        try:
            record = probes.run(probe)
        except BaseException as error:  # of any kind: a solution may raise what it likes
            try:
                record = {"failed": described(error, folder)}
            except BaseException:  # and so may the exception when it is looked at
                record = {"failed": {"error": "an exception that cannot be shown"}}
        send(probe=probe, record=record)
    send(done=True)
    _exit(0)
