"""Files of trained models for others, and the comparison of such files with the zoo index."""
