/** Replacements for methods of an object, and of the objects in it. */
type Replacements<T> = { [K in keyof T]?: T[K] extends (...args: never[]) => unknown ? T[K] : Replacements<T[K]> }

/**
 * Returns an object with some methods replaced, its own or those of its parts. The replacements can call the originals.
 */
export const intercepting = <T extends object>(original: T, methods: Replacements<T>): T =>
  new Proxy(original, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      const replaced: unknown = Reflect.get(methods, name)
      if (isPart(member)) return replaced ? intercepting(member, replaced) : member
      return replaced ?? (typeof member === 'function' ? member.bind(target) : member)
    },
  })

/** Returns an object that calls `around` in place of each method, its own or of its parts, with the method's name. */
export const interceptingEach = <T extends object>(
  original: T,
  around: (name: string, call: () => unknown, given: unknown[]) => unknown,
): T =>
  new Proxy(original, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (isPart(member)) return interceptingEach(member, around)
      if (typeof member !== 'function') return member
      return (...given: unknown[]) => around(String(name), () => member.apply(target, given), given)
    },
  })

const isPart = (member: unknown): member is object =>
  typeof member === 'object' && member !== null && !(member instanceof Uint8Array)
