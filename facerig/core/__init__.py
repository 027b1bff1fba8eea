"""What every stage shares: channels, curves, the exact clock and the stage protocol."""
