/**
 * Returns the version on which a change is based. Throws TypeError if the version is missing. Without this check, a
 * JavaScript program that omits the version would overwrite other clients' changes.
 */
export function requireVersion(call: string, changed: { version: number | null } | undefined): number | null {
  if (changed?.version === undefined) {
    throw new TypeError(
      `\`${call}\` needs the \`version\` on which the change is based. Pass the object as you read it, or \`{ id, version: null }\` to overwrite any version.`,
    )
  }
  return changed.version
}
