"""Files of weights that are damaged, reach outside themselves or hold no finite numbers: refused before Keras reads."""

import re

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers import (
    WGAN_GP,
    Simple_GAN,
    WGAN_clip,
    WGAN_GP_faces,
    same,
    small,
    state,
    write_keras_2_weights,
)


@pytest.fixture(scope="module")
def G():
    return small(WGAN_GP_faces)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, G):
    """The bytes of a file of each kind: of the whole GAN, of the generator as Keras 2 writes it."""
    folder = tmp_path_factory.mktemp("whole")
    other = small(WGAN_GP_faces, seed=4)
    other.save_weights(folder / "G.weights.h5")
    write_keras_2_weights(folder / "generator.h5", other.generator)
    return {name: (folder / name).read_bytes() for name in ("G.weights.h5", "generator.h5")}


def load(G, folder, name, content):
    path = folder / name
    path.write_bytes(content)
    if name == "G.weights.h5":
        return G.load_weights(path)
    return G.replace_weights(path, write_keras_2_weights(folder / "discriminator.h5", G.discriminator))


# ------------------------------------------------------- what HDF5 can do

def external(group, name, values, folder):
    folder.joinpath("secret").write_bytes(bytes(range(256)) * 9)
    group.create_dataset(name, values.shape, "f4", external=[(str(folder / "secret"), 0, values.nbytes)])


def virtual(group, name, values, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["x"] = values
    layout = h5py.VirtualLayout(values.shape, "f4")
    layout[...] = h5py.VirtualSource(str(folder / "other.h5"), "x", shape=values.shape)
    group.create_virtual_dataset(name, layout)


def external_link(group, name, values, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["x"] = values
    group[name] = h5py.ExternalLink(str(folder / "other.h5"), "/x")


def soft_link(group, name, values, folder):
    group.file["elsewhere"] = values
    group[name] = h5py.SoftLink("/elsewhere")


def circle(group, name, values, folder):
    group[name] = values
    group["again"] = group.file["/"]


def plugin(group, name, values, folder):
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk(values.shape)
    plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))
    array = h5py.h5d.create(group.id, name.encode(), h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple(values.shape), plan)
    array.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


def one(value):
    def write(group, name, values, folder):
        values = values.astype("float64")
        values.flat[-1] = value
        group[name] = values
    return write


def kind(dtype, **options):
    return lambda group, name, values, folder: group.create_dataset(name, values.shape, dtype, **options)


def shape(*shape, **options):
    return lambda group, name, values, folder: group.create_dataset(name, shape, "f4", **options)


ELSEWHERE, LINK, NUMBERS = "stand in another file", "is a link to another place", "holds no numbers"
UNFIT = {
    "external storage": (external, ELSEWHERE), "virtual": (virtual, ELSEWHERE), "external link": (external_link, LINK),
    "soft link": (soft_link, LINK), "circle": (circle, "stands in it twice"), "plug-in": (plugin, "packed by a filter"),
    "NaN": (one(np.nan), "not finite"), "inf": (one(-np.inf), "not finite"), "over float32": (one(1e39), "not finite"),
    "text": (kind("S3"), NUMBERS), "records": (kind([("a", "f4")]), NUMBERS), "complex": (kind("c8"), NUMBERS),
    "references": (kind(h5py.ref_dtype), NUMBERS), "of any length": (kind(h5py.vlen_dtype("f4")), NUMBERS),
    "no values": (kind("f4"), "has a shape but no numbers"),
    "a petabyte": (shape(10 ** 9, 10 ** 6), "which no array of this network has"),
    "a petabyte in chunks": (shape(10 ** 9, 10 ** 6, chunks=(100, 100), compression="gzip"), "which no array of this"),
    "nothing": (lambda group, name, values, folder: group.create_dataset(name, data=h5py.Empty("f4")), "shape None"),
    "a type": (lambda group, name, values, folder: group.__setitem__(name, np.dtype("f4")), "is neither a group nor"),
    "a group": (lambda group, name, values, folder: group.create_group(name), "does not hold weights of this network"),
    "another shape": (lambda group, name, values, folder: group.create_dataset(name, data=values[:-1]),
                      "does not hold weights of this network"),
}


@pytest.mark.parametrize("file", ["generator.h5", "G.weights.h5"])
@pytest.mark.parametrize("name", UNFIT)
def test_what_keras_never_writes(tmp_path, G, whole, file, name):
    """External storage puts the bytes of a local file into the weights (Keras 2), NaN makes every picture blank: each
    is named in one sentence, and nothing changes."""
    write, reason = UNFIT[name]
    path = tmp_path / "source.h5"
    path.write_bytes(whole[file])
    with h5py.File(path, "r+") as opened:
        arrays = []
        opened.visititems(lambda where, found: arrays.append(where) if isinstance(found, h5py.Dataset)
                          and found.ndim == 2 else None)
        values = opened[arrays[0]][()]
        del opened[arrays[0]]
        group, _, last = arrays[0].rpartition("/")
        write(opened[group], last, values, tmp_path)
    before = state(G)
    with pytest.raises(ValueError) as refused:
        load(G, tmp_path, file, path.read_bytes())
    message = str(refused.value)
    assert reason in message and "\n" not in message and message.endswith("; no weight was changed")
    assert message.startswith("filepath: '" if file == "G.weights.h5" else "gen_h5: '") and same(state(G), before)


def test_packed_by_hdf5_itself(tmp_path, G, whole):
    """A file that a reader packed with HDF5's own filters, or holds in float64, loads: these are the same numbers."""
    path = tmp_path / "source.h5"
    path.write_bytes(whole["generator.h5"])
    with h5py.File(path, "r+") as opened:
        arrays = []
        opened.visititems(lambda where, found: arrays.append(where) if isinstance(found, h5py.Dataset) else None)
        for where in arrays:
            values = opened[where][()].astype("float64")
            del opened[where]
            opened.create_dataset(where, data=values, compression="gzip", shuffle=True, fletcher32=True)
    load(G, tmp_path, "generator.h5", path.read_bytes())
    assert same(G.generator.get_weights(), small(WGAN_GP_faces, seed=4).generator.get_weights())


def test_bytes_before_the_file(tmp_path, G, whole):
    """HDF5 skips what stands before; so such a file can be two things at once, and is refused."""
    with pytest.raises(ValueError, match="it is no HDF5 file"):
        load(G, tmp_path, "generator.h5", b"#!/bin/sh".ljust(512, b"\0") + whole["generator.h5"])


@pytest.mark.parametrize("driver", ["family", "split"])
def test_files_in_several_parts(tmp_path, G, driver):
    """HDF5 can keep one file as several."""
    name = str(tmp_path / ("part%d.h5" if driver == "family" else "part"))
    with h5py.File(name, "w", driver=driver, **({"memb_size": 2048} if driver == "family" else {})) as file:
        file["x"] = np.zeros(2000, "f4")
    for path in tmp_path.iterdir():
        with pytest.raises(ValueError, match="^gen_h5: "):
            G.replace_weights(path, path)


@pytest.mark.parametrize("name", ["weights", "G.keras", "G.weights.json", "hf://somebody/model", "/dev/zero"])
def test_other_kinds_of_files(G, name):
    """Keras reads several formats, and some from other machines; here it is HDF5 alone."""
    for load in (G.load_weights, lambda name: G.replace_weights(name, name)):
        with pytest.raises(ValueError, match="expected the name of a file of weights, which ends in .h5, got"):
            load(name)


@pytest.mark.parametrize("option", ["by_name", "skip_mismatch"])
def test_options_that_leave_weights_out(G, option):
    """Keras loads nothing by name, or only what fits, and says nothing: refused."""
    with pytest.raises(ValueError, match=f"^{option}: expected False, got True"):
        G.load_weights("G.weights.h5", **{option: True})


def test_weights_of_another_class(tmp_path):
    """The moments of one loss are no good for another. A subclass and its base can exchange their files."""
    class Own(WGAN_GP):
        pass

    small(WGAN_GP).save_weights(tmp_path / "G.weights.h5")
    small(Own).save_weights(tmp_path / "own.weights.h5")
    for chosen_type in (Simple_GAN, WGAN_clip):
        with pytest.raises(ValueError, match=r"\(it is of the class WGAN_GP, not " + chosen_type.__name__):
            small(chosen_type).load_weights(tmp_path / "G.weights.h5")
    small(Own).load_weights(tmp_path / "G.weights.h5")
    small(WGAN_GP_faces).load_weights(tmp_path / "own.weights.h5")
    small(WGAN_GP).load_weights(tmp_path / "own.weights.h5")


# ---------------------------------------------------------- random damage

@settings(deadline=None, derandomize=True, max_examples=60)
@given(data=st.data(), file=st.sampled_from(["G.weights.h5", "generator.h5"]))
def test_random_damage(tmp_path_factory, G, whole, data, file):
    """Whatever bytes are flipped or missing: all weights are finite afterwards, or a sentence and nothing changed."""
    content = bytearray(whole[file])
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        content = content[:data.draw(st.integers(0, len(content)))]
    before = state(G)
    try:
        load(G, tmp_path_factory.mktemp("damaged"), file, bytes(content))
    except ValueError as error:
        assert re.match("(filepath|gen_h5): .*; no weight was changed$", str(error)) and same(state(G), before)
    else:
        assert all(np.isfinite(array).all() for array in state(G))
