"""Clouds, indicators and the course's figures with any arguments: the right result, or one sentence that names one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gan import examples, figures, indicators
from gan.faces.pictures import Faces
from tests.helpers import Simple_GAN, points, small
from tests.mains.test_examples_indicators_figures import with_history

many = settings(deadline=None, derandomize=True, max_examples=60)
anything = st.one_of(st.none(), st.booleans(), st.integers(-2, 40), st.sampled_from([2 ** 31, 10 ** 12, 10 ** 30]),
                     st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=3), st.just(np.int64(7)))


def is_sentence(error, *names):
    text = str(error)
    return any(text.startswith(f"{name}: ") for name in names) and "\n" not in text and " got " in text


def is_count(value):
    return isinstance(value, (int, np.int64)) and not isinstance(value, bool) and 1 <= value <= 40


@many
@given(k=anything)
def test_any_number_of_points(k):
    """A whole number gives so many points; anything else, and more than fit into memory, one sentence."""
    for function, name, width in ((examples.circle_example, "k", 2), (examples.four_clouds_example, "N_real", 5)):
        try:
            found = function(k)
        except (TypeError, ValueError) as error:
            assert not is_count(k) and is_sentence(error, name)
        else:
            assert is_count(k) and found.shape == (k, width)


@many
@given(C=anything, sigma=anything, S=anything)
def test_any_cloud_in_the_corner(C, sigma, S):
    """So it is with the cloud in the corner and with the expected values of its indicators."""
    right = is_count(C) and is_count(S) and isinstance(sigma, (int, float, np.int64)) and not isinstance(
        sigma, bool) and 0 <= sigma < math.inf
    for function in (examples.cloud_in_the_corner, examples.cloud_in_the_corner_numpy,
                     indicators.expected_mean_squared_dist_cloud_to_center,
                     indicators.expected_squared_dist_barycenter_to_center):
        try:
            found = function(C, sigma, S)
        except (TypeError, ValueError) as error:
            assert not right and is_sentence(error, "C", "N", "sigma", "S")
        else:
            assert np.shape(found) == (() if "expected" in function.__name__ else (S, C))


@many
@given(cloud=st.one_of(anything, st.lists(st.lists(st.floats(-9, 9), max_size=3), max_size=3),
                       st.just([[.8, .8]]), st.just(np.zeros((0, 3)))))
def test_indicators_of_anything(cloud):
    """An indicator of something that is no cloud (S, N) is refused, not NaN; lists of rows are clouds too."""
    for function in (indicators.mean_squared_dist_cloud_to_center, indicators.squared_dist_barycenter_to_center):
        try:
            assert np.isfinite(function(cloud)) and function(cloud) >= 0
        except ValueError as error:
            assert is_sentence(error, "cloud")


trained = with_history(small(Simple_GAN, gen_shape=(1, 3, 2), real_examples=points(211, 2), batch_size=11))
quick = settings(deadline=None, derandomize=True, max_examples=15)


@quick
@given(title=st.text(st.characters(blacklist_categories=["Cs"]), max_size=20))
@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.filterwarnings("ignore:Matplotlib")
def test_any_title(tmp_path_factory, title):
    """A title is written as it is, also with dollar signs that enclose no formula."""
    file = tmp_path_factory.mktemp("title") / "a.png"
    figure = figures.plt.figure(figsize=(1, 1))
    figures.finish(figure, show=False, title=title, filename=file, dpi=10)
    assert figure.get_suptitle() == title and file.is_file()


@pytest.mark.parametrize("title", ["$", "$$", r"$\nonsense$", "5 $ and 6 $", "$\\circ$", 5, "two\nlines"])
def test_dollars_in_titles(tmp_path, title):
    """matplotlib takes what stands between two dollar signs for a formula, and stops at one that it cannot read."""
    figures.finish(figures.plt.figure(figsize=(1, 1)), False, title, tmp_path / "a.png", 10)
    assert (tmp_path / "a.png").is_file()


@quick
@given(name=st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=40))
def test_any_file_name(tmp_path_factory, name):
    """Spaces, dashes, line ends and letters of any alphabet in a file's name change nothing."""
    folder = tmp_path_factory.mktemp("name")
    figures.finish(figures.plt.figure(figsize=(1, 1)), False, None, folder / f"-{name}x.png", 10)
    assert [path.name for path in folder.iterdir()] == [f"-{name}x.png"]


def test_a_file_without_an_ending(tmp_path):
    """As in matplotlib, it gets .png; and nothing else is left in the folder."""
    figures.visualize_2D(trained, False, None, str(tmp_path / "a"), 10)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"


@quick
@given(dpi=anything)
def test_any_dpi(dpi):
    """A resolution that cannot be drawn, or whose picture no memory holds, is refused before anything is drawn."""
    right = isinstance(dpi, (int, float, np.int64)) and not isinstance(dpi, bool) and 1 <= dpi <= figures.MOST_DPI
    try:
        figures.visualize_2D(trained, False, dpi=dpi)
        assert right
    except (TypeError, ValueError) as error:
        assert not right and is_sentence(error, "dpi")


@pytest.mark.parametrize("draw", [figures.visualize_2D, figures.visualize_5D])
@pytest.mark.parametrize("arguments, error, start", [
    ((None,), TypeError, "G: expected a GAN, got NoneType without generator, discriminator"),
    ((5,), TypeError, "G: expected a GAN, got int"),
    ((trained, False, None, 5), TypeError, "filename: expected the path of a picture, got 5 "),
    ((trained, False, None, b"a.png"), TypeError, "filename: expected the path of a picture, got b'a.png'"),
    ((trained, False, None, "a.xyz"), ValueError, "filename: expected a name that ends in one of "),
    ((trained, False, None, "nowhere/a.png"), ValueError, "filename: expected a file in a folder that exists, got "),
])
def test_bad_arguments_of_the_figures(draw, arguments, error, start):
    """One sentence, before anything is drawn: no figure is left open."""
    with pytest.raises(error) as raised:
        draw(*arguments)
    assert str(raised.value).startswith(start) and not figures.plt.get_fignums()


def test_an_untrained_model():
    """`visualize_2D` draws the losses of a training; without one it says so."""
    G = small(Simple_GAN, gen_shape=(1, 3, 2), real_examples=points(211, 2))
    with pytest.raises(ValueError, match="^G: expected a trained GAN"):
        figures.visualize_2D(G)


# ---------------------------------------------------------- files of faces

@settings(deadline=None, derandomize=True, max_examples=80)
@given(changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=5), keep=st.integers(0, 1200))
def test_any_file_of_faces(tmp_path_factory, changes, keep):
    """A file of faces with any bytes changed and any length gives pictures in [0, 1], or one sentence that names it."""
    path = tmp_path_factory.mktemp("faces") / "faces.npy"
    np.save(path, np.random.default_rng(3).integers(0, 256, (4, 16, 16)).astype("uint8"))
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place] = value
    path.write_bytes(content[:keep] if keep < len(content) else content)
    try:
        faces = Faces(path)
    except ValueError as error:
        assert str(error).startswith("faces: ") and repr(str(path)) in str(error) and "\n" not in str(error)
    else:
        assert faces.pictures.shape[1:] == (16, 16) and np.isfinite(faces.normalized).all()
        assert faces.pictures.min() >= 0 and faces.pictures.max() <= 1


@pytest.mark.parametrize("path", [None, 5, "", ".", "x" * 5000, "a\0b", b"faces.npy"])
def test_no_path_of_faces(path):
    """What names no file is refused by the same sentence."""
    with pytest.raises(ValueError, match="^faces: expected a .npy file of pictures, there is none at "):
        Faces(path)
