# wikibridge as a service: the site folder is mounted at /site, and jobs run when they are due.
#
#   docker build -t wikibridge .
#   docker run -d --restart unless-stopped -v "$PWD/my-wiki:/site" -u "$(id -u):$(id -g)" wikibridge
#
# Any other command works too: docker run --rm -it -v "$PWD/my-wiki:/site" -u "$(id -u):$(id -g)" wikibridge doctor
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md CHANGELOG.md LICENSE constraints.txt ./
COPY wikibridge wikibridge
COPY page_templates page_templates
COPY jobs jobs
RUN python -m venv /opt/wikibridge \
    && /opt/wikibridge/bin/pip install --no-cache-dir -c constraints.txt ".[charts,text,xlsx]"

FROM python:3.12-slim
COPY --from=build /opt/wikibridge /opt/wikibridge
ENV PATH=/opt/wikibridge/bin:$PATH PYTHONUNBUFFERED=1 LANG=C.UTF-8
VOLUME /site
WORKDIR /site
# SIGTERM lets the write under way come to its end.
STOPSIGNAL SIGTERM
ENTRYPOINT ["wikibridge"]
CMD ["run", "--watch"]
