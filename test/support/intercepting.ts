/** Returns an object with some methods replaced. The replacements can call the originals. */
export const intercepting = <T extends object>(original: T, methods: Partial<T>): T =>
  interceptingEach(original, (name, call, given) => {
    const method: unknown = Reflect.get(methods, name)
    return typeof method === 'function' ? method(...given) : call()
  })

/** Returns an object that calls `around` in place of each method, with the method's name. */
export const interceptingEach = <T extends object>(
  original: T,
  around: (name: string, call: () => unknown, given: unknown[]) => unknown,
): T =>
  new Proxy(original, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...given: unknown[]) => around(String(name), () => member.apply(target, given), given)
    },
  })
