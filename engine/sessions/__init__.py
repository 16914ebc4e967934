"""Sessions: what hands did at the controls, recorded with its times, to be played back."""
