"""Right solutions that set a switch for all of TensorFlow, Keras, Python or matplotlib when they are imported.

What runs by itself under the course's main scripts has its marks: no file is punished for what it configures.
"""


import pytest

from tests.checker import grading
from tests.checker.rubric import PASSED
from tests.zoo import bases

LIMITS = grading.Limits(probe=240, task=600)  # about marks, not about the speed of a busy machine
SWITCHES = {
    "threads and two logical devices": """
tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)
tf.config.set_soft_device_placement(False)
tf.config.set_visible_devices([], "GPU")
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
""",
    "determinism and seeds": """
tf.config.experimental.enable_op_determinism()
tf.random.set_seed(3)
np.random.seed(3)
keras.utils.set_random_seed(4)
""",
    "determinism alone": "tf.config.experimental.enable_op_determinism()",
    "numbers of Keras": """
keras.backend.set_floatx("float64")
keras.backend.set_image_data_format("channels_first")
""",
    "eager functions": "tf.config.run_functions_eagerly(True)",
    "graphs by the old name": "tf.config.experimental_run_functions_eagerly(False)",
    "windows to draw in": """
import matplotlib
matplotlib.use("TkAgg")
plt.ion()
plt.switch_backend("Qt5Agg")
""",
    "errors out of warnings": """
import logging, sys, warnings
warnings.simplefilter("error")
np.seterr(all="raise")
logging.disable(logging.CRITICAL)
sys.setrecursionlimit(20000)
sys.tracebacklimit = 0
""",
    "surroundings": """
import io, os, sys
os.environ.clear()
os.environ["KERAS_BACKEND"] = "tensorflow"
os.chdir("/")
sys.stdout = io.StringIO()
""",
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_right_file_may_set_it(server, tmp_path, name):
    """TensorFlow has not begun to compute when the file is imported; the probes bring their own settings."""
    line = "import matplotlib.pyplot as plt\n"
    (tmp_path / "0-simple_gan.py").write_text(bases.changed(bases.plain(0), (line, line + SWITCHES[name] + "\n")))
    result = grading.grade(tmp_path, limits=LIMITS, server=server)
    assert not result.trouble
    assert [one.sentence for one in result.verdicts[0] if one.status != PASSED] == []
