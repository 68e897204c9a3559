import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import { expressMiddleware } from '@as-integrations/express5'
import express from 'express'
import { resolvers, typeDefs } from './graphql.mjs'

// Apollo caches parsed and validated documents. Its cache control plugin would run at every field.
const apollo = new ApolloServer({ typeDefs, resolvers, plugins: [ApolloServerPluginCacheControlDisabled()] })
await apollo.start()

const app = express().disable('x-powered-by').disable('etag')
app.use('/graphql', express.json(), expressMiddleware(apollo))
app.listen(process.env.PORT, '127.0.0.1')
