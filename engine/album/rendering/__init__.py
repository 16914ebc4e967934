"""From a plan and a seed to finished files, on all cores."""
