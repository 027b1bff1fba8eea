"""Sound in: files of any usual format and rate, checked, as float32 blocks at 16 kHz."""
