"""Which event a random number falls on, as one compiled loop that comes to the same on every processor.

Single steps in double precision, in an order of their own: NumPy's and the C library's exponentials differ in the last
digit from processor to processor, and where sums are split depends on how wide its vectors are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import inner, njit

Doubles = NDArray[np.float64]

LOWEST = -700.0
"""Below this an exponential counts as that of this, about 1e-304."""
LOG2_E = 1.4426950408889634
LN_2 = 0.6931471805599453
BIAS = 1023
FRACTION_BITS = 52
TERMS = 13
"""Of the exponential's series on half an octave to both sides of 0: as many as double precision can tell."""


@njit(cache=True)
def exponentials(x: Doubles) -> Doubles:
    """exp(x) for x of 0 and below: two to the whole part by its bits, the rest by its series."""
    out = np.empty(len(x))
    for i in range(len(x)):
        y = max(x[i], LOWEST) * LOG2_E
        whole = np.floor(y + 0.5)
        f = (y - whole) * LN_2
        total = 1.0
        for term in range(TERMS, 0, -1):
            total = 1.0 + total * f / term
        out[i] = total * np.int64((np.int64(whole) + BIAS) << FRACTION_BITS).view(np.float64)
    return out


@njit(cache=True)
def drawn(
    logits: NDArray[np.float32],
    playable: NDArray[np.bool_],
    temperature: float,
    top_p: float,
    top_k: int,
    uniform: float,
) -> int:
    """The index on which `uniform`, 0..1, falls, among what is kept of the playable ones; see `sampling.Choice`."""
    scaled = np.empty(len(logits))
    highest = -np.inf
    for i in range(len(scaled)):
        scaled[i] = np.float64(logits[i]) / temperature
        if playable[i]:
            highest = max(highest, scaled[i])
    for i in range(len(scaled)):
        scaled[i] -= highest
    likelihood = exponentials(scaled)
    for i in range(len(scaled)):
        if not playable[i]:
            likelihood[i] = 0.0
    kept = _kept(likelihood, top_p, top_k)
    everything = 0.0
    for i in range(len(kept)):
        if kept[i]:
            everything += likelihood[i]
    wanted, reached, last = uniform * everything, 0.0, 0
    for i in range(len(kept)):
        if kept[i]:
            reached += likelihood[i]
            last = i
            if reached > wanted:
                break
    return last


@inner
def _kept(likelihood: Doubles, top_p: float, top_k: int) -> NDArray[np.bool_]:
    """The likeliest, at most `top_k` (0: all), the fewest that hold `top_p` of what these hold together."""
    most = min(top_k, len(likelihood)) if top_k > 0 else len(likelihood)
    if most == len(likelihood) and top_p >= 1.0:
        return likelihood > 0.0
    if most < len(likelihood):
        _, everything = _likeliest(likelihood, most, np.inf)
    else:
        everything = 0.0
        for one in likelihood:
            everything += one
    kept, _ = _likeliest(likelihood, most, top_p * everything)
    return kept


@inner
def _likeliest(likelihood: Doubles, most: int, enough: float) -> tuple[NDArray[np.bool_], float]:
    """The likeliest until they hold `enough` together or are `most`; of equal ones the first. And what they hold."""
    kept = np.zeros(len(likelihood), np.bool_)
    mass = 0.0
    for _ in range(most):
        best, highest = -1, 0.0
        for i in range(len(likelihood)):
            if likelihood[i] > highest and not kept[i]:
                best, highest = i, likelihood[i]
        if best < 0:
            break
        kept[best] = True
        mass += highest
        if mass >= enough:
            break
    return kept, mass
