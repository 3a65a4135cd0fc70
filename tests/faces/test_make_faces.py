"""The script that draws the shipped faces: repeatable to the last bit, as data/README.md describes, never half done."""

import contextlib
import hashlib
import importlib.util
import io
import re
import subprocess
import sys
import tarfile
from urllib.error import URLError

import numpy as np
import pytest
from PIL import Image

from gan.faces.quality import sums_of_squares
from gan.picture_measures import flat
from tests.helpers import COURSE_DATA, ROOT, needs_course_data

DATA = ROOT / "data"
NPY, CSV = "small_res_faces_10000.npy", "faces_attributes.csv"

specification = importlib.util.spec_from_file_location("make_faces", DATA / "make_faces.py")
make_faces = importlib.util.module_from_spec(specification)
specification.loader.exec_module(make_faces)


def draw(folder, *arguments):
    """Run the script in this process; returns the pictures, the table's text and what was printed."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        make_faces.main(["--out", str(folder), *map(str, arguments)])
    return np.load(folder / NPY), (folder / CSV).read_text() if (folder / CSV).exists() else None, out.getvalue()


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def sixty(tmp_path_factory):
    """A folder with 60 faces drawn from seed 7, as a user calls the script."""
    folder = tmp_path_factory.mktemp("faces")
    done = subprocess.run([sys.executable, str(DATA / "make_faces.py"), "--out", str(folder / "new"), "--count", "60",
                           "--seed", "7"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    assert re.findall(r"^(.*)  sha256 (\w{64})$", done.stdout, flags=re.MULTILINE) == [
        (str(folder / "new" / name), checksum(folder / "new" / name)) for name in (CSV, NPY)]
    return folder / "new"


# ------------------------------------------------------------------- the files

def test_files_of_a_small_run(sixty):
    """A run leaves the pictures as uint8 (count, 16, 16) and a table with a row of numbers for each."""
    assert {path.name for path in sixty.iterdir()} == {NPY, CSV}
    pictures = np.load(sixty / NPY)
    assert pictures.dtype == np.uint8 and pictures.shape == (60, 16, 16)
    assert len(np.unique(pictures.reshape(60, -1), axis=0)) == 60 and pictures.std(axis=(1, 2)).min() > 10
    header, *rows = (sixty / CSV).read_text().splitlines()
    assert header.split(",") == list(make_faces.STORED) and len(rows) == 60
    values = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    assert values.shape == (60, 24) and np.isfinite(values).all()
    for name in ("male", "bald", "hat", "glasses", "dark_glasses"):
        assert set(values[:, make_faces.STORED.index(name)]) <= {0, 1}


def test_a_seed_gives_the_same_files(sixty, tmp_path):
    """The same seed gives the same bytes, another seed other faces."""
    draw(tmp_path / "same", "--count", 60, "--seed", 7)
    assert all((tmp_path / "same" / name).read_bytes() == (sixty / name).read_bytes() for name in (NPY, CSV))
    pictures, text, _ = draw(tmp_path / "other", "--count", 60, "--seed", 8)
    assert text != (sixty / CSV).read_text()
    assert np.mean(pictures == np.load(sixty / NPY)) < .1


def test_checksums_of_the_shipped_files():
    """The shipped files are those whose checksums data/README.md names."""
    named = dict(re.findall(r"^\| `([^`]+)` \|.*\| `(\w{64})` \|$", (DATA / "README.md").read_text(), re.MULTILINE))
    assert named == {name: checksum(DATA / name) for name in (NPY, CSV, "generator.h5", "discriminator.h5")}


def test_the_script_draws_the_shipped_faces():
    """The default seed gives the whole shipped table and the first pictures of the shipped file, bit by bit.

    The pictures are drawn in batches, one after the other, so the first are known without the rest. The same bits come
    from NumPy 1.26 and 2.
    """
    rng = np.random.default_rng(2024)
    attributes = make_faces.draw_attributes(10000, rng)
    table = io.BytesIO()
    make_faces.save_table(table, attributes)
    assert table.getvalue() == (DATA / CSV).read_bytes()
    first = make_faces.draw_faces({name: values[:100] for name, values in attributes.items()}, rng)
    np.testing.assert_array_equal(first, np.load(DATA / NPY)[:100])


def test_sheet(tmp_path):
    """--sheet saves the first 100 faces side by side, enlarged five times."""
    pictures, _, out = draw(tmp_path, "--count", 12, "--sheet", tmp_path / "sheet.png")
    assert str(tmp_path / "sheet.png") in out and len(list(tmp_path.iterdir())) == 3
    with Image.open(tmp_path / "sheet.png") as sheet:
        grey = np.asarray(sheet.convert("L"))
    assert grey.shape == (850, 850)
    for i in (0, 9, 10):
        row, column = divmod(i, 10)
        found = grey[row * 85:, column * 85:][:80, :80]
        np.testing.assert_allclose(found[2::5, 2::5].astype(float), pictures[i], atol=1)
    assert (grey[2 * 85:] == 255).all()


# ---------------------------------------------------------------- the pictures

def one_change(monkeypatch, attribute, values, camera):
    """50 upright faces drawn twice with the same stream, but for one attribute; with or without the camera."""
    if not camera:
        monkeypatch.setattr(make_faces.face_renderer, "camera", lambda picture, a, grain, side, meter:
                            150 / 255 * picture.reshape(-1, 16, 4, 16, 4).mean((2, 4)))
    attributes = make_faces.draw_attributes(50, np.random.default_rng(1))
    for name in ("roll", "yaw", "pitch", "shift_x", "shift_y", "hat", "dark_glasses", "beard"):
        attributes[name] = np.zeros(50)
    attributes["zoom"] = np.ones(50)
    return [make_faces.draw_faces({**attributes, attribute: np.full(50, value)}, np.random.default_rng(5)).astype(float)
            for value in values]


@pytest.mark.parametrize("attribute, values, changed, unchanged", [
    ("glasses", (0., 1.), np.s_[:, 6:8, 3:13], [np.s_[:, :3], np.s_[:, 11:]]),
    ("smile", (-.3, 1.), np.s_[:, 11:14, 5:11], [np.s_[:, :3], np.s_[:, :, 0], np.s_[:, :, 15]]),
    ("beard", (0., .9), np.s_[:, 13:15, 6:10], [np.s_[:, :7]]),
    ("hat", (0., 1.), np.s_[:, :3, 4:12], [np.s_[:, 10:]]),
    ("background_left", (0., 1.), np.s_[:, :3, 0], [np.s_[:, 6:11, 6:10]]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_one_attribute_changed(monkeypatch, attribute, values, changed, unchanged):
    """The same stream with one attribute changed gives the same face, changed only where the attribute shows.

    That is exact before the camera, whose exposure depends on the whole picture; with it, the rest moves a little.
    """
    low, high = one_change(monkeypatch, attribute, values, camera=True)
    strong = np.abs(high - low)[changed].mean()
    assert strong > 20
    for part in unchanged:
        assert np.abs(high - low)[part].mean() < .3 * strong
    low, high = one_change(monkeypatch, attribute, values, camera=False)
    assert np.abs(high - low)[changed].mean() > 10
    for part in unchanged:
        np.testing.assert_array_equal(low[part], high[part])


def test_the_stream_is_used_equally():
    """Whatever the attributes, a batch takes the same amount of random numbers."""
    attributes, after = make_faces.draw_attributes(3, np.random.default_rng(1)), set()
    for value in (None, 0., 1.):
        for name in ("glasses", "smile", "hat", "beard", "bald", "background_texture", "oddity", "noise"):
            attributes[name] = attributes[name] if value is None else np.full(3, value)
        rng = np.random.default_rng(9)
        make_faces.draw_faces(attributes, rng)
        after.add(rng.random())
    assert len(after) == 1


def correlation(a, b):
    """The correlation of pixels a with pixels b over the pictures, mean over the pixels."""
    a, b = ((flat(part) - flat(part).mean(axis=0)) / flat(part).std(axis=0) for part in (a, b))
    return np.mean(a * b)


def variance_in(pictures, *counts):
    """The share of the variance in the first principal components, in percent."""
    variances = np.linalg.eigvalsh(np.cov(flat(pictures), rowvar=False))[::-1]
    return ", ".join(f"{100 * variances[:count].sum() / variances.sum():.0f} %" for count in counts)


def squares(pictures):
    sums = sums_of_squares(pictures)
    return f"{np.median(sums):.1f}, {sums.std():.1f}"


STATISTICS = {  # a row of the table in data/README.md, and the text that belongs there
    "mean, standard deviation of all pixels": lambda p: f"{p.mean():.1f}, {p.std():.1f}",
    "standard deviation of a pixel, mean over the pixels": lambda p: f"{p.std(axis=0).mean():.1f}",
    "variance in the first 1, 5, 10 principal components": lambda p: variance_in(p, 1, 5, 10),
    "in the first 49, 128": lambda p: variance_in(p, 49, 128),
    "sum of squares of 49 standardised coordinates: median, standard deviation": squares,
    "correlation of neighbouring pixels, across and down": lambda p: ", ".join(
        f"{correlation(*pair):.2f}".lstrip("0") for pair in ((p[:, :, 1:], p[:, :, :-1]), (p[:, 1:], p[:, :-1]))),
}


def documented(column):
    """The rows of the table of statistics in data/README.md with the text in a column."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in (DATA / "README.md").read_text().split("Statistics of both:")[1].split("##")[0].splitlines()
            if line.startswith("|")][2:]
    return {row[0]: row[column] for row in rows}


def test_the_rows_of_the_statistics():
    """Every row of the table of statistics in data/README.md is recomputed below."""
    assert list(documented(1)) == list(STATISTICS)


@pytest.mark.parametrize("row", STATISTICS)
def test_statistics_of_the_shipped_faces(row):
    """The column "drawn faces" of data/README.md holds to the last digit."""
    assert documented(1)[row] == STATISTICS[row](np.load(DATA / NPY))


@needs_course_data
@pytest.mark.parametrize("row", STATISTICS)
def test_statistics_of_the_courses_faces(row):
    """The column "the course's faces" of data/README.md holds to the last digit."""
    assert documented(2)[row] == STATISTICS[row](np.load(COURSE_DATA / NPY))


def test_a_small_run_is_like_the_shipped_faces(sixty):
    """Faces from another seed have the mean and the spread of the shipped ones."""
    pictures = np.load(sixty / NPY).astype(float)
    # Standard errors over 60 pictures: a picture's mean varies by 31, its spread by 17.
    assert pictures.mean() == pytest.approx(121.9, abs=12)
    assert pictures.std() == pytest.approx(80.7, abs=7)


# -------------------------------------------------------------- wrong arguments

def refused(capsys, *arguments):
    """The exit code and the message of a call that must stop."""
    with pytest.raises(SystemExit) as stopped:
        make_faces.main(list(map(str, arguments)))
    err = capsys.readouterr().err
    if isinstance(stopped.value.code, str):
        assert err == ""
        return 1, stopped.value.code
    return stopped.value.code, err.strip().split("\n")[-1]


@pytest.mark.parametrize("arguments, sentence", [
    (["--count", "0"], "--count must be a positive number of faces."),
    (["--count", "-3"], "--count must be a positive number of faces."),
    (["--count", "many"], "argument --count: invalid int value: 'many'"),
    (["--seed", "-1"], "--seed must not be negative."),
    (["--sheet", "nowhere/faces.png"], "--sheet: there is no folder nowhere."),
])
def test_wrong_arguments(capsys, tmp_path, monkeypatch, arguments, sentence):
    """A wrong argument ends the script with one sentence and exit code 2, before anything is made."""
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, "--out", "new", "--count", 3, *arguments) == (2, f"{prog()}: error: {sentence}")
    assert list(tmp_path.iterdir()) == []


def prog():
    return sys.argv[0].rsplit("/", 1)[-1]


def test_a_file_in_place_of_the_folder(capsys, tmp_path):
    """A file named by --out is left as it is."""
    (tmp_path / "file").write_text("kept")
    code, message = refused(capsys, "--out", tmp_path / "file", "--count", 3)
    assert code == 2 and message.endswith(f"error: the folder {tmp_path / 'file'} cannot be made: File exists.")
    assert (tmp_path / "file").read_text() == "kept" and len(list(tmp_path.iterdir())) == 1


def test_without_matplotlib(capsys, tmp_path, monkeypatch):
    """--sheet without matplotlib says what to install before it draws."""
    monkeypatch.setitem(sys.modules, "matplotlib.image", None)
    code, message = refused(capsys, "--out", tmp_path / "new", "--count", 3, "--sheet", tmp_path / "faces.png")
    assert code == 2 and message.endswith("error: --sheet needs matplotlib: pip install matplotlib")
    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------- broken writing

@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_write_that_fails(capsys, tmp_path, monkeypatch, error):
    """When writing fails half way, both old files stay whole and still belong together, and nothing else is left."""
    draw(tmp_path, "--count", 3)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def half(file, pictures):
        file.write(b"half")
        raise error

    monkeypatch.setattr(np, "save", half)
    if isinstance(error, OSError):
        assert refused(capsys, "--out", tmp_path, "--count", 4) == (
            1, f"make_faces: {tmp_path / NPY} cannot be written: No space left on device.")
    else:
        with pytest.raises(KeyboardInterrupt):
            make_faces.main(["--out", str(tmp_path), "--count", "4"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_in_place_of_a_file(capsys, tmp_path):
    """A folder with the name of a file to be written is named in one sentence, and nothing is written."""
    (tmp_path / NPY).mkdir()
    code, message = refused(capsys, "--out", tmp_path, "--count", 3)
    assert code == 1 and message.startswith(f"make_faces: {tmp_path / NPY} cannot be written: ")
    assert "\n" not in message and [path.name for path in tmp_path.iterdir()] == [NPY]


# ----------------------------------------------------------------- photographs

def photographs(home):
    """A folder as scikit-learn's loader of LFW keeps it, with five photographs; returns their grey block averages."""
    rng = np.random.default_rng(3)
    lfw = home / "lfw_home"
    for name, count in (("Ada_Able", 2), ("Bo_Baker", 3)):
        folder = lfw / "lfw_funneled" / name
        folder.mkdir(parents=True)
        for i in range(count):
            rough = rng.integers(0, 256, (25, 25, 3)).astype("uint8")  # patches of 10 x 10 points show a wrong crop
            Image.fromarray(rough).resize((250, 250), Image.NEAREST).save(folder / f"{name}_{i + 1:04d}.jpg")
    for name in ("pairs.txt", "pairsDevTrain.txt", "pairsDevTest.txt"):
        (lfw / name).write_text("")
    expected = []
    for path in sorted(lfw.rglob("*.jpg")):
        with Image.open(path) as photograph:
            grey = np.asarray(photograph, "float64").mean(axis=2)
        expected.append([[grey[64 + 8 * i:72 + 8 * i, 61 + 8 * j:69 + 8 * j].mean() for j in range(16)]
                         for i in range(16)])
    return np.array(expected)


@pytest.mark.parametrize("count", [3, 5, 60])
def test_photographs(tmp_path, count):
    """--from-lfw keeps the middle of each photograph as block averages, in a random order, without repetition."""
    expected = photographs(tmp_path / "home")
    pictures, table, out = draw(tmp_path / "out", "--from-lfw", "--lfw-home", tmp_path / "home", "--count", count)
    assert pictures.dtype == np.uint8 and pictures.shape == (min(count, 5), 16, 16) and table is None
    assert ("only 5 photographs there, fewer than the 60 asked for" in out) == (count == 60)
    errors = np.abs(pictures[:, None] - expected).max(axis=(2, 3))
    assert np.all(errors.min(axis=1) < .51) and len(set(errors.argmin(axis=1))) == len(pictures)
    again, _, out = draw(tmp_path / "out", "--from-lfw", "--lfw-home", tmp_path / "home", "--count", count)
    np.testing.assert_array_equal(again, pictures)
    other, _, out = draw(tmp_path / "out", "--from-lfw", "--lfw-home", tmp_path / "home", "--count", count, "--seed", 1)
    assert not np.array_equal(other, pictures)


def test_photographs_beside_an_old_table(tmp_path):
    """Photographs written beside a table of drawn faces come with a warning that it does not describe them."""
    photographs(tmp_path / "home")
    draw(tmp_path, "--count", 3)
    _, _, out = draw(tmp_path, "--from-lfw", "--lfw-home", tmp_path / "home", "--count", 3)
    assert f"the old {CSV} in that folder does not describe these photographs" in out


def test_without_scikit_learn(tmp_path):
    """--from-lfw where scikit-learn is not installed says what to install, in one sentence."""
    code = ("import runpy, sys; sys.modules['sklearn'] = None; sys.argv = sys.argv[1:]; "
            "runpy.run_path(sys.argv[0], run_name='__main__')")
    done = subprocess.run([sys.executable, "-c", code, str(DATA / "make_faces.py"), "--from-lfw", "--out",
                           str(tmp_path / "new")], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "make_faces: --from-lfw needs scikit-learn and Pillow: pip install scikit-learn pillow\n"
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("error", [
    URLError("Name or service not known"), OSError("The checksum of lfw.tgz differs from expected"),
    TimeoutError("timed out"), tarfile.ReadError("not a gzip file"), ImportError("Pillow is required"),
    RuntimeError("Failed to read the image file"),
], ids=lambda error: type(error).__name__)
def test_photographs_that_cannot_be_downloaded(capsys, tmp_path, monkeypatch, error):
    """Without the photographs and without a network the script says so in one sentence and writes nothing."""
    asked = []

    def fetch(download_if_missing, **options):
        asked.append(download_if_missing)
        raise error if download_if_missing else OSError("lfw-funneled.tgz is missing")

    monkeypatch.setattr("sklearn.datasets.fetch_lfw_people", fetch)
    code, message = refused(capsys, "--from-lfw", "--out", tmp_path)
    assert asked == [False, True] and code == 1 and "\n" not in message and str(error) in message
    assert message.startswith("make_faces: the LFW photographs could not be read or downloaded (no internet?): ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["nobody", "grey photographs"])
def test_photographs_that_do_not_fit(capsys, tmp_path, content):
    """A folder without photographs, or with grey ones, which the loader cannot read, ends in one sentence."""
    photographs(tmp_path / "home")
    for path in (tmp_path / "home").rglob("*.jpg"):
        if content == "nobody":
            path.unlink()
        else:
            Image.new("L", (250, 250)).save(path)
    code, message = refused(capsys, "--from-lfw", "--lfw-home", tmp_path / "home", "--out", tmp_path / "out")
    assert code == 1 and "\n" not in message and message.startswith("make_faces: the LFW photographs could not be read")
    assert list((tmp_path / "out").iterdir()) == []
