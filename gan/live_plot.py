"""A picture of the training that is drawn again while it runs."""

from gan.backend import plt  # before TensorFlow, because Keras 3 imports pyplot

# isort: split
from tensorflow import keras

from gan import checks, notebook
from gan.figures import as_picture, visualize_2D


class LivePlot(keras.callbacks.Callback):
    """Draws a picture after an epoch, in the place of the one before: in a notebook's cell, or in a window.

        G.fit(epochs=16, steps_per_epoch=100, callbacks=LivePlot())

    The training is the same with it as without it. Where there is neither a notebook nor a screen, it draws nothing.

    Args:
        visualize: `visualize_2D`, `visualize_5D`, or any function of a GAN and `show` that returns a figure.
        every: epochs from one picture to the next; the last epoch is always drawn.
    """

    def __init__(self, visualize=visualize_2D, every=1):
        super().__init__()
        if not callable(visualize):
            raise TypeError(f"visualize: expected a function that draws a GAN, such as visualize_2D, got {visualize!r}")
        self.visualize, self.every = visualize, checks.whole_number("every", every)

    def on_train_begin(self, logs=None):
        self.place = self.done = None
        self.nowhere = False

    def on_epoch_begin(self, epoch, logs=None):  # only now has the history the losses of the epoch before
        if self.done is not None and self.done % self.every == 0:
            self.draw()
        self.done = epoch + 1

    def on_train_end(self, logs=None):
        if getattr(self.model.history, "history", None):
            self.draw()

    def draw(self):
        """Draw the picture and put it where the last one was."""
        if self.nowhere:
            return
        figure = self.visualize(self.model, show=False)
        on_a_screen = figure.canvas.required_interactive_framework
        plt.close(figure)  # which takes the canvas away
        if notebook.shell():
            self._in_the_cell(notebook.image(figure))
        elif on_a_screen:
            self._in_the_window(as_picture(figure, dpi=100))
        else:
            self.nowhere = True

    def _in_the_cell(self, picture):
        if self.place is None:
            from IPython.display import display

            self.place = display(picture, display_id=True)
        else:
            self.place.update(picture)

    def _in_the_window(self, picture):
        if self.place is None:
            width, height = picture.size
            window = plt.figure(figsize=(width / 100, height / 100), dpi=100)
            axis = window.add_axes((0, 0, 1, 1), frame_on=False, xticks=[], yticks=[])
            self.place = axis.imshow(picture)
        self.place.set_data(picture)
        plt.pause(.01)  # lets the window draw itself
