"""Dense GAN, DCGAN, WGAN, LSGAN, WGAN-GP, the failures and the seven losses as they run; the claims."""

import csv
import importlib
import re

import numpy as np
import pytest
from PIL import Image

from beyond import claims, losses
from beyond.common import data, training
from beyond.common import script as beyond_script
from tests.beyond.short import assert_same_record, eagerly, few_pictures, killed_in_its_second_epoch

TINY = ["--epochs", "2", "--steps", "1", "--batch", "3"]
RUNS = {
    "dense_gan": [], "dense_gan lecture": ["--network", "lecture"],
    "dcgan": ["--filters", "4"], "dcgan listed": ["--filters", "4", "--batches", "listed"],
    "dcgan anime": ["--network", "anime", "--filters", "4"],
    "dcgan human": ["--network", "human", "--filters", "4"],
    "dcgan small": ["--network", "small"],
    "wgan": ["--filters", "4", "--disc-iter", "1"],
    "wgan listed": ["--filters", "4", "--disc-iter", "1", "--as-listed"],
    "lsgan": [], "lsgan pearson": ["--pearson"], "wgan_gp": ["--disc-iter", "1"],
    "failures": [], "losses": [], "losses all": [],
}
CLASSES = {"dcgan listed": "DCGANListedBatches", "dcgan small": "TwoClassGAN",
           "wgan": "WGAN", "wgan listed": "WGANAsListed"}
SYSTEMS = sorted({name.split()[0] for name in RUNS})


def room(name):
    """The module of a system, by the first word of a name above."""
    return importlib.import_module(f"beyond.{name.split()[0]}")


@pytest.fixture
def quickly(monkeypatch):
    """Fewer pictures, and no graphs, whose making takes most of so short a run: these tests are about the rest."""
    eagerly(monkeypatch)
    few_pictures(monkeypatch, 300, faces=30)


@pytest.mark.parametrize("name", RUNS)
def test_script(capsys, monkeypatch, tmp_path, quickly, name):
    """Says which data it uses, trains, draws real pictures beside samples, and the losses of every step; saves both."""
    if name == "losses":  # three of the seven
        monkeypatch.setattr(losses, "LOSSES", {kind: losses.LOSSES[kind] for kind in ("GAN", "WGAN-GP", "BEGAN")})
    figures = room(name).main([*TINY, *RUNS[name], "--no-show", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    saved = re.findall(r"^saved (.*)$", out, flags=re.MULTILINE)
    assert sorted(saved) == sorted(map(str, tmp_path.glob("*.*"))) and len(saved) == len(figures) == 2
    for path in saved:
        with Image.open(path) as picture:
            assert min(picture.size) > 100
    assert re.search(r"^data: \d+ pictures of \d+x\d+x[13]: ", out, flags=re.MULTILINE)
    if name in CLASSES:
        assert f"\n{CLASSES[name]}: epoch 2/2, " in out
    titles = [axis.get_title() for axis in figures[0].axes if axis.get_title()]
    assert titles[0] == "real" and len(titles) >= 4
    lines = [line for axis in figures[1].axes for line in axis.get_lines()]
    assert lines and all(len(line.get_ydata()) == 2 for line in lines), "two epochs of one step"
    assert all(re.fullmatch(rf"{name.split()[0]}(-\w+)?-(samples|losses)\.png", path.name)
               for path in tmp_path.glob("*.*"))
    if name == "failures":
        assert re.search(r"^\(spread: .*; kinds: .*; darkest pixel: .*; accuracy: .*\)$", out, flags=re.MULTILINE)
        assert len(re.findall(r"^  diagnosis: (?:healthy|mode collapse|\w+ wins); ", out, flags=re.MULTILINE)) == 5
    if name == "losses all":
        assert titles[1:] == ["GAN", "minimax", "DRAGAN", "LSGAN", "WGAN", "WGAN-GP", "BEGAN"]
    if name.startswith("losses"):
        assert re.search(r"^real pictures( +[\d.]+){6}$", out, flags=re.MULTILINE)


@pytest.mark.parametrize("name", SYSTEMS)
def test_help_and_quick(capsys, name):
    """--help explains the system and has the options that all have."""
    module = room(name)
    with pytest.raises(SystemExit) as stopped:
        module.main(["--help"])
    out = capsys.readouterr().out
    assert stopped.value.code == 0 and module.__doc__.strip().split("\n")[0] in out
    assert out.startswith(f"usage: python -m beyond.{name} ")
    for option in ("--seed", "--out", "--no-show", "--epochs", "--steps", "--batch", "--data", "--quick"):
        assert option in out


def test_resumed(capsys, monkeypatch, tmp_path):
    """Killed in its second epoch, a training goes on with --resume: the same losses and sheets as without the kill."""
    records, finish = [], beyond_script.finish_GAN
    monkeypatch.setattr(beyond_script, "finish_GAN", lambda record, *a, **o: records.append(record) or finish(
        record, *a, **o))
    main = room("lsgan").main
    command = ["--epochs", "3", "--steps", "2", "--batch", "3", "--no-show", "--save-every", "0", "--out"]
    main([*command, str(tmp_path / "whole")])
    with killed_in_its_second_epoch(monkeypatch):
        main([*command, str(tmp_path / "killed")])
    main([*command, str(tmp_path / "killed"), "--resume"])
    whole, resumed = records
    assert_same_record(resumed, whole)
    assert len(whole.losses["gen_loss"]) == 6
    assert [title for title, _ in whole.sheets] == [f"epoch {i}" for i in range(4)]
    assert "going on after 4 steps (1 whole epochs)" in capsys.readouterr().out


def test_quick(tmp_path):
    """The settings of --quick take the place of defaults, not of what is given."""
    parser = beyond_script.parser("name", "test", dict(epochs=3, rate=.5), epochs=10, steps=20, batch=4, rate=.1)
    out = ["--no-show", "--out", str(tmp_path)]
    assert vars(beyond_script.start(parser, [*out, "--quick"])).items() >= dict(epochs=3, rate=.5, steps=20).items()
    assert beyond_script.start(parser, [*out, "--quick", "--epochs", "10"]).epochs == 10


@pytest.mark.parametrize("given, steps", [([], 500), (["--quick"], 25), (["--quick", "--steps", "3"], 3)])
def test_steps_of_a_slow_network(monkeypatch, tmp_path, quickly, given, steps):
    """The small colour faces take long for a step, so their --quick has fewer."""
    class Begun(Exception):
        pass

    def begin(G, options, *arguments, **more):
        raise Begun(options.steps)

    module = room("dcgan")
    monkeypatch.setattr(training, "train_GAN", begin)
    with pytest.raises(Begun, match=f"^{steps}$"):
        module.main(["--network", "small", "--batch", "8", *given, "--no-show", "--out", str(tmp_path)])


@pytest.mark.parametrize("option, value", [("--data", "nowhere"), ("--rate", "-1"), ("--rate", "nan"),
                                           ("--batch", "0"), ("--network", "cats"), ("--batches", "mixed")])
def test_bad_options(capsys, tmp_path, option, value):
    """A bad option ends the script in words."""
    with pytest.raises(SystemExit) as stopped:
        room("dcgan" if option == "--batches" else "dense_gan").main([option, value, "--no-show",
                                                                      "--out", str(tmp_path)])
    message = str(stopped.value.code) if option == "--data" else capsys.readouterr().err
    assert value in message and (option.strip("-") in message)


def test_samples_do_not_change_the_training():
    """The sheets come from latent vectors of their own: a training with more sheets has the same losses."""
    from beyond.dense_gan import DenseGAN
    from beyond.failures import mode_collapse_GenDiscr
    found = []
    for epochs in ((0,), (0, 1, 2, 3)):
        training.set_seeds(0)
        G = DenseGAN(*mode_collapse_GenDiscr(), data.load("digits", most=50).train, batch_size=5)
        latent = G.latent_generator(4)
        record = training.Record(lambda G=G, latent=latent: np.asarray(G.generator(latent)), epochs)
        G.compile(steps_per_execution=2)
        G.fit(epochs=3, steps_per_epoch=3, verbose=0, callbacks=[record])
        assert [title for title, _ in record.sheets] == [f"epoch {epoch}" for epoch in epochs]
        found.append(record.losses)
    assert found[0] == found[1] and len(found[0]["gen_loss"]) == 9


# ------------------------------------------------------------------- claims

@pytest.fixture
def made_up(monkeypatch):
    """Two runs that only note that they are made; the second is stopped in seed 1 while `stop` stands in the list."""
    calls = []

    def measure(name):
        def run(seed, steps):
            if (name, seed) == ("b", 1) and "stop" in calls:
                raise KeyboardInterrupt
            calls.append((name, seed, steps))
            return {"size": seed + .5, "label": "good" if seed else "bad"}
        return run

    monkeypatch.setattr(claims, "all_runs", lambda: [claims.Run("first", "a", measure("a")),
                                                     claims.Run("second", "b", measure("b"))])
    return calls


def test_claims_go_on_where_they_stopped(capsys, tmp_path, made_up):
    """Every run is appended as it ends; a second call makes only what is missing; --table makes nothing."""
    path = tmp_path / "claims.csv"
    made_up.append("stop")
    with pytest.raises(KeyboardInterrupt):
        claims.main(["--seeds", "2", "--out", str(path)])
    assert made_up == ["stop", ("a", 0, None), ("b", 0, None), ("a", 1, None)]
    with open(path, "a", newline="") as file:
        csv.writer(file).writerow(["second", "b", 1, "", "0", "size", "99"])  # the start of a run that was stopped
    made_up.clear()
    claims.main(["--seeds", "2", "--out", str(path)])
    assert made_up == [("b", 1, None)]
    out = capsys.readouterr().out
    assert "| a | 1 +- 0.5 | bad (1), good (1) |" in out and out.count("**") == 4 and "99" not in out
    made_up.clear()
    claims.main(["--seeds", "2", "--out", str(path), "--table"])
    assert made_up == []
    claims.main(["--seeds", "3", "--out", str(path), "--quick"])
    assert made_up == [], "--quick is --table"
    claims.main(["--only", "first", "--seeds", "1", "--steps", "2", "--out", str(path)])
    assert made_up == [("a", 0, 2)], "a try has other steps and does not count as a run"


def test_claims_options(capsys, tmp_path, made_up):
    for arguments, message in ((["--only", "third"], "--only: expected one of first, second, got 'third'"),
                               (["--out", str(tmp_path / "no" / "claims.csv")], "--out: there is no folder")):
        with pytest.raises(SystemExit):
            claims.main(arguments)
        assert message in capsys.readouterr().err


def test_the_tables_of_the_claims():
    """beyond/CLAIMS.md quotes what the stored figures give."""
    tables = claims.tables(claims.stored(claims.CSV))
    assert tables.strip() in (claims.CSV.parent / "CLAIMS.md").read_text()
    runs = {(claim, run) for claim, run, _, _ in claims.stored(claims.CSV)}
    assert runs == {(run.claim, run.name) for run in claims.all_runs()}


def test_every_run_is_named_once():
    """The real list: no two runs share claim and name."""
    runs = claims.all_runs()
    assert len({(run.claim, run.name) for run in runs}) == len(runs) >= 16
