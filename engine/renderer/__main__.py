"""`python -m engine.renderer`: the renderer process."""

from engine.renderer.renderer import main

main()
