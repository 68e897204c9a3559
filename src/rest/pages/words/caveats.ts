import { type MethodKey, methodKeyOf } from '../../../domain/methods'

/**
 * Returns the function that says, in one language, what the figures of a method leave out. It returns an unknown text as
 * the result states it.
 */
export const caveatIn =
  (caveats: Record<MethodKey, string>) =>
  (stated: string, method: string): string => {
    const key = methodKeyOf(method, stated)
    return key === undefined ? stated : caveats[key]
  }
