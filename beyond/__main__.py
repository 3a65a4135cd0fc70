"""The catalogue of the systems.

    python -m beyond                    name, family, what it is, time of --quick, totals that its source prints
    python -m beyond --totals           builds every network of the sources; one line each: name network total
    python -m beyond.NAME --quick       runs one of them
    python -m beyond.NAME --help        what it is, its losses, its paper, its options
"""

import argparse

from beyond.common import catalogue


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m beyond", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--totals", action="store_true",
                        help="build every network of the sources and print its number of parameters")
    options, more = parser.parse_known_args(argv)
    if more:
        parser.error(f"expected --totals or nothing, got {' '.join(more)!r}; a system runs as python -m beyond.NAME")
    records = catalogue.systems()
    if not options.totals:
        print(catalogue.table(records))
        print("\npython -m beyond.NAME --quick runs one, --help explains it.")
        return
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)
    for name, record in records.items():
        for network, total in catalogue.built_totals(name).items() if record["totals"] else ():
            print(name, network, total, flush=True)


if __name__ == "__main__":
    main()
