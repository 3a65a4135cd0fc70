"""Walks in latent space, the table of attributes, and the directions along which an attribute grows."""

import re

import numpy as np
import pytest

from gan.faces.attributes import attribute_direction, load_attributes
from gan.faces.latent import changes, circle, segment, star
from gan.picture_measures import flat
from tests.helpers import ROOT

# ---------------------------------------------------------------------- walks


@pytest.mark.parametrize("n", [2, 20])
def test_segment(n):
    """The segment begins at the first vector, ends at the second, and goes there by equal steps."""
    a, b = np.random.default_rng(1).normal(size=(2, 16))
    walk = segment(np.stack([a, b]), n)
    assert walk.shape == (n, 16)
    np.testing.assert_allclose(walk[[0, -1]], [a, b], atol=1e-12)
    np.testing.assert_allclose(np.diff(walk, axis=0), np.tile((b - a) / (n - 1), (n - 1, 1)), atol=1e-12)


@pytest.mark.parametrize("n, dim", [(48, 16), (7, 2), (5, 33)])
def test_circle(n, dim):
    """The circle has radius sqrt(dim) about 0, lies in a plane, and closes with n equal steps."""
    walk = circle(n, dim, np.random.default_rng(2))
    assert walk.shape == (n, dim)
    np.testing.assert_allclose(np.linalg.norm(walk, axis=1), np.sqrt(dim))
    np.testing.assert_allclose(walk.sum(axis=0), 0, atol=1e-9)
    assert np.linalg.matrix_rank(walk, tol=1e-9) == 2
    steps = np.linalg.norm(np.roll(walk, -1, axis=0) - walk, axis=1)  # the last one leads back to the first point
    np.testing.assert_allclose(steps, 2 * np.sqrt(dim) * np.sin(np.pi / n))
    cosines = walk[1:] @ walk[0] / dim
    np.testing.assert_allclose(cosines, np.cos(2 * np.pi * np.arange(1, n) / n), atol=1e-9)


def test_circles_are_random():
    """Another stream gives another plane, the same stream the same circle."""
    walks = [circle(9, 16, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(walks[0], walks[1])
    assert np.abs(walks[0] @ walks[2].T).max() < .9 * 16  # one plane would hold parallel vectors


def test_star():
    """Each ray starts at the centre, goes straight out by `length` in its own direction, and comes back."""
    rays, n, length = 5, 12, 4.
    center = np.random.default_rng(3).normal(size=16)
    walk = star(center, rays, n, length, np.random.default_rng(4))
    assert walk.shape == (rays * n, 16)
    out = (walk - center).reshape(rays, n, 16)
    distances = np.linalg.norm(out, axis=2)
    np.testing.assert_allclose(distances[:, 0], 0, atol=1e-12)
    np.testing.assert_allclose(distances[:, n // 2], length)  # the tip
    assert np.all(distances <= length + 1e-9)
    assert np.all(np.diff(distances[:, :n // 2 + 1]) > 0) and np.all(np.diff(distances[:, n // 2:]) < 0)
    np.testing.assert_allclose(distances[:, 1:], distances[:, :0:-1], atol=1e-9)  # the way back is the way out
    # The next ray's start is one step away from the last point of a ray, as its second point is.
    np.testing.assert_allclose(distances[:, -1], length * np.sin(np.pi / n))
    directions = out[:, n // 2] / length
    np.testing.assert_allclose(out, distances[:, :, None] * directions[:, None], atol=1e-9)
    assert np.abs(directions @ directions.T - np.eye(rays)).max() < .9


def test_changes_of_a_linear_and_of_a_broken_generator():
    """Twice the step changes a picture of a linear generator twice as much; one that jumps changes at any step."""
    axes, rng = np.linalg.qr(np.random.default_rng(5).normal(size=(64, 8)))[0].T, np.random.default_rng(6)
    latent_vectors = rng.normal(size=(400, 8))
    found = changes(lambda z: (z @ axes).reshape(-1, 8, 8), latent_vectors, (.01, .1, 1), rng)
    assert list(found) == [.01, .1, 1]
    assert found[1] == pytest.approx(1 / np.sqrt(2 * 8), rel=.1)  # two vectors of 8 coordinates are about 4 apart
    assert found[.01] == pytest.approx(found[1] / 100) and found[.1] == pytest.approx(found[1] / 10)
    jumps = changes(lambda z: np.floor(1e6 * (z @ axes)).reshape(-1, 8, 8) % 2, latent_vectors, (.01,), rng)
    assert jumps[.01] == pytest.approx(1, rel=.05)


# ----------------------------------------------------------- the table of attributes

TABLE = "smile,age,glasses\n1,0.3,0\n0.2,0.9,1\n0.51,0.1,0\n0.5,0.1,1\n"


def test_load_attributes(tmp_path):
    """The columns asked for are read by name, and values above .5 are true."""
    path = tmp_path / "a.csv"
    path.write_text(TABLE)
    found = load_attributes(path, ("glasses", "smile"), 4)
    assert {name: values.tolist() for name, values in found.items()} == {
        "glasses": [False, True, False, True], "smile": [True, False, True, False]}
    assert list(found) == ["glasses", "smile"] and found["smile"].dtype == bool
    more = load_attributes(path, ("smile",), 4, optional=("male", "age"))  # it has one of them
    assert list(more) == ["smile", "age"] and more["age"].tolist() == [False, True, False, False]


def test_a_table_of_one_row(tmp_path):
    """A table of one face gives arrays of one value."""
    (tmp_path / "a.csv").write_text("smile,glasses\n1,0\n")
    found = load_attributes(tmp_path / "a.csv", ("smile", "glasses"), 1)
    assert found["smile"].tolist() == [True] and found["glasses"].tolist() == [False]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("content, expected", [
    (None, "expected a table with the columns smile, glasses in"),
    ("", "expected a table with the columns smile, glasses in"),
    ("folder", "expected a table with the columns smile, glasses in"),
    (b"\x93NUMPY\x01\x00\xff\xfe", "expected a table with the columns smile, glasses in"),
    (TABLE.replace("smile", "laughter"), "expected a table with the columns smile, glasses in"),
    (TABLE.replace("0.2,0.9,1", "0.2"), "expected a table with the columns smile, glasses in"),
    (TABLE.replace("0.51", "yes"), "expected numbers in the column smile of"),
    (TABLE + "1,0,1\n", "expected 4 rows, one for each face, in"),
    ("smile,glasses\n", "expected 4 rows, one for each face, in"),
], ids=["missing", "empty", "folder", "binary", "missing column", "short row", "word", "other row count", "no row"])
def test_bad_tables(tmp_path, content, expected):
    """A table that does not fit is refused in one line that names the file and what was expected."""
    path = tmp_path / "a.csv"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=f"^attributes: {expected} {re.escape(repr(str(path)))}") as raised:
        load_attributes(path, ("smile", "glasses"), 4)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 300 + len(str(path))
    if "rows" in expected:
        assert str(raised.value).endswith(f"got {content.count(chr(10)) - 1}")
    if "word" in expected:
        assert "row 3" in str(raised.value)


# ----------------------------------------------------------------- directions

def linear_generator(dim=8):
    """A function from latent vectors to pictures of 16 x 16, linear and different in all directions."""
    axes = np.linalg.qr(np.random.default_rng(5).normal(size=(256, dim)))[0].T
    return lambda latent_vectors: (latent_vectors @ axes).reshape(-1, 16, 16) + .5


def test_attribute_direction_of_a_linear_generator():
    """Where an attribute grows along a known direction of a linear generator, that direction is found."""
    generate, rng = linear_generator(), np.random.default_rng(6)
    known = rng.normal(size=8)
    known /= np.linalg.norm(known)
    real, latent_vectors = rng.normal(size=(4000, 8)), rng.normal(size=(1000, 8))
    for sign in (1, -1):
        attribute = sign * real @ known > 0
        direction, classifier = attribute_direction(generate(real), attribute, latent_vectors, generate(latent_vectors))
        assert direction.shape == (8,) and np.linalg.norm(direction) == pytest.approx(1)
        assert sign * direction @ known > .99
        moved = generate(latent_vectors + 3 * direction)
        assert classifier.predict(flat(moved)).mean() > .97  # 3 spreads along the direction: nearly all have it
        assert classifier.score(flat(generate(real)), attribute) > .95


@pytest.mark.parametrize("value", [0, 1])
def test_an_attribute_of_one_value(value):
    """An attribute that no face has, or every face, is refused by name."""
    generate, rng = linear_generator(), np.random.default_rng(6)
    latent_vectors = rng.normal(size=(30, 8))
    with pytest.raises(ValueError, match=rf"^attribute: expected zeros and ones, got \[{value}\]$"):
        attribute_direction(generate(latent_vectors), np.full(30, value), latent_vectors, generate(latent_vectors))


@pytest.fixture(scope="module")
def faces():
    pictures = np.load(ROOT / "data" / "small_res_faces_10000.npy").astype("float32") / 255
    return pictures, load_attributes(ROOT / "data" / "faces_attributes.csv", ("smile", "glasses"), 10000)


@pytest.mark.parametrize("name, share, score", [("smile", .530, .8), ("glasses", .115, .95)])
def test_classifiers_of_the_shipped_faces(faces, name, share, score):
    """The classifier of a smile or of glasses is right on more of the faces it did not see than the majority is."""
    pictures, attributes = faces
    values = attributes[name]
    assert values.mean() == pytest.approx(share, abs=.015)  # what draw_attributes makes likely; three standard errors
    rng = np.random.default_rng(7)
    latent_vectors = rng.normal(size=(500, 8))
    _, classifier = attribute_direction(pictures[:5000], values[:5000], latent_vectors,
                                        linear_generator()(latent_vectors))
    unseen = values[5000:]
    majority = max(unseen.mean(), 1 - unseen.mean())
    found = classifier.score(flat(pictures[5000:]), unseen)
    assert found > score > majority + .03
