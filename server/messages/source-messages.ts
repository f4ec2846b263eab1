/** Texts of the set-up page of sources: adapters, their options, and what is told of each source. */
import type { MessageTable } from './message.ts'

export const SOURCE_MESSAGES = {
  'source.adapter.http': { en: 'Events over HTTP, signed', fr: 'Événements par HTTP, signés' },
  'source.adapter.socket-io': { en: 'Socket.IO feed', fr: 'Flux Socket.IO' },
  'source.adapter.asterisk-queue-log': {
    en: 'Asterisk: queue_log file',
    fr: 'Asterisk : fichier queue_log',
  },
  'source.adapter.asterisk-ami': {
    en: 'Asterisk: manager interface (AMI)',
    fr: 'Asterisk : interface de gestion (AMI)',
  },
  'source.adapter.freeswitch-esl': {
    en: 'FreeSWITCH: event socket (ESL)',
    fr: 'FreeSWITCH : socket d’événements (ESL)',
  },
  'source.adapter.twilio-taskrouter': { en: 'Twilio TaskRouter', fr: 'Twilio TaskRouter' },
  'source.adapter.amazon-connect': { en: 'Amazon Connect', fr: 'Amazon Connect' },
  'source.adapter.genesys-eventbridge': {
    en: 'Genesys Cloud by EventBridge',
    fr: 'Genesys Cloud par EventBridge',
  },
  'source.adapter.import': { en: 'Imported files', fr: 'Fichiers importés' },
  'source.help.http': {
    en: 'Your program posts CloudEvents, signed by Standard Webhooks.',
    fr: 'Votre programme envoie des CloudEvents signés selon Standard Webhooks.',
  },
  'source.help.socket-io': {
    en: 'Vigie connects to the feed and reads its events, or its snapshots by a mapping.',
    fr: 'Vigie se connecte au flux et lit ses événements, ou ses instantanés d’après une correspondance.',
  },
  'source.help.asterisk-queue-log': {
    en: 'Vigie follows the log on this machine, across rotations and restarts.',
    fr: 'Vigie suit le journal sur cette machine, à travers rotations et redémarrages.',
  },
  'source.help.asterisk-ami': {
    en: 'The manager user needs read=agent,call, and timestampevents=yes in manager.conf.',
    fr: 'L’utilisateur AMI a besoin de read=agent,call, et de timestampevents=yes dans manager.conf.',
  },
  'source.help.freeswitch-esl': {
    en: 'Vigie signs in to the event socket and follows mod_callcenter.',
    fr: 'Vigie se connecte au socket d’événements et suit mod_callcenter.',
  },
  'source.help.twilio-taskrouter': {
    en: 'Enter the address below as event callback of the workspace.',
    fr: 'Saisissez l’adresse ci-dessous comme rappel d’événements de l’espace de travail.',
  },
  'source.help.amazon-connect': {
    en: 'Agent events, contact events and contact records, posted by a function of yours or by EventBridge.',
    fr: 'Événements d’agents, de contacts et fiches de contact, envoyés par votre fonction ou par EventBridge.',
  },
  'source.help.genesys-eventbridge': {
    en: 'Detail events of conversations, presence and routing status, posted by EventBridge.',
    fr: 'Événements détaillés des conversations, présence et état de routage, envoyés par EventBridge.',
  },
  'source.help.import': {
    en: 'Names what was imported from files; nothing is received.',
    fr: 'Nomme ce qui a été importé de fichiers ; rien n’est reçu.',
  },
  'source.address': { en: 'Address to call: POST {address}', fr: 'Adresse à appeler : POST {address}' },
  'source.secret': {
    en: 'The secret is never stored here: the server reads it from the environment variable {name}.',
    fr: 'Le secret n’est jamais enregistré ici : le serveur le lit dans la variable d’environnement {name}.',
  },
  'source.option.path': { en: 'Path of the file', fr: 'Chemin du fichier' },
  'source.option.source': { en: 'Name of its events', fr: 'Nom de ses événements' },
  'source.option.host': { en: 'Host', fr: 'Hôte' },
  'source.option.port': { en: 'Port', fr: 'Port' },
  'source.option.username': { en: 'User', fr: 'Utilisateur' },
  'source.option.tls': { en: 'Encrypted (TLS)', fr: 'Chiffré (TLS)' },
  'source.option.publicUrl': { en: 'Public scheme and host', fr: 'Schéma et hôte publics' },
  'source.option.authentication': { en: 'The sender proves itself by', fr: 'L’émetteur se prouve par' },
  'source.option.mapping': { en: 'Mapping', fr: 'Correspondance' },
  'source.option.sources': {
    en: 'CloudEvents sources it carries, one a line',
    fr: 'Sources CloudEvents transportées, une par ligne',
  },
  'source.option.heartbeatSeconds': {
    en: 'Heard of at least every (seconds)',
    fr: 'Signe de vie au moins toutes les (secondes)',
  },
  'source.option.numbered': { en: 'Numbers every event', fr: 'Numérote chaque événement' },
  'source.choice.signature': { en: 'a signature', fr: 'une signature' },
  'source.choice.bearer': { en: 'its secret alone (weaker)', fr: 'son seul secret (plus faible)' },
  'source.choice.gateway': { en: 'CloudEvents', fr: 'CloudEvents' },
  'source.choice.nethvoice': { en: 'NethVoice CTI', fr: 'NethVoice CTI' },
  'source.choice.own': { en: 'own, in the options below', fr: 'propre, dans les options ci-dessous' },
  'source.default': { en: 'default: {value}', fr: 'par défaut : {value}' },
  'source.allOptions': { en: 'All options as JSON', fr: 'Toutes les options en JSON' },
  'source.rate': { en: 'Rate', fr: 'Débit' },
  'source.perSecond': { en: '{rate}/s', fr: '{rate}/s' },
  'source.lag': { en: 'Delay', fr: 'Retard' },
  'source.offset': { en: 'Clock offset', fr: 'Écart d’horloge' },
  'source.seconds': { en: '{seconds} s', fr: '{seconds} s' },
  'source.clockAhead': { en: '{seconds} s ahead', fr: '{seconds} s d’avance' },
  'source.details': {
    en: 'Gaps and refused input of {source}',
    fr: 'Lacunes et entrées refusées de {source}',
  },
  'source.gaps': { en: 'Gaps told to the ledger', fr: 'Lacunes inscrites au journal' },
  'source.gapReason': { en: 'Gap', fr: 'Lacune' },
  'source.gapDetail': { en: 'What was seen', fr: 'Constat' },
  'source.gap.clock': { en: 'clock', fr: 'horloge' },
  'source.gap.sequence': { en: 'missing numbers', fr: 'numéros manquants' },
  'source.gap.heartbeat': { en: 'silence', fr: 'silence' },
  'source.gap.connection': { en: 'connection lost', fr: 'connexion perdue' },
  'source.gap.overload': { en: 'too much at once', fr: 'débordement' },
  'source.gap.rotation': { en: 'rotation', fr: 'rotation' },
  'source.seen.back': { en: 'the clock went back by {back} s', fr: 'l’horloge a reculé de {back} s' },
  'source.seen.ahead': { en: 'the clock is {ahead} s ahead', fr: 'l’horloge avance de {ahead} s' },
  'source.seen.count': {
    en: {
      one: '{count} number is missing from {first} on',
      other: '{count} numbers are missing from {first} on',
    },
    fr: {
      one: '{count} numéro manque à partir de {first}',
      other: '{count} numéros manquent à partir de {first}',
    },
  },
  'source.seen.silent': { en: 'nothing was heard for {silent} s', fr: 'rien entendu pendant {silent} s' },
  'source.seen.connection': {
    en: 'what happened until the reconnection was missed',
    fr: 'ce qui s’est passé jusqu’à la reconnexion a été manqué',
  },
  'source.seen.overload': {
    en: 'events were dropped: more came than could be kept waiting',
    fr: 'des événements ont été perdus : il en venait plus qu’on ne peut en faire attendre',
  },
  'source.state.connecting': { en: 'connecting', fr: 'connexion en cours' },
  'source.state.asking': {
    en: 'connected; asking how things stand',
    fr: 'connecté ; demande de l’état des lieux',
  },
  'source.state.connected': { en: 'connected', fr: 'connecté' },
  'source.state.missed': {
    en: 'connected; events were missed',
    fr: 'connecté ; des événements ont été manqués',
  },
  'source.state.following': { en: 'following', fr: 'suivi en cours' },
  'source.state.log-moved': {
    en: 'the log was moved away; waiting for the new one',
    fr: 'le journal a été déplacé ; attente du nouveau',
  },
  'source.state.closed': { en: 'closed', fr: 'fermé' },
  'source.state.disabled': { en: 'disabled', fr: 'désactivé' },
  'source.state.no-file': { en: 'there is no file {path}', fr: 'le fichier {path} n’existe pas' },
  'source.state.unreadable': {
    en: 'cannot read {path}: {cause}',
    fr: 'lecture impossible de {path} : {cause}',
  },
  'source.state.closed-by-peer': {
    en: 'the other side closed the connection',
    fr: 'l’autre côté a fermé la connexion',
  },
  'source.state.no-answer': { en: 'the other side does not answer', fr: 'l’autre côté ne répond pas' },
  'source.state.other-protocol': {
    en: 'the other side speaks another protocol',
    fr: 'l’autre côté parle un autre protocole',
  },
  'source.state.address-refused': {
    en: 'the other side refuses our address',
    fr: 'l’autre côté refuse notre adresse',
  },
  'source.state.sign-in-refused': { en: 'sign-in refused: {cause}', fr: 'identification refusée : {cause}' },
  'source.state.unreachable': { en: 'cannot connect: {cause}', fr: 'connexion impossible : {cause}' },
  'source.state.not-stored': { en: 'not stored: {cause}', fr: 'non enregistré : {cause}' },
  'source.state.overload': {
    en: {
      one: 'too much at once: {count} event was dropped',
      other: 'too much at once: {count} events were dropped',
    },
    fr: {
      one: 'débordement : {count} événement perdu',
      other: 'débordement : {count} événements perdus',
    },
  },
  'source.state.silent': {
    en: 'silent for more than two heartbeats of {seconds} s',
    fr: 'silencieux depuis plus de deux signes de vie de {seconds} s',
  },
  'source.state.no-secret': {
    en: 'no secret is set: every request is refused',
    fr: 'aucun secret défini : chaque requête est refusée',
  },
  'source.state.signatures': {
    en: 'requests refused for their signature since the start: {count}',
    fr: 'requêtes refusées pour leur signature depuis le démarrage : {count}',
  },
  'source.state.no-adapter': {
    en: 'the adapter “{adapter}” is not known',
    fr: 'l’adaptateur « {adapter} » n’est pas connu',
  },
  'source.state.no-path': { en: 'there is no path', fr: 'aucun chemin n’est donné' },
  'source.state.no-mapping': {
    en: 'there is no mapping “{name}”',
    fr: 'la correspondance « {name} » n’existe pas',
  },
  'source.state.bad-mapping': {
    en: 'the mapping is not usable at {place}: {detail}',
    fr: 'la correspondance est inutilisable à {place} : {detail}',
  },
  'source.cause.ECONNREFUSED': {
    en: 'the connection was refused (nobody listens there)',
    fr: 'connexion refusée (personne n’y écoute)',
  },
  'source.cause.ECONNRESET': { en: 'the connection was cut', fr: 'la connexion a été coupée' },
  'source.cause.EPIPE': { en: 'the connection was cut', fr: 'la connexion a été coupée' },
  'source.cause.ETIMEDOUT': { en: 'no answer in time', fr: 'pas de réponse à temps' },
  'source.cause.EHOSTUNREACH': {
    en: 'the host cannot be reached',
    fr: 'l’hôte est injoignable',
  },
  'source.cause.ENETUNREACH': {
    en: 'the network cannot be reached',
    fr: 'le réseau est injoignable',
  },
  'source.cause.ENOTFOUND': {
    en: 'there is no host of this name',
    fr: 'aucun hôte de ce nom',
  },
  'source.cause.EAI_AGAIN': {
    en: 'the name of the host cannot be resolved now',
    fr: 'le nom de l’hôte ne peut être résolu pour l’instant',
  },
  'source.cause.EACCES': { en: 'no right to read it', fr: 'droit de lecture manquant' },
  'source.cause.EPERM': { en: 'no right to read it', fr: 'droit de lecture manquant' },
  'source.cause.EISDIR': { en: 'it is a folder', fr: 'c’est un dossier' },
  'source.cause.CERT_HAS_EXPIRED': {
    en: 'its certificate has expired',
    fr: 'son certificat a expiré',
  },
  'source.cause.DEPTH_ZERO_SELF_SIGNED_CERT': {
    en: 'its certificate is signed by itself',
    fr: 'son certificat est auto-signé',
  },
  'source.cause.flood': {
    en: 'too many events of this sender are waiting to be written',
    fr: 'trop d’événements de cet émetteur attendent d’être écrits',
  },
  'source.cause.busy': {
    en: 'too many events are waiting to be written',
    fr: 'trop d’événements attendent d’être écrits',
  },
  'source.cause.database': {
    en: 'the database cannot be written now',
    fr: 'la base de données ne peut pas être écrite pour l’instant',
  },
  'source.seen.dropped': {
    en: {
      one: '{count} event was dropped since the start',
      other: '{count} events were dropped since the start',
    },
    fr: {
      one: '{count} événement perdu depuis le démarrage',
      other: '{count} événements perdus depuis le démarrage',
    },
  },
  'source.seen.rotation': {
    en: 'the rest of a segment of the log was gone before it was read',
    fr: 'la fin d’un segment du journal avait disparu avant d’être lue',
  },
  'source.ahead': {
    en: 'Events dated ahead of their receipt by more than 2 s: {count}',
    fr: 'Événements datés de plus de 2 s après leur réception : {count}',
  },
  'source.refusedShown': {
    en: 'The newest refused lines; the server keeps 10 000 of each source.',
    fr: 'Les dernières lignes refusées ; le serveur en garde 10 000 par source.',
  },
  'source.refusedAll': { en: 'All of them as CSV', fr: 'Toutes en CSV' },
} as const satisfies MessageTable
