"""Decide everything: compare desired with live, and say what to do. Pure and deterministic."""
