/**
 * Returns a text's UTF-8 bytes as a string with one character per byte, to be written as `latin1`. A text for many
 * subscribers is then encoded once, and can still be joined with other strings for each of them.
 */
export const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')
