/** Cost of a GraphQL field, declared with `@Extensions(price({…}))`. */
export interface Price {
  /**
   * Maximum length of a list field: a number, or a name that says where the maximum comes from. `limit` means the
   * field's argument `first` or `last`. `page` means the argument `first` or `last` of the parent field. `argument`
   * means the length of the field's list argument.
   */
  size?: number | 'limit' | 'page' | 'argument'
  /** Maximum value of the field's argument `first` or `last`. */
  most?: number | null
  /**
   * Path of an argument, such as `filter.months`. If a request sets this argument, the maximum length of the list is
   * `most`, regardless of `first` or `last`.
   */
  mostWith?: string
  /**
   * Whether the list is read together with its parent object, so that the list's length does not multiply the cost in
   * objects.
   */
  part?: true
  /** Cost of the field itself in objects, in addition to the cost of its selection set. */
  weight?: number
  /**
   * Additional cost, in objects, of each argument that a request sets. The keys are argument paths, such as
   * `filter.months`.
   */
  weights?: Record<string, number>
}

export const price = (price: Price): { price: Price } => ({ price })
