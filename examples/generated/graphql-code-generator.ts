// Lists a mentor's sessions, with types from GraphQL Code Generator. The mentor must have at least one session.
// After `npm install graphql@16 @graphql-typed-document-node/core`.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { SessionsDocument } from './graphql.js'

async function ask<D, V>(document: TypedDocumentNode<D, V>, variables: V): Promise<D> {
  const body = JSON.stringify({ query: print(document), variables })
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch('http://127.0.0.1:4000/graphql', { method: 'POST', headers, body })
  const { data, errors } = (await answer.json()) as { data: D; errors?: { message: string }[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
  return data
}

const { sessions } = await ask(SessionsDocument, { mentorId: 'mentor_001' })
if (sessions.totalCount < 1) throw new Error('no sessions')
