# A container that plays and records: `docker build -t ameublement .`, then see docs/install.md.
FROM debian:12-slim AS system
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        fluid-soundfont-gm libasound2-plugins libfluidsynth3 puredata-core python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*

# What an editor opens, see .devcontainer; its own set-up makes the virtual environment.
FROM system AS development
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates git imagemagick make puredata-gui sudo xauth xdotool xvfb \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --groups audio,sudo satie \
    && echo 'satie ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/satie
USER satie

FROM system AS installation
WORKDIR /src
COPY . .
RUN python3 -m venv /opt/ameublement \
    && /opt/ameublement/bin/pip install --no-cache-dir --prefer-binary . \
    && rm -rf /src/*
RUN useradd --create-home --groups audio satie \
    && install -d -o satie /out /var/cache/ameublement
USER satie
WORKDIR /home/satie
ENV PATH=/opt/ameublement/bin:$PATH NUMBA_CACHE_DIR=/var/cache/ameublement MPLCONFIGDIR=/var/cache/ameublement
# The loops are compiled for the processor of this machine; another kind compiles them at its first start.
RUN mkdir -p .local/state/ameublement \
    && ameublement moods \
    && python -m models.compiling
VOLUME ["/out", "/home/satie/.local/state/ameublement"]
EXPOSE 9100/udp
ENTRYPOINT ["ameublement"]
CMD ["run", "--no-window"]
