# The image: the program, the libraries it is linked to, and certificates of public authorities. No shell, no package
# manager, nothing else to be found in it.
#
#   docker build -t mintmark .          buildah bud --format docker -t mintmark .
#
# The same sources and the same base make the same layers: BASE can be a digest (debian@sha256:…), SNAPSHOT a moment of
# snapshot.debian.org, from which the packages then come, and SOURCE_DATE_EPOCH the time that the files bear. Understood
# by BuildKit 20.10 and by buildah 1.28.

ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
# Such as 20260901T000000Z; empty: what the base's sources have today.
ARG SNAPSHOT=
COPY dev /tmp/dev
RUN if [ -n "$SNAPSHOT" ]; then \
      sed -i -e "s|^URIs: .*/debian-security/\?$|URIs: http://snapshot.debian.org/archive/debian-security/$SNAPSHOT/|" \
             -e "s|^URIs: .*/debian/\?$|URIs: http://snapshot.debian.org/archive/debian/$SNAPSHOT/|" \
        /etc/apt/sources.list.d/debian.sources && \
      echo 'Acquire::Check-Valid-Until "false";' > /etc/apt/apt.conf.d/snapshot; \
    fi && \
    apt-get update -qq && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates \
      $(/tmp/dev packages) >/dev/null && \
    rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY CMakeLists.txt CMakePresets.json LICENSE ./
COPY cmake cmake
COPY include include
COPY src src
# The cache outlives the build and is no part of the image.
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release >/dev/null && \
    cmake --build --preset release --target mintmark && \
    strip build/release/mintmark

# What goes into the image, in one folder. Libraries keep the paths at which the linker looks for them.
ARG SOURCE_DATE_EPOCH=0
COPY docker/collect.sh /collect.sh
RUN sh /collect.sh build/release/mintmark /image "$SOURCE_DATE_EPOCH"

FROM scratch
COPY --from=build /image/ /
ENV MINTMARK_CONFIG=/etc/mintmark/mintmark.json \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532:65532
VOLUME /var/lib/mintmark
WORKDIR /var/lib/mintmark
EXPOSE 8080
# Whether it lives, not whether the store does: who restarts what is unhealthy would take the key set away as well.
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --retries=3 CMD ["/usr/bin/mintmark", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/mintmark"]
CMD ["serve"]
ARG VERSION=
ARG REVISION=
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=
LABEL org.opencontainers.image.title="Mintmark" \
      org.opencontainers.image.description="A standalone token mint: OAuth 2.0 credentials in, signed and encrypted JSON Web Tokens out" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}"
