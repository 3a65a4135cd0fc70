"""Runs beside a solution, in a process that server.py forks for it: imports it, feeds it the inputs of a key, and
sends raw numbers back.

Sends {"ready": ...} when TensorFlow is there, {"start": probe}, {"probe": probe, "record": ...}, and {"done": true}.
Between start and record it sends what it sees of a step at the moment it happens, before the solution goes on:
{"event": ..., "step": number}, and {"after": weights, "step": number} when an update has ended. None of it is kept
here, where a solution could alter it; the record names the step by its number, and grading.py puts the events in.
It knows no expected value, so nothing that the solution does to this process can turn a wrong number into a right one.
"""

import builtins
import contextlib
import importlib
import inspect
import os
import random
import sys
import traceback
import warnings

__builtins__ = dict(vars(builtins))  # our own: a solution that replaces float or isinstance replaces its own only
_exit = os._exit


def described(error, folder):
    """An exception as its kind, its first line, and the place in the solution where it came up."""
    place = None
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.abspath(frame.filename).startswith(folder):
            place = [os.path.relpath(frame.filename, folder), frame.lineno, frame.line]
    if isinstance(error, SyntaxError) and error.filename and not place:
        place = [os.path.basename(error.filename), error.lineno, (error.text or "").strip()]
    try:
        text = str(error).replace(folder + os.sep, "")  # a temporary copy, whose name tells nobody anything
    except Exception:  # a solution may raise what it likes
        text = ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return {"error": type(error).__name__, "message": " ".join(lines)[:300], "place": place}


CUTS = ("clipvalue", "clipnorm", "global_clipnorm")  # options of an optimizer that clip gradients


class Probes:
    """Everything that can be asked of a solution. Each method named in the table at the end gives a record."""

    def __init__(self, inputs):
        import h5py
        import numpy
        import tensorflow

        self.course, self.inputs = inputs, None  # what the course fixes, and what `work` sets
        self.folder, self.send = None, None
        self.np, self.tf, self.keras, self.h5py = numpy, tensorflow, tensorflow.keras, h5py
        self.asarray = numpy.asarray
        # A solution's @tf.function has AutoGraph rewrite what is called in it; it cannot read how these are drawn.
        self.latent_vectors = tensorflow.autograph.experimental.do_not_convert(
            lambda rows, dim=None: self.inputs.latent_vectors(rows, dim)
        )
        self.step_seen = self.networks = None  # the number of the step that is watched
        self.depth = self.updates = self.fits = self.steps = 0
        self.modules = {}
        self.watch_updates()
        self.watch_graphs()
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

    # ------------------------------------------------------------------ watching

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
            return fit(model, *args, **options)

        self.keras.Model.fit = counted_fit

    def watch_graphs(self):
        """Note whether the solution itself asks for functions without graphs."""
        self.run_eagerly, self.without_graphs = self.tf.config.run_functions_eagerly, False

        def noted(run_eagerly):
            self.without_graphs = bool(run_eagerly)
            self.run_eagerly(run_eagerly)

        self.tf.config.run_functions_eagerly = noted

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
                event = {
                    "kind": "update",
                    "optimizer": type(optimizer).__name__,
                    "owner": self.owner_of(optimizer),
                    "cuts": [name for name in CUTS if getattr(optimizer, name, None) is not None],
                    "variables": [self.name_of(variable) for _, variable in pairs],
                    "gradients": [None if gradient is None else self.values(gradient) for gradient, _ in pairs],
                    "before": self.weights(),
                }
                self.note(event)  # before the call: an update that fails is worth knowing, too
                result = method(optimizer, first, *rest, **options)
                self.send(after=self.weights(), step=step)
                return result
            finally:
                self.depth -= 1

        return watched

    def note(self, event):
        """Tell the grader now what the solution has just done."""
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

    def tap(self, network):
        """A layer that passes its input on and records it."""
        probes = self

        class Tap(self.keras.layers.Layer):
            def call(self, x):
                if probes.step_seen is not None and hasattr(x, "numpy"):
                    rows = probes.values(x) if len(x) <= 400 else None
                    probes.note({"kind": "call", "network": network, "rows": len(x), "x": rows})
                return x

        return Tap()

    def build(self, *args, **options):
        """What `dense_pair` builds, with Keras's own defaults."""
        with self.usual_numbers():
            return self.dense_pair(*args, **options)

    def dense_pair(self, latent_shape, example_shape, generator, discriminator, hidden=True):
        """Both networks with the given weights, dense: tanh hidden layers, sigmoid at the generator's end.

        A discriminator of two arrays is linear; one of more ends in tanh.
        """
        layers = self.keras.layers
        size = int(self.np.prod(example_shape))

        def stack(inputs, weights, last, after=None, network=""):
            x = tapped = self.tap(network)(inputs)
            if len(inputs.shape) > 2:
                x = layers.Flatten()(tapped)
            for i in range(0, len(weights), 2):
                end = i + 2 == len(weights)
                x = layers.Dense(weights[i].shape[1], activation=last if end else "tanh")(x)
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
            None if len(discriminator) == 2 else "tanh",
            None,
            "discriminator",
        )
        assert generator[-1].shape == (size,)
        self.networks = {"generator": g, "discriminator": d}
        return g, d

    def latent(self, k):
        k = int(k)
        if self.step_seen is not None:
            self.note({"kind": "latent", "rows": k})
        return self.tf.constant(self.latent_vectors(k))

    def number(self, value):
        """A returned value as {"value": first number, "size": how many}; None if it is not numbers."""
        try:
            array = self.asarray(value, dtype="float64")
            return {"value": float(array.reshape(-1)[0]), "size": int(array.size)}
        except Exception:
            return None

    def train_steps(self, G, times=1):
        """Events of eager calls of `train_step`, what they returned, and the weights at the end."""
        with contextlib.suppress(Exception):  # as every main script does; the probe `fit` tells what goes wrong here
            G.compile()
        for optimizer in (getattr(G.generator, "optimizer", None), getattr(G.discriminator, "optimizer", None)):
            if optimizer is not None:
                self.watch_class(type(optimizer))
        steps = []
        for _ in range(times):
            self.steps += 1
            step = {"events": self.steps, "start": self.weights()}
            self.step_seen = self.steps
            steps.append(step)
            try:
                returned = G.train_step(None)
                step["type"] = type(returned).__name__
                if isinstance(returned, dict):
                    step["returned"] = {str(key): self.number(value) for key, value in returned.items()}
            except Exception as error:
                step["raised"] = described(error, self.folder)
            finally:
                self.step_seen = None
            step["end"] = self.weights()
            if "raised" in step:
                break
        return {"steps": steps}

    # -------------------------------------------------------------------- probes

    def file_of(self, task):
        for name in self.course.FILES[task]:
            if os.path.isfile(os.path.join(self.folder, name)):
                return name
        raise FileNotFoundError(f"no {' or '.join(self.course.FILES[task])} in the folder")

    def module(self, task):
        """Import the solution's file once, as the course's main scripts do: after the seeds."""
        if task not in self.modules:
            sys.path.insert(0, self.folder)
            random.seed(0)
            self.np.random.seed(0)
            self.tf.random.set_seed(0)
            self.modules[task] = importlib.import_module(self.file_of(task)[:-3])
            self.run_eagerly(True)  # whatever the file has chosen; the probe `fit` trains as it wants
        return self.modules[task]

    def import_(self, task):
        updates, fits = self.updates, self.fits
        file = self.file_of(task)
        module = self.module(task)
        pyplot = sys.modules.get("matplotlib.pyplot")
        return {
            "file": file,
            "updates": self.updates - updates,
            "fits": self.fits - fits,
            "figures": len(pyplot.get_fignums()) if pyplot else 0,
            "names": [
                name for name, value in vars(module).items() if not name.startswith("_") and not inspect.ismodule(value)
            ][:100],
        }

    def class_(self, task):
        return getattr(self.module(task), self.course.CLASSES[task])

    def class_record(self, task):
        found = self.class_(task)
        is_class = inspect.isclass(found)
        return {
            "is_class": is_class,
            "is_model": is_class and issubclass(found, self.keras.Model),
            "methods": [
                name
                for name in (
                    "train_step",
                    "get_fake_sample",
                    "get_real_sample",
                    "get_interpolated_sample",
                    "gradient_penalty",
                    "replace_weights",
                    "replace_weight",
                    "fit",
                )
                if callable(getattr(found, name, None)) and (name == "fit" or self.own(found, name))
            ],
            "parameters": list(inspect.signature(found.__init__).parameters) if is_class else [],
        }

    def own(self, found, name):
        """Whether the method is another one than Keras's."""
        return getattr(found, name, None) is not getattr(self.keras.Model, name, None)

    def make(self, task, real_examples=None, **options):
        """A model of the small networks on the fixed examples."""
        i = self.inputs
        options.setdefault("batch_size", i.BATCH)
        if task == 2:  # a wrong default is the concern of the probe `defaults` alone
            options.setdefault("lambda_gp", i.LAMBDA)
        if self.networks is None:
            self.build((i.LATENT,), (i.DIM,), i.generator_weights(), i.discriminator_weights())
        real = self.tf.constant(i.examples() if real_examples is None else real_examples)
        return self.class_(task)(
            self.networks["generator"], self.networks["discriminator"], self.latent, real, **options
        )

    def construct(self, task):
        i = self.inputs
        g, d = self.build((i.LATENT,), (i.DIM,), i.generator_weights(), i.discriminator_weights())
        extra = {"lambda_gp": i.LAMBDA} if task in (2, 4) else {}
        given = {"batch_size": i.BATCH, "disc_iter": i.DISC_ITER, "learning_rate": i.RATE, **extra}
        G = self.class_(task)(
            generator=g,
            discriminator=d,
            latent_generator=self.latent,
            real_examples=self.tf.constant(i.examples()),
            **given,
        )
        self.class_(task)(g, d, self.latent, self.tf.constant(i.examples()), *given.values())
        return {
            "kept": [name for name in self.course.PARAMETERS[:4] if hasattr(G, name)],
            "networks": [getattr(G, "generator", None) is g, getattr(G, "discriminator", None) is d],
        }

    def samples(self, task):
        i = self.inputs
        G = self.make(task, i.examples(i.ROWS))
        return {
            "real": self.values(G.get_real_sample()),
            "again": self.values(G.get_real_sample()),
            "real_of_size": self.values(G.get_real_sample(i.MANY)),
            "fake": self.values(G.get_fake_sample()),
            "fake_of_size": self.values(G.get_fake_sample(i.FEW)),
        }

    def step(self, task, disc_iter=None, times=2):
        i = self.inputs
        return self.train_steps(self.make(task, disc_iter=disc_iter or i.DISC_ITER, learning_rate=i.RATE), times)

    def defaults(self, task):
        i = self.inputs
        linear = i.linear_critic((i.DIM,), i.SLOPE) if task == 2 else i.discriminator_weights(i.DEFAULT_SIZE)
        g, d = self.build((i.LATENT,), (i.DIM,), i.generator_weights(), linear)
        return self.train_steps(
            self.class_(task)(g, d, self.latent, self.tf.constant(i.examples(self.course.DEFAULT_BATCH)))
        )

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
        real = i.pictures() if shape else i.examples()
        G = self.make(task, real)
        fake = self.tf.constant(i.table("fake", *real.shape, low=2, high=3))
        return {
            "made": [
                self.values(G.get_interpolated_sample(self.tf.constant(real), fake))
                for _ in range(6 if shape else i.CALLS)
            ]
        }

    def penalty(self, task, critic="linear"):
        """The method `gradient_penalty` at fixed points."""
        i = self.inputs
        shape = i.PICTURE if critic == "pictures" else (i.DIM,)
        points = i.pictures() if critic == "pictures" else i.examples()
        weights = i.discriminator_weights(i.PENALTY_SIZE) if critic == "tanh" else i.linear_critic(shape, i.SLOPE)
        self.build(
            (i.LATENT,), shape, i.picture_generator() if critic == "pictures" else i.generator_weights(), weights
        )
        G = self.make(task, points)
        return {"penalty": self.number(G.gradient_penalty(self.tf.constant(points)))}

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
        self.run_eagerly(self.without_graphs)
        try:
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
            self.run_eagerly(True)

    def drawn(self, task, G):
        """Method -> what two calls of one graph draw, for each method that draws and can be put into a graph."""
        i, found = self.inputs, {}
        calls = {"get_real_sample": lambda: G.get_real_sample()}
        if task == 2:
            real, fake = (self.tf.constant(i.table(name, i.BATCH, i.DIM)) for name in ("real", "fake"))
            calls["get_interpolated_sample"] = lambda: G.get_interpolated_sample(real, fake)
        for name, call in calls.items():
            with contextlib.suppress(Exception):
                graph = self.tf.function(call, autograph=False)
                found[name] = [self.values(graph()), self.values(graph())]
        return found

    # ---- tasks 3 and 4

    def leaves(self, network):
        """The layers of a network in order, those of networks inside it in their place."""
        for layer in network.layers:
            if hasattr(layer, "layers"):
                yield from self.leaves(layer)
            else:
                yield layer

    def networks_record(self, task):
        pair = self.module(task).convolutional_GenDiscr()
        pair = list(pair) if isinstance(pair, (tuple, list)) else [pair]
        record = {"count": len(pair), "models": [isinstance(one, self.keras.Model) for one in pair], "networks": []}
        for one in pair[:2]:
            if isinstance(one, self.keras.Model):
                record["networks"].append(
                    {
                        "input": [None if n is None else int(n) for n in one.input_shape],
                        "output": [None if n is None else int(n) for n in one.output_shape],
                        "parameters": int(one.count_params()),
                        "layers": [
                            [type(layer).__name__, [list(w.shape) for w in layer.get_weights()]]
                            for layer in self.leaves(one)
                            if layer.weights
                        ],
                    }
                )
        return record

    def forward(self, task, which):
        """Outputs for known weights, as in training and as in use."""
        i = self.inputs
        network = self.module(task).convolutional_GenDiscr()[which]
        name = ("generator", "discriminator")[which]
        layers = [layer for layer in self.leaves(network) if layer.weights]
        for position, layer in enumerate(layers):
            kind, shapes = (self.course.GENERATOR_LAYERS, self.course.DISCRIMINATOR_LAYERS)[which][position]
            layer.set_weights(i.layer_weights(name, position, shapes, kind))
        x = i.latent_vectors(i.FACES, 16) if which == 0 else i.table("faces", i.FACES, 16, 16, 1)
        x = self.tf.constant(x)
        return {"use": self.values(network(x, training=False)), "training": self.values(network(x, training=True))}

    def pair_of_task_4(self):
        """What `course_pair` builds, with Keras's own defaults."""
        with self.usual_numbers():
            return self.course_pair()

    def course_pair(self):
        """The course's networks, written by us, whatever the solution's task 3 is."""
        layers, x = self.keras.layers, self.keras.Input((16,))
        h = layers.Reshape((2, 2, 512))(layers.Dense(2048, activation="tanh")(x))
        for filters in (64, 16, 1):
            h = layers.Conv2D(filters, 3, padding="same")(layers.UpSampling2D()(h))
            h = layers.Activation("tanh")(layers.BatchNormalization()(h))
        y = k = self.keras.Input((16, 16, 1))
        for filters in (32, 64, 128, 256):
            k = layers.MaxPooling2D()(layers.Conv2D(filters, 3, padding="same")(k))
            k = layers.Activation("tanh")(k)
        k = layers.Dense(1, activation="tanh")(layers.Flatten()(k))
        g, d = self.keras.Model(x, h, name="generator"), self.keras.Model(y, k, name="discriminator")
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
        """Both networks, and a model of them."""
        i, (g, d) = self.inputs, self.pair_of_task_4()
        G = self.class_(task)(
            g,
            d,
            lambda k: self.tf.constant(self.latent_vectors(int(k), 16)),
            self.tf.constant(i.table("faces", i.FACES_ROWS, 16, 16)),
            batch_size=i.FACES_BATCH,
            disc_iter=i.FACES_DISC_ITER,
            learning_rate=i.FACES_RATE,
        )
        return g, d, G

    def construct_faces(self, task):
        g, d, G = self.made_of_faces(task)
        return {
            "networks": [G.generator is g, G.discriminator is d],
            "fake": list(self.values_shape(G.get_fake_sample(self.inputs.FACES))),
        }

    def values_shape(self, tensor):
        return [int(n) for n in self.asarray(tensor).shape]

    def replace(self, task):
        """What stands in both networks after `replace_weights`: the largest difference to each stored array."""
        g, d, G = self.made_of_faces(task)
        files = []
        for name in ("generator", "discriminator"):
            files.append(os.path.join(self.folder, f"{self.inputs.STEM}_{name}.h5"))
            self.write_weights(files[-1], name)
        before = {name: network.get_weights() for name, network in self.networks.items()}
        method = getattr(G, "replace_weights", None) or G.replace_weight
        record = {"method": method.__name__}
        try:
            method(*files)
        except Exception as error:
            record["raised"] = described(error, self.folder)
        for name, network in (("generator", G.generator), ("discriminator", G.discriminator)):
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
