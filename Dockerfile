# Holdfast with its light core and PostgreSQL's driver. Not the main path: see docs/how-to/run-in-a-container.md.
FROM python:3.11-slim

WORKDIR /opt/holdfast
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src ./src
RUN python -m pip install --no-cache-dir --disable-pip-version-check -c constraints.txt '.[postgres]' \
    && useradd --system --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin holdfast

# Beyond loopback Holdfast refuses to start without HOLDFAST_SECRET_KEY. None is set here, on purpose.
ENV HOLDFAST_HOST=0.0.0.0 \
    HOLDFAST_DATA_DIR=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

USER holdfast
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["holdfast", "serve"]
