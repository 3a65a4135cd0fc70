"""Independent runs over several processes (`--jobs`) and over a cluster (`--dask`): the same as one after the other."""

import os
import sys
from types import SimpleNamespace

import h5py
import pytest

from beyond import claims
from gan import jobs
from tests.mains.one_run import draw

HERE = SimpleNamespace(jobs=1, dask=None)
TWO = SimpleNamespace(jobs=2, dask=None)


def drawn(calls, options):
    """{number of the call: its figure}, and the processes that ran."""
    found = dict(jobs.results(draw, calls, options))
    return {number: figure for number, (figure, _) in found.items()}, {process for _, (_, process) in found.items()}


CALLS = [(seed,) for seed in (3, 1, 4, 1, 5)]


def test_the_same_figures(capfd):
    """Two processes find what one finds, each run under its own number; every line they print is whole."""
    alone, here = drawn(CALLS, HERE)
    together, processes = drawn(CALLS, TWO)
    assert alone == together and len(alone) == 5
    assert here == {os.getpid()} and not here & processes
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 20 and {line.rstrip("0123456789") for line in lines} == {"a run", "from the seed "}


@pytest.mark.parametrize("options", [HERE, TWO])
def test_a_run_that_fails(options):
    """What ended before a run that fails has been handed over; the error arrives as it was, a sentence as well."""
    kept = []
    with pytest.raises(ValueError, match="seed: 8"):
        for number, _ in jobs.results(draw, [(1, 8), (2, 8), (8, 8)], SimpleNamespace(jobs=options.jobs, dask=None)):
            kept.append(number)
    assert set(kept) <= {0, 1} and (options is TWO or kept == [0, 1])
    with pytest.raises(SystemExit, match="a sentence"):
        list(jobs.results(draw, [(99,)], options))


@pytest.mark.thorough
def test_a_cluster():
    """A Dask cluster of two workers finds the same figures."""
    from distributed import LocalCluster
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        together, processes = drawn(CALLS, SimpleNamespace(jobs=1, dask=cluster.scheduler_address))
    assert together == drawn(CALLS, HERE)[0] and os.getpid() not in processes


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "tcp://", "http:/x"])
def test_no_cluster(address, monkeypatch):
    """Without a scheduler at the address, or without the package, there is one sentence."""
    monkeypatch.setattr(jobs, "PATIENCE", .5)
    with pytest.raises(SystemExit, match="--dask: expected the address of a running Dask scheduler, such as .*, got "):
        drawn(CALLS, SimpleNamespace(jobs=1, dask=address))
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SystemExit, match="--dask: the package distributed is not installed"):
        drawn(CALLS, SimpleNamespace(jobs=1, dask=address))


def arrays(file):
    """The bytes of all numbers in a weight file; its own bytes also hold what layers happen to be called."""
    found = []
    with h5py.File(file) as opened:
        opened.visititems(lambda _, item: found.append(item[()].tobytes()) if isinstance(item, h5py.Dataset) else None)
    return found


@pytest.mark.thorough
def test_main_21(capsys, tmp_path):
    """Weights, indicators and what is printed of them do not depend on the number of processes; one goes on for two."""
    tables = []
    for name, options in (("alone", ()), ("together", ("--jobs", "2")), ("together", ("--resume",))):
        __import__("0-main_21").main(["--epochs", "2", "--steps", "2", "--seeds", "2", "--no-show", *options,
                                      "--out", str(tmp_path / name)])
        out = capsys.readouterr().out
        tables.append(out[out.index("indicators over"):out.index("saved")])
    assert tables[0] == tables[1] == tables[2]
    for file in (tmp_path / "alone").glob("*.h5"):
        assert arrays(file) == arrays(tmp_path / "together" / file.name) != []
    assert len(list((tmp_path / "alone").glob("*.h5"))) == 3


def test_main_21_not_both(capsys, tmp_path):
    """Parts of the processor and processes are two ways to share the same processor."""
    with pytest.raises(SystemExit):
        __import__("0-main_21").main(["--devices", "2", "--jobs", "2", "--out", str(tmp_path)])
    assert "--devices: expected 1 beside --jobs and --dask, got 2" in capsys.readouterr().err


def test_claims(monkeypatch, tmp_path, capsys):
    """Each claim's figures stand under its own name and seed, in whatever order the runs end."""
    runs = [claims.Run("sums", name, lambda seed, steps, name=name: {"sum": f"{name} {seed}"}) for name in "ab"]
    monkeypatch.setattr(claims, "all_runs", lambda: runs)
    monkeypatch.setattr(jobs, "results", lambda function, calls, options: [
        (number, function(*call)) for number, call in reversed(list(enumerate(calls))) if options.jobs == 2])
    claims.main(["--seeds", "2", "--out", str(tmp_path / "claims.csv"), "--jobs", "2"])
    stored = claims.stored(tmp_path / "claims.csv")
    assert {key: figures["sum"] for key, figures in stored.items()} == {
        ("sums", name, seed, ""): f"{name} {seed}" for name in "ab" for seed in (0, 1)}
    assert "run 4 of 4: sums, b, seed 1" in capsys.readouterr().out
