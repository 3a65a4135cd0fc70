"""Finds a solution's class, methods and function, under whatever name; a part of the worker (see worker.py)."""

import builtins
import contextlib
import difflib
import importlib.util
import inspect
import os
import random
import signal
import sys

__builtins__ = dict(vars(builtins))  # our own: a solution that replaces float or isinstance replaces its own only

# Of work: a file that only defines things needs two or three, with every library of the course. One that has a loop
# outside all functions is given less.
IMPORT_SECONDS, LOOP_SECONDS = 15, 9


KEYWORDS = {  # a method under another name is known by this part of it
    "train_step": "trainstep",
    "get_real_sample": "real",
    "get_fake_sample": "fake",
    "get_interpolated_sample": "interpol",
    "gradient_penalty": "penalty",
}


# Methods that a step calls, and with how many samples.
SAMPLES = {"get_interpolated_sample": 2, "gradient_penalty": 1}


class Finding:
    """What `worker.Probes` finds in a solution's file, mends in its copy, and makes of it."""

    def __init__(self, source):
        self.source = source
        self.modules, self.aborted, self.policies, self.mended = {}, {}, {}, {}
        self.selfless = {}  # file -> methods that were given a self

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
            for name in (name for names in self.course.FILES.values() for name in names):
                self.mend_methods(name)
            self.modules[task] = self.imported(task, self.file_of(task)[:-3])
            self.run_eagerly(True)  # whatever the file has chosen; the probe `fit` trains as it wants
            if "16" in self.precision():  # noted in the record of the import; everything else is judged without it
                self.keras.mixed_precision.set_global_policy("float32")
        return self.modules[task]

    def mend_methods(self, name):
        """Give methods without self one, in this copy of a file, so that everything else can be judged."""
        path = os.path.join(self.folder, name)
        with contextlib.suppress(OSError, SyntaxError, ValueError, RecursionError):
            with open(path, "rb") as file:
                text, found = self.source.with_self(file.read())
            if found:
                with open(path, "wb") as file:
                    file.write(text)
                self.selfless[name] = found

    def precision(self):
        """The name of Keras's policy, such as mixed_float16."""
        with contextlib.suppress(Exception):
            policy = self.keras.mixed_precision.global_policy()
            name = str(getattr(policy, "name", policy))
            return "float32" if name == "_infer" else name
        return "float32"

    def imported(self, task, name):
        """The module; of one that trains or goes on and on when it is imported, what it has defined until then."""
        spec = importlib.util.find_spec(name)
        module = importlib.util.module_from_spec(spec)
        self.importing, self.gradients = True, 0
        loops = ()
        with contextlib.suppress(Exception):  # a file that is no Python tells so when it is run
            loops = self.source.source_facts(spec.origin)["loops"]
        with contextlib.suppress(Exception):
            signal.signal(signal.SIGPROF, self.too_long)
            signal.setitimer(signal.ITIMER_PROF, LOOP_SECONDS if loops else IMPORT_SECONDS)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except self.source.TrainsAtImport as error:
            self.aborted[task] = self.source.described(error, self.folder)
        except self.source.TooLong as error:
            found = self.source.described(error, self.folder)
            self.aborted[task] = {**found, "place": self.source.loop_of(error, self.folder) or found["place"]}
        except BaseException:
            sys.modules.pop(name, None)
            raise
        finally:
            self.importing = False
            with contextlib.suppress(Exception):
                signal.setitimer(signal.ITIMER_PROF, 0)
        self.policies[task] = self.precision()
        return module

    def too_long(self, *_):
        if self.importing:
            raise self.source.TooLong

    def class_(self, task):
        """The class of the task; else the one that stands in its place, under whatever name."""
        module, name = self.module(task), self.course.CLASSES[task]
        found = getattr(module, name, None)
        if found is None:
            found = self.in_place_of(module, name)
        if inspect.isclass(found):
            self.mend(found)
        return getattr(module, name) if found is None else found

    def in_place_of(self, module, name):
        """A class of the file with the name in another spelling, else its only keras.Model, else its only class.

        A file that defines none may take one from a file beside it.
        """
        named = {key: one for key, one in vars(module).items() if inspect.isclass(one)}
        own = {key: one for key, one in named.items() if one.__module__ == module.__name__}
        beside = {
            key: one
            for key, one in named.items()
            if str(getattr(sys.modules.get(one.__module__), "__file__", None) or "").startswith(self.folder)
        }
        classes = own or beside
        for key, one in classes.items():
            if self.source.letters(key) == self.source.letters(name):
                return one
        models = [one for one in classes.values() if issubclass(one, self.keras.Model)]
        last = [one for one in models if not any(one is not other and issubclass(other, one) for other in models)]
        last = [one for one in last if self.own(one, "train_step")] or last
        chosen = last or list(classes.values())
        return chosen[0] if len(chosen) == 1 else None

    def mend(self, found):
        """Put a constructor whose name lacks underscores into its place, so that everything else can be judged."""
        if found in self.mended:
            return
        self.mended[found] = None
        if any("__init__" in vars(base) for base in found.__mro__ if issubclass(self.keras.Model, base) is False):
            return
        for key, value in list(vars(found).items()):
            plain = self.source.letters(key.replace(f"_{found.__name__.lstrip('_')}__", "__", 1))
            if inspect.isfunction(value) and (plain in ("init", "int", "intit", "inti", "ini", "iniit", "constructor")):
                self.mended[found] = key.replace(f"_{found.__name__.lstrip('_')}__", "__", 1)
                found.__init__ = value
                return

    def begin_with_super(self, found):
        """Have a constructor that forgets it call that of keras.Model first, so that everything else can be judged."""
        constructor, first = found.__init__, self.keras.Model.__init__

        def mended(model, *args, **options):
            first(model)
            constructor(model, *args, **options)

        mended.__signature__ = inspect.signature(constructor)
        found.__init__ = mended

    def own(self, found, name):
        """Whether the method is another one than Keras's."""
        return getattr(found, name, None) is not getattr(self.keras.Model, name, None)

    def called(self, found, name):
        """The name of a method in this class: the course's, else the one like it; None if there is none."""
        if self.given(found, name):
            return name
        others = []
        for key in dir(found):
            plain = self.source.letters(key)
            if key in KEYWORDS or hasattr(self.keras.Model, key) or not callable(getattr(found, key, None)):
                continue
            alike = difflib.SequenceMatcher(None, plain, self.source.letters(name)).ratio()
            if alike > 0.8 or KEYWORDS[name] in plain and "loss" not in plain:
                others.append((alike, key))
        return max(others)[1] if others else None

    def given(self, G, name):
        """Whether a class, or an object, has a callable of this name that is not Keras's.

        An object may have one that its class has not, such as a lambda of its constructor.
        """
        found = getattr(G, name, None)
        return callable(found) and getattr(found, "__func__", found) is not getattr(self.keras.Model, name, None)

    def method(self, G, name):
        """A method of the solution, under the name that it has there; None if there is none."""
        found = name if self.given(G, name) else self.called(type(G), name)
        method = getattr(G, found) if found else None
        return None if method is None or self.other_arguments(method, name) is not None else method

    def other_arguments(self, method, name):
        """The arguments of a method that cannot be called as the course's; None if it can.

        Such a one is of the solution's own making: what it is for is judged where the training calls it.
        """
        if name in SAMPLES:
            with contextlib.suppress(ValueError):  # what has no signature is tried
                signature = inspect.signature(method)
                try:
                    signature.bind(*[None] * SAMPLES[name])
                except TypeError:
                    return list(signature.parameters)
        return None

    def replacing(self, found):
        """The name of the method of task 4, of a class or of an object; None if there is none."""
        names = [name for name in ("replace_weights", "replace_weight") if callable(getattr(found, name, None))]
        found = found if inspect.isclass(found) else type(found)
        for part in ("replace", "weight", "load"):
            names += [
                name
                for name in dir(found)
                if part in self.source.letters(name)
                and not name.startswith("__")
                and inspect.isfunction(getattr(found, name, None))
                and self.own(found, name)
            ]
        return names[0] if names else None

    def create(self, task, networks, real_examples, options, latent=None):
        """An object of the class. Arguments that have other names there are given by their places."""
        found = self.class_(task)
        values = dict(zip(self.course.PARAMETERS, (*networks, latent or self.latent, real_examples)))
        contract = [*self.course.PARAMETERS, *["lambda_gp"] * (task in (2, 4))]
        try:
            parameters = list(inspect.signature(found.__init__).parameters.values())[1:]
        except (TypeError, ValueError):
            parameters = []
        names = [one.name for one in parameters if one.kind == one.POSITIONAL_OR_KEYWORD]
        anything = any(one.kind == one.VAR_KEYWORD for one in parameters)
        asked = {**values, **options}
        if all(name in names for name in asked):
            return found(**asked)
        if not names or anything:
            return found(*values.values(), **options)
        chosen = {}
        for name, value in asked.items():
            place = contract.index(name)
            if name in names:
                chosen[name] = value
            elif place < len(names) and names[place] not in contract:
                chosen[names[place]] = value
        return found(**chosen)
