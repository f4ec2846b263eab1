/** The shape of a composition as a request may bring it; what a shape cannot say is in boards/board-rules.ts. */
import { Type } from 'typebox'
import {
  BOARD_SIZES,
  BOARD_TEXT_MAX,
  FIGURE_MEASURES,
  type FigureMeasure,
  PAGES_MAX,
  ROTATION_SECONDS_MAX,
  TABLE_MEASURES,
  TILE_COLUMNS,
  TILE_KINDS,
  TILE_ROWS_MAX,
  TILES_PER_PAGE_MAX,
  type TileKind,
} from '../wire/board-composition.ts'
import { closedObject, Id } from './schemas.ts'

const Text = Type.String({ maxLength: BOARD_TEXT_MAX })
const LocalId = Type.String({ minLength: 1, maxLength: 40 })
/** As many as a site has queues, with room. */
const QUEUES_MAX = 500
const kinds = Object.keys(TILE_KINDS) as TileKind[]
const measures = Object.keys(FIGURE_MEASURES) as FigureMeasure[]

const Scope = Type.Union([
  Type.Object({ kind: Type.Literal('all') }, closedObject),
  Type.Object({ kind: Type.Literal('client'), clientId: Id }, closedObject),
  Type.Object({ kind: Type.Literal('team'), teamId: Id }, closedObject),
  Type.Object(
    { kind: Type.Literal('queues'), queueIds: Type.Array(Id, { maxItems: QUEUES_MAX }) },
    closedObject,
  ),
])

const Thresholds = Type.Object({ amberFrom: Type.Number(), redFrom: Type.Number() }, closedObject)

const Tile = Type.Object(
  {
    id: LocalId,
    kind: Type.Union(kinds.map((kind) => Type.Literal(kind))),
    measure: Type.Union([...measures.map((measure) => Type.Literal(measure)), Type.Null()]),
    title: Text,
    scope: Scope,
    thresholds: Type.Union([Thresholds, Type.Null()]),
    columnThresholds: Type.Optional(
      Type.Object(
        Object.fromEntries(TABLE_MEASURES.map((measure) => [measure, Type.Optional(Thresholds)])),
        closedObject,
      ),
    ),
    columns: Type.Integer({ minimum: 1, maximum: TILE_COLUMNS }),
    rows: Type.Integer({ minimum: 1, maximum: TILE_ROWS_MAX }),
  },
  closedObject,
)

export const Composition = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: BOARD_TEXT_MAX }),
    theme: Type.Union([Type.Literal('dark'), Type.Literal('light')]),
    locale: Type.Union([Type.Literal('en'), Type.Literal('fr'), Type.Null()]),
    size: Type.Union(BOARD_SIZES.map((size) => Type.Literal(size))),
    rotationSeconds: Type.Integer({ minimum: 0, maximum: ROTATION_SECONDS_MAX }),
    namesOnLinks: Type.Boolean(),
    pages: Type.Array(
      Type.Object(
        { id: LocalId, title: Text, tiles: Type.Array(Tile, { maxItems: TILES_PER_PAGE_MAX }) },
        closedObject,
      ),
      { minItems: 1, maxItems: PAGES_MAX },
    ),
  },
  closedObject,
)
