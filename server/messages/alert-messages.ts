/** Texts of alerts and of the notes pinned to a time. */
import type { MessageTable } from './message.ts'

export const ALERT_MESSAGES = {
  'alert.title': { en: 'Alerts', fr: 'Alertes' },
  'alert.count': {
    en: { one: '{count} alert', other: '{count} alerts' },
    fr: { one: '{count} alerte', other: '{count} alertes' },
  },
  'alert.level': {
    en: '{subject}: level {measured} under {threshold}',
    fr: '{subject} : niveau {measured} sous {threshold}',
  },
  'alert.longest-wait': {
    en: '{subject}: a wait of more than {threshold}',
    fr: '{subject} : une attente de plus de {threshold}',
  },
  'alert.coverage': {
    en: '{subject}: {measured} of the agents required',
    fr: '{subject} : {measured} des agents requis',
  },
  'alert.source': {
    en: 'Source {subject} silent for more than {threshold}',
    fr: 'Source {subject} muette depuis plus de {threshold}',
  },
  'alert.since': { en: 'since {time}', fr: 'depuis {time}' },
  'alert.until': { en: '{from} to {to}', fr: '{from} à {to}' },
  'alert.acknowledge': { en: 'Acknowledge', fr: 'Prendre en charge' },
  'alert.acknowledgedBy': { en: 'acknowledged by {name}, {time}', fr: 'pris en charge par {name}, {time}' },
  'alert.acknowledged': { en: 'acknowledged at {time}', fr: 'pris en charge à {time}' },
  'alert.nobody': { en: 'acknowledged by nobody', fr: 'pris en charge par personne' },
  'alert.none': { en: 'No alert now.', fr: 'Aucune alerte en ce moment.' },
  'alert.history': { en: 'Last 24 hours', fr: 'Dernières 24 heures' },
  'alert.noHistory': { en: 'None has ended in the last 24 hours.', fr: 'Aucune n’a pris fin ces 24 heures.' },
  'alert.list': { en: 'Alerts of the last 24 hours', fr: 'Alertes des dernières 24 heures' },
  'alert.open': { en: 'Show alerts', fr: 'Voir les alertes' },
  'note.title': { en: 'Notes of the day', fr: 'Notes du jour' },
  'note.outage': { en: 'outage', fr: 'panne' },
  'note.campaign': { en: 'campaign', fr: 'campagne' },
  'note.training': { en: 'training', fr: 'formation' },
  'note.other': { en: 'note', fr: 'note' },
  'note.kind': { en: 'Kind', fr: 'Nature' },
  'note.from': { en: 'From', fr: 'De' },
  'note.to': { en: 'To', fr: 'À' },
  'note.queue': { en: 'Queue', fr: 'File' },
  'note.allQueues': { en: 'All queues', fr: 'Toutes les files' },
  'note.heads': { en: 'Agents away', fr: 'Agents absents' },
  'note.text': { en: 'What happened', fr: 'Ce qui s’est passé' },
  'note.add': { en: 'Add note', fr: 'Ajouter la note' },
  'note.remove': { en: 'Remove', fr: 'Retirer' },
  'note.oneOff': { en: 'Mark as one-off', fr: 'Marquer comme exceptionnel' },
  'note.oneOffText': {
    en: 'On the forecast page of this day: nothing is then learned from the stretch.',
    fr: 'Sur la page des prévisions de ce jour : la prévision n’apprend alors rien de cette période.',
  },
  'note.none': { en: 'No note on this day.', fr: 'Aucune note ce jour.' },
  'note.by': { en: 'by {name}', fr: 'par {name}' },
  'note.heads-away': {
    en: { one: '{count} agent away', other: '{count} agents away' },
    fr: { one: '{count} agent absent', other: '{count} agents absents' },
  },
  'note.badTime': { en: 'The end must not be before the start.', fr: 'La fin ne peut précéder le début.' },
} as const satisfies MessageTable
