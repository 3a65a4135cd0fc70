"""Every argument of every public call: the right result, or one sentence that names it."""
