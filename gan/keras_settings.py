"""Keras's settings from outside, environment variables and keras.json, looked at before anything uses Keras."""

import json
import os
from pathlib import Path

# What keras.json says without anybody's doing.
USUAL = {"backend": "tensorflow", "floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
VARIABLES = ("KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")


def stored():
    """What keras.json says, a dict unless somebody has written something else there, and its path."""
    path = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):  # there is none, or Keras cannot read it either
        found = {}
    return found, path


def named():
    """The settings that are not as Keras has them by itself, as a list of texts."""
    settings, path = stored()
    found = [f"{name}={os.environ[name]}" for name in VARIABLES if os.environ.get(name)]
    if not isinstance(settings, dict):
        return [*found, f"{str(settings)[:40]!r} in {path}, which should be a dict"]
    return found + [f"{key}={value!r} in {path}" for key, value in settings.items()
                    if key in USUAL and value != USUAL[key]]


def _cause():
    """What Keras itself stops with. TensorFlow only says "Keras cannot be imported. Check that it is installed"."""
    try:
        import keras  # noqa: F401
    except Exception as error:
        return error


def check():
    """ImportError, in one sentence, if Keras cannot start with its settings, or computes in a way that no task expects.

    Keras itself is only imported where there are settings to doubt: a main script first silences TensorFlow's messages.
    """
    doubted = ", ".join(named())
    if not doubted:
        return
    try:
        from tensorflow import keras
        backend = keras.backend.backend()
    except Exception as error:  # a library that is not installed, a name that Keras does not know, ...
        error = _cause() or error
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        needed = ". This package needs the backend tensorflow" * ("backend" in doubted.lower())
        raise ImportError(f"Keras does not start ({reason.rstrip('.')}); its settings are {doubted}{needed}") from None
    if backend != "tensorflow":
        raise ImportError(f"Keras computes with {backend}, and this package needs it to compute with TensorFlow; its "
                          f"settings are {doubted}")
    for name, value in (("floatx", keras.backend.floatx()), ("image_data_format", keras.backend.image_data_format())):
        if value != USUAL[name]:
            raise ImportError(f"Keras's {name} is {value}, and this package needs {USUAL[name]}; its settings are "
                              f"{doubted}")
