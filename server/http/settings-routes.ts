/** Settings: read by the staff, changed by administrators and directors, every version kept. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { SETTING_KINDS, type SettingKind, type SettingVersion } from '../domain/settings.ts'
import type { SettingBody } from '../wire/api.ts'
import { ADMINISTRATION, nameOf, STAFF_OR_READER } from './access.ts'
import { type FieldError, problem } from './problems.ts'
import { closedObject, Id } from './schemas.ts'

export interface SettingsPort {
  versions(kind: SettingKind): readonly SettingVersion[]
  version(kind: SettingKind, id: string): SettingVersion | undefined
  history(kind: SettingKind, id: string): Promise<readonly SettingVersion[]>
  put(change: {
    readonly kind: SettingKind
    readonly id: string
    readonly baseVersion: number
    readonly changedBy: string
    readonly body: unknown
  }): Promise<
    | { readonly kind: 'stored'; readonly version: SettingVersion }
    | { readonly kind: 'conflict'; readonly newest: SettingVersion | undefined }
    | { readonly kind: 'invalid'; readonly problems: readonly FieldError[] }
  >
}

const Kind = Type.Union(SETTING_KINDS.map((kind) => Type.Literal(kind)))

export const settingsRoutes: FastifyPluginAsyncTypebox<{ readonly settings: SettingsPort }> = async (
  app,
  { settings },
) => {
  app.get(
    '/settings/:kind',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'What is set up, of one kind', params: Type.Object({ kind: Kind }) },
    },
    async (request): Promise<readonly SettingBody[]> => settings.versions(request.params.kind),
  )

  app.get(
    '/settings/:kind/:id',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'One thing that is set up', params: Type.Object({ kind: Kind, id: Id }) },
    },
    async (request): Promise<SettingBody> => {
      const found = settings.version(request.params.kind, request.params.id)
      if (found === undefined || found.body === null) throw problem('not-found')
      return found
    },
  )

  app.get(
    '/settings/:kind/:id/history',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'Every version, newest first', params: Type.Object({ kind: Kind, id: Id }) },
    },
    async (request): Promise<readonly SettingBody[]> => {
      const versions = await settings.history(request.params.kind, request.params.id)
      if (versions.length === 0) throw problem('not-found')
      return [...versions].sort((a, b) => b.version - a.version)
    },
  )

  app.put(
    '/settings/:kind/:id',
    {
      config: { access: ADMINISTRATION },
      schema: {
        summary: 'Store a new version (body null removes the thing)',
        params: Type.Object({ kind: Kind, id: Id }),
        body: Type.Object(
          {
            version: Type.Integer({ minimum: 0 }),
            body: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
          },
          closedObject,
        ),
      },
    },
    async (request): Promise<SettingBody> => {
      const { kind, id } = request.params
      const outcome = await settings.put({
        kind,
        id,
        baseVersion: request.body.version,
        changedBy: nameOf(request),
        body: request.body.body,
      })
      if (outcome.kind === 'stored') return outcome.version
      if (outcome.kind === 'conflict')
        throw problem('setting-changed', `The newest version is ${outcome.newest?.version ?? 0}.`)
      throw problem('invalid-setting', {
        errors: outcome.problems.map(({ pointer, detail }) => ({
          pointer: pointer === '/id' ? pointer : `/body${pointer}`,
          detail,
        })),
      })
    },
  )
}
