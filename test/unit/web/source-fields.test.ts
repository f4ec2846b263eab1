/** The form of a source asks for what the server takes, and keeps what it has no field for. */
import { describe, expect, it } from 'vitest'
import { SOURCE_ADAPTERS, sourceOptionProblems } from '../../../server/setup/source-options.ts'
import {
  optionsFor,
  optionsOf,
  SOURCE_ADAPTER_FORMS,
  SOURCE_ADAPTER_NAMES,
  secretName,
  shownOption,
  withOption,
} from '../../../web/src/setup/source-fields.ts'

const TYPED: Readonly<Record<string, string>> = {
  path: '/var/log/queue_log',
  host: 'pbx',
  port: '5038',
  username: 'vigie',
  publicUrl: 'https://vigie.example',
  authentication: 'bearer',
  mapping: 'nethvoice',
  sources: ' /a \n\n/b',
  heartbeatSeconds: '30',
  source: 'pbx-log',
}

describe('fields of sources', () => {
  it('are those of every adapter that the server has, with its names and types', () => {
    expect([...SOURCE_ADAPTER_NAMES].sort()).toEqual([...SOURCE_ADAPTERS].sort())
    for (const [adapter, form] of Object.entries(SOURCE_ADAPTER_FORMS)) {
      let options = {}
      for (const field of form.options)
        options = withOption(field, options, field.kind === 'switch' ? true : (TYPED[field.key] ?? ''))
      expect(Object.keys(options).sort()).toEqual(form.options.map(({ key }) => key).sort())
      const body = { adapter, url: 'https://feed.example', options, enabled: true }
      expect(sourceOptionProblems(body)).toEqual([])
      const required = form.options.flatMap(({ key, isRequired }) => (isRequired ? [`/options/${key}`] : []))
      const missing = sourceOptionProblems({ ...body, options: {} }).map(({ pointer }) => pointer)
      expect(missing).toEqual(required)
    }
  })

  it('show what is set, leave out what is empty or holds anyway, and keep the rest', () => {
    const form = SOURCE_ADAPTER_FORMS.http?.options ?? []
    const field = (key: string) => form.find((one) => one.key === key) ?? form[0]
    const sources = field('sources')
    const authentication = field('authentication')
    if (sources === undefined || authentication === undefined) throw new Error('no such field')
    const set = withOption(sources, { kept: 1 }, '/a\n/b')
    expect(set).toEqual({ kept: 1, sources: ['/a', '/b'] })
    expect(shownOption(sources, set)).toBe('/a\n/b')
    expect(withOption(sources, set, ' ')).toEqual({ kept: 1 })
    expect(shownOption(authentication, {})).toBe('signature')
    expect(withOption(authentication, { authentication: 'bearer' }, 'signature')).toEqual({})
    expect(optionsFor('asterisk-ami', { host: 'a', sources: ['/a'] })).toEqual({ host: 'a' })
    expect(optionsOf('{"torn')).toBeNull()
    expect(secretName('pbx-2 été')).toBe('VIGIE_SOURCE_TOKEN_PBX_2__T_')
  })
})
