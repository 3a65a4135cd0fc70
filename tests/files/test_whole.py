"""A GAN in a file as a whole: what loads again is written, and the rest is refused before the disk is touched."""

import pytest
import tensorflow as tf
from tensorflow import keras

from tests.helpers import KERAS_3, WGAN_GP, Simple_GAN, same, small, state, steps_done

SAVING = keras.__dict__.get("saving") or __import__("keras").saving  # tf.keras of Keras 3 has it elsewhere


def trained(seed=3, steps=3, chosen_type=Simple_GAN):
    G = small(chosen_type, gen_shape=(2, 5, 3), disc_iter=1, seed=seed)
    G.compile()
    if steps:
        G.fit(steps_per_epoch=steps, verbose=0)
    return G


WRITERS = {
    **{f"{name} {path}": lambda G, save=save, path=path: save(G, path)
       for name, save in (("models", keras.models.save_model), ("saving", SAVING.save_model))
       for path in ("x.h5", "x.hdf5", "x.keras")},
    "method": lambda G: keras.Model.save(G, "x.keras"),
    "saved_model": lambda G: tf.saved_model.save(G, "x"),
    "signature": lambda G: tf.saved_model.save(G, "x", signatures=tf.function(
        G.generator, autograph=False).get_concrete_function(tf.TensorSpec((None, 2)))),
    "serialize": lambda G: SAVING.serialize_keras_object(G),
    "export": lambda G: G.export("x"),
    "state tree": lambda G: G.get_state_tree(),
}
if KERAS_3:
    WRITERS["folder"] = lambda G: SAVING.save_model(G, "x", zipped=False)
else:
    WRITERS["folder"] = lambda G: keras.models.save_model(G, "x")
    WRITERS["tf"] = lambda G: keras.models.save_model(G, "x.h5", save_format="tf")


@pytest.mark.parametrize("way", WRITERS)
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
def test_other_ways_to_write_the_whole(tmp_path, monkeypatch, way):
    """Keras opens the file before it asks the model: without the question the good file that stood there is lost."""
    monkeypatch.chdir(tmp_path)
    for name in ("x.h5", "x.hdf5", "x.keras"):
        (tmp_path / name).write_bytes(b"old")
    with pytest.raises(TypeError) as raised:
        WRITERS[way](trained(steps=0))
    message = str(raised.value)
    assert message.startswith("a Simple_GAN is not stored or copied as a whole, because ") and "\n" not in message
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(
        ("x.h5", "x.hdf5", "x.keras"), b"old")


@pytest.mark.parametrize("path", ["x.h5", "x.keras"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
def test_other_models_are_written_as_ever(tmp_path, path):
    """Only GANs are asked: a network loads again under every name of the function."""
    network = trained().generator
    for load, save in ((keras.models.load_model, keras.models.save_model), (SAVING.load_model, SAVING.save_model)):
        save(network, str(tmp_path / path))
        assert same(load(str(tmp_path / path)).get_weights(), network.get_weights())


@pytest.mark.parametrize("how", [lambda G: tf.train.Checkpoint(G), lambda G: tf.train.Checkpoint(model=G)])
@pytest.mark.parametrize("chosen_type", [Simple_GAN, WGAN_GP])
@pytest.mark.parametrize("before", [0, 2])
def test_a_checkpoint_of_tensorflow(tmp_path, how, chosen_type, before):
    """It holds everything that trains, once. The generator's Adam used to begin anew, without a word."""
    G, other = trained(3, 3, chosen_type), trained(5, before, chosen_type)
    path = how(G).save(str(tmp_path / "checkpoint"))
    how(other).restore(path).assert_consumed()
    assert same(state(other), state(G))
    names = [name for name, _ in tf.train.list_variables(path)]
    assert not [name for name in names if name.startswith(("optimizer", "model/optimizer"))]


def test_backup_and_restore(tmp_path):
    """A training that ended in its second epoch goes on there, with both optimizers."""
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    G, other = trained(steps=0), trained(5, steps=0)
    with pytest.raises(KeyboardInterrupt):
        G.fit(epochs=4, steps_per_epoch=3, verbose=0,
              callbacks=[keras.callbacks.BackupAndRestore(str(tmp_path / "backup")), Stop()])
    found = []
    look = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: found.append((epoch, state(other))))
    other.fit(epochs=4, steps_per_epoch=3, verbose=0,
              callbacks=[keras.callbacks.BackupAndRestore(str(tmp_path / "backup")), look])
    assert [epoch for epoch, _ in found] == [2, 3] and same(found[0][1], state(G))
    assert steps_done(other) == (12, 12)


def test_callbacks_see_the_optimizer():
    """Keras's callbacks find the learning rate at the model; it is no part of what TensorFlow stores."""
    seen = []
    G = trained(steps=0)
    G.fit(steps_per_epoch=1, verbose=0,
          callbacks=keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(G.optimizer)))
    assert seen == [G.generator.optimizer] and G.optimizer is None
