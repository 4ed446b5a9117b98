"""The pure middle: words, rules and formats. No I/O, no clock, no randomness."""
