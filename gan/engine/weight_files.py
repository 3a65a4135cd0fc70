"""Files of weights: looked at before Keras reads them, and written from memory.

HDF5 is more than a box of arrays. A file can name other files whose bytes become its values (external storage, virtual
datasets, external links), ask for program libraries to unpack them (filters), or claim sizes that no memory holds.
Keras writes nothing of that, so a file that has it is refused. And HDF5 itself ends the whole process when the disk is
full while it writes: so it writes into memory here, and only the bytes go to the disk.
"""

import contextlib
import io
import math

import h5py
import numpy as np

from gan.engine.replaced import replaced
from gan.files import store, written_whole

MOST_OBJECTS = 10 ** 4  # groups and arrays in a file
FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}  # part of HDF5 itself
SIGNATURE = b"\x89HDF\r\n\x1a\n"


class Unfit(Exception):
    """What is wrong with a file of weights, as the end of a sentence."""


def check(path, most):
    """Look at all of a file of weights before anything of it is used.

    Args:
        path: of the file.
        most: how many numbers its largest array may have.

    Raises:
        Unfit: it reaches outside itself, or holds something else than finite numbers; anything else that h5py raises:
            it is damaged.
    """
    with open(path, "rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            raise Unfit("it is no HDF5 file")
    with h5py.File(path, "r") as file:
        _check_group(file, "", most, set())


def check_classes(path, classes):
    """Unfit if a file of a whole GAN says that it is of another class than `classes`, a class and its bases."""
    with h5py.File(path, "r") as file:
        stored = [str(name) for name in file.attrs.get("gan_classes", ())]
    if stored and classes and stored[0] not in classes and classes[0] not in stored:
        raise Unfit(f"it is of the class {stored[0]}, not {classes[0]}")


def _check_group(group, place, most, seen):
    for name in group:
        link, where = group.get(name, getlink=True), f"{place}/{name}"
        if type(link) is not h5py.HardLink:
            raise Unfit(f"{where} is a link to another place")
        child = group[name]
        address = h5py.h5o.get_info(child.id).addr
        if address in seen:
            raise Unfit(f"{where} stands in it twice")
        seen.add(address)
        if len(seen) > MOST_OBJECTS:
            raise Unfit(f"it has more than {MOST_OBJECTS} parts")
        if isinstance(child, h5py.Group):
            _check_group(child, where, most, seen)
        elif isinstance(child, h5py.Dataset):
            _check_array(child, where, most)
        else:
            raise Unfit(f"{where} is neither a group nor an array")


def _check_array(array, where, most):
    plan = array.id.get_create_plist()
    if plan.get_external_count() or array.is_virtual:
        raise Unfit(f"the numbers of {where} stand in another file")
    if array.dtype.kind not in "fiub":
        raise Unfit(f"{where} holds no numbers")
    if array.shape is None or array.size > most or math.prod(array.chunks or ()) > most:
        raise Unfit(f"{where} has the shape {array.shape}, which no array of this network has")
    filters = {plan.get_filter(i)[0] for i in range(plan.get_nfilters())}
    if filters - FILTERS:
        raise Unfit(f"{where} is packed by a filter that is not part of HDF5")
    if array.size and not array.id.get_storage_size():
        raise Unfit(f"{where} has a shape but no numbers")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
        numbers = np.asarray(array[()]).astype("float32")
    if not np.isfinite(numbers).all():
        raise Unfit(f"{where} holds values that are not finite")


# ------------------------------------------------------------------- writing

@contextlib.contextmanager
def written(path):
    """Context manager: yields an h5py.File in memory, whose bytes go to `path` when the block has succeeded."""
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        yield file
    store(path, memory.getvalue())


def save(write, path, **attributes):
    """Call write(path) of Keras, which writes an HDF5 file, in memory; then its bytes to `path`, whole or not at all.

    Args:
        attributes: more attributes of the file.
    """
    memory, File = io.BytesIO(), h5py.File
    with written_whole(path) as temporary:
        def in_memory(name, mode="r", *args, **options):
            return File(memory if str(name) == str(temporary) else name, mode, *args, **options)

        with replaced(h5py, "File", in_memory):
            write(str(temporary))
        with File(memory, "r+") as file:
            file.attrs.update(attributes)
        temporary.write_bytes(memory.getvalue())
