"""SampleRNN (Mehri et al. 2017): three tiers, two that hear frames and one that draws values."""
