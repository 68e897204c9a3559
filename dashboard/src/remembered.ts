/** Returns a setting that this browser stores. Null if the browser stores none, or denies access. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Stores a setting in this browser, or removes it. Without access, the setting lasts only as long as the page. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Storage may be full or denied.
  }
}
