"""Interpolation: a phrase turns into another, two bars at a time, through passages that are music themselves."""
