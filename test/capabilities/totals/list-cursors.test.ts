import { describeCursors, graphqlList, nextOfBody, restList } from '../../support/list-cursors'

describeCursors([
  restList('mentors', '/api/v1/benefit-mentors?', nextOfBody),
  restList('organisations', '/api/v1/benefit-organisations?', nextOfBody),
  graphqlList('mentors', 'mentors', 'id'),
  graphqlList('organisations', 'organisations', 'id'),
])
