import { setTimeout as wait } from 'node:timers/promises'

/** Waits until `holds` returns true. Throws after `ms`, with `what` in the message. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  ms: number,
  what: string | (() => string),
): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`after ${ms} ms still waiting for ${typeof what === 'string' ? what : what()}`)
    }
    await wait(10)
  }
}

/** Returns the value, or throws after `ms` with `what` in the message. */
export function within<T>(ms: number, what: string, value: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`after ${ms} ms still waiting for ${what}`)), ms)
    value.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
