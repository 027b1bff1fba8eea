"""What users and animators turn last: gains and offsets of every curve, corrections of a line."""
