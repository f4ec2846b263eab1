// Who may import whom (server/ARCHITECTURE.md). A folder that is not listed for another is forbidden to it.
const mayImport = {
  domain: [],
  engine: ['domain', 'messages'],
  wire: ['domain'],
  ledger: ['domain'],
  ingest: ['domain', 'wire', 'ledger', 'setup'],
  state: ['domain', 'engine', 'ledger', 'wire'],
  planning: ['domain', 'engine', 'state', 'ledger', 'wire', 'contracts'],
  contracts: ['domain', 'state', 'messages', 'ledger'],
  alerts: ['domain', 'wire'],
  moments: ['domain', 'state', 'wire', 'contracts', 'push', 'planning', 'ledger', 'alerts'],
  messages: [],
  people: ['domain'],
  boards: ['domain', 'wire', 'people'],
  setup: ['domain'],
  simulator: ['domain', 'wire'],
  conformance: ['domain'],
  push: ['domain', 'wire', 'state', 'setup', 'planning'],
  http: [
    'wire',
    'domain',
    'people',
    'setup',
    'ledger',
    'ingest',
    'state',
    'planning',
    'contracts',
    'push',
    'messages',
    'alerts',
    'moments',
  ],
  db: ['domain', 'wire', 'alerts', 'ledger', 'setup', 'people', 'planning', 'contracts', 'state', 'boards'],
}

const folderRules = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  severity: 'error',
  comment: `server/${folder} may import ${allowed.length === 0 ? 'nothing of the server' : allowed.join(', ')}`,
  from: { path: `^server/${folder}/` },
  to: { path: '^server/', pathNot: [`^server/(${[folder, ...allowed].join('|')})/`] },
}))

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'database-packages-in-db-only',
      severity: 'error',
      comment: 'kysely, pg and pglite appear only in server/db',
      from: { pathNot: '^server/db/' },
      to: { path: 'node_modules/(kysely|pg|@electric-sql)/' },
    },
    {
      name: 'statistics-in-forecast-only',
      severity: 'error',
      from: { pathNot: '^server/engine/forecast/' },
      to: { path: 'node_modules/simple-statistics/' },
    },
    {
      name: 'engine-has-no-io',
      severity: 'error',
      comment: 'the engine runs in the browser',
      from: { path: '^server/(engine|domain|wire|messages)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'web-imports-pure-code',
      severity: 'error',
      from: { path: '^web/' },
      // figures.ts holds types only: the shape of the day report that the page shows.
      to: { path: '^server/', pathNot: '^server/((wire|engine|messages|domain)/|state/figures[.]ts$)' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^(server|web)/' },
      to: { path: '^test/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'types', 'node', 'default'],
    },
  },
}
