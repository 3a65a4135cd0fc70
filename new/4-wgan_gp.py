"""Task 4 under the name that the course's own main scripts import."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(globals().get("__file__", "cell"))))  # it stands beside this file
WGAN_GP = __import__("4-wgan_gp_faces").WGAN_GP
