/** Why the server closes a live socket. Codes from 4400 are ours; PROTOCOL.md says what the page does about each. */
export const LIVE_CLOSE_CODES = {
  goingAway: { code: 1001, meaning: 'The server is stopping: connect again soon.' },
  tooLarge: { code: 1009, meaning: 'The message was too large: a mistake of the client.' },
  full: { code: 1013, meaning: 'The server has as many viewers as it takes: try again later.' },
  badMessage: { code: 4400, meaning: 'The message was not one of the protocol: a mistake of the client.' },
  rightsEnded: { code: 4401, meaning: 'The session or token ended: sign in again.' },
  linkRevoked: { code: 4410, meaning: 'The board link was revoked: ask for a new one.' },
  tooSlow: { code: 4408, meaning: 'The viewer did not read what was sent: connect again.' },
  tooManyMessages: { code: 4429, meaning: 'The client sent too many messages: a mistake of the client.' },
} as const

export type LiveCloseReason = keyof typeof LIVE_CLOSE_CODES
