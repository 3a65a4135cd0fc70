"""The web page of `0-main_44.py`: what it holds, what it computes, and what its buttons and sliders do in Chromium."""

import base64
import json
import re
import types

import numpy as np
import pytest
from tensorflow import keras

from gan.faces.page import KINDS, embedded, write_page
from gan.script import set_seeds
from tests.chromium import in_chromium, needs_chromium
from tests.helpers import convolutional_GenDiscr

main_44 = __import__("0-main_44")

# Measured: at most 5e-6 between TensorFlow (float32) and both other computations, which agree to 1e-7. The smallest
# mistake, leaving out the epsilon of the batch normalisation, moves a pixel by 4e-3.
TOLERANCE = 5e-5
LATENT = np.random.default_rng(7).normal(size=(5, 16)) * [[1], [1], [1], [3], [30]]
SEED, OTHER_SEED = 5, 7
DIRECTIONS = {"smile": np.eye(16)[2], "age": np.full(16, .25)}
REAL = np.random.default_rng(8).integers(0, 256, size=(211, 16, 16)) / 255  # more than the page takes


@pytest.fixture(scope="module")
def networks():
    """Untrained networks with biases and batch normalisations that are not those of the start."""
    set_seeds(3)
    draw = np.random.default_rng(3)
    networks = convolutional_GenDiscr()
    for network in networks:
        for layer in network.layers:
            arrays = layer.get_weights()
            arrays[1:2] = [draw.normal(size=array.shape) * .1 for array in arrays[1:2]]  # bias; beta
            if isinstance(layer, keras.layers.BatchNormalization):
                gamma, beta, mean, variance = arrays
                arrays = [draw.normal(1, .5, size=gamma.shape), beta, draw.normal(.1, .05, size=mean.shape),
                          draw.uniform(.1, 1, size=variance.shape)]
            layer.set_weights(arrays)
    return networks


@pytest.fixture(scope="module")
def faces(networks):
    """TensorFlow's pictures (k, 256) and values (k,) of latent vectors (k, 16)."""
    def compute(latent):
        made = networks[0](np.asarray(latent, "float32"), training=False)
        return np.asarray(made).reshape(-1, 256), np.asarray(networks[1](made, training=False))[:, 0]
    return compute


@pytest.fixture(scope="module")
def page(networks, tmp_path_factory):
    """The page of these networks, as a file."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(path, *networks, seed=SEED, real_faces=REAL, directions=DIRECTIONS)
    return path


# ---------------------------------------------------------- without a browser

def element(text, name):
    """The text of the script element of this id."""
    return re.search(rf'<script [^>]*id="{name}">(.*?)</script>', text, re.DOTALL)[1]


def execute(layers, weights, x):
    """The layers as the page describes them, in NumPy; x of shape (batch, ...)."""
    for layer in layers:
        w = {name: weights[at["offset"]:][:np.prod(at["shape"])].reshape(at["shape"])
             for name, at in layer["weights"].items()}
        assert list(x.shape[1:]) == layer["input"]
        if layer["kind"] == "Dense":
            x = x @ w["kernel"] + w["bias"]
        elif layer["kind"] == "Conv2D":
            height, width = x.shape[1:3]
            x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            x = w["bias"] + sum(x[:, i:i + height, j:j + width] @ w["kernel"][i, j] for i in range(3) for j in range(3))
        elif layer["kind"] == "BatchNormalization":
            x = w["gamma"] * (x - w["mean"]) / np.sqrt(w["variance"] + layer["epsilon"]) + w["beta"]
        elif layer["kind"] == "UpSampling2D":
            x = np.kron(x, np.ones((1, 2, 2, 1)))
        elif layer["kind"] == "MaxPooling2D":
            x = np.max([x[:, i::2, j::2] for i in range(2) for j in range(2)], axis=0)
        else:
            x = x.reshape(-1, *layer["output"])
        x = np.tanh(x) if layer.get("activation") == "tanh" else x
        assert list(x.shape[1:]) == layer["output"]
    return x


def test_the_page_holds_both_networks(page, faces):
    """The layers and weights in the page give TensorFlow's pictures and values; every kind of layer occurs."""
    text = page.read_text(encoding="utf-8")
    described = json.loads(element(text, "networks"))
    weights = np.frombuffer(base64.b64decode(element(text, "weights"), validate=True), "<f4")
    assert weights.shape == (339493 + 388097,)
    assert {layer["kind"] for layers in described.values() for layer in layers} == set(KINDS)
    made = execute(described["generator"], weights, LATENT)
    values = execute(described["discriminator"], weights, made)
    pictures, verdicts = faces(LATENT)
    assert np.ptp(pictures, axis=0).max() > .5 and np.ptp(verdicts) > .02  # not all the same
    np.testing.assert_allclose(made.reshape(-1, 256), pictures, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(values[:, 0], verdicts, rtol=0, atol=TOLERANCE)


def test_the_page_needs_nothing_else(page):
    """The page names no address and no other file, and all its marks are filled in."""
    text = page.read_text(encoding="utf-8").replace(element(page.read_text(encoding="utf-8"), "weights"), "")
    assert not re.findall(r"https?:|\ssrc\s*=|\burl\(|@import|\bimport\b|fetch\(|XMLHttpRequest|\{\{", text)
    assert re.findall(r'href="([^"]*)"', text) == ["data:,"]


def test_embedded_text_cannot_end_its_element():
    """JSON in the page has no "<", and is still the same value."""
    value = {"</script><!--<script>": ["<", "\u2028", .1]}
    assert "<" not in embedded(value) and json.loads(embedded(value)) == value


def chain(shape, *layers):
    """A network of these layers on an input of this shape."""
    return keras.Sequential([keras.Input(shape), *layers])


def branched():
    """A generator with a layer that is not fed by the one before it."""
    layers = keras.layers
    inputs = keras.Input((16,))
    first = layers.Dense(256)(inputs)
    return keras.Model(inputs, [layers.Activation("tanh")(first), layers.Reshape((16, 16, 1))(first)])


L = keras.layers
WRONG = {
    "kind": (lambda: chain((16,), L.Dense(256), L.LeakyReLU(), L.Reshape((16, 16, 1))), "LeakyReLU"),
    "subclass": (lambda: chain((16,), type("Dense", (L.Dense,), {})(256), L.Reshape((16, 16, 1))), "kind Dense"),
    "activation": (lambda: chain((16,), L.Dense(256, activation="relu"), L.Reshape((16, 16, 1))), "activation='relu'"),
    "no bias": (lambda: chain((16,), L.Dense(256, use_bias=False), L.Reshape((16, 16, 1))), "use_bias=False"),
    "strides": (lambda: chain((32, 32, 1), L.Conv2D(1, 3, strides=2, padding="same")), r"strides=\(2, 2\)"),
    "kernel": (lambda: chain((16, 16, 1), L.Conv2D(1, 5, padding="same")), r"kernel_size=\(5, 5\)"),
    "bilinear": (lambda: chain((8, 8, 1), L.UpSampling2D(interpolation="bilinear")), "interpolation='bilinear'"),
    "pixels": (lambda: chain((16, 16, 2), L.Dense(1)), "on vectors only"),
    "branch": (branched, "chain"),
    "not fitting": (lambda: chain((16,), L.Dense(64), L.Reshape((8, 8, 1))), r"\[8, 8, 1\]"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_the_page_cannot_compute(wrong, tmp_path):
    """Another layer, another option of a layer or networks that do not fit: a ValueError names it; no file appears."""
    make, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        write_page(tmp_path / "page.html", make(), convolutional_GenDiscr()[1])
    assert not list(tmp_path.iterdir())


def test_the_real_faces_in_the_page(page):
    """A hundred of the real faces, evenly over all and to the last grey value, are in the page for the game."""
    stored = np.frombuffer(base64.b64decode(element(page.read_text(encoding="utf-8"), "real"), validate=True), "uint8")
    wanted = np.rint(255 * REAL[np.linspace(0, 210, 100).round().astype(int)])
    np.testing.assert_array_equal(stored.reshape(-1, 16, 16), wanted)


@pytest.mark.parametrize("direction", [np.ones(16), np.full(15, 15 ** -.5), np.zeros(16), np.full(16, np.nan)])
def test_directions_that_are_none(networks, tmp_path, direction):
    """A direction that is no unit vector of the latent space is refused in one sentence; no file appears."""
    with pytest.raises(ValueError, match=r"^directions: expected unit vectors of shape \(16,\), got 'smile' of shape "):
        write_page(tmp_path / "page.html", *networks, directions={"smile": direction})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(0, 16, 16), (3, 16, 15), (16, 16), (3, 16, 16, 1)])
def test_real_faces_that_are_none(networks, tmp_path, shape):
    """Real faces of another shape than the generator's are refused in one sentence; no file appears."""
    with pytest.raises(ValueError, match=r"^real_faces: expected pictures of shape \(n, 16, 16\), got "):
        write_page(tmp_path / "page.html", *networks, real_faces=np.zeros(shape))
    assert not list(tmp_path.iterdir())


def test_main_44(networks, page, tmp_path, monkeypatch, capsys):
    """The script writes the page of its networks and seed, prints its path, and returns it."""
    G = types.SimpleNamespace(generator=networks[0], discriminator=networks[1])
    monkeypatch.setattr(main_44, "pretrained", lambda options: (G, None, types.SimpleNamespace(pictures=REAL)))
    monkeypatch.setattr(main_44, "directions", lambda *arguments: DIRECTIONS)
    path = tmp_path / "0-main_44.html"
    assert main_44.main(["--out", str(tmp_path), "--no-show", "--seed", str(SEED)]) == [path]
    out = capsys.readouterr().out
    assert f"saved {path}" in out and len(re.findall(r"^What you see: [^.]+\.$", out, flags=re.MULTILINE)) == 1
    assert path.read_bytes() == page.read_bytes() and list(tmp_path.iterdir()) == [path]


def test_the_directions_of_main_44(tmp_path):
    """The page of the stored weights has a slider for smile, glasses and age; unknown faces have none."""
    path, = main_44.main(["--out", str(tmp_path), "--no-show"])
    found = json.loads(element(path.read_text(encoding="utf-8"), "directions"))
    assert list(found) == ["smile", "glasses", "age"]
    angles = np.array(list(found.values())) @ np.array(list(found.values())).T
    np.testing.assert_allclose(np.diag(angles), 1, atol=1e-9)
    assert np.abs(angles - np.eye(3)).max() < .9  # three different ones
    assert main_44.directions(None, types.SimpleNamespace(origin="other faces"), 0) == {}


# ---------------------------------------------------------------- in Chromium

HELP = """
  const pixels = selector => Array.from(one(selector + " canvas").getContext("2d").getImageData(0, 0, 16, 16).data)
    .filter((byte, i) => i % 4 === 0);
  const look = () => ({ latent: gan.latent, pixels: pixels("#face"), value: one("#value").textContent });
"""

DRIVE = """
  report.pictures = LATENT.map(latent => Array.from(gan.generate(latent)));
  report.values = report.pictures.map(gan.discriminate);
  report.unnamed = [...document.querySelectorAll("button, input")].filter(element => element.tabIndex < 0 ||
    !(element.ariaLabel || element.textContent || element.labels[0].textContent)).length;
  report.smooth = one("#face canvas").width;
  one("#smooth").click();
  report.crisp = one("#face canvas").width;
  report.looks = { start: look() };
  for (const id of ["new", "face", "zero"]) { one("#" + id).click(); report.looks[id] = look(); }
  for (const name of ["A", "B", "C"]) {
    one("#new").click();
    one("#" + name + " button").click();
    report.looks[name] = { ...look(), pixels: pixels("#" + name) };
  }
  report.result = { latent: gan.result(), pixels: pixels("#result") };
  one("#result button").click();
  report.looks.shown = look();
  one("#z3").value = "2.5";
  one("#z3").dispatchEvent(new Event("input", { bubbles: true }));
  report.looks.slider = { ...look(), number: one("#z3-value").textContent };
  const change = (selector, value) => {
    one(selector).value = value;
    one(selector).dispatchEvent(new Event("input", { bubbles: true }));
  };
  one("#new").click();
  report.before = look();
  change("#age", "2.5");
  report.older = { ...look(), number: one("#age-value").textContent, smile: one("#smile-value").textContent };
  const grey = id => Array.from(one("#" + id).getContext("2d").getImageData(0, 0, 16, 16).data)
    .filter((byte, i) => i % 4 === 0);
  report.ends = [grey("from"), grey("to")];
  change("#share", "0.25");
  report.quarter = { latent: gan.between(), pixels: grey("between"), percent: one("#percent").textContent };
  one("#walk").click();
  await new Promise(resolve => setTimeout(resolve, 500));
  report.walked = [one("#share").valueAsNumber, one("#walk").textContent];
  one("#walk").click();
  change("#share", "1");
  one("#show-between").click();
  report.shownB = gan.latent;
  report.game = [];
  for (let i = 0; i < 24; i++) {
    const { real } = gan.game, said = i % 3 > 0;
    report.game.push({ real, said, pixels: grey("riddle") });
    one(said ? "#say-real" : "#say-fake").click();
    Object.assign(report.game[i], { score: one("#score").textContent, hidden: one("#say-real").hidden });
    one("#next").click();
  }
  while (gan.fakes.length < 300) await new Promise(resolve => setTimeout(resolve, 20));
  Object.assign(report, { fakes: gan.fakes, rank: one("#rank").textContent, marker: one("#marker").style.left,
                          loads: performance.getEntriesByType("resource").length, seed: gan.seed });
""".replace("LATENT", json.dumps(LATENT.tolist()))

EQUAL = """
  while (gan.fakes.length < 300) await new Promise(resolve => setTimeout(resolve, 20));
  one("#new").click();
  Object.assign(report, { rank: one("#rank").textContent, hidden: one("#marker").hidden });
"""

TIME = """
  report.latent = gan.latent;
  report.seed = gan.seed;
  report.wider = document.documentElement.scrollWidth - innerWidth;
  report.ms = Array.from({ length: 50 }, () => {
    const start = performance.now();
    gan.generate(gan.latent);
    return performance.now() - start;
  });
"""


@pytest.fixture(scope="module")
def driven(page, tmp_path_factory):
    """The report of a browser in which every button is clicked and a slider is moved."""
    return in_chromium(page, tmp_path_factory.mktemp("driven"), DRIVE, "", "--virtual-time-budget=60000", help=HELP)


def normal_numbers(seed, count):
    """The page's random numbers: Box and Muller's formula on the uniform numbers of mulberry32."""
    uniform = []
    for _ in range(2 * count):
        seed = (seed + 0x6D2B79F5) % 2**32
        t = (seed ^ seed >> 15) * (seed | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        uniform.append((t ^ t >> 14) / 2**32)
    u, v = np.reshape(uniform, (-1, 2)).T
    return np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v)


@needs_chromium
def test_the_browser_computes_what_tensorflow_does(driven, faces):
    """Pixels and values are TensorFlow's, also for latent vectors far out."""
    pictures, values = faces(LATENT)
    np.testing.assert_allclose(driven["pictures"], pictures, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(driven["values"], values, rtol=0, atol=TOLERANCE)
    assert driven["loads"] == 0


@needs_chromium
def test_what_is_shown_is_the_face_of_the_latent_vector(driven, faces):
    """After each click the picture is the generator's, the number the discriminator's."""
    for look in driven["looks"].values():
        picture, value = faces([look["latent"]])
        np.testing.assert_allclose(look["pixels"], 255 * np.clip(picture[0], 0, 1), rtol=0, atol=.51)
        assert float(look["value"].replace("\u2212", "-")) == pytest.approx(value[0], abs=.0051)
    assert (driven["smooth"], driven["crisp"]) == (256, 16)


@needs_chromium
def test_clicks_give_new_faces(driven):
    """The button and a click on the face draw new latent vectors, those of the page's own generator in its order."""
    assert driven["seed"] == SEED
    numbers = normal_numbers(SEED, 9 * 16).reshape(9, 16)  # the first face, A, B and C at the start, then the clicks
    for name, row in {"start": 0, "new": 4, "face": 5, "A": 6, "B": 7, "C": 8}.items():
        np.testing.assert_allclose(driven["looks"][name]["latent"], numbers[row], rtol=0, atol=1e-12)
    assert driven["looks"]["new"]["pixels"] != driven["looks"]["face"]["pixels"]
    assert driven["looks"]["zero"]["latent"] == [0] * 16


@needs_chromium
def test_a_slider_changes_one_coordinate(driven):
    """A moved slider sets its coordinate and no other, and the face follows."""
    before, after = driven["looks"]["shown"], driven["looks"]["slider"]
    assert after["latent"] == [*before["latent"][:2], 2.5, *before["latent"][3:]]
    assert after["number"] == "2.50" and after["pixels"] != before["pixels"]


@needs_chromium
def test_a_slider_of_an_attribute(driven, faces):
    """It changes only the part of the latent vector along its direction; the other sliders follow."""
    before, after = (np.array(driven[name]["latent"]) for name in ("before", "older"))
    np.testing.assert_allclose(after @ DIRECTIONS["age"], 2.5, atol=1e-9)
    np.testing.assert_allclose(after - before, (2.5 - before @ DIRECTIONS["age"]) * DIRECTIONS["age"], atol=1e-9)
    assert driven["older"]["number"] == "2.50" and driven["older"]["smile"] == f"{after[2]:.2f}".replace("-", "\u2212")
    np.testing.assert_allclose(driven["older"]["pixels"], 255 * np.clip(faces([after])[0][0], 0, 1), rtol=0, atol=.51)


@needs_chromium
def test_arithmetic(driven, faces):
    """The result is the face of A - B + C, and can be made the current face."""
    A, B, C = (np.array(driven["looks"][name]["latent"]) for name in "ABC")
    np.testing.assert_allclose(driven["result"]["latent"], A - B + C, rtol=0, atol=1e-12)
    picture = faces([A - B + C])[0][0]
    np.testing.assert_allclose(driven["result"]["pixels"], 255 * np.clip(picture, 0, 1), rtol=0, atol=.51)
    assert driven["looks"]["shown"]["latent"] == driven["result"]["latent"]


@needs_chromium
def test_the_way_from_one_face_to_another(driven, faces):
    """The face between A and B is that of the mixed latent vectors; it walks by itself, and can be made current."""
    A, B = (np.array(driven["looks"][name]["latent"]) for name in "AB")
    assert driven["ends"] == [driven["looks"][name]["pixels"] for name in "AB"]
    np.testing.assert_allclose(driven["quarter"]["latent"], .75 * A + .25 * B, rtol=0, atol=1e-12)
    picture = faces([driven["quarter"]["latent"]])[0][0]
    np.testing.assert_allclose(driven["quarter"]["pixels"], 255 * np.clip(picture, 0, 1), rtol=0, atol=.51)
    assert driven["quarter"]["percent"] == "25 %"
    share, label = driven["walked"]
    assert share != .25 and label == "Stop" and driven["shownB"] == B.tolist()


@needs_chromium
def test_real_or_fake(driven):
    """Half of the faces to judge are real ones of the page, each once; the answer says which, and keeps the score."""
    stored = {tuple(face.ravel()) for face in np.rint(255 * REAL).astype(int)}
    shown = [tuple(round_["pixels"]) for round_ in driven["game"]]
    assert [face in stored for face in shown] == [round_["real"] for round_ in driven["game"]]
    assert len(set(shown)) == 24 and 6 <= sum(round_["real"] for round_ in driven["game"]) <= 18
    right = 0
    for played, round_ in enumerate(driven["game"], 1):
        right += round_["said"] == round_["real"]
        assert round_["score"].startswith("Right: " if round_["said"] == round_["real"] else "Wrong: ")
        assert f"this one is {'real' if round_['real'] else 'fake'}. Score: {right} of {played};" in round_["score"]
        assert round_["hidden"]  # no second answer


@needs_chromium
def test_the_verdict(driven, faces):
    """The current face is ranked among 300 fresh fakes of the page's second stream."""
    fakes = np.sort(faces(normal_numbers(SEED ^ 0x55555555, 300 * 16).reshape(300, 16))[1])
    np.testing.assert_allclose(driven["fakes"], fakes, rtol=0, atol=TOLERANCE)
    value = faces([driven["shownB"]])[1][0]
    beaten = int(re.fullmatch(r"More convincing than (\d+) of 100 fakes.", driven["rank"])[1])
    assert beaten == pytest.approx(100 * np.mean(fakes < value), abs=1)
    place = np.clip((value - fakes[0]) / (fakes[-1] - fakes[0]), 0, 1)
    assert float(driven["marker"].rstrip("%")) == pytest.approx(100 * place, abs=.1)


@needs_chromium
def test_every_control_has_a_name(driven):
    """Buttons, sliders and the check box can be reached by keyboard and have a label."""
    assert driven["unnamed"] == 0


@needs_chromium
def test_a_seed_in_the_address_and_a_narrow_screen(page, tmp_path, record_property):
    """`?seed=N` replaces the page's seed; 400 pixels are wide enough. The time of a face is recorded, not judged."""
    report = in_chromium(page, tmp_path, TIME, f"?seed={OTHER_SEED}", "--window-size=400,800")
    assert report["seed"] == OTHER_SEED and report["wider"] <= 0
    np.testing.assert_allclose(report["latent"], normal_numbers(OTHER_SEED, 16), rtol=0, atol=1e-12)
    record_property("milliseconds of a face", float(np.median(report["ms"])))
    print(f"a face takes {np.median(report['ms']):.1f} ms in this browser (shortest {min(report['ms']):.1f})")


@needs_chromium
def test_values_that_are_all_equal(tmp_path):
    """A critic that gives every face the same value has no first and last one: the page says so, and marks no place."""
    generator, discriminator = convolutional_GenDiscr()
    discriminator.layers[-1].set_weights([np.zeros_like(array) for array in discriminator.layers[-1].get_weights()])
    write_page(tmp_path / "page.html", generator, discriminator)
    report = in_chromium(tmp_path / "page.html", tmp_path, EQUAL, "", "--virtual-time-budget=60000")
    assert report["hidden"]
    assert report["rank"].endswith("have the same value: these networks tell no face from another.")
