/** Source of tokens for requests. Until a user signs in, requests carry no token. */
export interface Tokens {
  /** Returns the token for a request. Waits for a renewal in progress. */
  current(): Promise<string | undefined>
  /** Replaces a token that the server refused. Resolves to whether there is another one. */
  renewed(refused: string): Promise<boolean>
}

const ofNobody: Tokens = { current: async () => undefined, renewed: async () => false }

let tokens = ofNobody

export const signInBy = (other: Tokens): void => {
  tokens = other
}

export const currentToken = (): Promise<string | undefined> => tokens.current()
export const renewedToken = (refused: string): Promise<boolean> => tokens.renewed(refused)
