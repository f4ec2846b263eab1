/**
 * Texts of "explain this number". A placeholder's name says its unit, as everywhere: the screen writes …Ratio as per
 * cent, …Seconds as a duration, …Erlangs with two decimals, and null as "–".
 */
import type { Locale, MessageTable } from './message.ts'

export const EXPLAIN_MESSAGES = {
  'explain.load': {
    en: 'Load: {contacts} contacts × {ahtSeconds} of handling ÷ {intervalSeconds} = {offeredErlangs} erlang, the agents that would be busy without a break.',
    fr: 'Charge : {contacts} contacts × {ahtSeconds} de traitement ÷ {intervalSeconds} = {offeredErlangs} erlang, soit les agents occupés sans répit.',
  },
  'explain.loadGiven': {
    en: 'Load: {offeredErlangs} erlang, as given.',
    fr: 'Charge : {offeredErlangs} erlang, telle que donnée.',
  },
  'explain.loadZero': {
    en: 'No contacts are expected, so nobody is needed for them.',
    fr: 'Aucun contact attendu : personne n’est nécessaire pour eux.',
  },
  'explain.model.erlang-b': {
    en: 'Model Erlang B: whoever finds every line taken is turned away; nobody waits.',
    fr: 'Modèle Erlang B : qui trouve toutes les lignes prises est refusé ; personne n’attend.',
  },
  'explain.model.erlang-c': {
    en: 'Model Erlang C: callers arrive at random and wait for as long as it takes; nobody hangs up.',
    fr: 'Modèle Erlang C : les appels arrivent au hasard et attendent autant qu’il faut ; personne ne raccroche.',
  },
  'explain.model.erlang-a': {
    en: 'Model Erlang A: callers arrive at random and hang up after {patienceSecondsMean} of waiting on average.',
    fr: 'Modèle Erlang A : les appels arrivent au hasard et raccrochent après {patienceSecondsMean} d’attente en moyenne.',
  },
  'explain.model.erlang-x': {
    en: 'Model Erlang X: callers hang up after {patienceSecondsMean} on average, and {redialRatio} of those call again.',
    fr: 'Modèle Erlang X : les appelants raccrochent après {patienceSecondsMean} en moyenne, et {redialRatio} d’entre eux rappellent.',
  },
  'explain.model.finite-lines': {
    en: 'Model M/M/n/K: {lines} lines for those who talk and those who wait; further callers are turned away.',
    fr: 'Modèle M/M/n/K : {lines} lignes pour ceux qui parlent et ceux qui attendent ; les suivants sont refusés.',
  },
  'explain.model.finite-lines-abandonment': {
    en: 'Model M/M/n/K with patience: {lines} lines in all, and callers hang up after {patienceSecondsMean} on average.',
    fr: 'Modèle M/M/n/K avec patience : {lines} lignes en tout, et les appelants raccrochent après {patienceSecondsMean} en moyenne.',
  },
  'explain.stability': {
    en: 'With {offeredErlangs} erlang, {agentsMin} agents are the fewest that do not let the queue grow without end.',
    fr: 'Avec {offeredErlangs} erlang, il faut au moins {agentsMin} agents pour que la file ne s’allonge pas sans fin.',
  },
  'explain.goal.serviceLevelRatioMin': {
    en: 'Goal: {goalRatio} answered within {answerThresholdSeconds}, by formula {formula}.',
    fr: 'Objectif : {goalRatio} de réponses en {answerThresholdSeconds}, selon la formule {formula}.',
  },
  'explain.goal.meanWaitSecondsMax': {
    en: 'Goal: a mean wait of at most {goalSeconds}.',
    fr: 'Objectif : une attente moyenne d’au plus {goalSeconds}.',
  },
  'explain.goal.agentsMin': {
    en: 'Goal: at least {goalAgents} agents.',
    fr: 'Objectif : au moins {goalAgents} agents.',
  },
  'explain.goal.waitProbabilityMax': {
    en: 'Goal: at most {goalRatio} of the callers have to wait.',
    fr: 'Objectif : au plus {goalRatio} des appelants attendent.',
  },
  'explain.goal.abandonRatioMax': {
    en: 'Goal: at most {goalRatio} of the callers hang up.',
    fr: 'Objectif : au plus {goalRatio} des appelants raccrochent.',
  },
  'explain.goal.occupancyRatioMax': {
    en: 'Goal: agents busy for at most {goalRatio} of their time.',
    fr: 'Objectif : des agents occupés au plus {goalRatio} de leur temps.',
  },
  'explain.goal.blockingRatioMax': {
    en: 'Goal: at most {goalRatio} of the callers are turned away.',
    fr: 'Objectif : au plus {goalRatio} des appelants sont refusés.',
  },
  'explain.figures.overloaded': {
    en: 'With {agents} agents the queue grows without end: the load is {offeredErlangs} erlang.',
    fr: 'Avec {agents} agents, la file s’allonge sans fin : la charge est de {offeredErlangs} erlang.',
  },
  'explain.figures.none': {
    en: 'With {agents} agents there is no lasting state to speak of.',
    fr: 'Avec {agents} agents, il n’y a pas d’état durable à décrire.',
  },
  'explain.figures.waiting': {
    en: 'With {agents} agents: service level {serviceLevelRatio}, {waitProbability} have to wait, {asaSeconds} on average, agents busy {occupancyRatio} of the time.',
    fr: 'Avec {agents} agents : niveau de service {serviceLevelRatio}, {waitProbability} attendent, {asaSeconds} en moyenne, agents occupés {occupancyRatio} du temps.',
  },
  'explain.figures.abandonment': {
    en: 'With {agents} agents: service level {serviceLevelRatio}, {abandonRatio} hang up, the answered wait {asaSeconds} on average, agents busy {occupancyRatio} of the time.',
    fr: 'Avec {agents} agents : niveau de service {serviceLevelRatio}, {abandonRatio} raccrochent, attente moyenne des décrochés {asaSeconds}, agents occupés {occupancyRatio} du temps.',
  },
  'explain.figures.blocking': {
    en: 'With {agents} lines: {blockingRatio} are turned away, lines busy {occupancyRatio} of the time.',
    fr: 'Avec {agents} lignes : {blockingRatio} sont refusés, lignes occupées {occupancyRatio} du temps.',
  },
  'explain.figures.lines': {
    en: 'With {agents} agents: service level {serviceLevelRatio} of the offered, {blockingRatio} are turned away, agents busy {occupancyRatio} of the time.',
    fr: 'Avec {agents} agents : niveau de service {serviceLevelRatio} des appels offerts, {blockingRatio} refusés, agents occupés {occupancyRatio} du temps.',
  },
  'explain.binding.stability': {
    en: 'What decides: {agents} would be fewer than the load needs to be carried at all.',
    fr: 'Ce qui décide : {agents} ne suffiraient même pas à écouler la charge.',
  },
  'explain.binding.fewest': {
    en: 'What decides: one agent is the fewest there can be for any call.',
    fr: 'Ce qui décide : un agent est le minimum dès qu’il y a un appel.',
  },
  'explain.binding.serviceLevelRatioMin': {
    en: 'What decides: {agents} would miss the service level.',
    fr: 'Ce qui décide : {agents} manqueraient le niveau de service.',
  },
  'explain.binding.meanWaitSecondsMax': {
    en: 'What decides: with {agents} the mean wait would be too long.',
    fr: 'Ce qui décide : avec {agents}, l’attente moyenne serait trop longue.',
  },
  'explain.binding.agentsMin': {
    en: 'What decides: {agents} would be fewer than the minimum of heads.',
    fr: 'Ce qui décide : {agents} seraient moins que l’effectif minimal.',
  },
  'explain.binding.waitProbabilityMax': {
    en: 'What decides: with {agents} too many callers would have to wait.',
    fr: 'Ce qui décide : avec {agents}, trop d’appelants devraient attendre.',
  },
  'explain.binding.abandonRatioMax': {
    en: 'What decides: with {agents} too many callers would hang up.',
    fr: 'Ce qui décide : avec {agents}, trop d’appelants raccrocheraient.',
  },
  'explain.binding.occupancyRatioMax': {
    en: 'What decides: {agents} would be busier than they may be.',
    fr: 'Ce qui décide : {agents} seraient plus occupés que permis.',
  },
  'explain.binding.blockingRatioMax': {
    en: 'What decides: with {agents} too many callers would be turned away.',
    fr: 'Ce qui décide : avec {agents}, trop d’appelants seraient refusés.',
  },
  'explain.required': {
    en: 'Required: {agents}.',
    fr: 'Besoin : {agents}.',
  },
  'explain.unreachable': {
    en: 'No number of agents meets all goals.',
    fr: 'Aucun nombre d’agents n’atteint tous les objectifs.',
  },
  'explain.shrinkage': {
    en: 'Of those on the rota {shrinkageRatio} are away on breaks, training or leave: {agents} ÷ (1 − {shrinkageRatio}) = {grossExact}.',
    fr: 'Parmi les planifiés, {shrinkageRatio} sont en pause, en formation ou absents : {agents} ÷ (1 − {shrinkageRatio}) = {grossExact}.',
  },
  'explain.gross': {
    en: 'To put on the rota: {gross}.',
    fr: 'À planifier : {gross}.',
  },
  'explain.day.goal': {
    en: 'Goal of the day: {goalRatio} answered within {answerThresholdSeconds} over {contacts} contacts, by formula {formula}.',
    fr: 'Objectif du jour : {goalRatio} de réponses en {answerThresholdSeconds} sur {contacts} contacts, selon la formule {formula}.',
  },
  'explain.day.byInterval': {
    en: 'Interval by interval, each on its own: {agentsTotal} agent-intervals.',
    fr: 'Intervalle par intervalle, chacun seul : {agentsTotal} agents-intervalles.',
  },
  'explain.day.optimum': {
    en: 'Over the day, where one more agent helps the most callers: {agentsTotal} agent-intervals reach {serviceLevelRatio}.',
    fr: 'Sur la journée, là où un agent de plus sert le plus d’appelants : {agentsTotal} agents-intervalles donnent {serviceLevelRatio}.',
  },
  'explain.day.saving': {
    en: 'Saved: {agentsSaved} agent-intervals, {savedRatio}.',
    fr: 'Économie : {agentsSaved} agents-intervalles, soit {savedRatio}.',
  },
  'explain.day.withoutAgents': {
    en: 'In {intervalCount} intervals with contacts nobody would answer; minimum heads prevent that.',
    fr: 'Dans {intervalCount} intervalles avec des contacts, personne ne répondrait ; un effectif minimal l’évite.',
  },
} as const satisfies MessageTable

export type ExplainMessageKey = keyof typeof EXPLAIN_MESSAGES

/** The same texts by language. */
export const explainMessages = {
  en: textsOf('en'),
  fr: textsOf('fr'),
} as const

function textsOf(locale: Locale): Readonly<Record<ExplainMessageKey, string>> {
  const texts = Object.entries(EXPLAIN_MESSAGES).map(([key, entry]) => [key, entry[locale]])
  return Object.fromEntries(texts)
}
