"""`python -m engine.sampler`: the sampler process."""

from engine.sampler.sampler import main

main()
