# Two stages: one that builds, with pip and the build back-end; one that runs, with the service and what it needs.
# Everything installed is named with its hash in requirements-*.txt. Build from the top of the tree: docker build .

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# Dependencies first, so that a change of the code alone finds this layer in the cache. The environment has no pip of
# its own: nothing can be installed into it later.
COPY requirements-build.txt requirements-runtime.txt ./
RUN python -m venv /opt/build && \
    /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.txt && \
    python -m venv --without-pip /opt/feedback-router && \
    /opt/build/bin/pip --python /opt/feedback-router/bin/python \
        install --require-hashes --only-binary :all: -r requirements-runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations ./migrations
COPY deploy/playbooks ./deploy/playbooks
COPY service ./service
RUN /opt/build/bin/hatchling build --target wheel --directory /dist && \
    /opt/build/bin/pip --python /opt/feedback-router/bin/python \
        install --no-deps --no-index --find-links /dist feedback-router

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Feedback Router" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/feedback-router /opt/feedback-router
# HOME is for libraries that look for settings there: the user below has no home, and the file system may be read-only.
ENV PATH=/opt/feedback-router/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FEEDBACK_ROUTER_HOST=0.0.0.0 \
    FEEDBACK_ROUTER_PORT=8080
# A number, so that an orchestrator can tell without looking it up that this is not root.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['FEEDBACK_ROUTER_PORT'] + '/livez', timeout=4)"]
ENTRYPOINT ["feedback-router"]
CMD ["serve"]
