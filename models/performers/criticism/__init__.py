"""What tells drawn playing from people's: statistics of a phrase, and a critic that has learnt them."""
