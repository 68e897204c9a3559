# Installs the npm package with exactly the dependencies that it was tested with: docs/operations/install.md
FROM node:26.8.1-bookworm-slim@sha256:367679cf9792759492a486e4aa4b421764d71a9546a6dae8aab81a99eb797b3e AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-workspaces --ignore-scripts
COPY . .
RUN npm pack \
  && mkdir /app \
  && tar xzf benefit-sessions-*.tgz --strip-components=1 -C /app
WORKDIR /app
RUN npm ci --omit=dev --ignore-scripts

FROM node:26.8.1-bookworm-slim@sha256:367679cf9792759492a486e4aa4b421764d71a9546a6dae8aab81a99eb797b3e
# On an address beyond this machine, the server starts only with AUTH_ISSUER, AUTH_KEYS or PUBLIC=on.
ENV NODE_ENV=production HOST=0.0.0.0 DATA_FILE=/data/sessions.db
WORKDIR /app
COPY --from=build /app ./
RUN install --directory --owner=1000 --group=1000 --mode=700 /data
VOLUME /data
# Numeric ids, so that Kubernetes can see that the user is not root.
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "dist/src/main.js", "--health"]
ENTRYPOINT ["node", "dist/src/main.js"]
