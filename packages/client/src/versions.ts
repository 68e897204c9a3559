/**
 * Returns the version on which a change is based. Throws TypeError if it is missing. In JavaScript, nothing else stops
 * a program that forgot the version from overwriting changes of others.
 */
export function requireVersion(call: string, changed: { version: number | null } | undefined): number | null {
  if (changed?.version === undefined) {
    throw new TypeError(
      `\`${call}\` needs the \`version\` on which the change is based. Pass the object as you read it, or \`{ id, version: null }\` to overwrite any version.`,
    )
  }
  return changed.version
}
