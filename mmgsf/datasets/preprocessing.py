"""What the networks' ImageNet weights take, as arguments of MMAction2's ActionDataPreprocessor.

Decoders give frames in RGB with values from 0 to 255.
"""

# ResNets of torchvision: RGB.
IMAGENET_RGB = {'mean': [123.675, 116.28, 103.53], 'std': [58.395, 57.12, 57.375]}
# Conversions from Caffe: BGR, so the channels are turned round (what `to_rgb` does).
CAFFE_BGR = {'mean': [104, 117, 128], 'std': [1, 1, 1], 'to_rgb': True}
