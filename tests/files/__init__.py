"""Files of weights and of faces: stored and loaded, damaged, hostile, a full disk."""
