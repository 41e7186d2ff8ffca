"""A web page on this machine: look at a video through a model, and keep nothing of it."""
