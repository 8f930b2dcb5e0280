# The service with the embedded store; the image holds no posts and no model: mount a volume at /data.
FROM python:3.12-slim
WORKDIR /app
RUN useradd --create-home photosense && mkdir /data && chown photosense /data
# With `--build-arg PACKAGES=networks` the image can run networks that see photos (onnxruntime, OpenVINO).
ARG PACKAGES=run
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/${PACKAGES}.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
USER photosense
ENV PHOTOSENSE_HOME=/data PHOTOSENSE_HOST=0.0.0.0 NUMBA_CACHE_DIR=/tmp/numba
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
# Outside the container the service is on the network, so it wants PHOTOSENSE_API_KEY and refuses to start without it.
CMD ["photosense", "serve"]
