"""The automated checker: grades anybody's solutions of the five tasks. `python -m tests.checker --help`.

What runs where:

    __main__.py   the command line
    intake.py     the download of a class, sorted by student; names.py knows how platforms name files
    submission.py what of a student's folder is graded, what is left out, names that are nearly right; with archives.py
                  (zip files) and notebook_code.py (the Python in a notebook)
    holes.py      what a student has not filled in yet
    grading.py    one student: worker processes with limits, the records they send
    sandbox.py    what stands between a solution and everything else on the machine
    process.py    starts server.py in the Python asked for, reads and checks what comes back
    server.py     there: imports TensorFlow once, forks a process for each task with a view of its own, ends it
    worker.py     in that process: feeds the solution inputs, reports raw numbers. It consists of
                  source.py (what a file says), finding.py (class and methods, under whatever name) and
                  watching.py (updates, calls of networks), which the sandbox shows it as well
    inputs.py     those inputs (sizes, weights, latent vectors, examples), drawn from a key by the worker and the judges
    reference.py  what a correct solution computes from them, and what each known mistake computes instead; NumPy only
    effects.py    how far each known mistake is from that, on which inputs; chooses the inputs of a seed
    records.py    what the worker sends, as the judges read it: steps, updates, samples
    judges/       the judges by subject: module, constructor, samples, losses, critic and penalty of tasks 2 and 4,
                  interpolation, steps, weights, adam, returned, networks of task 3, strangers (other GANs),
                  seldom (rare mistakes)
    outcomes.py   what a judge may say, and what a verdict is
    rubric.py     the table of behaviours: points, what each needs, its judge
    verdicts.py   asks the judges, in order
    margins.py    measures the room on both sides of every tolerance; margins.csv
    messages.py   error messages and numbers in words
    hints.py      three hints for each behaviour; guidance.py chooses those on the cause, and says what comes first
    batch.py      many folders at a time, two Pythons, the state file behind --resume
    reports.py    terminal, JSON, JUnit, CSV, the summary of a class
    class_page.py a class as one HTML page; gradebooks.py: the files for Canvas and Moodle
    check.py      what a student calls: check(0)
    starter.py    the student's starter folder, with starter_notebooks.py
    packages.py   packages for autograders; copies.py: what of the checker goes into these and into the starter
"""
