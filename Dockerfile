# The site for a CPU: the locked packages and emoweb's wheel in a virtual environment, run by an unprivileged user.
#   docker build -t emoweb . && docker run -p 127.0.0.1:8000:8000 -v emoweb:/data emoweb
# The architecture is x86-64; for others, use the version ranges: --build-arg LOCKED=0
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
ARG LOCKED=1
WORKDIR /src
RUN python3 -m venv /opt/emoweb
COPY requirements/ requirements/
RUN [ "$LOCKED" = 0 ] || /opt/emoweb/bin/pip install --no-cache-dir --no-compile --no-deps --require-hashes \
        -r requirements/site.txt -r requirements/video.txt
COPY . .
RUN /opt/emoweb/bin/pip install --no-cache-dir --no-compile ".[site,video]" \
    && /opt/emoweb/bin/pip check \
    && /opt/emoweb/bin/pip uninstall --yes --quiet pip \
    && find /opt/emoweb -name tests -type d -path '*/site-packages/*' -prune -exec rm -rf {} +

FROM ${BASE}
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin emoweb \
    && install -d -o emoweb -g emoweb /data
COPY --from=build /opt/emoweb /opt/emoweb
# HOST: all interfaces of the container; publishing the port decides which addresses of the host reach them.
# The models are prepared at the first start, since the precision is chosen by measuring this machine.
ENV PATH=/opt/emoweb/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    DATA_DIR=/data \
    EMOWEB_CACHE=/data/cache
USER emoweb
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s \
    CMD ["python3", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/health', timeout=4)"]
ENTRYPOINT ["emoweb"]
CMD ["serve"]
