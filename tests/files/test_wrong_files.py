"""Files of faces and of weights that are not what they should be: one line that says which, where and why.

Of faces, what tests/arguments/test_bad_input.py leaves out: files of other programs, damaged headers, files that do
not fit into memory, and the main scripts. Of weights, what test_weights.py leaves out: the networks of task 3, the
scripts.
"""

import os
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest
import tensorflow as tf

from gan.faces import pictures
from gan.faces.pictures import Faces
from gan.script import set_seeds
from tests.helpers import (
    ROOT,
    WGAN_GP_faces,
    convolutional_GenDiscr,
    points,
    same,
    state,
    weights,
    write_keras_2_weights,
)

PNG = ROOT / "data" / "pictures" / "0-main_02.png"


def npy(path, shape, description="|u1", size=None, fortran_order=False):
    """A .npy file with this header, grown to `size` bytes of data without taking room on the disk."""
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"shape": shape, "fortran_order": fortran_order,
                                                    "descr": description})
        file.truncate(file.tell() + (size or 0))


def raw(content):
    return lambda path: path.write_bytes(content)


def cut(path):
    np.save(path, np.ones((11, 16, 16), "uint8"))
    path.write_bytes(path.read_bytes()[:1000])


MAGIC = b"\x93NUMPY"
INCOMPLETE = "is not a complete .npy file ("
EXPECTED = r"expected an array of uint8 \(n, 16, 16\) in "
WRONG_FACES = {  # what stands in the file, and what the line says before and after the path
    "folder": (os.mkdir, "expected a .npy file of pictures, there is none at ", ""),
    "PNG": (raw(PNG.read_bytes()), "", INCOMPLETE),
    "half a zip file": (raw(b"PK\x03\x04"), "", INCOMPLETE),
    "magic only": (raw(MAGIC + b"\x01\x00"), "", INCOMPLETE),
    "unknown version": (raw(MAGIC + b"\x07\x00" + b" " * 99), "", INCOMPLETE),
    "header without sense": (raw(MAGIC + b"\x01\x00\x40\x00" + b"{" * 64), "", INCOMPLETE),
    "long header": (raw(MAGIC + b"\x02\x00" + (20000).to_bytes(4, "little") + b" " * 20000), "", INCOMPLETE),
    "header alone": (lambda path: npy(path, (11, 16, 16)), "", INCOMPLETE),
    "cut after some pictures": (cut, "", INCOMPLETE),
    "huge shape, short file": (lambda path: npy(path, (10 ** 8, 16, 16), size=4096), "", INCOMPLETE),
    "shape beyond 64 bits": (lambda path: npy(path, (2 ** 70, 16, 16), size=4096), "", INCOMPLETE),
    "negative shape": (lambda path: npy(path, (-3, 16, 16), size=4096), "", INCOMPLETE),
    "objects": (lambda path: np.save(path, np.array([{}, []], dtype=object)), "", INCOMPLETE),
    "int8": (lambda path: npy(path, (3, 16, 16), "|i1", 768), EXPECTED, ", got int8 (3, 16, 16)"),
    "uint16": (lambda path: npy(path, (3, 16, 16), "<u2", 1536), EXPECTED, ", got uint16 (3, 16, 16)"),
    "bool": (lambda path: npy(path, (3, 16, 16), "|b1", 768), EXPECTED, ", got bool (3, 16, 16)"),
    "text": (lambda path: npy(path, (3, 16, 16), "<U1", 3072), EXPECTED, ", got <U1 (3, 16, 16)"),
    "records": (lambda path: npy(path, (3, 16, 16), [("grey", "|u1")], 768), EXPECTED, ", got [('grey', 'u1')]"),
    "one picture alone": (lambda path: npy(path, (16, 16), size=256), EXPECTED, ", got uint8 (16, 16)"),
    "with a channel": (lambda path: npy(path, (3, 16, 16, 1), size=768), EXPECTED, ", got uint8 (3, 16, 16, 1)"),
    "a number": (lambda path: npy(path, (), size=1), EXPECTED, ", got uint8 ()"),
    "25 GB": (lambda path: npy(path, (10 ** 8, 16, 16), size=256 * 10 ** 8),
              r"expected at most 1953125 pictures \(2 GB as float32\) in ", ", got 100000000 (102.4 GB)"),
}
each_kind = pytest.mark.parametrize("kind", WRONG_FACES)


def check_faces(message, path, kind):
    """One line: the argument, then what was expected of which file, or what is wrong with it."""
    _, before, after = WRONG_FACES[kind]
    assert re.match(f"faces: {before}{re.escape(repr(str(path)))}", message)
    assert after in message and "\n" not in message and len(message) < 300 + len(str(path))
    assert "allow_pickle=True" not in message and "unsafely" not in message  # no advice to load it all the same


@each_kind
def test_wrong_files_of_faces(tmp_path, kind):
    """A file that does not hold faces, or too many, is refused in one line before it is read into memory."""
    path = tmp_path / "faces.npy"
    WRONG_FACES[kind][0](path)
    with pytest.raises(ValueError) as raised:
        Faces(path)
    check_faces(str(raised.value), path, kind)


@each_kind
def test_wrong_files_of_faces_given_to_a_script(capsys, tmp_path, kind):
    """A script ends with the same line, and draws nothing; for a folder it says what to put where."""
    path = tmp_path / "faces.npy"
    WRONG_FACES[kind][0](path)
    with pytest.raises(SystemExit) as stopped:
        __import__("0-main_31").main(["--faces", str(path), "--no-show", "--out", str(tmp_path / "out")])
    message = stopped.value.code
    if kind == "folder":
        assert str(path) in message and "--faces FILE" in message and message.count("\n") == 1
    else:
        check_faces(message, path, kind)
    assert list((tmp_path / "out").iterdir()) == [] and "saved" not in capsys.readouterr().out


def test_a_script_ends_without_a_traceback(tmp_path):
    """Called as a program, a script with a wrong file of faces ends with exit code 1 and one line of error."""
    path = tmp_path / "faces.npy"
    path.write_bytes(PNG.read_bytes())
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([sys.executable, str(ROOT / "mains" / "0-main_31.py"), "--no-show", "--faces", str(path),
                           "--out", str(tmp_path / "out")], capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    check_faces(done.stderr.rstrip("\n"), path, "PNG")


def test_at_most_so_many_faces(tmp_path, monkeypatch):
    """The limit is the number of pictures that take 2 GB as float32; a file of just as many is read."""
    assert 2e9 - 1024 < pictures.MOST_FACES * 16 * 16 * 4 <= 2e9
    monkeypatch.setattr(pictures, "MOST_FACES", 7)
    for count in (7, 8):
        np.save(tmp_path / f"{count}.npy", np.full((count, 16, 16), 51, "uint8"))
    assert Faces(tmp_path / "7.npy").pictures.shape == (7, 16, 16)
    with pytest.raises(ValueError, match="^faces: expected at most 7 pictures .* got 8 "):
        Faces(tmp_path / "8.npy")


@pytest.mark.parametrize("fortran_order", [False, True])
def test_unusual_files_of_faces(tmp_path, fortran_order):
    """Pictures in Fortran's order, and with bytes after the last one, are read as they were meant."""
    stored = np.random.default_rng(1).integers(1, 256, (5, 16, 16)).astype("uint8")
    path = tmp_path / "faces.npy"
    npy(path, (5, 16, 16), fortran_order=fortran_order)
    with path.open("ab") as file:
        file.write(stored.tobytes(order="F" if fortran_order else "C") + b"more")
    np.testing.assert_allclose(Faces(path).pictures, stored / 255, atol=1e-6)


# ------------------------------------------------------------------- weights

NAMES = {"gen_h5": "generator.h5", "disc_h5": "discriminator.h5"}


@pytest.fixture(scope="module")
def networks():
    """The networks of task 3 in a WGAN_GP, trained for nothing."""
    set_seeds(3)
    return WGAN_GP_faces(*convolutional_GenDiscr(), lambda k: tf.random.normal((k, 16)), points(11, 16, 16),
                         batch_size=5)


@pytest.fixture
def data(tmp_path, networks):
    """A folder with eleven faces and weights of both networks, other than those of `networks`."""
    set_seeds(4)
    np.save(tmp_path / "faces.npy", np.random.default_rng(4).integers(0, 256, (11, 16, 16)).astype("uint8"))
    for name, network in zip(NAMES.values(), convolutional_GenDiscr()):
        write_keras_2_weights(tmp_path / name, network)
    return tmp_path


def arrays(file):
    """The names of all arrays in a file of weights, in the order of the layers."""
    return [f"{layer}/{name.decode()}" for layer in (name.decode() for name in file.attrs["layer_names"])
            for name in file[layer].attrs["weight_names"]]


def spoil(path, kind):
    """Make a file of weights into a wrong one of this kind."""
    whole = path.read_bytes()
    if kind == "folder":
        path.unlink()
        path.mkdir()
    elif kind in ("truncated", "one byte short", "empty", "text", "PNG"):
        path.write_bytes({"truncated": whole[:len(whole) // 2], "one byte short": whole[:-1], "empty": b"",
                          "text": b"these are no weights\n" * 99, "PNG": PNG.read_bytes()}[kind])
    elif kind == "faces":
        np.save(path.with_suffix(".npy"), np.ones((11, 16, 16), "uint8"))
        path.with_suffix(".npy").replace(path)
    elif kind == "other HDF5":
        with h5py.File(path, "w") as file:
            file["pictures"] = np.ones((11, 16, 16), "uint8")
    else:
        with h5py.File(path, "r+") as file:
            last = arrays(file)[-1]
            values = file[last][()]
            del file[last]
            if kind == "another shape":
                file[last] = np.ones((*values.shape[:-1], values.shape[-1] + 1), "float32")
            elif kind == "words":
                file[last] = np.full(values.shape, b"word")
            else:
                assert kind == "a missing array"


KINDS = ["folder", "truncated", "one byte short", "empty", "text", "PNG", "faces", "other HDF5", "a missing array",
         "another shape", "words", "swapped"]


def spoiled(folder, argument, kind):
    """Spoil one of the two files of weights in a folder, or exchange them; returns the path of the first bad one."""
    path = folder / NAMES[argument]
    if kind == "swapped":
        generator, discriminator = (folder / name for name in NAMES.values())
        contents = generator.read_bytes(), discriminator.read_bytes()
        generator.write_bytes(contents[1])
        discriminator.write_bytes(contents[0])
        return generator
    spoil(path, kind)
    return path


def check_weights(message, argument, path):
    """One line: the argument and the path, what was expected or that nothing has changed."""
    assert message.startswith(f"{argument}: ") and repr(str(path)) in message and "\n" not in message
    assert "expected a file of weights, there is none at" in message or (
        "does not hold weights of this network (" in message and message.endswith("; no weight was changed"))
    assert len(message) < 400 + len(str(path))


@pytest.mark.parametrize("argument, kind", [(argument, kind) for kind in KINDS for argument in NAMES
                                            if (argument, kind) != ("disc_h5", "swapped")])
def test_wrong_files_of_weights(data, networks, argument, kind):
    """`replace_weights` refuses the file in one line, and neither network of task 3 changes in any variable."""
    path, before = spoiled(data, argument, kind), state(networks)
    with pytest.raises(ValueError) as raised:
        networks.replace_weights(*(data / name for name in NAMES.values()))
    check_weights(str(raised.value), argument, path)
    assert same(state(networks), before)


def test_the_files_fit_before_they_are_spoiled(data, networks):
    """The files that the other tests spoil are loaded as they are."""
    before, kept = state(networks), weights(networks)
    networks.replace_weights(*(str(data / name) for name in NAMES.values()))
    assert not same(state(networks), before)
    networks.generator.set_weights(kept["generator"])
    networks.discriminator.set_weights(kept["discriminator"])
    assert same(state(networks), before)


@pytest.mark.parametrize("argument, kind", [("gen_h5", "truncated"), ("disc_h5", "empty"), ("disc_h5", "text"),
                                            ("gen_h5", "another shape"), ("gen_h5", "swapped"), ("disc_h5", "folder")])
def test_wrong_files_of_weights_given_to_a_script(capsys, data, argument, kind):
    """A script of task 4 ends with the same line and draws nothing; for a folder it says what to put where."""
    path = spoiled(data, argument, kind)
    with pytest.raises(SystemExit) as stopped:
        __import__("0-main_40").main(["--faces", str(data / "faces.npy"), "--weights", str(data), "--no-show",
                                      "--out", str(data / "out")])
    message = stopped.value.code
    if kind == "folder":
        assert str(path) in message and "--weights DIR" in message and message.count("\n") == 1
    else:
        check_weights(message, argument, path)
    assert list((data / "out").iterdir()) == [] and "saved" not in capsys.readouterr().out
