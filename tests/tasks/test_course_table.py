"""The numbers that the course prints."""

import re

import pytest

from tests.helpers import COURSE_DATA, needs_course_data

LOSS = r"(\d\.\d{4})"
TABLE = """
2.0414 1.1100   1.9627 1.0197   1.9614 1.0231   1.9925 1.0188   1.9071 1.0597   1.9449 1.0523   1.9851 1.0132
1.9390 1.0371   1.8984 1.0652   1.9244 1.0728   1.9159 1.0516   1.7697 1.1881   2.0509 1.0060   1.8757 1.0894
1.9985 1.0575   2.1392 0.9491"""


def printed_losses(out):
    """The losses at the end of each epoch's bar, as printed."""
    epochs = re.split(r"Epoch \d+/\d+\n", out)[1:]
    return [re.findall(rf"discr_loss: {LOSS} - gen_loss: {LOSS}", epoch)[-1] for epoch in epochs]


def test_task_0_prints_the_courses_table(capsys, tmp_path):
    """`0-main_01` prints the course's sixteen lines: fourteen to the last of four decimals, the last two nearly."""
    __import__("0-main_01").main(["--no-show", "--out", str(tmp_path)])
    lines = printed_losses(capsys.readouterr().out)
    numbers = TABLE.split()
    expected = list(zip(numbers[::2], numbers[1::2]))
    assert len(expected) == len(lines) == 16
    assert lines[:14] == expected[:14]
    # Over 1,500 steps of a game float noise grows: 2e-4 off at the end, on either lane.
    for line, wanted in zip(lines[14:], expected[14:]):
        assert [float(x) for x in line] == pytest.approx([float(x) for x in wanted], abs=3e-4)


@needs_course_data
def test_task_3_prints_the_courses_first_line(capsys, tmp_path):
    """`0-main_30` on the course's faces prints the first line of its table; the course says the others vary."""
    __import__("0-main_30").main(["--no-show", "--out", str(tmp_path), "--epochs", "1",
                                  "--faces", str(COURSE_DATA / "small_res_faces_10000.npy")])
    found = re.findall(rf"discr_loss: {LOSS} - gen_loss: {LOSS}", capsys.readouterr().out)[-1]
    # Fakes drawn with training=False would give 2.0487 2.6385.
    assert [float(x) for x in found] == pytest.approx([1.5087, 3.1936], abs=1e-3)
