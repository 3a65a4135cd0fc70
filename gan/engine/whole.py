"""Keras's functions that write a whole model ask it for its parts when they have made the file, and a file that stood
there is gone by then. Here a model that refuses is asked first.
"""

import contextlib
import functools
import importlib

WRITERS = (("keras.src.saving.saving_lib", "save_model"),  # NAME.keras, in both generations
           ("keras.src.legacy.saving.legacy_h5_format", "save_model_to_hdf5"),  # Keras 3
           ("keras.src.saving.legacy.save", "save_model"))  # HDF5 and folders, Keras 2


def ask_first(kind, refuse):
    """From now on, Keras's writers call refuse(model) for a model of this class before they touch the disk.

    These are the functions that all public names lead to, such as `keras.models.save_model` and `keras.saving`'s.
    """
    for place, name in WRITERS:
        with contextlib.suppress(ImportError, AttributeError):  # the other generation of Keras
            module = importlib.import_module(place)
            setattr(module, name, _asking(getattr(module, name), kind, refuse))


def _asking(write, kind, refuse):
    @functools.wraps(write)
    def asking(model, *args, **options):
        if isinstance(model, kind):
            refuse(model)
        return write(model, *args, **options)
    return asking
