"""What systems there are, each with its family, one line, the totals that its source prints, the time of --quick.

A system is a module of `beyond`, or a folder with an `__init__.py`, that holds at its top level a literal like

    SYSTEM = {
        "family": "with classes",
        "line": "ACGAN: the discriminator names the class",
        "totals": {"generator": 649377, "discriminator": 561675},
        "quick": "2 minutes",
    }

It is read from the text of the file, so that nobody waits for TensorFlow. A folder's `__init__.py` imports
`beyond.common.parts` at most; what follows stands in its `__main__.py`.

There is a `main`, which `python -m beyond.NAME` calls. If there are totals, the module also holds
`networks()`, which builds those networks and returns them by the same names; if there are claims to measure, it holds
CLAIMS, a list of (claim, row of its table, function (seed, steps) -> figures); see `beyond.claims`. Its entry in
beyond/README.md repeats the record.
"""

import ast
import importlib
import textwrap
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
FAMILIES = ("latent to picture", "with classes", "picture to picture", "growing", "measuring", "attacking", "theory")
KINDS = {"family": str, "line": str, "totals": dict, "quick": str}


def systems(folder=FOLDER):
    """The records SYSTEM by the names of the modules, family by family.

    Raises:
        ValueError: a record is not as described above; the message names the file.
    """
    found = {}
    for path in sorted([*folder.glob("*.py"), *folder.glob("*/__init__.py")]):
        record = _record(path)
        if record is not None:
            found[path.parent.name if path.name == "__init__.py" else path.stem] = record
    return dict(sorted(found.items(), key=lambda item: FAMILIES.index(item[1]["family"])))


def _record(path):
    """The record of a file; None if it has none."""
    for node in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["SYSTEM"]:
            break
    else:
        return None
    try:
        record = ast.literal_eval(node.value)
    except ValueError:
        record = None
    if not isinstance(record, dict) or {key: type(value) for key, value in record.items()} != KINDS:
        raise ValueError(f"{path}: SYSTEM: expected a literal dict with {', '.join(KINDS)}; see "
                         "beyond/common/catalogue.py")
    if record["family"] not in FAMILIES:
        raise ValueError(f"{path}: SYSTEM: expected one of {', '.join(FAMILIES)} as family, got {record['family']!r}")
    return record


def table(records, width=120):
    """The catalogue in lines for people: name, family, what it is, time of --quick; below it the totals."""
    name_width = max([4, *map(len, records)]) + 2
    family_width = max(map(len, FAMILIES)) + 2
    start = name_width + family_width
    lines = [f"{'name':{name_width}}{'family':{family_width}}what it is (time of --quick)",
             " " * start + "parameters of its networks, as their source prints them"]
    for name, record in records.items():
        text = f"{record['line']} ({record['quick']})"
        totals = ", ".join(f"{network} {total:,}" for network, total in record["totals"].items())
        texts = textwrap.wrap(text, width - start) + textwrap.wrap(totals, width - start, break_on_hyphens=False)
        lines.append(f"{name:{name_width}}{record['family']:{family_width}}{texts[0]}")
        lines += [" " * start + rest for rest in texts[1:]]
    return "\n".join(lines)


def built_totals(name):
    """The parameters of every network of the source that the system of that name builds: {network: total}."""
    return {network: model.count_params() for network, model in room(name).networks().items()}


def room(name):
    """The module that holds `main` of the system of that name, imported."""
    return importlib.import_module(f"beyond.{name}.__main__" if (FOLDER / name).is_dir() else f"beyond.{name}")
