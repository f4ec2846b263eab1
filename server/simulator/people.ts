/** Names and ids of the simulated agents: one list, so that an id keeps its name, team and skills on every day. */
import type { CentrePlan } from './centre-plan.ts'
import { randomStream } from './random.ts'

export interface Agent {
  readonly id: string
  readonly name: string
  readonly teamId: string
  /** Place within the team, which decides skills and days off. */
  readonly memberIndex: number
  readonly queueIds: readonly string[]
  /** Talk takes this many times the usual: some explain briefly, some at length. */
  readonly talkFactor: number
}

const FIRST_NAMES = [
  ...['Adèle', 'Alexandre', 'Amina', 'Antoine', 'Aurore', 'Bastien', 'Camille', 'Chloé', 'Clément', 'Daphné'],
  ...['Elias', 'Emma', 'Fanny', 'Farid', 'Gabriel', 'Hélène', 'Inès', 'Jeanne', 'Julien', 'Karim'],
  ...['Léa', 'Louis', 'Lucie', 'Malik', 'Manon', 'Marc', 'Nadia', 'Nathan', 'Olivia', 'Oscar'],
]
const LAST_NAMES = [
  ...[
    'Aubry',
    'Bernard',
    'Besson',
    'Carlier',
    'Charpentier',
    'Collet',
    'Delmas',
    'Diallo',
    'Dumont',
    'Faure',
  ],
  ...['Garnier', 'Guérin', 'Haddad', 'Imbert', 'Joly', 'Keller', 'Lacroix', 'Lefèvre', 'Marchand', 'Mercier'],
  ...['Moreau', 'Nguyen', 'Olivier', 'Perrin', 'Picard', 'Renaud', 'Rossi', 'Sauvage', 'Tessier', 'Vidal'],
]
const TALK_FACTOR_VARIATION = 0.08

export function agentsOf(plan: CentrePlan, seed: number): readonly Agent[] {
  const names = shuffledNames(seed)
  const pace = randomStream(seed, 'agent-pace')
  let count = 0
  return plan.teams.flatMap((team) =>
    Array.from({ length: team.members }, (_, memberIndex) => {
      const number = ++count
      return {
        id: `agent-${String(number).padStart(3, '0')}`,
        name: names[(number - 1) % names.length] ?? `Agent ${number}`,
        teamId: team.id,
        memberIndex,
        queueIds: team.skills
          .filter(({ fromMember, toMember }) => memberIndex >= fromMember && memberIndex < toMember)
          .map(({ queueId }) => queueId),
        talkFactor: pace.lognormal(1, TALK_FACTOR_VARIATION),
      }
    }),
  )
}

/** Every pair of a first and a last name once, in the seed's order. */
function shuffledNames(seed: number): readonly string[] {
  const random = randomStream(seed, 'names')
  const names = LAST_NAMES.flatMap((last) => FIRST_NAMES.map((first) => `${first} ${last}`))
  for (let index = names.length - 1; index > 0; index--) {
    const other = random.integer(index + 1)
    const [a, b] = [names[index], names[other]]
    if (a !== undefined && b !== undefined) {
      names[index] = b
      names[other] = a
    }
  }
  return names
}
