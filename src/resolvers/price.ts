/** Cost of a GraphQL field, declared with `@Extensions(price({…}))`. */
export interface Price {
  /**
   * Maximum length of a list field. `limit` means the field's argument `first` or `last`, and `page` the same argument
   * of the parent field. `argument` means the length of the field's list argument.
   */
  size?: number | 'limit' | 'page' | 'argument'
  /** Maximum value of the field's argument `first` or `last`. */
  most?: number | null
  /** Path of an argument, such as `filter.months`. If it is set, the maximum length of the list is `most`. */
  mostWith?: string
  /** Read together with its parent object: the list's length does not multiply the cost in objects. */
  part?: true
  /** Cost of the field itself in objects, in addition to the cost of its selection set. */
  weight?: number
  /** Additional cost, in objects, of each argument that is set, by path, such as `filter.months`. */
  weights?: Record<string, number>
}

export const price = (price: Price): { price: Price } => ({ price })
