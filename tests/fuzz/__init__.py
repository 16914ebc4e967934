"""Everything that reads what others wrote, fed with what nobody would write.

`targets.py` names the readers and their good inputs; `test_fuzz.py` gives each a few dozen damaged ones, on every run;
`python -m tests.fuzz` a million (see `long.py`), guided by coverage where atheris is installed.
"""
