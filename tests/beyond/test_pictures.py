"""Folders of pictures as they are found: other depths and colours, transparency, hidden and damaged files, links."""

import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from beyond.common import data


def stored(folder, name, image, **options):
    """Save a picture, or an array, in the folder, and load the folder in colour: the one picture (8, 8, 3)."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(folder / name, **options)
    pictures = data.load(str(folder), size=8, channels=3)
    assert pictures.train.shape == (1, 8, 8, 3)
    return pictures.train[0]


HALF = {
    "16-bit grey": ("a.png", lambda: np.full((9, 9), 32768, "uint16"), .5),
    "32-bit grey": ("a.tif", lambda: np.full((9, 9), 32768, "int32"), .5),
    "float": ("a.tiff", lambda: np.full((9, 9), .5, "float32"), .5),
    "1-bit": ("a.png", lambda: Image.new("1", (9, 9), 1), 1.),
    "palette": ("a.gif", lambda: Image.new("L", (9, 9), 128).convert("P"), 128 / 255),
    "CMYK": ("a.jpg", lambda: Image.new("CMYK", (9, 9), (0, 0, 0, 127)), 128 / 255),
    "YCbCr": ("a.jpg", lambda: Image.new("YCbCr", (9, 9), (128, 128, 128)), 128 / 255),
    "grey with alpha": ("a.png", lambda: Image.new("LA", (9, 9), (128, 255)), 128 / 255),
    "colour with alpha": ("a.webp", lambda: Image.new("RGBA", (9, 9), (128, 128, 128, 255)), 128 / 255),
}


@pytest.mark.parametrize("kind", HALF)
def test_depths_and_modes(tmp_path, kind):
    """A grey of one half is one half whatever the file counts in; 16-bit greys used to become white."""
    name, image, expected = HALF[kind]
    np.testing.assert_allclose(stored(tmp_path, name, image()), expected, atol=.01)
    np.testing.assert_allclose(data.load(tmp_path, size=5, channels=1).train, expected, atol=.01)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(level=st.integers(0, 65535), size=st.integers(1, 9), channels=st.sampled_from([1, 3]))
def test_every_grey_of_16_bits(tmp_path_factory, level, size, channels):
    """Each of 65536 greys keeps its place between black and white."""
    folder = tmp_path_factory.mktemp("grey")
    Image.fromarray(np.full((3, 4), level, "uint16")).save(folder / "a.png")
    np.testing.assert_allclose(data.load(folder, size, channels).train, level / 65535, atol=1e-6)


@pytest.mark.parametrize("name, array", [
    ("a.tif", np.full((4, 4), np.nan, "float32")), ("a.tif", np.full((4, 4), 200, "float32")),
    ("a.tif", np.full((4, 4), -1, "int32")), ("a.tif", np.full((4, 4), 70000, "int32"))])
def test_values_of_an_unknown_range(tmp_path, name, array):
    """Whether 200 is white or dark cannot be known: such a file is refused in a sentence."""
    with pytest.raises(ValueError, match="^data: .*a.tif' is not a picture that can be read .expected .* got others"):
        stored(tmp_path, name, array)


@pytest.mark.parametrize("mode, hidden", [("RGBA", (255, 0, 0, 0)), ("LA", (40, 0))])
def test_transparent_pixels_are_white(tmp_path, mode, hidden):
    """What stands in a pixel that nobody sees is not learned; the description says that there were such pixels."""
    np.testing.assert_allclose(stored(tmp_path, "a.png", Image.new(mode, (9, 9), hidden)), 1.)
    assert "1 of 1 pictures in" in str(data.load(tmp_path)) and "1 of them transparent, on white" in str(
        data.load(tmp_path))


def test_transparency_of_other_kinds(tmp_path):
    """Half transparent black is half grey; a palette's transparent colour, and that of a grey picture, are white."""
    np.testing.assert_allclose(stored(tmp_path, "a.png", Image.new("RGBA", (9, 9), (0, 0, 0, 128))), 127 / 255,
                               atol=.01)
    palette = Image.new("P", (9, 9), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    np.testing.assert_allclose(stored(tmp_path, "a.png", palette, transparency=1), 1.)
    np.testing.assert_allclose(stored(tmp_path, "a.png", Image.new("L", (9, 9), 7), transparency=7), 1.)


def test_orientation(tmp_path):
    """A photograph lies as its camera was held; one with damaged EXIF data lies as it is stored."""
    image = Image.new("L", (8, 8), 0)
    image.paste(255, (0, 0, 8, 4))  # white above black
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    upside_down = stored(tmp_path, "a.png", image, exif=exif)
    assert upside_down[0].max() == 0 and upside_down[-1].min() == 1
    as_stored = stored(tmp_path, "a.png", image, exif=b"Exif\0\0MM\0*damaged")
    assert as_stored[0].min() == 1 and as_stored[-1].max() == 0


def test_film(tmp_path):
    """Of a film the first picture is taken, once."""
    frames = [Image.new("L", (9, 9), level) for level in (0, 128, 255)]
    np.testing.assert_allclose(stored(tmp_path, "a.gif", frames[0], save_all=True, append_images=frames[1:]), 0)


def test_what_hides_in_folders(tmp_path):
    """Only pictures that a person sees in the folder count, whatever systems, archives and programs leave there."""
    for name in ("._a.png", ".b.png", "__MACOSX/c.png", ".cache/d.png", "deeper/.e.jpg", "@eaDir/f.jpg",
                 "deeper/__MACOSX/._g.png", "Thumbs.db", ".DS_Store", "desktop.ini", "$RECYCLE.BIN/h.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(b"no picture")
    (tmp_path / "folder.png").mkdir()
    os.symlink("loop", tmp_path / "loop")
    os.symlink("loop.png", tmp_path / "loop.png")
    os.symlink("nowhere", tmp_path / "broken.png")
    os.symlink(tmp_path, tmp_path / "deeper" / "up")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")  # to open it would wait for ever
    np.testing.assert_allclose(stored(tmp_path, "a.png", np.full((9, 9), 51, "uint8")), .2, atol=1e-6)
    hidden = tmp_path / ".hidden"
    hidden.mkdir()
    (tmp_path / "a.png").rename(hidden / "a.png")
    assert len(data.load(hidden).train) == 1, "a folder that was asked for by its name is read"


def damaged_png(kind):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    side = 40000 if kind == "bomb" else 4
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    body = {"bomb": zlib.compress(b""), "truncated": zlib.compress(bytes(20))[:5], "garbage": b"garbage"}[kind]
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [b"", b"\0" * 50, b"GIF89a", damaged_png("bomb"), damaged_png("garbage"),
                                     damaged_png("truncated"), b"II*\0\xff\xff\xff\xff"],
                         ids=["empty", "zeros", "gif", "bomb", "garbage", "truncated", "tiff"])
@pytest.mark.parametrize("name", ["a.png", "b.jpg", "c.gif", "d.tif"])
def test_damaged_files(tmp_path, name, content):
    """A file that is no whole picture, or one too large to open, is named in a sentence; nothing is learned from it."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"^data: .*{name}' is not a picture that can be read") as raised:
        data.load(tmp_path)
    assert "\n" not in str(raised.value)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
       keep=st.floats(0, 1), suffix=st.sampled_from(["png", "jpg", "gif", "bmp", "tif", "webp"]))
def test_any_bytes(tmp_path_factory, changes, keep, suffix):
    """Bytes changed and cut anywhere give pictures in [0, 1], or one sentence that names the file."""
    folder = tmp_path_factory.mktemp("any")
    picture = np.random.default_rng(5).integers(0, 256, (7, 6, 3)).astype("uint8")
    path = folder / f"a.{suffix}"
    Image.fromarray(picture).save(path)
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[int(place * len(content))] = value
    path.write_bytes(content[:round(keep * len(content))] if keep < .5 else content)
    try:
        found = data.load(folder, size=4, channels=1)
    except ValueError as error:
        assert str(error).startswith(f"data: {str(path)!r} is not a picture") and "\n" not in str(error)
    else:
        assert found.train.shape == (1, 4, 4, 1) and found.train.min() >= 0 and found.train.max() <= 1


@settings(deadline=None, derandomize=True, max_examples=40)
@given(name=st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=60))
def test_any_name_of_a_folder(tmp_path_factory, name):
    """Spaces, dashes, line ends and letters of any alphabet in names change nothing."""
    folder = tmp_path_factory.mktemp("names") / f"-{name}"
    folder.mkdir()
    Image.new("L", (3, 3), 255).save(folder / f"x{name}.png")
    assert data.load(str(folder), size=3).train.min() == 1


def test_memory(monkeypatch, tmp_path):
    """A folder of more pictures than fit into memory gives the first ones, and says how many of how many."""
    for i in range(5):
        Image.new("L", (3, 3), 50 * i).save(tmp_path / f"{i}.png")
    monkeypatch.setattr(data, "MEMORY", 4 * 3 * 3 * 2 + 5)
    pictures = data.load(tmp_path, size=3)
    assert len(pictures.train) == 2 and "2 of 5 pictures in" in pictures.name
