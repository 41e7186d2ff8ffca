"""The comparison on CameraMotion: which runs there are, how they are made, and what they say."""
