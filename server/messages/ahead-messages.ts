/** Texts of the look-ahead, of boards of the past, and of the month beside the day. */
import type { MessageTable } from './message.ts'

export const AHEAD_MESSAGES = {
  'ahead.title': { en: 'What would help', fr: 'Ce qui aiderait' },
  'ahead.all': { en: 'Look-ahead of the day', fr: 'Projection de la journée' },
  'ahead.fine': { en: 'Every promise is likely to be kept.', fr: 'Chaque engagement sera sans doute tenu.' },
  'ahead.none': { en: 'Not looked ahead yet.', fr: 'Pas encore de projection.' },
  'ahead.nothingHelps': {
    en: 'nothing in reach changes this',
    fr: 'rien à portée n’y change quelque chose',
  },
  'ahead.summary': { en: 'ends at {ratio} · chance {chance}', fr: 'finira à {ratio} · chance {chance}' },
  'ahead.band': { en: '{low} to {high} in 8 days of 10', fr: '{low} à {high} 8 jours sur 10' },
  'ahead.lostSince': { en: 'lost since {time}', fr: 'perdu depuis {time}' },
  'ahead.lost': { en: 'lost', fr: 'perdu' },
  'ahead.unlikely': { en: 'unlikely', fr: 'peu probable' },
  'ahead.missesLeft': {
    en: { one: '{count} more may be missed', other: '{count} more may be missed' },
    fr: { one: 'encore {count} manqué possible', other: 'encore {count} manqués possibles' },
  },
  'ahead.overdrawn': {
    en: { one: '{count} missed too many', other: '{count} missed too many' },
    fr: { one: '{count} manqué de trop', other: '{count} manqués de trop' },
  },
  'ahead.needed': {
    en: '{share} of the rest must be met',
    fr: '{share} du reste doit être pris à temps',
  },
  'ahead.add': {
    en: { one: '+{count} agent {from}–{to}', other: '+{count} agents {from}–{to}' },
    fr: { one: '+{count} agent {from}–{to}', other: '+{count} agents {from}–{to}' },
  },
  'ahead.overtime': {
    en: { one: '{count} agent stays, {from}–{to}', other: '{count} agents stay, {from}–{to}' },
    fr: { one: '{count} agent prolongé, {from}–{to}', other: '{count} agents prolongés, {from}–{to}' },
  },
  'ahead.move': {
    en: { one: 'move {count} from {queue}, {from}–{to}', other: 'move {count} from {queue}, {from}–{to}' },
    fr: {
      one: 'déplacer {count} de {queue}, {from}–{to}',
      other: 'déplacer {count} de {queue}, {from}–{to}',
    },
  },
  'ahead.training': {
    en: {
      one: 'cancel the {from} training ({count} agent)',
      other: 'cancel the {from} training ({count} agents)',
    },
    fr: {
      one: 'reporter la formation de {from} ({count} agent)',
      other: 'reporter la formation de {from} ({count} agents)',
    },
  },
  'ahead.gives': { en: '{queue}: chance {before} › {after}', fr: '{queue} : chance {before} › {after}' },
  'ahead.chanceRises': { en: 'chance {before} › {after}', fr: 'chance {before} › {after}' },
  'ahead.action': { en: 'Action', fr: 'Action' },
  'ahead.cost': { en: 'Cost', fr: 'Coût' },
  'ahead.level': { en: 'Day end', fr: 'Fin de journée' },
  'ahead.chance': { en: 'Chance', fr: 'Chance' },
  'ahead.again': { en: 'Look ahead again', fr: 'Projeter de nouveau' },
  'ahead.computed': { en: 'computed at {time}', fr: 'calculé à {time}' },
  'ahead.explain': { en: 'How this was computed', fr: 'Comment c’est calculé' },
  'ahead.model': {
    en: '{paths} days were drawn from now on, caller by caller: arrivals around the forecast (version {forecast}), AHT and staffing as uncertain as they have been, patience {patience} s on average, first come first served. The chance is the share of these days that end at {target} or more by {formula} within {threshold} s.',
    fr: '{paths} journées ont été tirées à partir de maintenant, appel par appel : arrivées autour de la prévision (version {forecast}), DMT et présence aussi incertaines qu’elles l’ont été, patience moyenne {patience} s, dans l’ordre d’arrivée. La chance est la part de ces journées qui finissent à {target} ou plus par {formula} en {threshold} s.',
  },
  'ahead.staffingFactor': {
    en: 'A planned agent has been worth {factor} (± {spread}) today and over {days} days before.',
    fr: 'Un agent prévu a valu {factor} (± {spread}) aujourd’hui et sur {days} jours avant.',
  },
  'ahead.planned': {
    en: 'Agents: published plan, version {version}.',
    fr: 'Agents : plan publié, version {version}.',
  },
  'ahead.notPlanned': {
    en: 'Agents: as required, since no plan is published.',
    fr: 'Agents : selon le besoin, faute de plan publié.',
  },
  'ahead.start': {
    en: 'Now: {met} of {counted} met, {waiting} waiting, {busy} at work, {rest} more expected.',
    fr: 'Maintenant : {met} sur {counted} à temps, {waiting} en attente, {busy} en cours, {rest} encore attendus.',
  },
  'ahead.freeOfCharge': { en: 'no extra cost', fr: 'sans surcoût' },
  'ahead.budget': { en: 'Misses', fr: 'Manqués' },
  'month.short': { en: 'month {level}', fr: 'mois {level}' },
  'month.none': { en: 'No contract yet.', fr: 'Aucun contrat pour l’instant.' },
  'month.title': { en: 'Today and the month', fr: 'Aujourd’hui et le mois' },
  'month.contract': { en: 'Contract', fr: 'Contrat' },
  'month.today': { en: 'Today', fr: 'Aujourd’hui' },
  'month.month': { en: 'Month to date', fr: 'Mois en cours' },
  'month.target': { en: 'Target', fr: 'Cible' },
  'month.days': {
    en: { one: 'with {count} closed day', other: 'with {count} closed days' },
    fr: { one: 'avec {count} jour clos', other: 'avec {count} jours clos' },
  },
  'moment.title': { en: 'Board of a past moment', fr: 'Mur d’un moment passé' },
  'moment.notLive': { en: 'Not live', fr: 'Pas en direct' },
  'moment.ago': { en: '{age} ago', fr: 'il y a {age}' },
  'moment.closed': { en: 'day closed, version {version}', fr: 'journée close, version {version}' },
  'moment.lookBack': { en: 'Look back', fr: 'Revoir un moment' },
  'moment.live': { en: 'Back to live', fr: 'Revenir au direct' },
  'moment.play': { en: 'Play', fr: 'Lire' },
  'moment.pause': { en: 'Pause', fr: 'Pause' },
  'moment.speed': { en: 'Speed', fr: 'Vitesse' },
  'moment.slider': { en: 'Moment of the day', fr: 'Moment de la journée' },
  'moment.back': { en: 'One minute back', fr: 'Une minute avant' },
  'moment.forward': { en: 'One minute forward', fr: 'Une minute après' },
  'moment.compare': { en: 'Compare with now', fr: 'Comparer à maintenant' },
  'moment.then': { en: 'Then', fr: 'Alors' },
  'moment.now': { en: 'Now', fr: 'Maintenant' },
  'moment.copy': { en: 'Copy address', fr: 'Copier l’adresse' },
  'moment.copied': { en: 'Address copied', fr: 'Adresse copiée' },
  'moment.events': {
    en: { one: '{count} event of the day until then', other: '{count} events of the day until then' },
    fr: {
      one: '{count} événement du jour jusque-là',
      other: '{count} événements du jour jusque-là',
    },
  },
  'moment.outsideTitle': { en: 'There is no board of this moment', fr: 'Aucun mur à ce moment' },
  'moment.projection': {
    en: 'Forecast, plan and manual edits as they were known then. The day’s end is projected as on the live board, by simulated paths from this moment on.',
    fr: 'Prévision, plan et retouches tels qu’ils étaient connus alors. La fin de journée est projetée comme sur le mur en direct, par des déroulements simulés à partir de ce moment.',
  },
  'moment.projectionFormula': {
    en: 'Forecast, plan and manual edits as they were known then. There is no look-ahead of this moment: what is projected of the day’s end is by formula.',
    fr: 'Prévision, plan et retouches tels qu’ils étaient connus alors. Ce moment n’a pas d’anticipation : la fin de journée, si elle est projetée, l’est par formule.',
  },
  'moment.loading': { en: 'Reading the day…', fr: 'Lecture de la journée…' },
  'moment.loadingText': {
    en: 'The events of the day are counted again up to this moment. A day that is opened for the first time can take a few seconds; the live board goes on meanwhile.',
    fr: 'Les événements du jour sont recomptés jusqu’à ce moment. Une journée ouverte pour la première fois peut prendre quelques secondes ; le mur en direct continue pendant ce temps.',
  },
  'moment.outsideText': {
    en: 'A board can be seen of every moment from the first event of the ledger until now.',
    fr: 'Un mur existe pour chaque moment, du premier événement du registre jusqu’à maintenant.',
  },
} as const satisfies MessageTable
