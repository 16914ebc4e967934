"""Measures whether the operations of a record can be found in what was rendered."""
