"""Effects: each is NAME.py, which builds it of pyo's objects, and NAME.yaml beside it, which declares its parameters.

To add one, put both files here: `engine.parameters.effects` reads the one, `engine.sound.layers.effect_classes` the
other, and moods, OSC, pages, documentation and tests follow.
"""
