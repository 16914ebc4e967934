"""`python -m engine.sampler`: the sampler process."""

from engine.sampler.process import main

main()
