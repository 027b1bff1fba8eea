"""The script of a recording: words to phones, phones to times, times to what the lips must do."""
