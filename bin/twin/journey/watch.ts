import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Person } from '../people.ts';
import type { Twin } from '../start-twin.ts';
import { type CliResult, conveyorAs, type Where } from '../use-twin.ts';

const git = promisify(execFile);

export class JourneyFailed extends Error {
  override readonly name = 'JourneyFailed';
}

/** Asks again until there is an answer. @throws JourneyFailed after the deadline, saying what was waited for */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 60,
): Promise<T> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new JourneyFailed(`Waited ${seconds} s for ${what}`);
    await sleep(200);
  }
}

/** The CLI's `--json` answer. @throws JourneyFailed where it failed */
export async function ask<T>(
  twin: Twin,
  person: Person,
  args: readonly string[],
  where: Where = {},
): Promise<T> {
  const { code, stdout, stderr } = await conveyorAs(
    twin.endpoint,
    person,
    [...args, '--json'],
    where,
  );
  const answer = JSON.parse(stdout || '{}') as { data?: T };
  if (code !== 0 || answer.data === undefined)
    throw new JourneyFailed(`conveyor ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return answer.data;
}

export function conveyor(
  twin: Twin,
  person: Person,
  args: readonly string[],
  where: Where = {},
): Promise<CliResult> {
  return conveyorAs(twin.endpoint, person, args, where);
}

/** All promotions of a (service, environment), newest first. */
export async function history(
  twin: Twin,
  service: string,
  environment: string,
): Promise<readonly Promotion[]> {
  return (await ask<{ promotions: Promotion[] }>(twin, 'raj', ['history', service, environment]))
    .promotions;
}

/** The promotion of that version there, once it has ended. */
export function ended(
  twin: Twin,
  service: string,
  environment: string,
  version: string,
  seconds = 60,
): Promise<Promotion> {
  return until(
    `${service} ${version} to end in ${environment}`,
    async () =>
      (await history(twin, service, environment)).find(
        (p) => p.version === version && p.endedAt !== undefined,
      ),
    seconds,
  );
}

/** The promotion that waits for approval there, if one does. */
export async function waitingIn(
  twin: Twin,
  service: string,
  environment: string,
): Promise<Promotion | undefined> {
  return (await history(twin, service, environment)).find((p) => p.state === 'awaiting approval');
}

export interface Commit {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
}

/** The Ledger's commits, newest first. */
export async function commits(twin: Twin): Promise<readonly Commit[]> {
  const { stdout } = await git('git', [
    '-C',
    twin.github.gitDirectory,
    'log',
    '--format=%H%x00%s%x00%b%x01',
    'main',
  ]);
  return stdout
    .split('\x01')
    .map((entry) => entry.trim().split('\0'))
    .flatMap(([id, subject, body]) =>
      id ? [{ id, subject: subject ?? '', body: body ?? '' }] : [],
    );
}

/** What the Ledger says that should run of an image. */
export async function ledgerTag(
  twin: Twin,
  service: string,
  environment: string,
): Promise<string | undefined> {
  const text = await ledgerText(twin, `envs/${environment}/${service}.yaml`);
  return /^ {2}tag: *"?([^"\s]+)"?/m.exec(text)?.[1];
}

/** The Ledger's text of a file. */
export async function ledgerText(twin: Twin, path: string): Promise<string> {
  const { stdout } = await git('git', ['-C', twin.github.gitDirectory, 'show', `main:${path}`]);
  return stdout;
}

/** The link in a mail to this person about this promotion. */
export function linkFor(twin: Twin, person: Person, promotion: string): Promise<string> {
  return until(`a mail to ${person}`, async () => {
    const mail = [...twin.inbox.mails]
      .reverse()
      .find(
        ({ to, text }) =>
          to === `${person}@forge.example` &&
          promotion.startsWith(/conveyor approve (p_\w+)/.exec(text)?.[1] ?? '?'),
      );
    return mail && /https?:\/\/\S+\/a\/[\w-]+/.exec(mail.text)?.[0];
  });
}

/** What a person's browser does: opens the page, answers its form. */
export async function answer(
  link: string,
  decision: 'approve' | 'reject',
  note = '',
): Promise<Response> {
  const page = await (await fetch(link)).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  return fetch(link, { method: 'POST', body: new URLSearchParams({ csrf, decision, note }) });
}
