/** Cost that a field states in the schema with `@Extensions(price({…}))`. */
export interface Price {
  /**
   * Maximum length of a list: a number; `limit`, the field's own `first` or `last`; `page`, that argument of the parent
   * field; or `argument`, the length of the field's list argument.
   */
  size?: number | 'limit' | 'page' | 'argument'
  /** Maximum of `first` or `last`. */
  most?: number | null
  /** Path of an argument such as `filter.months`. If it is given, `limit` is the maximum of `first` or `last`. */
  mostWith?: string
  /** Whether the list is read with its parent object. Its length then does not multiply the objects. */
  part?: true
  /** Cost of the field in objects, in addition to that of its selection. */
  weight?: number
  /** Additional cost of each given argument, by its path, such as `filter.months`. */
  weights?: Record<string, number>
}

export const price = (price: Price): { price: Price } => ({ price })
