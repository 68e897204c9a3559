/**
 * Returns the version on which a change is based. Throws TypeError if the change has no version. Without this check, a
 * JavaScript program that omits the version would overwrite changes made by other clients.
 */
export function requireVersion(call: string, changed: { version: number | null } | undefined): number | null {
  if (changed?.version === undefined) {
    throw new TypeError(
      `\`${call}\` needs the \`version\` on which the change is based. Pass the object as you read it, or \`{ id, version: null }\` to overwrite any version.`,
    )
  }
  return changed.version
}
