/**
 * Returns the version that a change is based on. Throws TypeError if it is missing: in JavaScript, nothing else stops a
 * program that forgot it from overwriting the changes of others.
 */
export function requireVersion(call: string, changed: { version: number | null } | undefined): number | null {
  if (changed?.version === undefined) {
    throw new TypeError(
      `\`${call}\` needs the \`version\` on which the change is based. Pass the object as you read it, or \`{ id, version: null }\` to overwrite any version.`,
    )
  }
  return changed.version
}
