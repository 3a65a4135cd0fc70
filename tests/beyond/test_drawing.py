"""How the systems' pictures are drawn: nothing is cut off, names stand beside their rows, nothing hides a curve."""

import io

import numpy as np
import pytest
from PIL import Image

from beyond.common.figures import few_colours, visualize_losses, visualize_plane, visualize_sheets
from beyond.common.rows import visualize_rows
from gan.figures import GENERATOR, plt

NOTE = "below the last drawings: mean difference from the truth, in levels of 255"


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("count", [1, 2, 8])
def test_rows_are_not_cut_off(count):
    """Of five pictures of one's own a single one is held out: title and names of its rows were cut off."""
    pictures = np.random.default_rng(count).random((count, 8, 8, 3))
    figure = visualize_rows([("20: Hanning window", pictures, ["1"] * count)] * 7 + [("truth", pictures, None)],
                            "Cartoon-GAN: held-out pictures", note=NOTE)
    figure.canvas.draw()
    assert NOTE.split() == figure.get_suptitle().split()[-len(NOTE.split()):]
    for text in (figure._suptitle, *(axis.yaxis.label for axis in figure.axes)):
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text.get_text()


@pytest.mark.parametrize("side", [4, 28])
def test_names_stand_beside_the_middle_of_their_rows(side):
    """Small pictures had their names lower than their middle."""
    axis = visualize_sheets([("", np.zeros((6, side, side, 1)))], 2, row_names=["a", "b", "c"]).axes[0]
    (image,) = axis.images
    assert image.get_array().shape[0] == 3 * side + 2
    np.testing.assert_allclose(axis.get_yticks(), [(side - 1) / 2 + row * (side + 1) for row in range(3)])


def test_film_keeps_rare_colours():
    """Fair hair was red in the film and fair in the sheet: Pillow left out colours that few pixels have."""
    grey = np.random.default_rng(0).integers(60, 200, (240, 240, 1), "uint8")
    picture = np.repeat(grey, 3, axis=-1) + np.random.default_rng(1).integers(-40, 40, (240, 240, 3)).astype("uint8")
    rare = np.array([[(250, 200, 90), (140, 200, 250)]], "uint8").repeat(6, axis=0).repeat(3, axis=1)
    picture[100:106, 100:106] = rare
    film = io.BytesIO()
    frames = [few_colours(Image.fromarray(pixels)) for pixels in (picture, picture[::-1])]
    frames[0].save(film, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(film) as shown:
        kept = np.asarray(shown.convert("RGB")).astype(int)
        shown.seek(1)
        kept_later = np.asarray(shown.convert("RGB")).astype(int)[::-1]
    for pixels in (kept, kept_later):
        assert np.abs(pixels[100:106, 100:106] - rare).max() < 30


def test_legend_hides_no_curve():
    """The generator's part of a translator's loss has the generator's colour; a training of one step is seen too."""
    for values in (np.linspace(0, 2, 50), [1.]):
        figure = visualize_losses([("Pix2Pix", {"gan_loss": values, "l1_loss": values, "accuracy": values})])
        figure.canvas.draw()
        axis = figure.axes[0]
        assert axis.lines[0].get_color() == GENERATOR
        assert len(values) > 1 or all(line.get_marker() == "." for line in axis.lines)
        legend = axis.get_legend().get_window_extent()
        assert legend.y1 < axis.bbox.y0 and legend.y0 >= 0


def test_no_room_for_panels_that_are_not_there():
    """With --only one of many, three quarters of the picture were white."""
    pictures = np.zeros((4, 8, 8, 1))
    assert len(visualize_sheets([("real", pictures), ("DCGAN", pictures)], 2, panel_columns=5).axes) == 2
    assert len(visualize_losses([("DCGAN", {"gen_loss": [1., 2.]})], panel_columns=3).axes) == 1
    assert len(visualize_sheets([("", pictures)] * 3, 2, panel_columns=2).axes) == 4


def test_sheets_say_whose_they_are_and_what_their_rows_are(monkeypatch, tmp_path):
    """The sheets of a training had no name of the system above them, and no classes beside their rows."""
    from types import SimpleNamespace

    from beyond.common import class_script, script
    pictures = SimpleNamespace(train=np.zeros((18, 4, 4, 1)), train_labels=np.repeat([0, 1], 9), classes=("a", "b"))
    record = SimpleNamespace(model=0., losses={"gen_loss": [1.]}, sheets=[("epoch 1", np.zeros((18, 4, 4, 1)))])
    monkeypatch.setattr(script, "finish", lambda *arguments: None)
    for figure in (*script.finish_GAN(record, pictures, None, "x"),
                   *class_script.finish(record, pictures, None, "x", ("a", "b"))):
        assert "float" in [figure.get_suptitle(), *(axis.get_title() for axis in figure.axes)]
    for axis in class_script.finish(record, pictures, None, "x", ("a", "b"))[1].axes:
        assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]


def test_printed_figures_are_explained(capsys):
    """"frechet 0.532, kinds 0.91" is nothing that a student can read; each name has its words, once for all systems."""
    from beyond.common import script
    script.meaning("frechet", "recall", real_accuracy="of the classifier")
    assert capsys.readouterr().out == (f"(frechet: {script.MEANINGS['frechet']}; recall: {script.MEANINGS['recall']}; "
                                       "real accuracy: of the classifier)\n")


def test_steps_and_epochs_are_whole_numbers_from_1_on():
    """The first epoch of four stood at 0, between ticks at halves of an epoch."""
    axis = visualize_losses([("VAE", {"training": [4., 3., 2., 1.]})], xlabel="epoch").axes[0]
    axis.figure.canvas.draw()
    assert axis.lines[0].get_xdata().tolist() == [1, 2, 3, 4]
    assert all(tick == int(tick) for tick in axis.get_xticks())


def test_titles_of_two_lines_are_not_cut_off():
    """The upper sheets of the failures had the tops of their names outside the picture."""
    pictures = np.zeros((4, 8, 8, 1))
    figure = visualize_sheets([("real", pictures), ("healthy\ndiagnosis: (g)", pictures)] * 2, 2, panel_columns=2)
    figure.canvas.draw()
    for axis in figure.axes:
        assert axis.title.get_window_extent().y1 <= figure.bbox.y1


def test_legend_of_the_plane_hides_no_point():
    """Codes of test pictures lay behind the names of the classes."""
    figure = visualize_plane(np.array([[2., 2.], [-2., 2.]]), np.array([0, 1]), "01",
                             lambda points: np.zeros((len(points), 4, 4, 1)), tiles=2, title="VAE")
    figure.canvas.draw()
    (legend,), left = figure.legends, figure.axes[0]
    assert not legend.get_window_extent().overlaps(left.bbox) and legend.get_window_extent().x0 >= 0
    assert [text.get_text() for text in legend.get_texts()] == ["0", "1"] and figure.get_suptitle() == "VAE"
