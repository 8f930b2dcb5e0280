# One image for the service and for every job of its home; it holds no posts and no model.
# The base is pinned by its digest: `--build-arg BASE=...` takes your own mirror of it, or a later one.
ARG BASE=python:3.12.12-slim-bookworm@sha256:593bd06efe90efa80dc4eee3948be7c0fde4134606dd40d8dd8dbcade98e669c

FROM ${BASE} AS build
WORKDIR /build
RUN python -m venv /opt/photosense
ENV PATH=/opt/photosense/bin:$PATH
# With `--build-arg PACKAGES=networks` the image can run networks that see photos (onnxruntime, OpenVINO).
ARG PACKAGES=run
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/${PACKAGES}.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
# Who serves installs nothing.
RUN pip uninstall --yes setuptools && python -m pip uninstall --yes pip

FROM ${BASE}
# Its number is fixed, so that volumes and Kubernetes may name it.
RUN useradd --uid 10001 --no-create-home --home-dir /data photosense \
    && install --directory --owner photosense --group photosense --mode 0700 /data /backup \
    && install --directory /etc/photosense
COPY --from=build /opt/photosense /opt/photosense
# Settings (photosense.toml), rules and networks are mounted here, to be read; posts are in /data, backups in /backup.
WORKDIR /etc/photosense
ENV PATH=/opt/photosense/bin:$PATH \
    PHOTOSENSE_HOME=/data/home PHOTOSENSE_HOST=0.0.0.0 PHOTOSENSE_PORT=8000 \
    NUMBA_CACHE_DIR=/tmp/numba PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME ["/data", "/backup"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PHOTOSENSE_PORT'] + '/readyz', timeout=5)"]
# It is on the network, so it wants a key and refuses to start without one: `photosense keys create backend` makes it.
ENTRYPOINT ["photosense"]
CMD ["serve"]
