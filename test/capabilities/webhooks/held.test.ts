import {
  currentDelivery,
  currentHeld,
  newDelivery,
  type StoredDelivery,
} from '../../../src/capabilities/webhooks/model'
import { noon } from '../../support/sessions'

const held = [{ session_id: 'session_1', sequence: 3, attempts: 2, next_at: noon }]
const endpoint = { start: { number: 0, cursor: null } } as StoredDelivery['endpoint']

test('the held sessions that an early build stored in the delivery are those to go on with, and are not stored there again', () => {
  const early: StoredDelivery = { endpoint, delivery: { ...newDelivery('cursor'), held }, held: [] }
  expect(currentHeld(early)).toEqual(held)
  expect(currentDelivery(early)).toEqual(newDelivery('cursor'))
})
