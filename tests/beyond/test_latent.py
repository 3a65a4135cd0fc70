"""The room `latent`: experiments on generators whose answers are known, and the script from end to end."""

import re

import numpy as np
import pytest
from PIL import Image

from beyond import latent
from beyond.common import pairs
from gan.picture_measures import flat
from tests.beyond.short import eagerly


def generate(codes):
    """A generator whose picture is its latent vector."""
    return np.asarray(codes, "float64").reshape(-1, 10, 10, 1)


class KnowingReader:
    """Reads the first coordinates: the largest of four is the hair, two are its colour, the signs of two the rest."""

    def hair(self, pictures):
        return np.argmax(flat(pictures)[:, :4], axis=1)

    def colour(self, pictures):
        return flat(pictures)[:, :2]

    def shows(self, name, pictures):
        return flat(pictures)[:, {"male": 4, "glasses": 5, "smile": 6, "red hair": 3}[name]] > 0


def drawn(count=4000, seed=3):
    return np.random.default_rng(seed).normal(size=(count, latent.LATENT))


READER = KnowingReader()


def test_means_and_mixtures():
    """What nine vectors have in common their mean has too, at any length; half-way lies half-way."""
    found = latent.group_means(generate, READER, drawn())
    assert found["means keep the hair"] > .98 and found["lengthened means"] == found["means keep the hair"]
    found = latent.mixtures(generate, READER, drawn())
    assert found == {"mixtures between": 1., "place on the way": pytest.approx(.5)}
    assert np.linalg.norm(latent.lengthened(drawn(5)), axis=1) == pytest.approx(10)


def test_a_generator_that_shows_one_kind():
    """Nothing to mix and no men to count with: the figures are not numbers, and nothing stops."""
    def one(codes):
        return generate(np.eye(latent.LATENT)[[2] * len(codes)])

    found = {**latent.mixtures(one, READER, drawn(50)), **latent.arithmetic(one, READER, drawn(50))}
    assert np.isnan(found["place on the way"]) and np.isnan(found["arithmetic, means of three"])
    assert found["any fake"] == 0


def test_arithmetic():
    """Where attributes are coordinates, a man with glasses - a man + a woman is a woman with glasses."""
    codes = np.sign(drawn())
    found = latent.arithmetic(generate, READER, codes)
    assert found["any fake"] == pytest.approx(.25, abs=.03)
    assert found["arithmetic, means of three"] == found["arithmetic, single vectors"] == 1
    groups = latent.triples(READER, codes, generate(codes), 3)
    assert [(np.all(group[:, :, 4] == male), np.all(group[:, :, 5] == glasses)) for group, male, glasses in zip(
        groups, (1, 1, -1), (1, -1, -1))] == [(True, True)] * 3
    assert len({len(group) for group in groups}) == 1 and groups[0].shape[1:] == (3, latent.LATENT)


@pytest.mark.parametrize("filler, expected", [
    ("Hanning window", np.hanning(10)), ("zeros", np.zeros(10)), ("ones", np.ones(10)),
    ("noise", np.random.default_rng(7).normal(size=10))])
def test_overwritten(filler, expected):
    """Ten coordinates are replaced at each place, all others stay; as listed, the earlier places stay replaced."""
    code = drawn(1)[0]
    made = latent.overwritten(code, [0, 20, 90], 10, filler, np.random.default_rng(7))
    kept = [np.setdiff1d(np.arange(100), np.arange(start, start + 10)) for start in (0, 20, 90)]
    for row, others in zip(made, kept):
        np.testing.assert_array_equal(row[others], code[others])
    np.testing.assert_array_equal(made[0, :10], expected)
    piled = latent.overwritten_as_listed(code, [0, 20, 90], 10, filler, np.random.default_rng(7))
    np.testing.assert_array_equal(piled[0], made[0])
    np.testing.assert_array_equal(piled[2, :10], expected)
    assert [int(np.sum(row != code)) for row in piled] == [10, 20, 30] and np.all(code == drawn(1)[0])


def test_how_much_overwriting_changes():
    """A linear generator is changed as reckoned, and a mean, which is short, by ones more than by zeros."""
    found = latent.overwriting(generate, READER, drawn(1000), np.random.default_rng(1))
    for name, variance in (("a draw", 2.), ("a mean", 1 + 1 / 9)):
        for count in (10, 20):
            assert found[f"{count} of {name}, noise"] == pytest.approx(np.sqrt(count * variance / 200), rel=.1)
    assert found["20 of a mean, zeros"] == pytest.approx(np.sqrt(20 / 9 / 200), rel=.1)
    assert found["20 of a mean, ones"] > 2.5 * found["20 of a mean, zeros"]


def test_directions():
    """An attribute that is a coordinate has that axis as its direction, and along it the attribute comes and goes."""
    real = drawn(600, 5)
    learned = latent.Faces(generate(real), None, {name: READER.shows(name, generate(real))
                                                  for name in latent.DIRECTIONS})
    found = latent.directions(generate, learned, drawn(1000))
    for name, coordinate in (("male", 4), ("glasses", 5), ("smile", 6), ("red hair", 3)):
        assert np.argmax(np.abs(found[name])) == coordinate and found[name][coordinate] > .8
    seen = latent.along(generate, READER, found, drawn(400, 8))
    assert seen["glasses, less"] < .05 and seen["glasses, more"] > .95 and seen["weight of ten coordinates"] > .7
    codes = latent.moved(drawn(20), found["male"], 2.5)
    np.testing.assert_allclose(codes @ found["male"], 2.5)
    np.testing.assert_allclose(codes - drawn(20), np.outer((codes - drawn(20)) @ found["male"], found["male"]),
                               atol=1e-9)


@pytest.fixture(scope="module")
def parts():
    """Few faces, drawn once."""
    with pytest.MonkeyPatch.context() as patch:
        for name, count in (("LEARNED", 60), ("READ", 40), ("HELD_OUT", 20)):
            patch.setattr(latent, name, count)
        return latent.faces()


@pytest.fixture
def few(monkeypatch, parts):
    """These faces, few trials, no graphs."""
    monkeypatch.setattr(latent, "faces", lambda **options: parts)
    monkeypatch.setattr(latent, "LEARNED", len(parts[0].pictures))
    eagerly(monkeypatch)
    experiments = latent.experiments
    monkeypatch.setattr(latent, "experiments", lambda *arguments: experiments(*arguments, count=300))


def test_faces_and_their_reader(parts):
    """The faces show what they are said to show, another part for each use; the reader knows what it learned from."""
    assert [len(part.pictures) for part in parts] == [60, 40, 20] and parts[0].pictures.shape[1:] == (16, 16, 3)
    hair = np.concatenate([part.hair for part in parts])
    assert set(hair) == {0, 1, 2, 3}
    assert np.all(parts[1].shows["golden hair"] == (parts[1].hair == 2))
    for part in parts[1:]:
        assert np.abs(part.pictures[:20] - parts[0].pictures[:20]).mean() > .05
    top = parts[0].pictures[:, 1:3, 5:11].mean(axis=(1, 2))  # hair: red - blue tells golden and red from the rest
    warm = top[:, 0] - top[:, 2]
    assert warm[parts[0].hair >= 2].mean() > warm[parts[0].hair < 2].mean() + .1
    reader = latent.Reader(parts[0], parts[2])
    assert list(reader.accuracy) == ["glasses", "male", "smile", "hair"]
    assert np.mean(reader.hair(parts[0].pictures) == parts[0].hair) > .8
    np.testing.assert_array_equal(reader.shows("red hair", parts[2].pictures), reader.hair(parts[2].pictures) == 3)
    assert reader.colour(parts[2].pictures).shape == (20, 2)


def test_without_the_renderer(monkeypatch):
    """Where the package was installed without its folder data, one sentence says so."""
    monkeypatch.setattr(pairs, "renderer", None)
    with pytest.raises(SystemExit, match="^data: expected the package's folder data"):
        latent.main(["--no-show"])


def test_script(capsys, tmp_path, few):
    """It trains, measures and draws; with --resume it measures the same generator again."""
    command = ["--epochs", "1", "--steps", "2", "--batch", "4", "--filters", "2", "--no-show", "--out", str(tmp_path)]
    figures = latent.main(command)
    out = capsys.readouterr().out
    saved = sorted(tmp_path.glob("latent-*.png"))
    assert len(saved) == len(figures) == 7 and out.count("\nsaved ") == 7
    for path in saved:
        with Image.open(path) as picture:
            assert min(picture.size) > 100
    for line in ("the reader is right", "means: ", "mixtures: ", "arithmetic: ", "overwritten: ", "directions: ",
                 "small steps: "):
        assert re.search(rf"^{line}", out, flags=re.MULTILINE)


def test_resumed_and_measured(capsys, tmp_path, few, monkeypatch):
    """--resume of a training that is over has the same averaged generator; what is claimed are numbers."""
    kept = []
    monkeypatch.setattr(latent, "experiments", lambda generate, *rest: kept.append(generate(drawn(3))) or {})
    for name in ("groups", "mixtures", "arithmetic", "overwritten", "directions"):
        monkeypatch.setattr(latent, f"visualize_{name}", lambda *arguments: None)
    monkeypatch.setattr("gan.script.finish", lambda *arguments: None)
    monkeypatch.setattr("beyond.common.script.finish", lambda *arguments: None)
    command = ["--epochs", "1", "--steps", "2", "--batch", "4", "--filters", "2", "--no-show", "--out", str(tmp_path)]
    latent.main(command)
    latent.main([*command, "--resume"])
    np.testing.assert_array_equal(*kept)
    assert kept[0].shape == (3, 16, 16, 3) and kept[0].min() >= 0 and kept[0].max() <= 1
    for name in ("EPOCHS", "FILTERS", "BATCH"):
        monkeypatch.setattr(latent, name, 2)
    found = latent.measure(1, steps=1)
    assert list(found) == ["reader, glasses", "reader, male", "reader, smile", "reader, hair"]


def test_batch_too_large(capsys, monkeypatch, few):
    """A batch of more faces than there are is refused by name and value, before a minute goes into drawing faces."""
    monkeypatch.setattr(latent, "faces", None)
    with pytest.raises(SystemExit):
        latent.main(["--batch", "61", "--no-show"])
    assert "--batch: expected at most 60, the number of faces, got 61" in capsys.readouterr().err
