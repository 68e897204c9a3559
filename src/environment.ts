// Imported before all else: graphql-js and Express check less where they are told that this is production.
process.env.NODE_ENV ??= 'production'
