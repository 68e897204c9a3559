import type { Json } from './schemas'

/** Returns the security scheme: bearer tokens of this issuer. */
export const securitySchemes = (issuer: string): Record<'token', Json> => ({
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `A token from ${issuer}, in the \`Authorization\` header. On a WebSocket also as \`authorization\` in the payload of \`connection_init\`.`,
  },
})
