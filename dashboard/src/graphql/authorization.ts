/** How what is asked says who asks: not at all, until somebody is signed in. */
export interface Authorization {
  /** The field Authorization. While it is renewed, the next one. */
  current(): Promise<string | undefined>
  /** Has one that was not taken replaced, and says whether there is another. */
  renewed(refused: string): Promise<boolean>
}

const ofNobody: Authorization = { current: async () => undefined, renewed: async () => false }

let authorization = ofNobody

export const authorizeBy = (other: Authorization): void => {
  authorization = other
}

export const currentAuthorization = (): Promise<string | undefined> => authorization.current()
export const renewedAuthorization = (refused: string): Promise<boolean> => authorization.renewed(refused)
