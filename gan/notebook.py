"""Pictures in a notebook: each is shown once, wherever in a cell it is drawn.

Left to Jupyter, a figure that a function returns is shown as the last line of a cell only, not in a loop and not with a
semicolon behind it; and twice where pyplot still has it open.
"""

import functools
import io
import sys


def shell():
    """IPython's, if this is a notebook; else None."""
    running = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return running if hasattr(running, "kernel") else None  # in a terminal IPython has none


def image(figure):
    """The figure as what a notebook displays."""
    from IPython.display import Image

    with io.BytesIO() as file:
        figure.savefig(file, format="png")
        return Image(data=file.getvalue())


def take(figure, show):
    """Show the figure now if `show`; from now on it is a picture wherever a cell ends with it."""
    from IPython.display import display

    if show:
        display(image(figure))
    figure._ipython_display_ = functools.partial(_display, figure, shell().execution_count if show else None)


def _display(figure, shown_in):
    """What IPython calls for a cell's last line; the cell that has just shown the figure does not show it again."""
    from IPython.display import display

    if shell() and shell().execution_count != shown_in:
        display(image(figure))
