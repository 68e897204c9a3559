export const suggestionsQuery = `query Suggestions($ofMentors: SessionFilter, $organisations: Boolean!, $mentors: Boolean!) {
  organisations(first: 6, orderBy: {by: SESSIONS, descending: true}) @include(if: $organisations) {
    nodes { id: key sessions } }
  mentors(filter: $ofMentors, first: 6, orderBy: {by: SESSIONS, descending: true}) @include(if: $mentors) {
    nodes { id: key sessions } } }`

export const findQuery = `query Find($text: String!, $filter: SessionFilter, $organisations: Boolean!, $mentors: Boolean!) {
  find(text: $text, filter: $filter) {
    organisations @include(if: $organisations) { id: key sessions }
    mentors @include(if: $mentors) { id: key sessions }
    sessions { id mentorId createdAt result { inputs { label } } } } }`

export const mentorNamesQuery = `query MentorNames($text: String!) { find(text: $text) { groups: mentors { id: key } } }`

export const organisationNamesQuery = `query OrganisationNames($text: String!) {
  find(text: $text) { groups: organisations { id: key } } }`
