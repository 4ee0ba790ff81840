import { isFinal, type Promotion, type Steps } from '../domain/promotion.ts';
import { hostsWords } from './hosts-text.ts';
import { NEXT } from './next.ts';
import { plain } from './plain.ts';
import { dayTimeWords, timeWords } from './time-words.ts';
import {
  bytesWords,
  countWords,
  digestWords,
  listWords,
  type Names,
  personWords,
  versionWords,
} from './words.ts';

/** What one step did, as told to somebody who follows. The same step told twice reads the same. */
export interface ProgressLine {
  readonly at: string;
  readonly step: string;
  readonly text: string;
}

/** Everything a promotion has done so far, in order; a follower prints those it has not printed yet. */
export function progressLines(promotion: Promotion, names?: Names): readonly ProgressLine[] {
  const { steps } = promotion;
  const told: (ProgressLine | undefined)[] = [
    queued(promotion),
    gates(steps),
    ...approval(steps, names),
    copy(steps),
    steps.verify && {
      at: steps.verify.at,
      step: 'verify',
      text: `ok, digest re-read ${digestWords(steps.verify.digest)}`,
    },
    hosts(steps),
    ledger(steps),
    observe(steps),
  ];
  return told.filter((line) => line !== undefined);
}

export const progressText = ({ at, step, text }: ProgressLine) =>
  `${timeWords(at)} ${step.padEnd(9)} ${text}`;

function queued({ state, stateSince, because }: Promotion): ProgressLine | undefined {
  return state === 'queued'
    ? { at: stateSince, step: 'queued', text: plain(because ?? 'waits for its turn') }
    : undefined;
}

function gates({ gates: step }: Steps): ProgressLine | undefined {
  return (
    step && {
      at: step.at,
      step: 'gates',
      text: [step.decision, ...step.reasons].map(plain).join('; '),
    }
  );
}

function approval({ approval: step }: Steps, names?: Names): ProgressLine[] {
  if (step === undefined) return [];
  const asked = listWords(step.asked.map((person) => personWords(person, names)));
  let yes = 0;
  const votes = step.votes.map(({ person, decision, at, note }) => {
    if (decision === 'approve') yes += 1;
    const said = `${personWords(person, names)} ${decision === 'approve' ? 'approved' : 'rejected'}`;
    const words = note === undefined ? said : `${said}: ${plain(note)}`;
    return {
      at,
      step: 'approval',
      text: decision === 'approve' ? `${yes} of ${step.minimum}, ${words}` : words,
    };
  });
  return [
    {
      at: step.askedAt,
      step: 'approval',
      text: `asked ${asked}; ${step.minimum} needed until ${dayTimeWords(step.expiresAt)}`,
    },
    ...votes,
  ];
}

function copy({ copy: step }: Steps): ProgressLine | undefined {
  if (step === undefined) return undefined;
  const sent = `${countWords(step.blobsCopied, 'blob')} sent (${bytesWords(step.bytes)}), ${step.blobsSkipped} already there`;
  const text = {
    copied: sent,
    'already-present': 'already there, 0 B sent',
    'same-place': 'source is the destination, 0 B sent',
  };
  return { at: step.at, step: 'copy', text: `ok, ${text[step.outcome]}` };
}

function hosts({ hosts: step }: Steps): ProgressLine | undefined {
  if (step === undefined) return undefined;
  const wave = step.verdict === undefined ? `, wave ${step.wave} of ${step.waves}` : '';
  return { at: step.at, step: 'hosts', text: `${hostsWords(step)}${wave}` };
}

function ledger({ ledger: step }: Steps): ProgressLine | undefined {
  if (step === undefined) return undefined;
  const change = step.changes
    .map(
      ({ path, key, before, after }) =>
        `${path} ${key} ${versionWords(before)} -> ${versionWords(after)}`,
    )
    .join(', ');
  const commit = step.commit === undefined ? '' : ` in ${step.commit.slice(0, 7)}`;
  const text = {
    committed: `ok, ${change}${commit}`,
    'already-committed': `ok, committed before${commit}`,
    'already-so': 'ok, the Ledger said so already',
    'not-committed': 'nothing was committed',
  };
  return { at: step.at, step: 'ledger', text: plain(text[step.outcome]) };
}

function observe({ observe: step }: Steps): ProgressLine | undefined {
  if (step === undefined) return undefined;
  const text = {
    nothing: `ok, ${step.application} ${step.sync}, ${step.health}`,
    'manual sync': `${step.application} waits for a manual sync in Argo CD`,
    unobserved: `${step.application} was not observed: Argo CD is not configured or did not answer`,
  };
  return { at: step.at, step: 'observe', text: plain(text[step.awaits]) };
}

/** The last words about a promotion that has ended, and about one that has not. */
export function resultLine(promotion: Promotion): string {
  const { service, environment, state, id, cause } = promotion;
  if (!isFinal(state)) return `still ${state}. Follow: ${NEXT.follow(id)}`;
  const undo = `Undo: ${NEXT.rollback(service, environment)}`;
  if (state === 'promoted') return `done: ${landedWords(promotion)}. ${undo}`;
  const why = cause?.message ?? promotion.because;
  const said = why === undefined ? '' : `: ${plain(why).replace(/[.\s]+$/, '')}`;
  return `${state}${said}. ${standing(promotion)} Next: ${NEXT.why(service, environment)}`;
}

/** What a promotion that did not succeed leaves behind, from what its steps recorded. */
export function standing({
  service,
  version,
  environment,
  steps,
  previous,
  state,
}: Promotion): string {
  if (steps.ledger && steps.ledger.outcome !== 'not-committed' && state !== 'rolled back')
    return `The Ledger already says ${service} ${versionWords(version)} for ${environment}.`;
  return `${service} ${previous === undefined ? 'has nothing yet' : `stays at ${versionWords(previous.version)}`} in ${environment}.`;
}

/** Only what was observed is said to run. */
function landedWords({ service, version, environment, steps }: Promotion): string {
  if (steps.observe?.awaits === 'nothing')
    return `${service} ${versionWords(version)} runs in ${environment}`;
  if (steps.hosts?.verdict === 'promoted')
    return `${service} ${versionWords(version)} runs on ${steps.hosts.promoted} of ${countWords(steps.hosts.all, 'host')} in ${environment}`;
  const where = `the Ledger says ${service} ${versionWords(version)} for ${environment}`;
  return steps.observe?.awaits === 'manual sync'
    ? `${where}; Argo CD waits for a person to sync`
    : `${where}; nobody looked whether it runs`;
}
