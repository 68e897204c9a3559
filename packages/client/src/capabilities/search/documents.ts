import { withFragments } from '../../fragments.js'

export const findQuery = withFragments(`query Find($text: String!, $filter: SessionFilter, $first: Int) {
  find(text: $text, filter: $filter, first: $first) {
    mentors { ...Group } organisations { ...Group } sessions { ...Session } complete } }`)
