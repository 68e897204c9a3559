/** How what is asked says who asks: not at all, until somebody is signed in. */
export interface Tokens {
  /** What is shown to the server. While it is renewed, the next one. */
  current(): Promise<string | undefined>
  /** Has one that was not taken replaced, and says whether there is another. */
  renewed(refused: string): Promise<boolean>
}

const ofNobody: Tokens = { current: async () => undefined, renewed: async () => false }

let tokens = ofNobody

export const signInBy = (other: Tokens): void => {
  tokens = other
}

export const currentToken = (): Promise<string | undefined> => tokens.current()
export const renewedToken = (refused: string): Promise<boolean> => tokens.renewed(refused)
