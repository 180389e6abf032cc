"""A ward whose monitors lie at known places: recordings, the dialects that carry them, and what must come of each message."""
