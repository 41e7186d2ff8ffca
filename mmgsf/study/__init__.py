"""The comparison on CameraMotion: which runs there are, how they are made, and what they say."""

# The record's place in the repository.
RECORD = 'docs/logs/camera_motion_study.json'
