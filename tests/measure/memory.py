"""How much memory this process has needed."""

import resource
from pathlib import Path


def most_memory():
    """In megabytes, since the program began."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux; there `resource` begins with the memory of the starting process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** 20  # macOS counts bytes
