/**
 * Ids of contacts that turned out to be one: a switch may give a call another id in the middle of it. The ledger keeps
 * every id as it came; here they lead to one contact, whose name is the least of them, so that order decides nothing.
 */
export class ContactAliases {
  readonly #rootById = new Map<string, string>()
  readonly #idsByRoot = new Map<string, readonly string[]>()

  rootOf(contactId: string): string {
    if (this.#rootById.size === 0) return contactId
    return this.#rootById.get(contactId) ?? contactId
  }

  /** Every id of the contact, its own among them. */
  idsOf(root: string): readonly string[] {
    return this.#idsByRoot.get(root) ?? [root]
  }

  /** These are one contact. `absorbed` are the names that led elsewhere until now. */
  join(contactIds: readonly string[]): { readonly root: string; readonly absorbed: readonly string[] } {
    const roots = new Set(contactIds.map((id) => this.rootOf(id)))
    let root = contactIds[0] ?? ''
    for (const one of roots) if (one < root) root = one
    roots.delete(root)
    if (roots.size === 0) return { root, absorbed: [] }
    const ids = new Set([...this.idsOf(root), ...[...roots].flatMap((one) => this.idsOf(one))])
    for (const one of roots) this.#idsByRoot.delete(one)
    this.#idsByRoot.set(root, [...ids])
    for (const id of ids) this.#rootById.set(id, root)
    return { root, absorbed: [...roots] }
  }

  /** Contacts that are forgotten need no names. */
  keepOnly(isKept: (root: string) => boolean): void {
    for (const [root, ids] of this.#idsByRoot) {
      if (isKept(root)) continue
      for (const id of ids) this.#rootById.delete(id)
      this.#idsByRoot.delete(root)
    }
  }
}
