"""The automated checker: grades anybody's solutions of the five tasks. `python -m tests.checker --help`.

What runs where:

    __main__.py   the command line
    grading.py    one student: a temporary copy, worker processes with limits, the records they send
    worker.py     runs inside the student's process: imports the solution, feeds it fixed inputs, reports raw numbers
    inputs.py     those inputs (weights, latent vectors, examples); shared by the worker and the judges
    reference.py  what a correct solution computes from them, and what each known mistake computes instead; NumPy only
    rubric.py     behaviours, points, hints, and the judges that turn records into verdicts
    reports.py    terminal, JSON, JUnit, CSV
    starter.py    the student's starter folder
"""
