# Digit Lab in a container: pages, and the networks that come with it.
#
#   docker build -t digit-lab .                                   everything: it trains by itself
#   docker build -t digit-lab-server --build-arg PACKAGES=server .  pages only: workers elsewhere
#
# docs/deploy.md says which to take. The server never imports TensorFlow, so the second one, which
# also is the scheduler's, does without it.
ARG PACKAGES=all

FROM python:3.11.14-slim-bookworm AS python
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
# Hugging Face runs containers as the user 1000, too.
RUN useradd --uid 1000 --create-home lab \
    && install --directory --owner lab --group lab /data

# No package is compiled here, so there is no compiler to be left behind.
FROM python AS packages-server
COPY requirements-server.txt constraints.txt ./
RUN python -m pip install --only-binary=:all: -c constraints.txt -r requirements-server.txt

# On x86-64, TensorFlow without what it has for graphics cards is 600 MB smaller.
FROM packages-server AS packages-all
COPY requirements.txt ./
RUN if [ "$(uname -m)" = x86_64 ]; then \
        sed -i 's/^tensorflow\([~=]=\)/tensorflow-cpu\1/' requirements.txt constraints.txt; \
    fi \
    && python -m pip install --only-binary=:all: -c constraints.txt -r requirements.txt

# hadolint ignore=DL3006
FROM packages-${PACKAGES} AS digit-lab
WORKDIR /app
# .dockerignore names what comes along, the bundled networks included.
COPY . .
# What would otherwise be made at every start: bytecode, and the copy of Plotly that pages load.
RUN python -m compileall -q app.py core pages ui \
    && python -c "from ui.components.plot import STATIC_FOLDER, ensure_plotly_script as ensure; assert ensure(STATIC_FOLDER)"
# Everything that people make is below /data: mount a volume there, or it goes with the container.
ENV STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    DIGIT_LAB_MODELS=/data/models \
    DIGIT_LAB_UPLOADS=/data/uploads \
    KERAS_HOME=/data/keras \
    DATABASE_URL=sqlite:////data/digit-lab.sqlite3 \
    TF_CPP_MIN_LOG_LEVEL=2
USER 1000:1000
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://localhost:' + os.environ['STREAMLIT_SERVER_PORT'] + '/_stcore/health', timeout=4)"]
# `exec` hands the end of the container (SIGTERM) to the server itself.
CMD ["sh", "-c", "python -m core install-models; exec python -m streamlit run app.py"]
