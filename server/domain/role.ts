/** Who may do what. Rights only grow from client to administrator, except that feeds hold tokens of their own. */
export const USER_ROLES = ['administrator', 'director', 'supervisor', 'client'] as const
export type UserRole = (typeof USER_ROLES)[number]
export const TOKEN_ROLES = ['ingest', 'read'] as const
export type TokenRole = (typeof TOKEN_ROLES)[number]

/** Who is asking: a person with a session, or a program with a token. A client sees only its own queues and no agent's name. */
export type Viewer =
  | {
      readonly kind: 'user'
      readonly userId: string
      readonly name: string
      readonly role: UserRole
      readonly clientId: string | null
    }
  | { readonly kind: 'token'; readonly tokenId: string; readonly name: string; readonly role: TokenRole }
  /** A screen that came by a board link: sees that board and nothing else. */
  | {
      readonly kind: 'board'
      readonly linkId: string
      readonly boardId: string
      readonly name: string
      readonly role: 'board'
    }

export function viewerClientId(viewer: Viewer): string | null {
  return viewer.kind === 'user' && viewer.role === 'client' ? (viewer.clientId ?? '') : null
}
