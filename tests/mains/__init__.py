"""The main scripts, and what they draw."""
