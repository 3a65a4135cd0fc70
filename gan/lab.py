"""One web page in which small GANs learn points of the plane before one's eyes.

The page is `lab.html` beside this file, what it trains `lab_training.js`. Nothing here needs TensorFlow.
"""

from pathlib import Path

from gan.files import written_whole

PAGE, TRAINING = Path(__file__).with_name("lab.html"), Path(__file__).with_name("lab_training.js")


def write_lab(path, seed=0):
    """Write the page to `path`, a file of its own; `seed` starts its random numbers."""
    text = PAGE.read_text(encoding="utf-8")
    text = text.replace("{{training}}", TRAINING.read_text(encoding="utf-8")).replace("{{seed}}", str(int(seed)))
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
