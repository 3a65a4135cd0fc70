"""Starts TensorFlow, faster and quieter than by its own import. Programs import this before TensorFlow.

TensorFlow's start-up messages about libraries and drivers stay off the screen, unless the environment variable
TF_CPP_MIN_LOG_LEVEL is set. What makes a start impossible ends the program in one sentence.
"""

import contextlib
import gc
import os
import sys
import tempfile

from gan import streams

streams.open_missing()

# NumPy's linear algebra waits for its threads in a loop that uses the processor. Beside other programs that made
# 0-main_42 take 71 s of work instead of 24; with one thread it takes 15.9 s alone instead of 15.4.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@contextlib.contextmanager
def _quiet():
    """Drop what the block writes to the process's standard error; write it out after all if the block fails.

    TensorFlow logs through C++ before any setting of its own reaches that log.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2") != "2":  # 2: also in processes that such a program starts
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    with tempfile.TemporaryFile() as dropped:
        stderr = os.dup(2)
        os.dup2(dropped.fileno(), 2)
        try:
            yield
        except BaseException:
            dropped.seek(0)
            with contextlib.suppress(OSError):
                os.write(stderr, dropped.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


# TensorFlow makes a million objects that stay until the end: looking for garbage among them, while they are made and
# once more when Python ends, takes a quarter of the whole start-up.
gc.disable()
try:
    tempfile.gettempdir()
except FileNotFoundError as error:
    sys.exit(f"TensorFlow needs a folder for temporary files, and none can be written to ({error.strerror}). "
             "Make room, or name another folder by the environment variable TMPDIR.")
with _quiet():
    from gan import backend, keras_settings  # noqa: F401  (the backend before TensorFlow: Keras 3 imports pyplot)

    unusable = None
    try:
        keras_settings.check()
        import tensorflow as tf
        from tensorflow import keras  # noqa: F401  (for those who import this module)

        GPUS = tf.config.list_physical_devices("GPU")
    except ImportError as error:
        if not keras_settings.named():
            raise
        unusable = str(error)

if unusable:
    sys.exit(unusable)
gc.freeze()
gc.enable()
