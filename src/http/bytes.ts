/**
 * A text as its UTF-8 bytes, each a character (written as `latin1`). What many are told is encoded once, and joined for each
 * as strings are.
 */
export const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')
