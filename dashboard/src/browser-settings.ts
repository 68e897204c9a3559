/** Returns a setting stored in this browser, or null if it is not set or the browser denies access to its storage. */
export function readSetting(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/**
 * Stores a setting in this browser, or removes it if `value` is null. If the browser denies access to its storage, the
 * setting is lost when the page is reloaded.
 */
export function saveSetting(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // The browser's storage may be full or inaccessible.
  }
}
