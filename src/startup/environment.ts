// Import this first: graphql-js and Express run fewer checks in production.
process.env.NODE_ENV ??= 'production'
