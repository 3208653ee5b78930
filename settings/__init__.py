"""Wiring only: classes named by string, values from the environment."""
