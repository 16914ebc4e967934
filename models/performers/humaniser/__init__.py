"""The humaniser: timing and velocity for any score, learnt from performances against their own quantised copies."""
