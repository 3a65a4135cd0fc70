"""What people do with Keras models beside `fit`: save and copy them, other precisions, strategies, settings."""

import copy
import functools
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan import keras_settings
from gan.engine import devices, loops
from tests.helpers import (
    CLASSES,
    KERAS_3,
    ROOT,
    WGAN_GP,
    Simple_GAN,
    WGAN_clip,
    difference,
    fully_connected_GenDiscr,
    latent_vectors,
    points,
    same,
    set_seeds,
    small,
    state,
    steps_done,
)

layers = keras.layers


def tiny(chosen_type=Simple_GAN, **options):
    """The cheapest GAN to trace."""
    return small(chosen_type, **{"gen_shape": (2, 5, 3), "disc_iter": 1, **options})


def fitted(G, steps=2, seed=7, compile_options=None, **options):
    set_seeds(seed)
    G.compile(**compile_options or {})
    G.fit(**{"epochs": 1, "steps_per_epoch": steps, "verbose": 0, **options})
    return G


@functools.cache
def plain(chosen_type=Simple_GAN, steps=2):
    """What is compared with: a GAN trained in the ordinary way. Nobody trains it again."""
    return fitted(tiny(chosen_type), steps)


@functools.cache
def with_a_rate():
    """A trained GAN whose files are looked at."""
    return fitted(tiny(learning_rate=.03))


def with_networks(chosen_type=Simple_GAN, generator=None, discriminator=None, **options):
    """A GAN of 3 dimensions where one network is given and the other an ordinary one."""
    usual = fully_connected_GenDiscr([2, 5, 3])
    return chosen_type(usual[0] if generator is None else generator,
                       usual[1] if discriminator is None else discriminator, latent_vectors, points(31, 3),
                       **{"batch_size": 11, "disc_iter": 1, **options})


def one_sentence(raised, beginning):
    message = str(raised.value)
    assert message.startswith(beginning) and "\n" not in message and len(message) < 400, message


# ------------------------------------------------------------ save and copy

LOAD = """
import sys
import numpy as np
from tensorflow import keras
network = keras.models.load_model(sys.argv[1])
print(type(network.optimizer).__name__)
np.save(sys.argv[1] + ".npy", network(np.load(sys.argv[2])))
"""


def test_a_network_alone_loads_in_another_process(tmp_path):
    """`G.generator.save` writes a file that plain Keras loads anywhere, without this package or custom objects."""
    G = fitted(tiny())
    np.save(tmp_path / "x.npy", points(4, 2))
    path = str(tmp_path / "generator.keras")
    G.generator.save(path)
    done = subprocess.run([sys.executable, "-c", LOAD, path, str(tmp_path / "x.npy")], cwd=tmp_path,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "Adam"
    np.testing.assert_array_equal(np.load(path + ".npy"), G.generator(points(4, 2)))


@pytest.mark.parametrize("name", ["network.keras", "network.h5"])
@pytest.mark.parametrize("which", ["generator", "discriminator"])
def test_networks_load_again(tmp_path, which, name):
    """Either network loads from either format with its values, and Adam with its learning rate."""
    network = getattr(with_a_rate(), which)
    network.save(str(tmp_path / name))
    loaded = keras.models.load_model(str(tmp_path / name))
    assert same(loaded.get_weights(), network.get_weights())
    assert float(loaded.optimizer.learning_rate) == pytest.approx(.03)


@pytest.mark.parametrize("copied", [keras.models.clone_model, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n)),
                                    lambda n: keras.models.model_from_json(n.to_json())],
                         ids=["clone_model", "deepcopy", "pickle", "json"])
def test_networks_can_be_copied(copied):
    """Networks of a GAN can be cloned and copied, and a new GAN trains the copies and leaves the first ones alone."""
    G = plain()
    before = state(G)
    again = fitted(with_networks(generator=copied(G.generator), discriminator=copied(G.discriminator)),
                   compile_options={"run_eagerly": True})
    assert steps_done(again) == (2, 2) and same(state(G), before)


def test_networks_stay_as_the_course_has_them():
    """A network's loss is the GAN's function, and it is compiled with its own Adam; files just do not hold the loss."""
    G = tiny()
    assert G.generator.loss is Simple_GAN.generator_loss and G.discriminator.loss is Simple_GAN.discriminator_loss
    for network in (G.generator, G.discriminator):
        assert type(network.optimizer) is keras.optimizers.Adam
        assert getattr(network, "compiled", None) or network._is_compiled


@pytest.mark.parametrize("call", [
    lambda G: G.save("x.keras"), lambda G: G.save("x.h5"), lambda G: G.save("x"), lambda G: G.save(),
    lambda G: G.export("x"), lambda G: keras.models.save_model(G, "x.keras"), lambda G: G.to_json(),
    lambda G: copy.copy(G), lambda G: copy.deepcopy(G), lambda G: pickle.dumps(G),
    lambda G: keras.models.clone_model(G), lambda G: type(G).from_config(G.get_config()),
], ids=["keras", "h5", "folder", "no name", "export", "save_model", "json", "copy", "deepcopy", "pickle", "clone",
        "from_config"])
def test_a_gan_as_a_whole(tmp_path, monkeypatch, call):
    """What would need the latent generator in a file or a copy is refused in one sentence, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError) as raised:
        call(tiny())
    one_sentence(raised, "a Simple_GAN is not ")
    # Keras 3's own save_model has made its file by then
    assert not [path for path in tmp_path.iterdir() if path.stat().st_size]


@pytest.mark.parametrize("name, options", [("c.keras", {}), ("c.weights.h5", {"save_weights_only": False})])
def test_a_checkpoint_of_the_whole(tmp_path, name, options):
    """A ModelCheckpoint that would store the whole GAN is refused before the first step, not after the first epoch."""
    G = tiny()
    G.compile()
    with pytest.raises(ValueError) as raised:
        G.fit(steps_per_epoch=2, verbose=0,
              callbacks=keras.callbacks.ModelCheckpoint(str(tmp_path / name), **options))
    one_sentence(raised, "callbacks: expected a ModelCheckpoint with save_weights_only=True")
    assert steps_done(G) == (0, 0)


# --------------------------------------------------------------- what trains

class InLayer:
    """Networks of which one layer has another precision, whatever the policy of all others is."""

    def __init__(self, policy):
        self.policy = policy

    def __call__(self, inputs, outputs):
        return keras.Sequential([keras.Input((inputs,)), layers.Dense(5, dtype=self.policy),
                                 layers.Dense(outputs, dtype="float32")])


class Global(InLayer):
    """Networks made under a global policy."""

    def __call__(self, inputs, outputs):
        before = keras.mixed_precision.global_policy()
        keras.mixed_precision.set_global_policy(self.policy)
        try:
            return keras.Sequential([keras.Input((inputs,)), layers.Dense(5), layers.Dense(outputs)])
        finally:
            keras.mixed_precision.set_global_policy(before)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("how", [Global, InLayer], ids=lambda how: how.__name__)
@pytest.mark.parametrize("chosen_type", CLASSES[::2])
def test_other_precisions(chosen_type, how, policy):
    """A network in float16 would learn ever less without a word, and one in float64 crash: both are refused by name."""
    for name, shape in (("generator", (2, 3)), ("discriminator", (3, 1))):
        with pytest.raises(ValueError) as raised:
            with_networks(chosen_type, **{name: how(policy)(*shape)})
        one_sentence(raised, f"{name}: expected layers that compute in float32, got ")
        assert policy in str(raised.value)


def test_a_global_policy_that_the_networks_do_not_have():
    """Networks in float32 train as ever under another global policy: the GAN around them takes no part in it."""
    expected = plain()
    before = keras.mixed_precision.global_policy()
    set_seeds(3)
    networks = fully_connected_GenDiscr([2, 5, 3])
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        G = Simple_GAN(*networks, points(31, 3), batch_size=11, disc_iter=1)
        assert type(G.generator.optimizer) is keras.optimizers.Adam
        assert G(points(4, 2)).dtype == tf.float32
        fitted(G)
    finally:
        keras.mixed_precision.set_global_policy(before)
    assert G.history.history == expected.history.history and same(state(G), state(expected))


def test_another_type_of_numbers():
    """With Keras's floatx at float16 its losses would round: refused when a GAN is built, and before it trains."""
    G = tiny()
    G.compile()
    keras.backend.set_floatx("float16")
    try:
        for call in (lambda: with_networks(generator=G.generator), lambda: G.fit(steps_per_epoch=1, verbose=0)):
            with pytest.raises(ValueError) as raised:
                call()
            one_sentence(raised, "floatx: expected float32")
    finally:
        keras.backend.set_floatx("float32")


def test_settings_without_effect():
    """Keras's epsilon and the order of its picture axes do not change a training of vectors."""
    expected = plain()
    try:
        keras.backend.set_epsilon(.01)
        keras.backend.set_image_data_format("channels_first")
        other = fitted(tiny())
    finally:
        keras.backend.set_epsilon(1e-7)
        keras.backend.set_image_data_format("channels_last")
    assert same(state(other), state(expected))


def test_pictures_with_the_colours_first(monkeypatch):
    """The networks of task 3, the scripts of tasks 3 and 4 and those of beyond/ say which setting does not fit."""
    from beyond.common import script as beyond_script
    from gan import script
    from tests.helpers import convolutional_GenDiscr

    monkeypatch.setattr(keras.backend, "image_data_format", lambda: "channels_first")
    with pytest.raises(ValueError) as raised:
        convolutional_GenDiscr()
    one_sentence(raised, "image_data_format: expected channels_last as Keras's setting, got channels_first")
    parser = script.parser("")
    script.add_faces(parser)
    options = parser.parse_args([])
    options.data = "digits"
    for pictures in (script.faces, beyond_script.pictures):
        with pytest.raises(SystemExit) as stopped:
            pictures(options)
        assert str(stopped.value).startswith("image_data_format: expected channels_last as Keras's setting")


def freeze(network):
    network.trainable = False


def freeze_layers(network):
    for layer in network.layers:
        layer.trainable = False


@pytest.mark.parametrize("how", [freeze, freeze_layers])
@pytest.mark.parametrize("which", ["generator", "discriminator"])
def test_frozen_networks(which, how):
    """A network without anything to train is refused, when the GAN is built and, frozen later, before it trains."""
    G = tiny()
    G.compile()
    how(getattr(G, which))
    for call in (lambda: with_networks(**{which: getattr(G, which)}), lambda: G.fit(steps_per_epoch=1, verbose=0),
                 lambda: G.train_on_batch(points(2, 3))):
        with pytest.raises(ValueError) as raised:
            call()
        one_sentence(raised, f"{which}: expected a network with weights to train, got")
    assert steps_done(G) == (0, 0)


def test_one_frozen_layer():
    """One layer that is frozen when the GAN is built stays as it is, and the others train."""
    generator = fully_connected_GenDiscr([2, 5, 3])[0]
    generator.layers[1].trainable = False
    frozen, free = (generator.layers[i].get_weights() for i in (1, 2))
    fitted(with_networks(generator=generator))
    assert same(generator.layers[1].get_weights(), frozen) and not same(generator.layers[2].get_weights(), free)


class Own(keras.Model):
    """A subclass of keras.Model, whose shapes Keras does not know; `change` is what becomes of its output."""

    def __init__(self, units, change=None):
        super().__init__()
        self.dense, self.change = layers.Dense(units), change or (lambda y: y)

    def call(self, x):
        return self.change(self.dense(x))


def several(inputs=1, outputs=1, width=3, units=1, kind=list):
    """A network with so many inputs and outputs."""
    ins = [keras.Input((width,)) for _ in range(inputs)]
    x = layers.Concatenate()(ins) if inputs > 1 else ins[0]
    outs = [layers.Dense(units)(x) for _ in range(outputs)]
    return keras.Model(ins, {f"o{i}": y for i, y in enumerate(outs)} if kind is dict else outs)


def built(network, width):
    network(tf.zeros((1, width)))
    return network


@pytest.mark.parametrize("name, make, beginning", [
    ("generator", lambda: several(2, 1, 2, 3), "expected a network with one input, got 2"),
    ("generator", lambda: several(1, 2, 2, 3), "expected a network whose output is one tensor, got a list of 2"),
    ("generator", lambda: several(1, 1, 2, 3, dict), "expected a network whose output is one tensor, got a dict of 1"),
    ("discriminator", lambda: several(2, 1), "expected a network with one input, got 2"),
    ("discriminator", lambda: several(1, 2), "expected a network whose output is one tensor, got a list of 2"),
    ("discriminator", lambda: several(1, 2, kind=dict), "expected a network whose output is one tensor, got a dict"),
    ("generator", lambda: Own(3, lambda y: (y, y)), "expected a network whose output is one tensor"),
    ("generator", lambda: built(Own(3, lambda y: (y, y)), 2), "expected a network whose output is one tensor"),
    ("discriminator", lambda: built(Own(1, lambda y: {"a": y}), 3), "expected a network whose output is one tensor"),
    ("discriminator", lambda: built(Own(1, tf.reduce_mean), 3), "expected a network whose output is one tensor"),
    ("generator", lambda: built(Own(4), 2), "expected an output of shape (None, 3)"),
    ("generator", lambda: Own(3, lambda y: 1 / 0), "expected a network that can be called on shape (1, 2), got Zero"),
    ("generator", keras.Sequential, "expected"),
    ("generator", tiny, "expected a network, got a Simple_GAN"),
    ("generator", lambda: Own, "expected a keras.Model, got the class Own"),
    ("generator", lambda: layers.Dense(3), "expected a keras.Model, got Dense"),
])
def test_networks_that_do_not_fit(name, make, beginning):
    """A network with other parts than a training step can handle is refused in a sentence, when the GAN is built."""
    for chosen_type in CLASSES[::2]:
        with pytest.raises((TypeError, ValueError)) as raised:
            with_networks(chosen_type, **{name: make()})
        one_sentence(raised, f"{name}: {beginning}")


def test_a_network_without_weights():
    """A critic that is a plain formula can be looked at, for instance its penalty; a training refuses it."""
    G = with_networks(WGAN_GP, discriminator=keras.Sequential([
        keras.Input((3,)), layers.Reshape((3, 1)), layers.GlobalAveragePooling1D()]))
    assert np.isfinite(G.gradient_penalty(tf.constant(points(5, 3))))
    G.compile()
    with pytest.raises(ValueError) as raised:
        G.fit(steps_per_epoch=1, verbose=0)
    one_sentence(raised, "discriminator: expected a network with weights to train")


def test_one_network_for_both():
    """The generator is no discriminator: given twice, it would lose one of its losses."""
    network = keras.Sequential([keras.Input((3,)), layers.Dense(3)])
    with pytest.raises(ValueError) as raised:
        Simple_GAN(network, network, lambda k: tf.random.normal((k, 3)), points(31, 3), batch_size=11)
    one_sentence(raised, "discriminator: expected another network than the generator")


def test_a_subclass_that_takes_several_parts():
    """A class that says `several_parts = True` trains a discriminator with two outputs in its own train_step."""
    class Two(Simple_GAN):
        several_parts = True

        def train_step(self, useless_argument):
            with tf.GradientTape() as tape:
                value, other = self.discriminator(self.get_real_sample(), training=True)
                loss = tf.reduce_mean(value) + tf.reduce_mean(other)
            variables = self.discriminator.trainable_variables
            self.discriminator.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            return {"loss": loss}

    assert steps_done(fitted(with_networks(Two, discriminator=several(1, 2)))) == (2, 0)


# ------------------------------------------------- validation, what a step returns

class WithTestStep(Simple_GAN):
    def test_step(self, data):
        return {"spread": tf.math.reduce_std(self.get_fake_sample())}


@pytest.mark.parametrize("data", [points(31, 3), (points(31, 3), points(31, 1)), tf.constant(points(31, 3)),
                                  tf.data.Dataset.from_tensors(points(31, 3))], ids=["array", "pair", "tensor", "set"])
def test_validation_needs_a_test_step(data):
    """Examples alone have no loss in a GAN: said before the training, unless the class has a test_step of its own."""
    G = tiny()
    G.compile()
    with pytest.raises(ValueError) as raised:
        G.fit(steps_per_epoch=2, verbose=0, validation_data=data)
    one_sentence(raised, "validation_data: expected a class with a test_step of its own, got Simple_GAN")
    assert steps_done(G) == (0, 0)
    history = fitted(tiny(WithTestStep), epochs=4, validation_data=data, validation_freq=2).history.history
    assert len(history["gen_loss"]) == 4 and len(history["val_spread"]) == 2


def test_evaluate_and_test_on_batch():
    """Both need a test_step too; `predict` makes examples, and says what latent vectors it wants."""
    G, own = tiny(), tiny(WithTestStep)
    G.compile()
    own.compile()
    for name in ("evaluate", "test_on_batch"):
        with pytest.raises(ValueError) as raised:
            getattr(G, name)(points(31, 3))
        one_sentence(raised, f"{name}: expected a class with a test_step of its own")
    assert own.evaluate(points(31, 3), verbose=0, return_dict=True)["spread"] > 0
    assert own.test_on_batch(points(31, 3), return_dict=True)["spread"] > 0
    np.testing.assert_allclose(G.predict(points(4, 2), verbose=0), G(points(4, 2)), atol=1e-6)
    for predict in (G.predict, G.predict_on_batch):
        with pytest.raises(ValueError) as raised:
            predict(points(4, 3))
        one_sentence(raised, "x: expected latent vectors of shape ('n', 2), got (4, 3)")
        for value, told in ((None, "None"), ("text", "'text'"), (3., "3.0"), ([[1.], [1., 2.]], "[[1.0], [1.0, 2.0]]"),
                            (["a", "b"], "['a', 'b']")):
            with pytest.raises(TypeError) as raised:
                predict(value)
            one_sentence(raised, f"x: expected latent vectors of shape ('n', 2), got {told}")
    np.testing.assert_allclose(G.predict([[.1, .2], [.3, .4]], verbose=0),
                               G.predict(np.array([[.1, .2], [.3, .4]], "float32"), verbose=0))


@pytest.mark.parametrize("value", [None, {}, 3., "text", [1.], {"loss": "text"}, {"a": {"b": 1.}}, {"a": None},
                                   {1: 2.}, {"a": tf.constant("text")}, {"a": 1j}, {"a": []}, {"a": object()}, "step"],
                         ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("eagerly", [False, True])
def test_a_step_that_returns_no_numbers(value, eagerly):
    """A train_step without `return`, or with something else than a dict of numbers, is named in one sentence."""
    class Returns(Simple_GAN):
        def train_step(self, useless_argument):
            return tf.reduce_mean(self.get_fake_sample()) if value == "step" else value

    with pytest.raises((TypeError, ValueError)) as raised:
        fitted(tiny(Returns), compile_options={"run_eagerly": eagerly})
    one_sentence(raised, "train_step: expected it to return a dict of numbers")


def test_a_step_may_return_python_numbers():
    """Floats, whole numbers, NumPy's numbers and arrays (their mean) are all losses."""
    class Returns(Simple_GAN):
        def train_step(self, useless_argument):
            return {"a": 1.5, "b": 2, "c": np.float64(3), "d": np.array([1., 5.]), "e": True}

    assert fitted(tiny(Returns)).history.history == {"a": [1.5], "b": [2.], "c": [3.], "d": [3.], "e": [1.]}


# ------------------------------------------------------------ eagerly, strategies

@pytest.fixture
def eagerly():
    yield tf.config.run_functions_eagerly
    tf.config.run_functions_eagerly(False)


class Seen(Simple_GAN):
    """Notes at each step whether it ran eagerly; a traced step is noted once."""

    def train_step(self, useless_argument):
        self.seen.append(tf.executing_eagerly())
        return super().train_step(useless_argument)


@pytest.mark.parametrize("at_once", [None, 1, 100])
def test_the_eager_switch_of_tensorflow(eagerly, at_once):
    """`tf.config.run_functions_eagerly(True)` is obeyed from the next fit on, and so is switching it off."""
    G = tiny(Seen)
    object.__setattr__(G, "seen", [])
    G.compile(steps_per_execution=at_once)
    for switch in (True, False, True, False):
        eagerly(switch)
        G.seen.clear()
        G.fit(steps_per_epoch=2, verbose=0)
        assert G.seen == [True, True] if switch else not any(G.seen)
    assert steps_done(G) == (8, 8)


def test_the_stream_after_an_eager_fit(eagerly):
    """The graph is kept meanwhile: after an eager fit it draws what would have come next, not its first numbers."""
    def losses(switched):
        G = tiny()
        set_seeds(7)
        G.compile()
        drawn = []
        for eager in (False, True, False) if switched else (False, False):
            weights = [network.get_weights() for network in (G.generator, G.discriminator)]
            eagerly(eager)
            rows = G.fit(steps_per_epoch=1, verbose=0).history["discr_loss"]
            if eager:  # as if it had not been
                for network, values in zip((G.generator, G.discriminator), weights):
                    network.set_weights(values)
            else:
                drawn += rows
        return drawn

    first, then = losses(False)
    assert losses(True) == [first, then] and abs(first - then) > 1e-4


ONE_DEVICE = {"one": lambda: tf.distribute.OneDeviceStrategy("/cpu:0"),
              "mirrored": lambda: tf.distribute.MirroredStrategy(["cpu:0"]),
              "central": tf.distribute.experimental.CentralStorageStrategy}


@pytest.mark.parametrize("chosen_type, name", [*((WGAN_GP, name) for name in ONE_DEVICE), (Simple_GAN, "mirrored"),
                                               (WGAN_clip, "one")])
def test_a_strategy_with_one_device(chosen_type, name):
    """A strategy with one device trains as none: the same losses and weights to the last bit."""
    expected = plain(chosen_type, 3)
    with ONE_DEVICE[name]().scope():
        G = tiny(chosen_type)
    fitted(G, 3)
    assert G.history.history == expected.history.history and same(state(G), state(expected))


@pytest.mark.parametrize("options", [{"steps_per_execution": 100}, {"run_eagerly": True}], ids=str)
def test_other_ways_with_one_device(options):
    """Drawing ahead and eager steps do the same with a strategy of one device, up to rounding."""
    steps = options.get("steps_per_execution", 3)
    expected = fitted(tiny(), steps, compile_options=options)
    with ONE_DEVICE["mirrored"]().scope():
        G = tiny()
    fitted(G, steps, compile_options=options)
    assert difference(state(G), state(expected)) < 1e-3


@pytest.mark.parametrize("inside", [False, True])
def test_networks_of_another_scope(inside):
    """Networks and GAN in different scopes of a strategy: one sentence, not an error from the depths of TensorFlow."""
    mirrored = ONE_DEVICE["mirrored"]().scope
    here, there = (tf.distribute.get_strategy().scope, mirrored)[::-1 if inside else 1]
    with here():
        networks = fully_connected_GenDiscr([2, 5, 3])
    with there(), pytest.raises(ValueError) as raised:
        Simple_GAN(*networks, points(31, 3), batch_size=11)
    one_sentence(raised, "generator: expected a network made in the same strategy.scope() as the GAN")


def test_without_a_strategy_nothing_is_in_between():
    """Where nobody asked for a strategy, the step is run as it is, without `strategy.run`."""
    assert not devices.needs_a_replica(tiny())
    assert loops.is_eager(tiny()) is False


# ------------------------------------------------------------ settings from outside

IMPORT = "import sys; sys.path.insert(0, {root!r}); import gan.model"


@pytest.mark.parametrize("variables, stored, fragment", [
    ({"KERAS_BACKEND": "torch"}, None, "KERAS_BACKEND=torch"),
    ({}, '{"backend": "no_such_library"}', "backend='no_such_library' in "),
    ({"TF_USE_LEGACY_KERAS": "1"}, None, "TF_USE_LEGACY_KERAS=1"),
    ({}, '{"floatx": "float99"}', "floatx='float99' in "),
    ({}, '{"epsilon": "small"}', "epsilon='small' in "),
    ({}, '[1]', "'[1]' in "),
    ({}, "a folder", "which cannot be read (Is a directory)"),
])
def test_settings_with_which_keras_does_not_start(tmp_path, monkeypatch, variables, stored, fragment):
    """A Keras that cannot start is reported with the settings that are to blame, in one sentence."""
    if stored == "a folder":
        (tmp_path / "keras.json").mkdir()
    elif stored:
        (tmp_path / "keras.json").write_text(stored)
    for name in keras_settings.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def fail(name, *args, **options):
        if name == "tensorflow":
            raise ImportError("Keras cannot be imported. Check that it is installed.")
        return actual(name, *args, **options)

    actual = __import__
    monkeypatch.setattr("builtins.__import__", fail)
    with pytest.raises(ImportError) as raised:
        keras_settings.check()
    one_sentence(raised, "Keras does not start (Keras cannot be imported. Check that it is installed); its settings")
    assert fragment in str(raised.value)


@pytest.mark.parametrize("key, value", [("floatx", "float16"), ("floatx", "float64"),
                                        ("image_data_format", "channels_first")])
def test_settings_with_which_keras_computes_otherwise(tmp_path, monkeypatch, key, value):
    """Numbers or pictures of another kind in keras.json: one sentence at the start, no traceback when a GAN is made."""
    for name in keras_settings.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text(f'{{"{key}": "{value}"}}')
    keras_settings.check()  # whoever has chosen the usual one since may go on
    monkeypatch.setattr(keras.backend, key, lambda: value)
    with pytest.raises(ImportError) as raised:
        keras_settings.check()
    one_sentence(raised, f"Keras's {key} is {value}, and this package needs ")
    assert f"{key}='{value}' in " in str(raised.value)


def test_usual_settings_are_not_doubted(tmp_path, monkeypatch):
    """With the keras.json that Keras itself writes, or one that nobody can read, Keras is not imported to try it."""
    for name in keras_settings.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.backend, "backend", None)  # calling it would fail
    for text in (None, '{"floatx": "float32", "epsilon": 1e-07, "backend": "tensorflow", '
                       '"image_data_format": "channels_last"}', "{"):
        if text:
            (tmp_path / "keras.json").write_text(text)
        keras_settings.check()


def test_another_library_under_keras():
    """KERAS_BACKEND=torch: Keras 3 without PyTorch ends in one sentence at import; Keras 2 knows no other library."""
    done = subprocess.run([sys.executable, "-c", IMPORT.format(root=str(ROOT))], capture_output=True, text=True,
                          env={**os.environ, "KERAS_BACKEND": "torch"})
    if KERAS_3:
        assert done.returncode == 1
        assert done.stderr.strip().split("\n")[-1].startswith("ImportError: Keras ")
        assert "KERAS_BACKEND=torch" in done.stderr
    else:
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not KERAS_3, reason="Keras 2 has no such limits")
def test_limits_for_all_trainings():
    """KERAS_MAX_EPOCHS and KERAS_MAX_STEPS_PER_EPOCH cut this training as any other of Keras 3."""
    keras.config.set_max_epochs(2)
    keras.config.set_max_steps_per_epoch(3)
    try:
        with pytest.warns(UserWarning, match="Limiting"):
            G = fitted(tiny(), 60, epochs=5)
    finally:
        keras.config.set_max_epochs(None)
        keras.config.set_max_steps_per_epoch(None)
    assert steps_done(G) == (6, 6) and len(G.history.history["gen_loss"]) == 2
