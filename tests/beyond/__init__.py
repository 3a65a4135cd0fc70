"""The systems of `beyond`."""
