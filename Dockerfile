# The tested set (requirements/tested.txt) and this project. It was never built where it was written.
#   docker build -t mmgsf . && docker run --rm -it mmgsf
FROM python:3.11-slim

# What OpenCV loads; bash programs of tools/ need nothing more.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

# Which torch: any that pip takes, such as a version or the path of a wheel in the checkout. The index's
# own for Linux is a CUDA build, which runs on the CPU too.
ARG TORCH=torch

WORKDIR /mmgsf
COPY . .
# As tools/environment.sh does it: torch first, so that nothing else chooses another one.
RUN pip install --quiet -c requirements/tested.txt "$TORCH" \
    && pip install --quiet -c requirements/tested.txt -e ".[mmcv-lite,camera-motion]"

CMD ["bash"]
